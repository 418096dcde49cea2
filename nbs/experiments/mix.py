"""Let some sources of photos count several times: mix.py PHOTOS/train OUT SOURCE=TIMES...

The source is what stands before the last `_` of a file's name. OUT gets links, so that it takes no room.
"""
import sys
from pathlib import Path
from colornet.files import find_photos

def source(path):
    "What a file's name says of where it comes from"
    return Path(path).stem.rpartition('_')[0]

def mix(
    folder:str|Path, # Photos
    out:str|Path,    # New folder for the links
    times:dict,      # How often by source; 1 for all others, 0 leaves a source out
)->int:              # Number of links
    "Link photos as often as their source shall count; `ValueError` for a source without photos or an OUT that exists"
    files,out = find_photos(folder),Path(out)
    if bad := set(times)-{source(f) for f in files}: raise ValueError(f'{folder}: holds no photos of {", ".join(sorted(bad))}')
    if bad := [f'{k}={n}' for k,n in times.items() if n<0]: raise ValueError(f'{bad[0]}: no source can count so often; use 0 or more')
    if out.exists(): raise ValueError(f'{out}: is there already; give a new folder')
    links = [(f,out/f'{f.stem}_{i}{f.suffix}') for f in files for i in range(times.get(source(f), 1))]
    if len({link for _,link in links})<len(links): raise ValueError(f'{folder}: has photos of one name in several folders; rename them')
    out.mkdir(parents=True)
    for f,link in links: link.symlink_to(f.resolve())
    return len(links)

if __name__=='__main__':
    if len(sys.argv)<3: sys.exit(__doc__.splitlines()[0])
    folder,out,*times = sys.argv[1:]
    if bad := [t for t in times if not t.rpartition('=')[2].isdecimal()]: sys.exit(f'{bad[0]}: is no SOURCE=TIMES; use such as bsds=10')
    try: print(f'{out}: {mix(folder, out, {k: int(n) for k,n in (t.split("=") for t in times)}):,} photos')
    except (ValueError,OSError) as e: sys.exit(str(e))

"""Does it colour the photos that it learned from better than others? gap.py TRAIN VAL [OUT]

Photos of one source are told by their names, up to the last underscore. From TRAIN come as many photos of each source as VAL has;
sources that only one of them has are left out. Judged is the middle 224 px of each, by the loss and by that of plain gray.
"""
import sys
import numpy as np
import torch
from collections import defaultdict
from pathlib import Path
from colornet.data import gray_uv
from colornet.decoder import load_colornet
from colornet.device import amp_dtype
from colornet.files import find_photos
from colornet.judge import fit_to_judge, squares, validate
from colornet.loss import uv_loss
from colornet.metrics import interval
from colornet.weights import digest

def by_source(
    folder, # Folder of photos
)->dict:    # Lists of paths by source
    "Sort photos by their source"
    found = defaultdict(list)
    for f in find_photos(folder): found[f.stem.rpartition('_')[0]].append(f)
    return found

def alike(
    train,      # Folder of photos that were learned from
    val,        # Folder of photos that were not
    seed:int=0, # Chooses the photos from `train`
)->tuple:       # Two lists of paths, as many of each source in both
    "Choose photos of the same sources, without those too gray to learn from"
    rng,pools,learned,others = np.random.default_rng(seed),by_source(train),[],[]
    for source,files in by_source(val).items():
        pool = pools[source]
        picked = fit_to_judge([pool[i] for i in rng.permutation(len(pool))[:len(files)+9]], 10**6)
        n = min(len(picked), len(files))
        learned += picked[:n]
        others += files[:n]
    return learned,others

if __name__=='__main__':
    sets = dict(zip(('learned','new'), alike(*sys.argv[1:3])))
    out = Path(sys.argv[3] if len(sys.argv)>3 else Path(__file__).with_suffix('.csv'))
    lines = ['weights,name,photos,n,loss,half,gray']
    for photos,files in sets.items():
        uvs = [gray_uv(squares([f], 224))[1] for f in files]
        gray = np.mean([uv_loss(torch.full_like(uv, .5), uv).item() for uv in uvs])
        for name in ('seed','release'):
            net = load_colornet(name)
            mean,half = interval([validate(net, [f], dtype=amp_dtype('cpu'))['loss'] for f in files])
            lines.append(f'{digest(name).split()[1]},{name},{photos},{len(files)},{mean:.6f},{half:.6f},{gray:.6f}')
            print(lines[-1], flush=True)
    out.write_text('\n'.join(lines)+'\n')

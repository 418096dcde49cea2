"""Does it colour the photos that it learned from better than others? gap.py TRAIN VAL [OUT]

Photos of one source are told by their names, up to the last underscore. From TRAIN come as many photos of each source as VAL has,
so that the two sets differ in nothing but this: one was learned from. Judged is the middle 224 px of each.
"""
import sys
import numpy as np
import torch
from collections import defaultdict
from pathlib import Path
from colornet.data import find_photos
from colornet.decoder import load_colornet
from colornet.launch import validate
from colornet.taps import weights_file
from colornet.taps import amp_dtype

def by_source(folder):
    "Photos of a folder by their source"
    found = defaultdict(list)
    for f in find_photos(folder): found[f.stem.rpartition('_')[0]].append(f)
    return found

def alike(train, val, seed=0):
    "As many photos of each source from both"
    rng,pools,learned,others = np.random.default_rng(seed),by_source(train),[],[]
    for source,files in by_source(val).items():
        pool = pools[source]
        n = min(len(pool), len(files))
        learned += [pool[i] for i in rng.permutation(len(pool))[:n]]
        others += files[:n]
    return learned,others

if __name__=='__main__':
    sets = dict(zip(('learned','new'), alike(*sys.argv[1:3])))
    out = Path(sys.argv[3] if len(sys.argv)>3 else Path(__file__).with_suffix('.csv'))
    lines = ['weights,name,photos,n,gain,loss']
    for name in ('seed','release'):
        net,digest = load_colornet(name),weights_file(name)[1][:8]
        for photos,files in sets.items():
            v = validate(net, files, dtype=amp_dtype('cpu'))
            lines.append(f"{digest},{name},{photos},{len(files)},{v['psnr']-v['psnr_gray']:.4f},{v['loss']:.6f}")
            print(lines[-1], flush=True)
    out.write_text('\n'.join(lines)+'\n')

"""Bilinear or guided enlarging of chroma: edges.py VAL NAME OUT SIZE...

NAME is a decoder that colornet ships; the sizes are the network's short sides.
"""
import sys
import numpy as np
from pathlib import Path
from colornet.data import is_gray
from colornet.files import find_photos
from colornet.infer import Colorizer, seen
from colornet.metrics import interval
from colornet.arrays import as_photo
from colornet.photo import read_rgb
from colornet.pixels import follow_edges, paint
from colornet.weights import digest

c,out,sizes = Colorizer(sys.argv[2]),Path(sys.argv[3]),[int(s) for s in sys.argv[4:]]
ways = dict(bilinear=None, **{f'guided r={r} eps={e:g}': (r,e) for r in (2,4,8,16,32) for e in (1e-3,1e-2)})
rows = []
for size in sizes:
    db = {w:[] for w in ways}
    for path in find_photos(sys.argv[1]):
        truth = read_rgb(path)
        if is_gray(truth): continue
        p = as_photo(truth)
        small = seen(p, size)
        uv = c.look([p], size)[0].chroma(c.vivid, 0)
        for w,how in ways.items():
            a = paint(p, follow_edges(small, uv, *how) if how else uv)
            db[w].append(-10*np.log10(np.square((a.astype(float)-np.asarray(truth))/255).mean()))
    base = np.array(db['bilinear'])
    for w in ways:
        m,h = interval(np.array(db[w])-base)
        rows.append(f'{size},{w},{np.mean(db[w]):.4f},{m:.4f},{h:.4f},{digest(sys.argv[2]).split()[1]}')
        print(f'{size} px  {w:22} PSNR {np.mean(db[w]):.3f}  against bilinear {m:+.3f} ± {h:.3f}', flush=True)
out.write_text('size,way,psnr,gain,half,weights\n'+'\n'.join(rows)+'\n')

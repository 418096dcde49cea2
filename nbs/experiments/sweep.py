"""What factor on chroma, what share of the second head: sweep.py VAL WEIGHTS [SIZE]

The network runs once on every photo; then PSNR, colourfulness and AuC are worked out for each choice.
"""
import sys
import numpy as np
from colornet.data import *
from colornet.infer import *
from colornet.metrics import *
from colornet.photo import *
from colornet.show import to_tensor
from colornet.vivid import mix_chroma

files,c,size = find_photos(sys.argv[1]),Colorizer(sys.argv[2]),int(sys.argv[3]) if len(sys.argv)>3 else 224
factors,shares,temps = (.7,.8,.9,1.,1.1),(.25,.5,.75,1.),(.38,.6,1.)
names = [('factor',f) for f in factors]+[('vivid',v,t) for t in temps for v in shares]
stats,auc = {n:[] for n in names},{n:Auc() for n in [*names,'gray']}
base = []
for path in files:
    truth = open_photo(path)
    if mean_chroma(truth)<2: continue
    gray = truth.convert('L')
    y,rgb,true = luma(gray),to_tensor(truth),to_lab(truth)[::4,::4,1:]
    uv,scores = c.heads([shrink(y, net_size(*gray.size, size))], c.net.decoder.head is not None)
    w,h = net_size(*gray.size, size)
    def full(uv): return to_picture(paint(as_photo(gray), uv.numpy()[0,:,:h,:w]), None)
    base.append((psnr(to_tensor(gray.convert('RGB')), rgb).item(), colorfulness(rgb).item()))
    auc['gray'].add(to_lab(gray.convert('RGB'))[::4,::4,1:], true)
    for n in names:
        if n[0]=='factor': im = full((uv-.5)*n[1]+.5)
        elif scores is None: continue
        else: im = full(mix_chroma(uv, scores, c.net.decoder.bins, *n[1:]))
        x = to_tensor(im)
        stats[n].append((psnr(x,rgb).item(), colorfulness(x).item()))
        auc[n].add(to_lab(im)[::4,::4,1:], true)
base = np.array(base)
print(f'{len(base)} photos at {size} px, gray {base[:,0].mean():.2f} dB, balanced AuC of gray {auc["gray"].value(True):.2f}')
for n in names:
    if not stats[n]: continue
    s = np.array(stats[n])
    print(n, f'gain {(s-base)[:,0].mean():+.2f}, better {((s-base)[:,0]>0).mean():.0%}, ratio {s[:,1].mean()/base[:,1].mean():.2f}, '
          f'balanced AuC {auc[n].value(True)-auc["gray"].value(True):+.2f}')

"""What flow gains at equal colourfulness, and how it was set: flow.py PHOTOS/val release [choose] [OUT]

Every photo goes through the network once. Each way of colouring is a curve over the dial, from careful and faded to vivid; two
ways are compared, photo by photo, where their curves reach the same ratio of mean colourfulness to that of the truth. Writes
flow.csv beside this file, or OUT; with `choose`, settings on every second photo, flow_choice.csv. The rule by which one was taken stands
in the README of this folder.
"""
import csv, sys
import numpy as np
from itertools import product
from multiprocessing import Pool
from pathlib import Path
from PIL import Image
import torch
from colornet import flow as F
from colornet.files import find_photos
from colornet.infer import Colorizer
from colornet.metrics import colorfulness, interval
from colornet.photo import Photo, read_rgb
from colornet.pixels import follow_edges, luma, luma_shares, paint, to_depth
from colornet.weights import digest

folder,weights,*more = sys.argv[1:]
choose = 'choose' in more
out = Path(more[-1]) if more and more[-1]!='choose' else Path(__file__).with_name('flow_choice.csv' if choose else 'flow.csv')
dial,fade,ratios = (0,0,.3,.6,1.),(.85,1,1,1,1),(.5,.6,.7,.85)

def cbcr(rgb):
    "CbCr of 8 bits, and luma, of a photo shrunk four times"
    im = Image.fromarray(rgb)
    a = np.asarray(im.resize((im.width//4, im.height//4), Image.BOX), np.float32)
    y = a@np.float32(luma_shares)
    return y, np.stack([(a[...,2]-y)*.564, (a[...,0]-y)*.713])

def step_error(pred, true):
    "Mean length of the predicted minus the true step of CbCr between neighbours of almost equal luma"
    (y,want),(_,have) = cbcr(true),cbcr(pred)
    steps = [np.linalg.norm(np.diff(have-want, axis=a), axis=0)[np.abs(np.diff(y, axis=a-1))<2] for a in (1,2)]
    return np.concatenate(steps).mean() if sum(map(len, steps)) else 0.

def measure(photo, y, uv, true):
    "PSNR, colourfulness and step error of a photo coloured by chroma at the network's size"
    pred = paint(photo, follow_edges(y, uv.astype(np.float32), min(y.shape)//28))
    psnr = 10*np.log10(255**2/np.square(pred.astype(np.float32)-true).mean())
    return psnr, colorfulness(torch.from_numpy(pred).permute(2,0,1)/255).item(), step_error(pred, true)

def flowed(a, uvs, alpha, step):
    "Chroma of several guesses, and the doubt, after flow with other settings than the package has"
    x = np.concatenate([*(F._gain*(uvs-.5)+.5), a.doubt[None]])
    sure = 1/(x[-1]**2+.03**2)
    rough = np.median(np.abs(np.concatenate([np.diff(a.y).ravel(), np.diff(a.y, axis=0).ravel()])))
    *c,d = F.flow(a.y, x, sure/sure.mean(), alpha, np.clip(step*rough, .01, .08))
    return np.stack(c).reshape(uvs.shape),d

def settings(a):
    "Chroma by each way, along the dial"
    ends = np.stack([a.uv, a.bold])
    along = lambda e: [f*(e[0]+v*(e[1]-e[0])-.5)+.5 for v,f in zip(dial, fade)]
    ways = {'0': along(ends)}
    if not choose: return ways|{'1': [f*(a.chroma(v)-.5)+.5 for v,f in zip(dial, fade)]}
    for alpha,step in product((.0005,.001,.003), (.5,1,2)):
        c,d = flowed(a, ends, alpha, step)
        for calm in (0,2,4):
            ways[f'{alpha} {step} {calm}'] = along(np.minimum(1, (1+(calm*F._usual)**2)/(1+(calm*d)**2))*(c-.5)+.5)
    return ways

def work(part):
    "Measure some photos"
    torch.set_num_threads(1)
    c,rows = Colorizer(weights, 'cpu'),[]
    for f in part:
        true = np.asarray(read_rgb(f))
        photo = Photo(to_depth(luma(true), 16))
        a, = c.look([photo])
        rows.append((colorfulness(torch.tensor(true).permute(2,0,1)/255).item(),
                     {n: [measure(photo, a.y, uv, true) for uv in uvs] for n,uvs in settings(a).items()}))
    return rows

def at(ratio, curve, k):
    "A number of each photo where the mean curve reaches a ratio"
    return np.array([np.interp(ratio, curve['ratio'], photo[:,k]) for photo in curve['photos']])

if __name__=='__main__':
    files = find_photos(folder)[::2 if choose else 1]
    with Pool(2) as pool: rows = [r for rs in pool.map(work, [files[i::8] for i in range(8)], 1) for r in rs]
    truth,curves = np.mean([t for t,_ in rows]),{}
    for n in rows[0][1]:
        photos = np.array([r[n] for _,r in rows])
        curves[n] = dict(photos=photos, ratio=photos[...,1].mean(0)/truth)
        print(n, 'ratio along the dial', *(f'{v}: {r:.3f}' for v,r in zip(dial[1:], curves[n]['ratio'][1:])))
    base,found = curves.pop('0'),[]
    for n,curve in curves.items():
        for r in ratios:
            gain,half = interval(at(r, curve, 0)-at(r, base, 0))
            steps = [float(at(r, x, 2).mean()) for x in (base,curve)]
            found.append(dict(weights=digest(weights).split()[1], way=n, ratio=r, gain=round(gain,4), half=round(half,4),
                              steps_without=round(steps[0],4), steps_with=round(steps[1],4)))
            print(n, found[-1])
    with out.open('w', newline='') as f:
        w = csv.DictWriter(f, found[0], lineterminator='\n')
        w.writeheader()
        w.writerows(found)

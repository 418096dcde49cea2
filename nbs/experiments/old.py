"""Each effect of old film alone, with and without training for it: old.py PHOTOS.ZIP WORK [PHOTOS/old]

Trains as chapter 25 does, three times with no film and three times with `film` in half of the lessons. Writes two tables:
old.csv, PSNR over gray of each photo kept out, for each effect and network (the colours lie on the true luma), and old_seen.csv,
what can be measured without a truth, on photos kept out, on the same through `film`, and on genuine old ones.
Networks stay in WORK; what is there is not trained again, and effects that are in old.csv are not measured again.
"""
import csv, sys, time
import numpy as np
import torch
import torch.nn.functional as F
from functools import partial
from pathlib import Path
from zipfile import ZipFile
from colornet.data import film
from colornet.decoder import load_colornet
from colornet.files import find_photos
from colornet.judge import squares
from colornet.metrics import colorfulness, psnr
from colornet.pixels import luma_shares
from colornet.taps import load_taps
from colornet.weights import save_decoder
from colornet.yuv import rgb2yuv, uv2rgb

here = Path(__file__).parent
rules = torch.tensor([luma_shares, [0,.55,.45], [0,.2,.8]])

def see(rgb, s):
    i = min(int(s), 1)
    shares = torch.lerp(rules[i], rules[i+1], s-i)
    return (rgb*shares[:,None,None]).sum(-3, keepdim=True)

def curve(g, s): return g**2**(.6*s)

def fade(g, s): return .2*s+(1-.45*s)*g

def soften(g, s):
    h,w = g.shape[-2:]
    k = 1+1.5*s
    small = F.interpolate(g, (round(h/k),round(w/k)), mode='bilinear', antialias=True)
    return F.interpolate(small, (h,w), mode='bicubic').clamp(0,1)

def grain(g, s, seed=0):
    h,w = g.shape[-2:]
    noise = torch.randn(len(g), 1, round(h/1.5), round(w/1.5), generator=torch.Generator().manual_seed(seed))
    return (g+.06*s*F.interpolate(noise, (h,w), mode='bilinear')).clamp(0,1)

def stretch(g):
    low,high = (torch.quantile(g.flatten(1), q, dim=1)[:,None,None,None] for q in (.01,.99))
    return ((g-low)/(high-low).clamp(min=1e-6)).clamp(0,1)

def scan(g): return (g*255).round()/255

by_luma = lambda f: lambda rgb, s: f(see(rgb, 0), s)
effects = {'no red':see, 'darker':by_luma(curve), 'lighter':by_luma(lambda g, s: curve(g, -s)),
           'faded':by_luma(fade), 'soft':by_luma(soften), 'grain':by_luma(grain),
           'faded, stretched':by_luma(lambda g, s: stretch(scan(fade(g, s))))}

def on_film(rgb, draw):
    "All effects together, as chapter 24 draws them"
    ims = (rgb*255).round().byte().permute(0,2,3,1).numpy()
    return torch.stack([torch.tensor(film(a, np.random.default_rng([draw,i])))[None]/255 for i,a in enumerate(ims)])

def look(taps, decs, gray):
    "Chroma that each decoder guesses, by name, and the mean of each channel of each tap"
    uvs,means = {n: [] for n in decs},[]
    with torch.inference_mode():
        for g in gray.split(20):
            feats = taps(g.contiguous(memory_format=torch.channels_last))
            means.append([f.mean((2,3)) for f in feats[1:]])
            for n,d in decs.items(): uvs[n].append(d(feats[:len(d.taps)+1]))
    return {n: torch.cat(u) for n,u in uvs.items()}, [torch.cat(m) for m in zip(*means)]

def statistics(gray):
    "Of each photo: nearly its darkest and its brightest value, and how much of its contrast is between neighbours"
    low,high = (torch.quantile(gray.flatten(1), q, dim=1) for q in (.02,.98))
    fine = (gray-F.avg_pool2d(F.pad(gray, (1,1,1,1), mode='reflect'), 3, 1)).std((1,2,3))/gray.std((1,2,3))
    return low,high,fine

def main(zipped, work, old=None):
    from eyes import tinted, train, write  # Here, as chapter 34 reads this file from another folder
    work,decs,nets = Path(work),{},{'seed':'seed','release':'release'}
    if not (work/'learn').exists(): ZipFile(zipped).extractall(work)
    learn,keep = find_photos(work/'learn'),find_photos(work/'keep')
    for seed in range(3):
        for name,share in (('none',0.),('film',.5)):
            path,began = work/f'old {name} {seed}.safetensors',time.time()
            if not path.exists():
                save_decoder(train(tinted(learn, seed), learn, seed, 0, film=share), path)
                print(f'{name} {seed}: trained in {time.time()-began:.0f} s', flush=True)
            nets[f'{name}{seed}'] = path
    for n,path in nets.items(): decs[n] = load_colornet(path).decoder.to(memory_format=torch.channels_last)
    taps,rgb,rows = load_taps('vgg16', 5).to(memory_format=torch.channels_last),squares(keep, 128),[]
    if (here/'old.csv').exists(): rows = list(csv.DictReader((here/'old.csv').open()))
    done = {(r['effect'],r['strength']) for r in rows}
    gray = rgb2yuv(rgb)[:,:1]
    plain = psnr(gray.expand_as(rgb), rgb)
    def gains(shown): return {n: psnr(uv2rgb(gray, uv), rgb)-plain for n,uv in look(taps, decs, shown)[0].items()}
    def note(effect, strength, *shown):
        "Add the rows of one effect at one strength, the mean over what is shown"
        if (effect,str(strength)) in done: return
        draws = [gains(f()) for f in shown]
        by_net = {n: sum(d[n] for d in draws)/len(draws) for n in decs}
        for i,f in enumerate(keep):
            one = {n: f'{d[i]:.3f}' for n,d in by_net.items()}
            rows.append(dict(effect=effect, strength=strength, photo=f.stem, **one))
        write('old.csv', rows)
        print(effect, strength, *(f'{n} {d.mean():.2f}' for n,d in by_net.items()), flush=True)
    note('none', 0, lambda: see(rgb, 0))
    for effect,f in effects.items():
        for s in (1,2): note(effect, s, partial(f, rgb, s))
    note('film', 1, lambda: on_film(rgb, 0), lambda: on_film(rgb, 1))
    genuine = [*(find_photos(old) if old else []), here.parent/'images'/'old-brothers.jpg']
    groups = dict(new=(keep, see(rgb, 0)), film=(keep, on_film(rgb, 0)), old=(genuine, see(squares(genuine, 128), 0)))
    seen = {n: (files,g,*look(taps, decs, g)) for n,(files,g) in groups.items()}
    usual = [(m[::2].mean(0),m[::2].std(0)) for m in seen['new'][3]]  # Every second photo says what is usual, the others are judged
    out = []
    for group,(files,g,uvs,means) in seen.items():
        low,high,fine = statistics(g)
        far = [((m-mu)/(sd+1e-6)).square().mean(1).sqrt() for m,(mu,sd) in zip(means, usual)]
        color = {n: colorfulness(uv2rgb(g, uv)) for n,uv in uvs.items()}
        for i,f in enumerate(files):
            if group!='old' and i%2==0: continue
            tapped,coloured = {f'far{k+1}': f'{x[i]:.3f}' for k,x in enumerate(far)},{n: f'{c[i]:.2f}' for n,c in color.items()}
            out.append(dict(group=group, photo=f.stem, low=f'{low[i]:.3f}', high=f'{high[i]:.3f}', fine=f'{fine[i]:.4f}',
                            **tapped, **coloured))
    write('old_seen.csv', out)

if __name__=='__main__':
    if len(sys.argv)<3: sys.exit(__doc__.splitlines()[0])
    main(*sys.argv[1:])

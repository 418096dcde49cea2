"""Frozen and learning taps after the training of chapter 25, at equal crops: eyes.py PHOTOS.ZIP WORK

Writes eyes.csv (PSNR of each photo kept out), eyes_layers.csv (how far each layer moved) and eyes_store.csv (ways to keep what was
learned). Networks stay in WORK; what is there is not trained again.
"""
import csv, sys
import torch
from functools import partial
from pathlib import Path
from torch import nn
from zipfile import ZipFile
from colornet.data import Crops, batches, get_dl, gray_uv
from colornet.decoder import ColorNet, load_colornet
from colornet.device import amp_dtype, default_device
from colornet.eyes import learning, with_learned
from colornet.files import find_photos
from colornet.judge import squares
from colornet.metrics import interval, psnr
from colornet.taps import load_taps
from colornet.train import Ema, guess_rgb, lr_at, train_loop
from colornet.weights import pack_taps, save_decoder, unpack_taps
from colornet.yuv import rgb2yuv

here = Path(__file__).parent
steps = 237  # Four crops of each of 951 photos, 16 in a step
arms = {'frozen':(None,0,3), 'conv3 at 0.1':('conv3',.1,3), 'conv3 at 1':('conv3',1.,1)}  # First block that learns, its share of the rate, runs

def train(
    net:ColorNet,         # Network to go on with
    learn:list,           # Photos
    seed:int,             # Seed of the crops
    start:int,            # First batch
    first:str|None=None,  # First block of the taps that learns
    share:float=0.,       # Its share of the rate
    film:float=0.,        # Share of the lessons on old film
)->ColorNet:              # The averaged network
    "The training of chapter 25, in which the taps may learn"
    module,groups = learning(net, first, share)
    net.to(memory_format=torch.channels_last)
    opt,ema,dtype = torch.optim.AdamW(groups),Ema(module, .98),amp_dtype(default_device())
    for i,batch in enumerate(batches(get_dl(Crops(learn, 64, seed, short=112, film=film), 16, start, start+steps))):
        for g in opt.param_groups: g['lr'] = g['share']*lr_at(i, steps, 1e-3, .1)
        train_loop(net, [batch], opt, dtype=dtype)
        ema.update_parameters(module)
    return with_learned(net, ema.module)

def tinted(
    learn:list,  # Photos, whose mean chroma is the tint
    seed:int,    # Seed of the first weights
)->ColorNet:     # As chapter 25 begins
    "A network that paints everything in one tint"
    torch.manual_seed(seed)
    net = ColorNet(load_taps())
    norm = net.decoder.end[1]
    nn.init.zeros_(norm.weight)
    norm.bias.data = gray_uv(squares(learn, 32))[1].mean((0,2,3)).logit()
    return net

def judge(net, rgb):
    "PSNR of each photo"
    return torch.cat([psnr(guess_rgb(net, rgb2yuv(r)[:,:1]), r) for r in rgb.split(20)]).tolist()

def moved(taps):
    "How far each layer that learned is from where it began, as a share of its own length"
    return {k: ((taps.body.get_parameter(k)-w).norm()/w.norm()).item() for k,w in taps.pretrained.items() if k.endswith('weight')}

def write(name, rows):
    "Write rows, which are dicts"
    with open(here/name, 'w', newline='') as f:
        out = csv.DictWriter(f, rows[0].keys(), lineterminator='\n')
        out.writeheader()
        out.writerows(rows)

def store(net, rgb):
    "What each way of keeping the learned taps costs, and what it gives or takes on each photo against the whole change, with an interval"
    rows,whole = [],None
    for how in ('whole','half','int8',64,16,4,1,'none'):  # none: the pretrained taps are put back
        kept,back = {} if how=='none' else pack_taps(net.taps, how),load_taps()
        unpack_taps(back, kept)
        p = torch.tensor(judge(ColorNet(back, net.decoder).eval(), rgb))
        if whole is None: whole = p
        d,half = interval(p-whole)
        rows.append(dict(how=f'rank {how}' if isinstance(how, int) else how, bytes=sum(t.nbytes for t in kept.values()), psnr=f'{p.mean():.4f}',
                         over=f'{d:.4f}', half=f'{half:.4f}'))
    return rows

def main(zipped, work):
    work = Path(work)
    if not (work/'learn').exists(): ZipFile(zipped).extractall(work)
    learn,keep = find_photos(work/'learn'),find_photos(work/'keep')
    rgb,rows,layers = squares(keep, 128),[],[]
    def made(seed, arm, begin, start, first=None, share=0.):
        path = work/f'{arm} {seed}.safetensors'
        if not path.exists():
            save_decoder(train(begin(), learn, seed, start, first, share), path, crops=16*steps)
        p = judge(load_colornet(path), rgb)
        rows.extend(dict(seed=seed, arm=arm, crops=16*steps, photo=f.stem, psnr=f'{x:.3f}') for f,x in zip(keep, p))
        write('eyes.csv', rows)
        print(seed, arm, f'{sum(p)/len(p):.3f}', flush=True)
        return path
    starts = {seed: made(seed, 'start', partial(tinted, learn, seed), 0) for seed in range(3)}
    for arm,(first,share,runs) in arms.items():
        for seed in range(runs):
            net = load_colornet(made(seed, arm, partial(load_colornet, starts[seed]), steps, first, share))
            if not first: continue
            layers += [dict(seed=seed, arm=arm, layer=k, moved=f'{v:.5f}') for k,v in moved(net.taps).items()]
            write('eyes_layers.csv', layers)
            if (arm,seed)==('conv3 at 0.1',0): write('eyes_store.csv', store(net, rgb))

if __name__=='__main__':
    if len(sys.argv)!=3: sys.exit(__doc__.splitlines()[0])
    main(*sys.argv[1:])

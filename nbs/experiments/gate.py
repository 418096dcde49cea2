"""Do taps that learn win, from a network on whose training has come to rest? gate.py PHOTOS/train PHOTOS/val WORK

Pairs of runs that see the same crops, one with frozen taps and one in which they learn, and at last a frozen one that lasts as long
as the first that learned. Writes gate.csv, what each run is worth on the middle 224 px of the photos in PHOTOS/val; gate_photos.csv,
the same photo by photo; and gate_layers.csv, how far each layer has moved. Runs stay in WORK, and go on where they stopped.
"""
import argparse, csv
from functools import partial
from pathlib import Path
from colornet.decoder import load_colornet
from colornet.device import default_device
from colornet.files import find_photos
from colornet.judge import validate
from colornet.launch import launch

here = Path(__file__).parent

def arguments(args=None):
    "What is typed"
    p = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name in ('photos','val','work'): p.add_argument(name)
    p.add_argument('--seeds', type=int, nargs='+', default=[0,1,2], help='one pair for each')
    p.add_argument('--init', default='release', help='decoder to go on from')
    p.add_argument('--first', default='conv3', help='first block that learns')
    p.add_argument('--taps-lr', type=float, default=.1, help='its rate, as a share of the decoder\'s')
    p.add_argument('--steps', type=int, default=237, help='of 16 crops; 237 are as many as in eyes.py, 1875 are 30,000')
    p.add_argument('--crop', type=int, default=96, help='side of the crops in pixels')
    p.add_argument('--lr', type=float, default=.001, help='highest rate of the decoder')
    p.add_argument('--ema', type=float, default=.99, help='share of the past in the moving average')
    return p.parse_args(args)

def judged(net, files):
    "Loss, PSNR and colourfulness of each photo"
    device = default_device()
    return [validate(net.to(device), [f], bs=1, device=device) for f in files]

def moved(taps):
    "How far each layer that learned is from where it began, as a share of its own length"
    return {k: ((taps.body.get_parameter(k)-w).norm()/w.norm()).item() for k,w in taps.pretrained.items() if k.endswith('weight')}

def write(name, rows):
    "Write rows, which are dicts"
    with open(here/name, 'w', newline='') as f:
        out = csv.DictWriter(f, rows[0].keys(), lineterminator='\n')
        out.writeheader()
        out.writerows(rows)

def main(a):
    files,runs,each,layers = find_photos(a.val),[],[],[]
    train_ = partial(launch, a.photos, valid=a.val, bar=False, save_every=100_000, log_every=10, init=a.init, vivid=True, film=.3,
                     crop=a.crop, lr=a.lr, ema=a.ema, taps_lr=a.taps_lr)
    def add(arm, seed, net, crops=0, rate=0.):
        "Judge a network, and write all that is known by now"
        vs = judged(net, files)
        mean = {k: sum(v[k] for v in vs)/len(vs) for k in ('loss','psnr','color')}
        runs.append(dict(arm=arm, seed=seed, crops=crops, crops_s=f'{rate:.3f}', **{k: f'{x:.6g}' for k,x in mean.items()}))
        each.extend(dict(arm=arm, seed=seed, photo=f.stem, loss=f"{v['loss']:.6f}", psnr=f"{v['psnr']:.4f}") for f,v in zip(files, vs))
        write('gate.csv', runs)
        write('gate_photos.csv', each)
        print(*runs[-1].values(), flush=True)
    def train(arm, seed, first=None, steps=a.steps):
        "One run; returns how many crops a second it made where nothing disturbed it"
        run = train_(out=Path(a.work)/f'{arm} {seed}', steps=steps, seed=seed, learn_taps=first)
        with open(run.out/'metrics.csv') as f: rate = max(float(r['crops_s']) for r in csv.DictReader(f))
        net = load_colornet(run.out/'last.safetensors')
        add(arm, seed, net, steps*run.config.bs, rate)
        if first:
            layers.extend(dict(seed=seed, layer=k, moved=f'{v:.5f}') for k,v in moved(net.taps).items())
            write('gate_layers.csv', layers)
        return rate
    add('start', '', load_colornet(a.init))
    rates = [(train('learned', s, a.first), train('frozen', s)) for s in a.seeds]
    learned,frozen = rates[0]
    train('frozen, as long', a.seeds[0], steps=round(a.steps*frozen/learned))

if __name__=='__main__': main(arguments())

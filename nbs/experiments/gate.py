"""Do taps that learn win, from a network on whose training has come to rest? gate.py PHOTOS/train PHOTOS/val WORK

Runs that see the same crops: one with frozen taps and one for each of the ways to learn, such as `conv3:.1`, from conv3 on at a
tenth of the decoder's rate; frozen runs with other seeds, which tell what chance may do; a longer frozen run, for equal minutes; and
the mean of the weights of all of them and of the start (Wortsman and others 2022). Writes gate.csv (or NAME.csv), what each run is
worth on the middle 224 px of the photos in PHOTOS/val; gate_photos.csv, the same photo by photo; and gate_layers.csv, how far each
layer has moved. Runs stay in WORK: what is there goes on where it stopped, and is not judged again.
"""
import argparse, csv, json, torch
from functools import partial
from pathlib import Path
from colornet.decoder import load_colornet
from colornet.device import default_device
from colornet.files import find_photos
from colornet.judge import validate
from colornet.launch import launch
from eyes import moved, write

here = Path(__file__).parent

def arguments(args=None):
    "What is typed"
    p = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name in ('photos','val','work'): p.add_argument(name)
    p.add_argument('--ways', nargs='+', default=['conv3:.1','conv3:.03'], help='first block that learns, and the share of its rate')
    p.add_argument('--seeds', type=int, nargs='+', default=[0], help='of the frozen runs, such as 0 1 2; the first is that of the others, too')
    p.add_argument('--longer', type=float, default=0, help='one more frozen run, with so many times the steps')
    p.add_argument('--mean', action='store_true', help='judge the mean of the weights of all runs, too')
    p.add_argument('--init', default='release', help='decoder to go on from')
    p.add_argument('--steps', type=int, default=237, help='of 16 crops; 237 are as many as in eyes.py, 1875 are 30,000')
    p.add_argument('--crop', type=int, default=96, help='side of the crops in pixels')
    p.add_argument('--name', default='gate', help='of the files it writes')
    p.add_argument('--lr', type=float, default=.001, help='highest rate of the decoder')
    p.add_argument('--ema', type=float, default=.99, help='share of the past in the moving average')
    return p.parse_args(args)

def judged(load, files):
    "Loss, PSNR and colourfulness of each photo"
    device = default_device()
    net = load().to(device)
    return [dict(photo=f.stem)|validate(net, [f], bs=1, device=device) for f in files]

def once(folder, name, load, files):
    "The same, kept in a folder; a run that was made longer is judged again"
    kept = folder/f'{name}.json'
    if not kept.exists(): kept.write_text(json.dumps(judged(load, files)))
    return json.loads(kept.read_text())

def mean_net(names):
    "The network whose weights are the means of those of others"
    nets = [load_colornet(n) for n in names]
    with torch.no_grad():
        for first,*others in zip(*[n.state_dict().values() for n in nets]):
            if first.is_floating_point(): first.copy_(torch.stack([first, *others]).mean(0))
    return nets[0]

def main(a):
    files,runs,each,layers,made = find_photos(a.val),[],[],[],[a.init]
    def add(way, seed, folder, load, crops=0, rate=0.):
        "Judge a network, and write all that is known by now"
        vs = once(folder, f'judged {crops}', load, files) if folder else judged(load, files)
        mean = {k: sum(v[k] for v in vs)/len(vs) for k in ('loss','psnr','color')}
        runs.append(dict(way=way, seed=seed, crops=crops, crops_s=f'{rate:.3f}', **{k: f'{x:.6g}' for k,x in mean.items()}))
        each.extend(dict(way=way, seed=seed, photo=v['photo'], loss=f"{v['loss']:.6f}", psnr=f"{v['psnr']:.4f}") for v in vs)
        write(here/f'{a.name}.csv', runs)
        write(here/f'{a.name}_photos.csv', each)
        print(*runs[-1].values(), flush=True)
    def train(way, seed, steps=a.steps):
        "One run"
        first,_,share = way.partition(':')
        how = dict(learn_taps=first, taps_lr=float(share)) if share else {}
        run = launch(a.photos, Path(a.work)/f'{way} {seed}', a.val, bar=False, save_every=100_000, log_every=10, steps=steps, seed=seed,
                     init=a.init, vivid=True, film=.3, crop=a.crop, lr=a.lr, ema=a.ema, **how)
        with open(run.out/'metrics.csv') as f: rate = max(float(r['crops_s']) for r in csv.DictReader(f))  # where nothing disturbed it
        made.append(run.out/'last.safetensors')
        load = partial(load_colornet, made[-1])
        add(way, seed, run.out, load, steps*run.config.bs, rate)
        if not share: return
        layers.extend(dict(way=way, layer=k, moved=f'{v:.5f}') for k,v in moved(load().taps).items())
        write(here/f'{a.name}_layers.csv', layers)
    Path(a.work).mkdir(exist_ok=True)
    add('start', '', Path(a.work), partial(load_colornet, a.init))
    for way in ['frozen', *a.ways]: train(way, a.seeds[0])
    for seed in a.seeds[1:]: train('frozen', seed)
    if a.longer: train('longer', a.seeds[0], round(a.longer*a.steps))
    if a.mean: add('mean', '', None, partial(mean_net, made))  # Of other runs it is another one, so it is not kept

if __name__=='__main__': main(arguments())

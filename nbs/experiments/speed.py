"""Crops a second, from a plain training loop to ours: speed.py TRAIN [OUT]

One thing is added from row to row; all rows train the seed's configuration on crops of 128 px, except the last, on 224 px; the one
before it is `colornet_train` as it stands.
Run it with nothing else on the machine.
"""
import sys, time
import torch
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from torch import nn
from colornet.data import *
from colornet.decoder import *
from colornet.files import find_photos
from colornet.launch import launch
from colornet.state import Log
from colornet.taps import *
from colornet.train import *

class OpenTaps(nn.Module):
    "Taps inside the gradient graph, as they come from torchvision"
    def __init__(self, taps):
        super().__init__()
        self.taps = taps
        for p in taps.parameters(): p.requires_grad_(True)
    def forward(self, gray):
        t,feats = self.taps,[gray.expand(-1,3,-1,-1)]
        x = (feats[0]-t.mean)/t.std
        for i,layer in enumerate(t.body):
            x = layer(x)
            if i in t.at: feats.append(x.clone())  # the next layers work in place
        return feats

def rate(files, bs=1, frozen=False, last=False, bf16=False, workers=0, crop=128, seconds=25):
    "Crops a second of a training loop, decoding included"
    torch.manual_seed(0)
    net = ColorNet(load_taps())
    opt = torch.optim.AdamW(net.decoder.parameters(), lr=1e-3)
    if not frozen: net.taps = OpenTaps(net.taps)
    if last: net.to(memory_format=torch.channels_last)
    dtype,n,t0 = torch.bfloat16 if bf16 else torch.float32,0,None
    net.train()
    for i,(gray,uv) in enumerate(batches(get_dl(Crops(files, crop), bs, 0, 10**6, workers))):
        train_step(net, gray, uv, opt, dtype=dtype)
        if not frozen: net.zero_grad()
        if i==3: t0 = time.time()  # the first steps warm up
        elif i>3:
            n += len(gray)
            if time.time()-t0>seconds: return n/(time.time()-t0)

def command_rate(folder):
    "Crops a second of `colornet_train`, as its log has it; the first and the last rows hold the start and the judging"
    with TemporaryDirectory() as d:
        run = launch(folder, Path(d)/'run', steps=150, log_every=15, bar=False)
        return median(float(r['crops_s']) for r in Log.read(run.out/'metrics.csv')[2:-1])

if __name__=='__main__':
    files = find_photos(sys.argv[1])
    out = Path(sys.argv[2] if len(sys.argv)>2 else Path(__file__).with_suffix('.csv'))
    more,rows = {},[]
    def show(name, r):
        rows.append((name, r))
        print(f'{name:20} {r:6.2f} crops/s, {r/rows[0][1]:5.2f} times the plain loop', flush=True)
    for name,add in {'plain loop':{}, 'taps frozen':dict(frozen=True), 'batch of 16':dict(bs=16), 'channels last':dict(last=True),
                     'bf16':dict(bf16=True), 'a decoding worker':dict(workers=1), 'crops of 224 px':dict(crop=224)}.items():
        more |= add
        if name=='crops of 224 px': show('colornet_train', command_rate(sys.argv[1]))
        show(name, rate(files, **more))
    out.write_text('step,crops_s\n'+''.join(f'{n},{r:.4g}\n' for n,r in rows))

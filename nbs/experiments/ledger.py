"""Measure what each difference between the published recipes and ours is worth: ledger.py TRAIN VAL [OUT]

Each row is the baseline (the seed's configuration, our recipe without old film) with one thing changed, trained on 10,000 crops and
judged on the middle 224 px of every photo in VAL. Rows that are in OUT already are not made again.
"""
import csv, sys, time
import torch, torch.nn.functional as F
from copy import deepcopy
from functools import partial
from pathlib import Path
from statistics import median
from torch import nn
from colornet.data import *
from colornet.decoder import *
from colornet.device import amp_dtype
from colornet.files import find_photos
from colornet.judge import fit_to_judge, validate
from colornet.loss import *
from colornet.taps import *
from colornet.train import *

crops,bs = 10_000,16
steps = crops//bs
out = Path(sys.argv[3] if len(sys.argv)>3 else Path(__file__).with_suffix('.csv'))
columns = 'row seed psnr psnr_gray color color_truth loss minutes crops_s'.split()

class Hypercolumn(nn.Module):
    "Dahl's first try: gray and all taps at full size, stacked, then three convolutions"
    def __init__(self, taps=(3,64,128,256,512)):
        super().__init__()
        self.norms = nn.ModuleList(nn.BatchNorm2d(n, affine=False) for n in taps)  # Before enlarging: the same, but cheap
        self.convs = nn.Sequential(conv_bn(sum(taps), 128), conv_bn(128, 64), conv_bn(64, 2, act=nn.Identity))
    def forward(self, feats):
        size,dtype = feats[0].shape[-2:],feats[-1].dtype
        stack = [F.interpolate(norm(f).to(dtype), size=size, mode='bilinear') for norm,f in zip(self.norms, feats)]
        return self.convs(torch.cat(stack, 1)).float().sigmoid()

class Fp32Taps(nn.Module):
    "Taps outside autocast"
    def __init__(self, taps):
        super().__init__()
        self.taps,self.at,self.body = taps,taps.at,taps.body
    def forward(self, gray):
        with torch.autocast(gray.device.type, enabled=False): return self.taps(gray.float())

class PerPhoto(nn.Module):
    "Batch norm on the statistics of each photo, as the original ran at test time"
    def __init__(self, net):
        super().__init__()
        self.net = deepcopy(net)
    def forward(self, gray):
        self.net.train()
        return torch.cat([self.net(g) for g in gray.split(1)])

def mixed_loss(pred, uv):
    "Both blurred channels are U+V, as with Armour's full kernels of equal slices"
    err = pred-uv
    both = err.sum(1, keepdim=True).expand_as(err)
    return (err.square().mean()+sum(blur(both, k).square().mean() for k in (3,5)))/3

def make(seed=0, n_taps=4, end=3, hyper=False, fp32=False):
    "A network, untrained"
    torch.manual_seed(seed)
    net = ColorNet(load_taps('vgg16', n_taps), end=end)
    if hyper: net.decoder = Hypercolumn()
    if fp32: net.taps = Fp32Taps(net.taps)
    return net.to(memory_format=torch.channels_last)

def train(files, seed=0, loss=uv_loss, sgd=False, scale=True, **kwargs):
    "Train one row; the network, its average, and seconds"
    net = make(seed, **kwargs)
    ps = net.decoder.parameters()
    opt = torch.optim.SGD(ps, lr=5.) if sgd else torch.optim.AdamW(ps, lr=3e-3)
    ema,times,t = Ema(net.decoder),[],time.time()
    dl = get_dl(Crops(files, 128, seed, scale=scale), bs, 0, steps, 1)
    for i,(gray,uv) in enumerate(batches(dl)):
        if not sgd: opt.param_groups[0]['lr'] = lr_at(i, steps)
        train_loop(net, [(gray,uv)], opt, loss=loss, dtype=amp_dtype('cpu'), clip=float('inf') if sgd else 1.)
        ema.update_parameters(net.decoder)
        times.append(time.time()-t)
        t = time.time()
    spent,average = median(times)*steps,deepcopy(net)  # A pause of the machine does not count
    average.decoder = ema.module
    return net,average,spent

learn,judge = find_photos(sys.argv[1]),fit_to_judge(find_photos(sys.argv[2]), 10**6)
done = {(r['row'],int(r['seed'])) for r in csv.DictReader(out.open())} if out.exists() else set()
if not done: out.write_text(','.join(columns)+'\n')

def write(row, seed, net, spent):
    "Judge a network and append its row"
    v = validate(net, judge, dtype=amp_dtype('cpu'))
    nums = [v[k] for k in ('psnr','psnr_gray','color','color_truth','loss')]+[spent/60, crops/spent]
    with out.open('a') as f: f.write(','.join([row, str(seed), *(f'{x:.5g}' for x in nums)])+'\n')
    print(row, seed, *(f'{x:.5g}' for x in nums), flush=True)

rows = [('baseline',dict()), ('baseline',dict(seed=1)), ('baseline',dict(seed=2)),
    ('plain loss',dict(loss=partial(uv_loss, sizes=(1,)))), ("Armour's kernel",dict(loss=mixed_loss)),
    ('SGD as published',dict(sgd=True)), ('end of 32 channels',dict(end=32)), ('relu5_3 as a fifth tap',dict(n_taps=5)),
    ('taps in fp32',dict(fp32=True)), ('crops at one scale',dict(scale=False)), ('hypercolumn',dict(hyper=True))]
for row,kwargs in rows:
    seed = kwargs.get('seed',0)
    if (row,seed) in done: continue
    net,average,spent = train(learn, **kwargs)
    write(row, seed, average, spent)
    if row=='baseline' and not seed:
        write('without weight averaging', 0, net, spent)
        write('batch statistics at test', 0, PerPhoto(average), spent)

"""Does the blurred loss converge faster than the plain one?

    python nbs/experiments/blurred_loss.py PHOTOS/train PHOTOS/val

Trains the seed's decoder with both losses, on the same crops in the same order, with three seeds,
and writes blurred_loss.csv beside this file. An interrupted run goes on with what is missing.
"""
import csv, sys
from functools import partial
from pathlib import Path
import torch
from PIL import ImageOps
from colornet.data import Crops, batches, get_dl, gray_uv
from colornet.decoder import ColorNet
from colornet.device import amp_dtype
from colornet.files import find_photos
from colornet.loss import uv_loss
from colornet.metrics import colorfulness, psnr
from colornet.photo import read_rgb
from colornet.show import to_tensor
from colornet.taps import load_taps
from colornet.train import Ema, guess_rgb, lr_at, train_loop, train_step

steps, bs, crop, photos = 250, 16, 96, 96
losses = dict(plain=partial(uv_loss, sizes=(1,)), blurred=uv_loss)
columns = 'loss seed step mse psnr color'.split()

def measure(net, gray, uv, rgb, dtype):
    "Plain squared error of chroma, PSNR and colourfulness of the averaged decoder"
    parts = [slice(i, i+bs) for i in range(0, len(gray), bs)]
    mse = [train_step(net.eval(), gray[p], uv[p], loss=losses['plain'], dtype=dtype) for p in parts]
    pred = torch.cat([guess_rgb(net, gray[p], dtype=dtype) for p in parts])
    return [float(x.mean()) for x in (torch.stack(mse), psnr(pred, rgb), colorfulness(pred))]

def main(train, val, out=Path(__file__).with_suffix('.csv')):
    files = find_photos(val)
    files = files[::-(-len(files)//photos)]
    rgb = torch.stack([to_tensor(ImageOps.fit(read_rgb(f), (160,160))) for f in files])
    gray,uv = gray_uv(rgb)
    dtype, rows = amp_dtype('cpu'), list(csv.DictReader(out.open())) if out.exists() else []
    done = {(r['loss'],r['seed']) for r in rows if int(r['step'])==steps}
    rows = [r for r in rows if (r['loss'],r['seed']) in done]
    for seed in range(3):
        for name,loss in losses.items():
            if (name,str(seed)) in done: continue
            torch.manual_seed(seed)
            net = ColorNet(load_taps()).to(memory_format=torch.channels_last)
            opt, ema = torch.optim.AdamW(net.decoder.parameters()), Ema(net.decoder, .95)
            for i,batch in enumerate(batches(get_dl(Crops(find_photos(train), crop, seed), bs, 0, steps, workers=1))):
                for g in opt.param_groups: g['lr'] = lr_at(i, steps)
                train_loop(net, [batch], opt, loss=loss, dtype=dtype)
                ema.update_parameters(net.decoder)
                if (i+1)%50==0:
                    rows.append(dict(zip(columns, [name, seed, i+1, *(f'{x:.6g}' for x in measure(ColorNet(net.taps, ema.module), gray, uv, rgb, dtype))])))
                    print(*rows[-1].values(), flush=True)
            with out.open('w', newline='') as f:
                w = csv.DictWriter(f, columns, lineterminator='\n')
                w.writeheader()
                w.writerows(rows)

if __name__=='__main__': main(*sys.argv[1:3])

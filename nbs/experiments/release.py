"""Make a trained decoder one that the package ships: release.py DECODER NAME TRAIN VAL [FACTOR] [VIVID] [CROPS]

Stores convolutions in 16 bits, and what taps have learned in the least room that costs at most .02 dB on the photos in VAL. Notes the
mean chroma of the photos in TRAIN, the factor on chroma, the usual share of the second head and the crops learned from in all runs
(those of the last one, if not given), and renews SHA256SUMS.
"""
import hashlib, sys
import numpy as np
import torch
from pathlib import Path
from tempfile import TemporaryDirectory
from tqdm import tqdm
from colornet.data import gray_uv
from colornet.decoder import load_colornet
from colornet.files import find_photos
from colornet.judge import validate
from colornet.photo import read_rgb
from colornet.weights import save_decoder

folder = Path(__file__).parents[2]/'colornet'/'weights'
ways = 4,16,32,64,'int8','half','whole'  # From the smallest, as `pack_taps` takes them

def mean_uv(path):
    "Mean chroma of a photo, reduced to 64 px"
    return gray_uv(torch.from_numpy(np.array(read_rgb(path, 64))[None]))[1].mean((0,2,3))

def lightest(net, files, most=.02):
    "The smallest way to keep learned taps that costs at most so many dB on the middle of photos"
    whole = validate(net, files)['psnr']
    with TemporaryDirectory() as tmp:
        for how in ways:
            path = Path(tmp)/f'{how}.safetensors'
            save_decoder(net, path, half=True, how=how)
            over = validate(load_colornet(path), files)['psnr']-whole
            print(f'taps kept as {how}: {path.stat().st_size/1e6:.1f} MB, {over:+.3f} dB')
            if over>=-most: return how
    raise SystemExit('no way to keep the taps costs so little')

def main(src, name, train, val, factor='1', vivid='0', crops=''):
    net = load_colornet(src)
    how = lightest(net, find_photos(val)) if net.taps.pretrained else 'whole'
    mean = torch.stack([mean_uv(f) for f in tqdm(find_photos(train))]).mean(0)
    notes = {k:v for k,v in net.notes.items() if k not in ('format','config','fingerprint')}
    if crops: notes = {k:v for k,v in notes.items() if k!='step'}|dict(crops=crops)
    notes |= dict(mean_uv=' '.join(f'{x:.4f}' for x in mean.tolist()), factor=factor, vivid=vivid)
    save_decoder(net, folder/f'{name}.safetensors', half=True, how=how, **notes)
    sums = [f'{hashlib.sha256(p.read_bytes()).hexdigest()}  {p.name}\n' for p in sorted(folder.glob('*.safetensors'))]
    (folder/'SHA256SUMS').write_text(''.join(sums))
    print((folder/f'{name}.safetensors').stat().st_size, 'bytes')

if __name__=='__main__': main(*sys.argv[1:])

"""Make a trained decoder one that the package ships: release.py DECODER NAME TRAIN [FACTOR] [VIVID] [CROPS]

Stores convolutions in 16 bits, notes the mean chroma of the photos in TRAIN, the factor on chroma, the usual share of the
second head and the crops learned from in all runs (those of the last one, if not given), and renews SHA256SUMS.
"""
import hashlib, sys
import numpy as np
from pathlib import Path
from tqdm import tqdm
from colornet.data import gray_uv
from colornet.decoder import load_colornet
from colornet.files import find_photos
from colornet.photo import read_rgb
from colornet.weights import save_decoder
import torch

src,name,train,factor,vivid,crops = (sys.argv[1:]+['1','0',''][len(sys.argv)-4:])[:6]
folder = Path(__file__).parents[2]/'colornet'/'weights'
net = load_colornet(src)

def mean_uv(path):
    "Mean chroma of a photo, reduced to 64 px"
    return gray_uv(torch.from_numpy(np.array(read_rgb(path, 64))[None]))[1].mean((0,2,3))

mean = torch.stack([mean_uv(f) for f in tqdm(find_photos(train))]).mean(0)
notes = {k:v for k,v in net.notes.items() if k not in ('format','config','fingerprint')}
if crops: notes = {k:v for k,v in notes.items() if k!='step'}|dict(crops=crops)
notes |= dict(mean_uv=' '.join(f'{x:.4f}' for x in mean.tolist()), factor=factor, vivid=vivid)
save_decoder(net, folder/f'{name}.safetensors', half=True, **notes)
sums = [f'{hashlib.sha256(p.read_bytes()).hexdigest()}  {p.name}\n' for p in sorted(folder.glob('*.safetensors'))]
(folder/'SHA256SUMS').write_text(''.join(sums))
print((folder/f'{name}.safetensors').stat().st_size, 'bytes')

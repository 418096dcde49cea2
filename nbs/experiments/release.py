"""Make a trained decoder one that the package ships: release.py DECODER NAME [FACTOR] [VIVID]

Stores convolutions in 16 bits, notes the factor on chroma and the usual share of the second head, and renews SHA256SUMS.
"""
import hashlib, sys
from pathlib import Path
from colornet.decoder import load_colornet, save_decoder

src,name,factor,vivid = (sys.argv[1:]+['1','0'][len(sys.argv)-3:])[:4]
folder = Path(__file__).parents[2]/'colornet'/'weights'
net = load_colornet(src)
notes = {k:v for k,v in net.notes.items() if k not in ('format','config','fingerprint')}
save_decoder(net, folder/f'{name}.safetensors', half=True, **notes|dict(factor=factor, vivid=vivid))
sums = [f'{hashlib.sha256(p.read_bytes()).hexdigest()}  {p.name}\n' for p in sorted(folder.glob('*.safetensors'))]
(folder/'SHA256SUMS').write_text(''.join(sums))
print((folder/f'{name}.safetensors').stat().st_size, 'bytes')

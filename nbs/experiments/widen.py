"""Make a trained decoder wider without a change of its colours: widen.py DECODER OUT WIDTH...

Widths stand as in `Decoder`, coarsest first. What is new listens from the start and is heard by nobody: the weights that
lead out of it are zero, so that training finds its use (after Chen, Goodfellow and Shlens, Net2Net, 2016).
"""
import sys, torch
from torch import nn
from colornet.decoder import *
from colornet.weights import save_decoder

def fill(new, old, zero=False):
    "Copy a tensor into the corner of a larger one; what reads from new channels gets zeros if asked"
    if zero and new.shape[1]>old.shape[1]: new[:old.shape[0],old.shape[1]:] = 0
    new[tuple(map(slice, old.shape))] = old

def norm_too(new, old):
    "A tap that was only normalised goes through a 1x1 convolution first the same, then more"
    one,conv,two = new
    one.load_state_dict(old.state_dict())
    conv.weight[:len(old.weight)] = torch.eye(len(old.weight))[...,None,None]
    n = len(old.weight)
    two.weight[:n],two.bias[:n] = (old.weight**2+two.eps).sqrt(),old.bias
    two.running_mean[:n],two.running_var[:n] = old.bias,old.weight**2

@torch.no_grad()
def widen(
    dec:Decoder,  # Trained
    widths:tuple, # Channels, none smaller than those of `dec`
)->Decoder:       # Gives the same chroma and scores
    "Make a decoder wider"
    new = Decoder(dec.taps, widths, len(dec.bins) if dec.head else 0)
    mods = dict(dec.named_modules())
    for name,m in new.named_modules():
        was = mods.get(name)
        if name.endswith('norm') and isinstance(m, nn.Sequential) and isinstance(was, nn.BatchNorm2d): norm_too(m, was)
        elif type(m) is type(was) and not list(m.children()):
            for (k,v),(_,o) in zip(m.state_dict().items(), was.state_dict().items()):
                if v.ndim: fill(v, o, zero=isinstance(m, nn.Conv2d) and k=='weight')
    if dec.head: new.bins.copy_(dec.bins), new.prior.copy_(dec.prior)
    return new.eval()

if __name__=='__main__':
    src,out,*widths = sys.argv[1:]
    torch.manual_seed(0)
    net = load_colornet(src)
    wide = ColorNet(net.taps, widen(net.decoder, tuple(map(int, widths))).eval())
    gray = torch.rand(2,1,64,96)
    with torch.no_grad(): a,b = net(gray, both=bool(net.decoder.head)),wide(gray, both=bool(net.decoder.head))
    off = max((x-y).abs().max().item() for x,y in zip(a,b)) if net.decoder.head else (a-b).abs().max().item()
    assert off<1e-3, off
    save_decoder(wide, out, **{k:v for k,v in net.notes.items() if k in ('mean_uv','factor','vivid')})
    n = sum(p.numel() for p in wide.decoder.parameters())
    print(f'{out}: {n/1e6:.2f} million parameters, differs by {off:.1e}')

"What the scripts in `nbs/experiments` rest on"
import importlib.util
from pathlib import Path

import pytest, torch
from colornet.decoder import ColorNet, Decoder
from colornet.taps import load_taps

def script(name):
    "A script as a module"
    spec = importlib.util.spec_from_file_location(name, Path(__file__).parent.parent/'nbs'/'experiments'/f'{name}.py')
    m = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(m)
    return m

def used(dec):
    "Give a decoder's batch norms statistics and scales that are not those of the beginning"
    for m in dec.modules():
        if not isinstance(m, torch.nn.BatchNorm2d): continue
        for t,low,high in ((m.weight,.5,2), (m.bias,-1,1), (m.running_mean,-1,1), (m.running_var,.5,2)): torch.nn.init.uniform_(t, low, high)
    return dec

@pytest.mark.parametrize('taps,narrow,wide', [
    ((64,128,256,512), (256,128,64,3), (320,160,96,8)),
    ((64,128,256,512,512), (512,256,128,64,3), (528,256,130,64,3))])
@pytest.mark.parametrize('train', [False,True])
def test_a_wider_decoder_gives_the_same_colours_and_uses_its_room_when_it_learns(taps, narrow, wide, train):
    torch.manual_seed(0)
    dec = used(Decoder(taps, narrow, bins=5))
    dec.bins.uniform_()
    new = script('widen').widen(dec, wide)
    assert torch.equal(new.bins, dec.bins) and new.widths==wide
    body = load_taps(n=len(taps))
    gray = torch.rand(2,1,64,64)
    with torch.no_grad(): a,b = (ColorNet(body, d.train(train))(gray, both=True) for d in (dec,new))
    for x,y in zip(a,b): torch.testing.assert_close(x, y, atol=1e-2 if train else 1e-4, rtol=1e-4)  # Two norms in a row: eps counts twice
    uv,scores = ColorNet(body, new.train())(gray, both=True)
    (uv.square().sum()+scores.square().sum()).backward()
    assert new.merges[0].conv[0].weight.grad[:,narrow[0]:].abs().sum()>0  # What nobody hears yet can be found

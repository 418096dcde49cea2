"What the scripts in `nbs/experiments` rest on"
import csv, importlib.util, shutil, subprocess, sys
from pathlib import Path

import pytest, torch
from PIL import Image
from colornet.decoder import ColorNet, Decoder, load_colornet
from colornet.device import amp_dtype
from colornet.eyes import unfreeze
from colornet.infer import Colorizer
from colornet.judge import validate
from colornet.metrics import evaluate, table
from colornet.taps import load_taps
from colornet.weights import digest

folder = Path(__file__).parent.parent/'nbs'/'experiments'

def script(name):
    "A script as a module"
    spec = importlib.util.spec_from_file_location(name, folder/f'{name}.py')
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

def test_mix_counts_sources(tmp_path):
    m = script('mix')
    (tmp_path/'in').mkdir()
    for n in ('a_1.jpg','a_2.webp','b_c_1.jpg','d_1.jpg'): (tmp_path/'in'/n).write_text(n)
    assert m.mix(tmp_path/'in', tmp_path/'out', dict(a=3, d=0))==7
    read = sorted(f.read_text() for f in (tmp_path/'out').iterdir())
    assert read==['a_1.jpg']*3+['a_2.webp']*3+['b_c_1.jpg']
    with pytest.raises(ValueError, match='out: is there already'): m.mix(tmp_path/'in', tmp_path/'out', {})
    with pytest.raises(ValueError, match='no photos of x'): m.mix(tmp_path/'in', tmp_path/'new', dict(a=1, x=2))
    (tmp_path/'in'/'sub').mkdir()
    (tmp_path/'in'/'sub'/'a_1.jpg').write_text('another')
    with pytest.raises(ValueError, match='of one name'): m.mix(tmp_path/'in', tmp_path/'new', {})
    assert not (tmp_path/'new').exists()

@pytest.fixture(scope='module')
def photos(tmp_path_factory):
    "Two small colour photos"
    d = tmp_path_factory.mktemp('val')
    for n in ('bee','hens'): Image.open(folder.parent/'images'/f'{n}.jpg').resize((320,240)).save(d/f'{n}.png')
    return d

def rows(name, out, *args):
    "Run a script; the rows of the CSV that it writes"
    p = subprocess.run([sys.executable, folder/f'{name}.py', *map(str, args)], capture_output=True, text=True, timeout=240)
    assert p.returncode==0, p.stderr
    found = list(csv.DictReader(out.open()))
    assert {r['weights'] for r in found}=={digest('release').split()[1]}
    return found

@pytest.mark.slow
def test_sweep_gives_what_the_colorizer_does(photos, tmp_path):
    found = {r['way']: r for r in rows('sweep', tmp_path/'s.csv', photos, 'release', tmp_path/'s.csv')}
    c = Colorizer('release')
    ways = {f'factor {c.factor}': lambda gray, shown: c(gray, vivid=0, flow=0), f'vivid {c.vivid}': lambda gray, shown: c(gray, flow=0)}
    for r in table(evaluate(sorted(photos.iterdir()), **ways)):
        if r['name']!='truth': assert float(found[r['name']]['psnr'])==pytest.approx(r['psnr'][0], abs=2e-3), r['name']
    ratio = [float(r['ratio']) for n,r in found.items() if 'factor' in n]
    assert ratio==sorted(ratio) and len(ratio)>4  # The more factor, the more colour

@pytest.mark.slow
def test_doubt_and_edges_measure_each_photo_with_what_is_shipped(photos, tmp_path):
    found = rows('doubt', tmp_path/'d.csv', photos, 'release', tmp_path/'d.csv')
    assert len(found)==2 and all(0<float(r[k])<.7 for r in found for k in ('doubt','error'))  # No two colours are farther apart
    found = rows('edges', tmp_path/'e.csv', photos, 'release', tmp_path/'e.csv', 64, 96)
    assert [(r['size'],float(r['gain'])) for r in found if r['way']=='bilinear']==[('64',0),('96',0)]
    for r in found: assert float(r['gain'])==pytest.approx(float(r['psnr'])-float(next(q['psnr'] for q in found if q['size']==r['size'])), abs=2e-4)

@pytest.mark.slow
def test_gap_compares_photos_of_the_same_sources(photos, tmp_path):
    for side,names,src in (('train',('a_0','a_1','b_x_0','b_x_1','c_0'),'bee'), ('val',('a_7','b_x_7','b_x_8','b_x_9','d_7'),'hens')):
        (tmp_path/side).mkdir()
        for n in names: (tmp_path/side/f'{n}.png').write_bytes((photos/f'{src}.png').read_bytes())
    learned,new = script('gap').alike(tmp_path/'train', tmp_path/'val')
    assert sorted(f.parent.name for f in learned)==['train']*3 and sorted(f.parent.name for f in new)==['val']*3
    for files in (learned,new): assert sorted(f.stem.rpartition('_')[0] for f in files)==['a','b_x','b_x']  # No c and no d; as many b as both have
    p = subprocess.run([sys.executable, folder/'gap.py', tmp_path/'train', tmp_path/'val', tmp_path/'g.csv'], capture_output=True, text=True, timeout=240)
    assert p.returncode==0, p.stderr
    found = list(csv.DictReader((tmp_path/'g.csv').open()))
    assert [(r['photos'],r['name'],r['n'],r['weights']) for r in found]==[
        (k,n,'3',digest(n).split()[1]) for k in ('learned','new') for n in ('seed','release')]
    for r,f in zip(found, ('bee','bee','hens','hens')):
        v = validate(load_colornet(r['name']), [photos/f'{f}.png'], dtype=amp_dtype('cpu'))
        assert float(r['loss'])==pytest.approx(v['loss'], abs=2e-6) and float(r['half'])<1e-6  # The same picture three times
    assert found[0]['gray']==found[1]['gray']!=found[2]['gray']==found[3]['gray']

@pytest.mark.slow
def test_flow_and_hints_are_measured_photo_by_photo(photos, tmp_path):
    found = rows('flow', tmp_path/'f.csv', photos, 'release', tmp_path/'f.csv')
    assert [float(r['ratio']) for r in found]==[.5,.6,.7,.85] and all(r['way']=='1' for r in found)
    found = rows('hints', tmp_path/'h.csv', photos, 'release', tmp_path/'h.csv')
    gain = {(r['seed'],r['hints']): float(r['gain']) for r in found}
    for s in '012': assert gain[s,'0']==gain['0','0'] and gain[s,'50']>gain[s,'0']+1  # Without hints chance has no say

@pytest.mark.slow
def test_quality_is_what_the_colorizer_gives(photos, tmp_path):
    p = subprocess.run([sys.executable, folder/'quality.py', photos, tmp_path/'q.csv'], capture_output=True, text=True, timeout=240)
    assert p.returncode==0, p.stderr
    found = {(r['name'],r['vivid'],r['flow'],r['old']): r for r in csv.DictReader((tmp_path/'q.csv').open())}
    release,seed = Colorizer('release'),Colorizer('seed')
    for old in (False, True):
        ways = {'release,0,1': lambda gray, shown: release(gray, vivid=0, shown=shown), 'seed,0,1': lambda gray, shown: seed(gray, shown=shown)}
        if not old: ways['release,0.3,0'] = lambda gray, shown: release(gray, flow=0)
        for r in table(evaluate(sorted(photos.iterdir()), old=old, **ways))[1:-1]:
            row = found[(*r['name'].split(','), str(int(old)))]
            assert float(row['psnr'])==pytest.approx(r['psnr'][0], abs=2e-3) and float(row['gain_half'])==pytest.approx(r['gain'][1], rel=1e-3)

@pytest.mark.slow
def test_twins_begin_alike_and_see_the_same_crops(photos, tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(folder)
    gate = script('gate')
    monkeypatch.setattr(gate, 'here', tmp_path)
    words = [shutil.copytree(photos, tmp_path/'learn'), photos, tmp_path/'work', '--ways', 'conv4:.1', '--seeds', 3, 4, '--longer', 1.5, '--steps', 2, '--crop', 32, '--lr', 1e-12,
             '--name', 'both', '--mean']
    gate.main(gate.arguments([*map(str, words)]))
    found = [*csv.DictReader((tmp_path/'both.csv').open())]
    assert [(r['way'],r['seed']) for r in found]==[('start',''),('frozen','3'),('conv4:.1','3'),('frozen','4'),('longer','3'),('mean','')]
    assert [r['crops'] for r in found]==['0','32','32','32','48','0']  # 16 a step
    learned,frozen = ([*csv.DictReader((tmp_path/'work'/f'{way} 3'/'metrics.csv').open())] for way in ('conv4:.1','frozen'))
    assert [r['loss'] for r in learned]==[r['loss'] for r in frozen]  # at no rate to speak of: the same crops, the same network
    assert len([*csv.DictReader((tmp_path/'both_photos.csv').open())])==len(found)*2
    two = [tmp_path/'work'/w/'last.safetensors' for w in ('frozen 3','conv4:.1 3')]
    nets = gate.mean_net(two), *map(load_colornet, two)
    for m,x,y in zip(*(n.state_dict().values() for n in nets)): assert torch.allclose(m.float(), (x.float()+y.float())/2, rtol=1e-5)

def test_taps_are_kept_in_the_least_room_that_costs_little(photos, monkeypatch):
    release = script('release')
    torch.manual_seed(0)
    net = ColorNet(load_taps())
    unfreeze(net.taps, 'conv4')
    w = net.taps.body[17].weight
    with torch.no_grad(): w += .05*(torch.randn(len(w),2)@torch.randn(2,w[0].numel())).view_as(w)  # a change of rank 2
    files,asked = [*photos.iterdir()],[]
    assert release.lightest(net, files)==4
    monkeypatch.setattr(release, 'ways', ('int8','half','whole'))
    monkeypatch.setattr(release, 'validate', lambda net, files: asked.append(1) or dict(psnr=9-.1*(len(asked)==2)))
    assert release.lightest(net, files)=='half'  # the first way that is good enough
    with pytest.raises(SystemExit): release.lightest(net, files, most=-1)

@pytest.mark.parametrize('name', ['doubt','edges','flow','flow_choice','gap','hints','sweep','quality'])
def test_what_is_stored_was_measured_with_what_is_shipped(name):
    stored = {r['weights'] for r in csv.DictReader((folder/f'{name}.csv').open())}-{''}
    assert stored=={digest(n).split()[1] for n in (('seed','release') if name in ('gap','quality') else ('release',))}

"The weights that are shipped"
import hashlib, re, subprocess, sys
from pathlib import Path
import pytest
import torch
from colornet.decoder import ColorNet, load_colornet
from colornet.files import find_photos
from colornet.infer import Colorizer
from colornet.metrics import evaluate, table
from colornet.taps import Taps, load_taps, vgg_body
from colornet.weights import digest, find_weights, fingerprint, read_weights, save_decoder

root = Path(__file__).parent.parent
folder = root/'colornet'/'weights'
card = (folder/'README.md').read_text()
sums = dict(l.split()[::-1] for l in (folder/'SHA256SUMS').read_text().splitlines())

def test_every_file_is_listed_and_as_listed():
    assert {p.name for p in folder.glob('*.safetensors')}==set(sums)
    for name,sha in sums.items(): assert hashlib.sha256((folder/name).read_bytes()).hexdigest()==sha

def test_the_seed_is_the_seeds_configuration():
    net = load_colornet('seed')
    assert sum(p.numel() for p in net.decoder.parameters())==504_413
    notes = read_weights(folder/'seed.safetensors')[1]
    assert int(notes['crops'])>=40_000 and notes['fingerprint']==fingerprint(load_taps())

gains = dict(seed=1.92, release=1.95)  # Over gray, in dB, with flow, on the book's photos

@pytest.mark.slow
def test_they_beat_gray_on_photos_they_never_saw():
    "By as much as when they were published; and the release, as it is shipped, beats the seed"
    nets = dict(seed=Colorizer('seed', 'cpu'), release=Colorizer(device='cpu'))
    ways = {n: lambda gray, shown, c=c: c(gray) for n,c in nets.items()}
    rows = {r['name']: r for r in table(evaluate(find_photos(root/'nbs'/'images'), **ways))}
    gray,seed,release = (rows[n] for n in ('gray','seed','release'))
    for n,gain in gains.items(): assert abs(rows[n]['gain'][0]-gain)<.05, (n, rows[n]['gain'])
    assert seed['better']>.5 and seed['color'][0]>10 and seed['auc_balanced']>gray['auc_balanced'], seed
    assert release['ciede2000'][0]<seed['ciede2000'][0] and release['auc_balanced']>seed['auc_balanced']

def test_the_release_is_the_default_and_has_two_heads():
    net = load_colornet()
    assert net.notes==load_colornet('release').notes and len(net.decoder.bins)==len(net.decoder.prior)>200
    assert abs(net.decoder.prior.sum()-1)<1e-4 and 0<=float(net.notes['vivid'])<=1 and float(net.notes['factor'])>0
    assert sum(p.stat().st_size for p in folder.iterdir())<44e6  # the wheel may have 45 MB

def test_the_files_say_from_how_many_crops_they_learned():
    for name in ('seed','release'): assert f"{int(read_weights(folder/f'{name}.safetensors')[1]['crops']):,} crops" in card, name

def test_the_card_was_measured_with_them():
    found = set(re.findall(r'weights (\w+) ([0-9a-f]{8})', card))
    assert found=={(n,sums[f'{n}.safetensors'][:8]) for n in ('seed','release')}

def test_names_and_files_have_one_digest():
    assert digest('seed')==digest(folder/'seed.safetensors')==f"seed {sums['seed.safetensors'][:8]}"

def test_weights_are_found_without_torch():
    code = "import sys; from colornet.weights import digest; print(digest(), *[m for m in ('torch','numpy') if m in sys.modules])"
    assert subprocess.run([sys.executable, '-c', code], capture_output=True, text=True).stdout==f'{digest()}\n'

def test_one_changed_bit_is_noticed(tmp_path):
    data = bytearray((folder/'seed.safetensors').read_bytes())
    data[-100] ^= 1
    (tmp_path/'seed.safetensors').write_bytes(data)
    with pytest.raises(ValueError, match='SHA-256'): read_weights(tmp_path/'seed.safetensors', sums['seed.safetensors'])

@pytest.mark.parametrize('module,load', [('decoder',load_colornet), ('taps',load_taps)])
def test_shipped_weights_are_checked_when_they_are_loaded(module, load, monkeypatch):
    monkeypatch.setattr(f'colornet.{module}.find_weights', lambda *args: (find_weights(*args)[0], '0'*64))
    with pytest.raises(ValueError, match='SHA-256'): load()

def test_a_decoder_refuses_other_taps(tmp_path):
    torch.manual_seed(0)
    save_decoder(ColorNet(Taps(vgg_body())), tmp_path/'a.safetensors')
    with pytest.raises(ValueError, match='other taps'): load_colornet(tmp_path/'a.safetensors')

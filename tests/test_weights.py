"The weights that are shipped"
import csv, hashlib, re
from pathlib import Path
import pytest
import torch
from colornet.data import find_photos
from colornet.decoder import ColorNet, load_colornet, save_decoder
from colornet.infer import Colorizer
from colornet.metrics import evaluate, table
from colornet.taps import Taps, fingerprint, load_taps, read_weights, vgg_body

root = Path(__file__).parent.parent
folder = root/'colornet'/'weights'
card = (folder/'README.md').read_text()
sums = dict(l.split()[::-1] for l in (folder/'SHA256SUMS').read_text().splitlines())

def test_every_file_is_listed_and_as_listed():
    assert {p.name for p in folder.glob('*.safetensors')}==set(sums)
    for name,digest in sums.items(): assert hashlib.sha256((folder/name).read_bytes()).hexdigest()==digest

def test_the_seed_is_the_seeds_configuration():
    net = load_colornet('seed')
    assert sum(p.numel() for p in net.decoder.parameters())==504_413
    notes = read_weights(folder/'seed.safetensors')[1]
    assert int(notes['crops'])>=40_000 and notes['fingerprint']==fingerprint(load_taps())

def test_they_beat_gray_on_photos_they_never_saw():
    "And the release, at its careful end, beats the seed"
    ways = {n: lambda gray, shown, c=Colorizer(n, 'cpu', vivid=0): c(gray) for n in ('seed','release')}
    rows = {r['name']: r for r in table(evaluate(find_photos(root/'nbs'/'images'), **ways))}
    gray,seed,release = (rows[n] for n in ('gray','seed','release'))
    assert seed['gain'][0]>0 and seed['better']>.5 and seed['color'][0]>10 and seed['auc_balanced']>gray['auc_balanced'], seed
    assert release['gain'][0]>seed['gain'][0] and release['ciede2000'][0]<seed['ciede2000'][0] and release['auc_balanced']>seed['auc_balanced']

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

def test_the_card_agrees_with_the_logs_and_the_sweep():
    experiments = root/'nbs'/'experiments'
    logs = [f for f in experiments.glob('*_metrics.csv') if f.name!='seed_clean_metrics.csv']
    assert len(logs)>=9
    for f in logs:
        for r in csv.DictReader(f.open()):
            row = f"| {r['step']} | {int(r['step'])*16:,} | {float(r['val_loss'] or 0):.5f} | {float(r['val_psnr'] or 0):.2f} |"
            assert not r['val_psnr'] or row in card, (f.name, row)
    for r in csv.DictReader((experiments/'sweep.csv').open()):
        if r['way'].split()[0] not in ('factor','vivid'): continue
        line = re.search(rf"^\| {r['way']} \| ([\d.]+) \| ([-+][\d.]+) .*? \| ([\d.]+) \| [-+][\d.]+ \| ([\d.]+) \| ([\d.]+) \|$", card, re.M)
        for a,k in zip(line.groups(), ('psnr','gain','ciede2000','ratio','auc_balanced')): assert abs(float(a)-float(r[k]))<.0051, (r['way'], k)

def test_one_changed_bit_is_noticed(tmp_path):
    data = bytearray((folder/'seed.safetensors').read_bytes())
    data[-100] ^= 1
    (tmp_path/'seed.safetensors').write_bytes(data)
    with pytest.raises(ValueError, match='SHA-256'): read_weights(tmp_path/'seed.safetensors', sums['seed.safetensors'])

def test_a_decoder_refuses_other_taps(tmp_path):
    torch.manual_seed(0)
    save_decoder(ColorNet(Taps(vgg_body())), tmp_path/'a.safetensors')
    with pytest.raises(ValueError, match='other taps'): load_colornet(tmp_path/'a.safetensors')

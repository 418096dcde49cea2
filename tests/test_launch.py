"Training in several processes, run with torchrun as a user would, here with two on the CPU"
import os, subprocess, sys, time
from pathlib import Path
import numpy as np
import pytest, torch
from PIL import Image
from safetensors.numpy import load_file
from colornet.launch import Log

root = Path(__file__).resolve().parent.parent
env = dict(os.environ, ACCELERATE_USE_CPU='true', OMP_NUM_THREADS='1')
pytestmark = pytest.mark.slow

def torchrun(*args, cwd):
    cmd = [sys.executable, '-m', 'torch.distributed.run', '--standalone', '--nproc-per-node', '2', *map(str, args)]
    return subprocess.run(cmd, cwd=cwd, env=env, capture_output=True, text=True, timeout=240)

@pytest.fixture(scope='module')
def photos(tmp_path_factory):
    "Eight small colour photos"
    d = tmp_path_factory.mktemp('photos')
    for f in sorted((root/'nbs'/'images').glob('*.jpg'))[:8]: Image.open(f).resize((64,48)).save(d/f'{f.stem}.png')
    return d

def test_two_processes_have_the_gradients_of_one(photos, tmp_path):
    script = root/'tests'/'one_step.py'
    alone = subprocess.run([sys.executable, script, photos, tmp_path/'run', '4'], env=env, capture_output=True, text=True, timeout=120)
    assert alone.returncode==0, alone.stderr
    both = torchrun(script, photos, tmp_path/'run', '4', cwd=tmp_path)
    assert both.returncode==0, both.stderr
    one, a, b = (load_file(tmp_path/'run'/f'grads{n}.safetensors') for n in ('0of1', '0of2', '1of2'))
    assert len(a['gray'])==len(b['gray'])==2
    assert np.array_equal(np.concatenate([a['gray'], b['gray']]), one['gray'])  # each its own half of the batch
    assert not np.array_equal(a['gray'], b['gray'])
    for k in one.keys()-{'gray'}:
        assert np.array_equal(a[k], b[k])
        assert np.abs(a[k]-one[k]).max()<=1e-5*max(1, np.abs(one[k]).max()), k

def watched(photos, tmp_path, fails):
    "A run of four steps in two processes that note what they write"
    args = f'{root}/tests/watched_launch.py {tmp_path} {fails:d} {photos} --out {tmp_path}/run --steps 4 --bs 4 --crop 32 --save-every 2 --dtype fp32 --device cpu --workers 0'
    return torchrun(*args.split(), cwd=tmp_path)

def test_only_the_first_process_writes(photos, tmp_path):
    done = watched(photos, tmp_path, fails=False)
    assert done.returncode==0, done.stderr
    kept = {'best.safetensors', 'last.safetensors', 'metrics.csv', 'state.safetensors'}
    assert {p.name for p in (tmp_path/'run').iterdir()}==kept
    wrote = [set((tmp_path/f'{r}.txt').read_text().split()) for r in (0,1)]
    assert wrote[0]>=kept and not wrote[1]
    assert done.stdout.count('best.safetensors')==1
    assert [r['step'] for r in Log.read(tmp_path/'run'/'metrics.csv')]==['2', '4']

def test_a_process_that_fails_stops_all(photos, tmp_path):
    t0 = time.time()
    done = watched(photos, tmp_path, fails=True)
    assert done.returncode!=0 and 'rank 1 gives up' in done.stderr and time.time()-t0<120  # the other one waits in vain, and is ended
    assert not (tmp_path/'run'/'last.safetensors').exists()  # it did not get to the first save alone

def test_a_batch_that_cannot_be_shared_is_refused(photos, tmp_path):
    done = torchrun('-m', 'colornet.launch', photos, '--out', tmp_path/'run', '--steps', '1', '--bs', '3', '--crop', '32', '--device', 'cpu', cwd=tmp_path)
    assert done.returncode!=0 and 'cannot be shared by 2 processes' in done.stderr
    assert not list((tmp_path/'run').glob('*'))  # so that a good batch may begin there

def test_the_device_may_change(monkeypatch):
    "Accelerate remembers where it computed; whoever asks for another device gets it"
    from accelerate.state import PartialState
    from colornet.launch import get_accelerator
    assert get_accelerator('cpu').device.type=='cpu'
    PartialState._shared_state['device'] = torch.device('cuda')  # As if the first one had been a GPU
    assert get_accelerator('cpu').device.type=='cpu'
    monkeypatch.setattr('colornet.launch.default_device', lambda name: torch.device(name))
    with pytest.raises(ValueError, match='CUDA_VISIBLE_DEVICES=1'): get_accelerator('cuda:1')

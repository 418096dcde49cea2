"Training in several processes, run with torchrun as a user would, here with two on the CPU; and on which device"
import os, subprocess, sys, time
import numpy as np
import pytest, torch
from PIL import Image
from safetensors.numpy import load_file
from colornet.state import Log
from helpers import images, root, script

env = dict(os.environ, OMP_NUM_THREADS='1')
slow = pytest.mark.slow

def torchrun(*command, cwd):
    "Run a command in two processes"
    cmd = [sys.executable, '-m', 'torch.distributed.run', '--standalone', '--nproc-per-node', '2', '--no-python', *map(str, command)]
    return subprocess.run(cmd, cwd=cwd, env=env, capture_output=True, text=True, timeout=240)

@pytest.fixture(scope='module')
def photos(tmp_path_factory):
    "Eight small colour photos"
    d = tmp_path_factory.mktemp('photos')
    for f in sorted(images.glob('*.jpg'))[:8]: Image.open(f).resize((64,48)).save(d/f'{f.stem}.png')
    return d

@slow
def test_two_processes_have_the_gradients_of_one(photos, tmp_path):
    step = [sys.executable, root/'tests'/'one_step.py', photos, tmp_path/'run', '4']
    alone = subprocess.run(step, env=env, capture_output=True, text=True, timeout=120)
    assert alone.returncode==0, alone.stderr
    both = torchrun(*step, cwd=tmp_path)
    assert both.returncode==0, both.stderr
    one, a, b = (load_file(tmp_path/'run'/f'grads{n}.safetensors') for n in ('0of1', '0of2', '1of2'))
    assert len(a['gray'])==len(b['gray'])==2
    assert np.array_equal(np.concatenate([a['gray'], b['gray']]), one['gray'])  # each its own half of the batch
    assert not np.array_equal(a['gray'], b['gray'])
    for k in one.keys()-{'gray'}:
        assert np.array_equal(a[k], b[k])
        assert np.abs(a[k]-one[k]).max()<=1e-5*max(1, np.abs(one[k]).max()), k

def watched(photos, tmp_path, fate='well', out='run'):
    "A run of four steps in two processes that note what they write; `fate` is what becomes of the second one"
    args = f'{tmp_path} {fate} {photos} --out {tmp_path/out} --steps 4 --bs 4 --crop 32 --save-every 2 --dtype fp32 --device cpu --workers 0'
    return torchrun(sys.executable, root/'tests'/'watched_launch.py', *args.split(), cwd=tmp_path)

kept = {'best.safetensors', 'config.json', 'last.safetensors', 'metrics.csv', 'state.safetensors'}

@slow
def test_only_the_first_process_writes(photos, tmp_path):
    done = watched(photos, tmp_path)
    assert done.returncode==0, done.stderr
    assert {p.name for p in (tmp_path/'run').iterdir()}==kept
    wrote = [set((tmp_path/f'{r}.txt').read_text().split()) for r in (0,1)]
    assert wrote[0]>=kept and not wrote[1]
    assert done.stdout.count('best.safetensors')==1
    assert [r['step'] for r in Log.read(tmp_path/'run'/'metrics.csv')]==['2', '4']

@slow
def test_a_process_that_fails_stops_all(photos, tmp_path):
    t0 = time.time()
    done = watched(photos, tmp_path, 'fails')
    assert done.returncode!=0 and 'rank 1 gives up' in done.stderr and time.time()-t0<120  # the other one waits in vain, and is ended
    assert not (tmp_path/'run'/'last.safetensors').exists()  # it did not get to the first save alone

@slow
def test_two_processes_go_on_after_one_was_killed(photos, tmp_path):
    "The run ends where an undisturbed one does, to the last bit"
    killed = watched(photos, tmp_path, 'dies')
    assert killed.returncode!=0 and 'SIGKILL' in killed.stderr+killed.stdout
    first = Log.read(tmp_path/'run'/'metrics.csv')
    assert [r['step'] for r in first]==['2']
    for out in ('run','whole'):
        done = watched(photos, tmp_path, out=out)
        assert done.returncode==0, done.stderr
    rows = Log.read(tmp_path/'run'/'metrics.csv')
    assert [r['step'] for r in rows]==['2','4'] and rows[0]==first[0]  # the first steps were not made again
    for f in ('last','best'):
        a,b = (load_file(tmp_path/out/f'{f}.safetensors') for out in ('run','whole'))
        assert a.keys()==b.keys() and all(np.array_equal(a[k], b[k]) for k in a), f

@slow
def test_a_batch_that_cannot_be_shared_is_refused(photos, tmp_path):
    args = [photos, '--out', tmp_path/'run', '--steps', '1', '--bs', '3', '--crop', '32', '--device', 'cpu']
    done = torchrun(*script('colornet_train'), *args, cwd=tmp_path)  # the installed command, as the book says
    assert done.returncode!=0 and '--bs 3: cannot be shared by 2 processes' in done.stderr
    assert not list((tmp_path/'run').glob('*'))  # so that a good batch may begin there

def test_the_device_may_change(monkeypatch):
    "One process may train on one device and then on another; PyTorch's `meta` stands for a GPU"
    import colornet.launch
    net = torch.nn.Linear(2, 1)
    monkeypatch.setattr(colornet.launch, 'default_device', torch.device)
    for name in ('cpu','meta','cpu'):
        acc,device = colornet.launch._join_processes(name)
        opt = torch.optim.SGD(net.parameters())
        assert device.type==name and acc.num_processes==1
        assert acc.prepare(net.to('cpu'), opt)[0] is net and next(net.parameters()).device.type=='cpu'  # the run places it

def test_each_process_has_its_gpu(monkeypatch):
    "`LOCAL_RANK` names the GPU, where there are several; who runs among several cannot ask for another"
    import accelerate
    from colornet.device import default_device
    from colornet.files import BadSetting
    from colornet.launch import _join_processes
    monkeypatch.setattr(torch.cuda, 'is_available', lambda: True)
    asked = []
    monkeypatch.setenv('LOCAL_RANK', '1')
    with monkeypatch.context() as m:
        m.setattr(torch, 'zeros', lambda *a, device: asked.append(device) or torch.ones(1))
        for n in (2,1):
            m.setattr(torch.cuda, 'device_count', lambda n=n: n)
            default_device()
    assert asked==['cuda:1','cuda:0']
    monkeypatch.setattr('colornet.launch.default_device', torch.device)
    monkeypatch.setattr(accelerate, 'Accelerator', lambda **k: None)
    with pytest.raises(BadSetting, match='each process has its own'): _join_processes('cuda:1')

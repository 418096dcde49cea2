"`colornet_train` as a user types it: what it keeps, what it says, and what kills and full disks leave"
import csv, json, math, os, pkgutil, re, resource, shutil, signal, subprocess, sys, threading, time
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from colornet import __version__ as colornet_version
from colornet.cli import colornet, colornet_train
from helpers import color, colors, fast, gray, images, luma, nothing, one_cut, one_line, put, root, script, sh, tree, typed

lesson = '--bs 2 --crop 32 --save-every 2 --dtype fp32 --workers 0 --device cpu'.split()

pytestmark = pytest.mark.usefixtures('one_thread')

# ---- helpers

def tensors(path):
    from safetensors.numpy import load_file
    return load_file(path)

def header(path):
    "Notes in a safetensors file"
    from colornet.weights import read_weights
    return read_weights(path)[1]

def steps_of(run): return [int(r['step']) for r in csv.DictReader((run/'metrics.csv').open())]

def rows_of(run):
    "Rows of a run's table, but for the speed, which is another each time"
    return [r|dict(crops_s='') for r in csv.DictReader((run/'metrics.csv').open())]

def same(a, b):
    "Whether two files of weights hold the same numbers"
    a,b = tensors(a),tensors(b)
    return a.keys()==b.keys() and all(np.array_equal(a[k],b[k]) for k in a)

# ---- a run

@pytest.fixture(scope='module')
def photos(tmp_path_factory):
    "Six small colour photos"
    d = tmp_path_factory.mktemp('photos')
    for n in 'astronaut autumn bee chelsea coffee macaw'.split(): color(n, (64,48)).save(d/f'{n}.png')
    return d

@pytest.fixture(scope='module')
def run_a(photos, tmp_path_factory):
    "An undisturbed run of four steps"
    out = tmp_path_factory.mktemp('run')/'a'
    r = sh('colornet_train', photos, '--out', out, '--steps', 4, *lesson)
    assert (r.status,r.err)==(0,''), r.err
    return SimpleNamespace(out=out, said=r.out)

two_heads = '--vivid --film .5'.split()
eyes = '--learn-taps conv4 --taps-lr .5'.split()

@pytest.fixture(scope='module')
def run_e(photos, tmp_path_factory):
    "An undisturbed run of four steps in which the last block of the taps learns"
    out = tmp_path_factory.mktemp('run')/'e'
    r = sh('colornet_train', photos, '--out', out, '--steps', 4, *eyes, *lesson)
    assert (r.status,r.err)==(0,''), r.err
    return SimpleNamespace(out=out, said=r.out)

@pytest.fixture(scope='module')
def run_v(photos, tmp_path_factory):
    "An undisturbed run of four steps with two heads, old film, frames and a log for TensorBoard"
    out = tmp_path_factory.mktemp('run')/'v'
    r = sh('colornet_train', photos, '--out', out, '--steps', 4, '--frames', photos, '--tensorboard', *two_heads, *lesson)
    assert (r.status,r.err)==(0,''), r.err
    return SimpleNamespace(out=out, said=r.out)

def test_train(run_a):
    "A run leaves its state, its settings, its decoders and its numbers, and says where"
    assert set(tree(run_a.out))=={'state.safetensors','config.json','last.safetensors','best.safetensors','metrics.csv'}
    *first,last = run_a.said.splitlines()
    begins = [f'{run_a.out}: begins, 4 steps', 'photos: 5 to learn from, 1 to judge by']
    assert first[:4]==[*begins, 'computes in fp32 on cpu', 'settings: bs 2, crop 32']
    assert last.startswith(f"{run_a.out/'best.safetensors'}: 4 steps, 8 crops")
    kept = json.loads((run_a.out/'config.json').read_text())
    assert kept.items()>=dict(steps=4, bs=2, crop=32, lr=.003, dtype='fp32', vivid=False).items() and kept['colornet']==colornet_version
    rows = list(csv.DictReader((run_a.out/'metrics.csv').open()))
    assert [r['step'] for r in rows]==['2','4']
    told = [(r['step'], f"{float(r['loss']):.4g}", f"{float(r['val_psnr']):.2f}") for r in rows]  # without a bar, a line a judgement
    assert [re.fullmatch(r'step (\d) of 4: loss (\S+), \S+ crops/s, judged (\S+) dB, gray \S+', l).groups() for l in first[4:]]==told
    assert all(math.isfinite(float(v)) for r in rows for v in r.values())
    best = min(rows, key=lambda r: float(r['val_loss']))
    assert header(run_a.out/'best.safetensors')['step']==best['step']
    assert header(run_a.out/'last.safetensors')['step']=='4'
    assert json.loads(header(run_a.out/'state.safetensors')['notes'])['step']==4

def test_what_is_kept_is_the_averaged_network(run_a):
    state,kept = tensors(run_a.out/'state.safetensors'),tensors(run_a.out/'last.safetensors')
    assert all(np.array_equal(v, state[f'ema.module.{k}']) for k,v in kept.items())
    assert any((v!=state[f'model.{k}']).any() for k,v in kept.items())

@pytest.mark.slow
@pytest.mark.parametrize('base,other', [*(('run_a',o) for o in ('--seed 7','--film 1','--ema .1','--decay 1','--width .5','--crop-last 48 --last .5')),
                                        ('run_e','--learn-taps conv4 --taps-lr .01')])
def test_a_setting_changes_what_is_learned(base, other, photos, tmp_path, call, request):
    assert call(colornet_train, photos, '--out', tmp_path/'b', '--steps', 4, *lesson, *other.split()).status==0
    assert not same(tmp_path/'b'/'last.safetensors', request.getfixturevalue(base).out/'last.safetensors')

def test_train_then_color(run_a, here, call):
    "What was learned colours a photo, and not as the shipped decoder does"
    gray().save('a.png')
    assert call(colornet, 'a.png', '--weights', run_a.out/'best.safetensors', *fast).status==0
    assert call(colornet, 'a.png', '--out', 'shipped.png', *fast).status==0
    out = Image.open('a-color.png')
    assert np.abs(luma(out)-luma(gray())).max()<=1+1e-6
    assert out.tobytes()!=Image.open('shipped.png').tobytes()
    one_line(call(colornet, 'a.png', '--force', '--weights', run_a.out/'state.safetensors', *fast), 'state.safetensors')

def test_train_again_is_done(run_a, photos, call):
    "A finished run is not trained on"
    was = tree(run_a.out)
    r = call(colornet_train, photos, '--out', run_a.out, '--steps', 4, *lesson)
    assert (r.status,r.err)==(0,'') and 'has made all its 4 steps' in r.out
    assert {k:v for k,v in tree(run_a.out).items() if k!='metrics.csv'}=={k:v for k,v in was.items() if k!='metrics.csv'}
    assert steps_of(run_a.out)==[2,4]

@pytest.mark.parametrize('other', ['--lr 1', '--bs 3', '--seed 7', '--crop 48', '--end 8', '--n-taps 3', '--width 2', '--vivid', '--learn-taps conv4'])
def test_train_other_settings(run_a, photos, call, other):
    "A run goes on as it began, or not at all"
    was = tree(run_a.out)
    r = call(colornet_train, photos, '--out', run_a.out, '--steps', 4, *lesson, *other.split())
    name,without = other.split()[0],other.split()[0] in ('--vivid','--learn-taps')
    one_line(r, str(run_a.out), f'was begun without {name};' if without else f'was begun with {name} ')
    assert tree(run_a.out)==was

def test_train_longer(run_a, photos, tmp_path, call):
    "A finished run can be made longer: the rate is then that of the longer run. It can't end where it has been"
    from colornet.train import lr_at
    out = shutil.copytree(run_a.out, tmp_path/'b')
    r = call(colornet_train, photos, '--out', out, '--steps', 6, *lesson)
    assert r.status==0 and f'{out}: goes on at step 4 of 6; it was to end at 4' in r.out, r.err
    assert rows_of(out)[:2]==rows_of(run_a.out) and steps_of(out)==[2,4,6]
    assert float(rows_of(out)[2]['lr'])==pytest.approx(lr_at(5, 6), rel=1e-5)
    assert json.loads((out/'config.json').read_text())['steps']==6 and not same(out/'last.safetensors', run_a.out/'last.safetensors')
    was = tree(out)
    one_line(call(colornet_train, photos, '--out', out, '--steps', 5, *lesson), '--steps 5', str(out))
    assert tree(out)==was

@pytest.mark.slow
@pytest.mark.parametrize('run,more', [('run_v',two_heads), ('run_e',eyes)], ids=['two heads','learning taps'])
def test_train_kill(run, more, photos, tmp_path, request):
    "A run that is killed and started again ends where an undisturbed one does"
    whole = request.getfixturevalue(run).out
    args = [photos, '--out', tmp_path/'b', '--steps', 4, *lesson, *more]
    state = tmp_path/'b'/'state.safetensors'
    p = subprocess.Popen(script('colornet_train', *args), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    end = time.time()+60
    stands = lambda: json.loads(header(state)['notes'])['step'] if state.exists() else 0
    while not stands() and p.poll() is None and time.time()<end: time.sleep(.005)
    p.kill()
    assert p.wait()==-signal.SIGKILL, 'the run ended before it could be killed'
    assert stands()==2
    rows = lambda: (tmp_path/'b'/'metrics.csv').read_text().splitlines()
    kept = rows()[:2]  # The head and the row of step 2, whose speed would be another if its steps were made again
    r = sh('colornet_train', *args)
    assert (r.status,r.err)==(0,'')
    assert steps_of(tmp_path/'b')==[2,4] and rows()[:2]==kept  # It went on, it did not begin again
    assert same(tmp_path/'b'/'last.safetensors', whole/'last.safetensors')

def test_taps_that_learn_are_kept_with_the_decoder(run_e, photos, tmp_path, call):
    "The last block has moved, the others have not; the file brings both along, colours a photo, and a run can go on from it"
    from colornet.decoder import load_colornet
    from colornet.taps import load_taps
    net,was = load_colornet(run_e.out/'last.safetensors'),load_taps()
    moved = {k for k,p in net.taps.body.named_parameters() if not p.equal(was.body.get_parameter(k))}
    assert moved=={f'{n}.{k}' for n in (17,19,21) for k in ('weight','bias')}
    gray().save(tmp_path/'a.png')
    assert call(colornet, tmp_path/'a.png', '--weights', run_e.out/'last.safetensors', *fast).status==0
    for more in ([], eyes):
        out = tmp_path/f'on{len(more)}'
        r = call(colornet_train, photos, '--out', out, '--steps', 1, '--init', run_e.out/'last.safetensors', '--lr', 1e-9, *more, *lesson)
        assert r.status==0, r.err
        on = load_colornet(out/'last.safetensors').taps
        for a,b in zip(on.parameters(), net.taps.parameters()): assert (a-b).abs().max()<1e-5

def test_train_watched(run_v):
    "Frames of the photos and TensorBoard's log lie in the folder of the run"
    frames = sorted((run_v.out/'frames').iterdir())
    assert [f.name for f in frames]==[f'{s:07}.jpg' for s in (0,1,2,3)]
    ims = [Image.open(f) for f in frames]
    assert {im.size for im in ims}=={(6*112,112)}
    assert len({im.tobytes() for im in ims})==4  # the colours move
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
    board = EventAccumulator(str(run_v.out/'tensorboard'))
    board.Reload()
    rows = list(csv.DictReader((run_v.out/'metrics.csv').open()))
    assert [e.step for e in board.Scalars('val_psnr')]==[int(r['step']) for r in rows]
    assert np.allclose([e.value for e in board.Scalars('val_psnr')], [float(r['val_psnr']) for r in rows], rtol=1e-4)

# ---- the second head

def test_vivid(run_v, here, call):
    "From careful to vivid, and never the luma"
    gray().save('a.png')
    def uv(v):
        assert call(colornet, 'a.png', '--weights', run_v.out/'best.safetensors', '--vivid', v, '--flow', 0, '--out', f'v{v}.png', *fast).status==0
        im = Image.open(f'v{v}.png')
        assert np.abs(luma(im)-luma(gray())).max()<=1
        return np.asarray(im).astype(float)-luma(im)[...,None]
    a,half,b = (uv(v) for v in ('0','.5','1'))
    assert np.abs(a-b).mean()>1
    assert np.abs(half-(a+b)/2).mean()<np.abs(a-b).mean()/4  # a mixture, where the gamut allows it

def test_doubt(run_v, here, call):
    "--doubt adds a map over the photo beside the colours"
    gray().save('a.png')
    args = ['a.png', '--weights', run_v.out/'best.safetensors', '--doubt', *fast]
    assert call(colornet, *args).status==0
    assert set(tree())=={'photo.jpg','a.png','a-color.png','a-doubt.jpg'}
    im = Image.open('a-doubt.jpg')
    assert im.height>32 and im.mode=='RGB' and np.ptp(np.asarray(im)[:32], axis=-1).max()>20  # a legend, and orange
    before = tree()
    Path('a-color.png').unlink()
    one_line(call(colornet, *args), 'a-doubt.jpg', '--force')
    assert tree()=={k:v for k,v in before.items() if k!='a-color.png'}

@pytest.mark.parametrize('args,word', [('--vivid .5','--vivid 0.5'), ('--doubt','--doubt'), ('--vivid 2','--vivid 2'), ('--vivid -1','--vivid')])
def test_no_second_head(here, call, args, word):
    "The seed's decoder has one head, and says so"
    before = tree()
    one_line(call(colornet, 'photo.jpg', '--weights', 'seed', *args.split(), *fast), word)
    assert tree()==before

# ---- a run that is asked to stop

def stopped(r, sig, step):
    "The line and the status of a run that was asked to stop"
    assert (r.status,r.err)==(128+sig, f'colornet_train: stopped at step {step}, saved; the same command goes on\n')

@pytest.fixture(scope='module')
def run_l(photos, tmp_path_factory):
    "An undisturbed run of 24 steps"
    out = tmp_path_factory.mktemp('run')/'l'
    assert typed(colornet_train, photos, '--out', out, '--steps', 24, *lesson, '--save-every', 8)==0
    return out

@pytest.mark.parametrize('sig,more', [(signal.SIGINT, '--workers 1'), (signal.SIGTERM, '')], ids=['Ctrl-C','SIGTERM'])
def test_train_stop(run_l, photos, tmp_path, call, sig, more):
    "A run that is asked to stop saves and says so; the same command goes on, and ends where an undisturbed run does"
    out = tmp_path/'c'
    args = [photos, '--out', out, '--steps', 24, *lesson, '--save-every', 8, *more.split()]
    stands = lambda: json.loads(header(out/'state.safetensors')['notes'])['step'] if (out/'state.safetensors').exists() else 0
    p = subprocess.Popen(script('colornet_train', *args), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
                         preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))  # a shell's background jobs ignore it
    end = time.time()+60
    while not stands() and p.poll() is None and time.time()<end: time.sleep(.005)
    os.killpg(p.pid, sig)  # a terminal sends Ctrl-C to the processes that decode as well
    try: err = p.communicate(timeout=60)[1]
    finally: p.kill()
    step = stands()
    assert 8<=step<24
    stopped(SimpleNamespace(status=p.returncode, err=err), sig, step)
    assert not list(out.glob('.*'))
    r = call(colornet_train, *args)
    assert r.status==0 and f'{out}: goes on at step {step} of 24\n' in r.out
    assert same(out/'last.safetensors', run_l/'last.safetensors') and rows_of(out)==rows_of(run_l)

def pressing(real, sig, nth=1):
    "`real`, during whose nth call a signal comes"
    calls = []
    def f(*args, **kwargs):
        calls.append(1)
        if len(calls)==nth: signal.raise_signal(sig)
        return real(*args, **kwargs)
    return f

@pytest.mark.parametrize('name,nth,sig,step', [('train_loop',3,signal.SIGTERM,3), ('validate',1,signal.SIGINT,2), ('validate',2,signal.SIGTERM,4)])
def test_train_stop_loses_no_step(run_a, photos, tmp_path, call, monkeypatch, name, nth, sig, step):
    "The step in work is finished; photos are judged when the run goes on, and nothing tells that it ever stopped"
    import colornet.launch
    args = [photos, '--out', tmp_path/'b', '--steps', 4, *lesson]
    handlers = [signal.getsignal(s) for s in (signal.SIGINT, signal.SIGTERM)]
    with monkeypatch.context() as m:
        m.setattr(colornet.launch, name, pressing(getattr(colornet.launch, name), sig, nth))
        stopped(call(colornet_train, *args), sig, step)
    assert [signal.getsignal(s) for s in (signal.SIGINT, signal.SIGTERM)]==handlers
    assert call(colornet_train, *args).status==0
    for f in ('last','best'): assert same(tmp_path/'b'/f'{f}.safetensors', run_a.out/f'{f}.safetensors'), f
    assert rows_of(tmp_path/'b')==rows_of(run_a.out)

def test_train_stop_before_the_first_step(photos, tmp_path, call, monkeypatch):
    "While the network is loaded a run stops at once, and leaves nothing"
    import colornet.launch
    monkeypatch.setattr(colornet.launch, 'load_taps', pressing(colornet.launch.load_taps, signal.SIGTERM))
    r = call(colornet_train, photos, '--out', tmp_path/'b', *lesson)
    assert (r.status,r.err)==(143, 'colornet_train: stopped\n') and not (tmp_path/'b').exists()

def test_train_in_python_and_in_a_thread(photos, tmp_path, monkeypatch):
    "From Python, Ctrl-C is a `KeyboardInterrupt`; another thread than the main one can train, and hears no signals"
    import colornet.launch
    how = dict(steps=2, bs=2, crop=32, workers=0, dtype='fp32', device='cpu')
    with monkeypatch.context() as m:
        m.setattr(colornet.launch, 'train_loop', pressing(colornet.launch.train_loop, signal.SIGINT))
        with pytest.raises(KeyboardInterrupt, match='stopped at step 1, saved'): colornet_train(photos, tmp_path/'b', **how)
    done = []
    t = threading.Thread(target=lambda: done.append(colornet_train(photos, tmp_path/'b', **how)))
    t.start()
    t.join()
    assert done==[[tmp_path/'b'/f'{f}.safetensors' for f in ('best','last')]]

def test_train_saves_now_and_then(run_a, photos, tmp_path, call, monkeypatch):
    "A state saved between two judgements is as good as any: the run goes on from it and ends where an undisturbed one does"
    import colornet.launch
    args = [photos, '--out', tmp_path/'b', '--steps', 4, *lesson]
    class Lost(Exception): pass
    learn = colornet.launch.Run._learn_from
    def lose(run, *batch):
        if run.step==3: raise Lost
        return learn(run, *batch)
    with monkeypatch.context() as m:
        m.setattr(colornet.launch, '_often', 0)  # it is every five minutes
        m.setattr(colornet.launch.Run, '_learn_from', lose)
        with pytest.raises(Lost): call(colornet_train, *args)
    assert json.loads(header(tmp_path/'b'/'state.safetensors')['notes'])['step']==3
    r = call(colornet_train, *args)
    assert r.status==0 and 'goes on at step 3 of 4' in r.out
    for f in ('last','best'): assert same(tmp_path/'b'/f'{f}.safetensors', run_a.out/f'{f}.safetensors'), f
    assert rows_of(tmp_path/'b')==rows_of(run_a.out)

files = 'metrics.csv last.safetensors best.safetensors state.safetensors'.split()  # in the order in which a save writes them

@pytest.mark.slow
@pytest.mark.parametrize('step,name', [(0,'state.safetensors'), (0,'metrics.csv'), *[(s,f) for s in (2,4) for f in files]])
def test_train_kill_while_saving(run_a, photos, tmp_path, call, step, name):
    "A kill before any file of any save, the last one included, loses neither a decoder nor a row"
    args = [photos, '--out', tmp_path/'b', '--steps', 4, *lesson]
    p = subprocess.run([sys.executable, root/'tests'/'dying_train.py', name, str(step), *map(str, args)], capture_output=True, text=True, timeout=120)
    written = name!='best.safetensors' or step<=int(header(run_a.out/name)['step'])  # not every save has a new best decoder
    assert p.returncode==(-signal.SIGKILL if written else 0), p.stderr
    assert call(colornet_train, *args).status==0
    for f in ('last','best'): assert same(tmp_path/'b'/f'{f}.safetensors', run_a.out/f'{f}.safetensors'), f
    assert steps_of(tmp_path/'b')==[2,4]

@pytest.mark.parametrize('full,name,nth', [('metrics.csv','Log.add',2), ('last.safetensors','save_decoder',3), ('state.safetensors','save_state',3)])
def test_train_full_disk(run_a, photos, tmp_path, call, monkeypatch, full, name, nth):
    "A disk that is full at the second save is told in a line; the first one stays, and the run goes on from it"
    out,old,calls = tmp_path/'b',resource.getrlimit(resource.RLIMIT_FSIZE),[]
    args = [photos, '--out', out, '--steps', 4, *lesson]
    real = pkgutil.resolve_name(f'colornet.launch:{name}')
    def write(*a, **k):
        calls.append(a)
        if len(calls)==nth: resource.setrlimit(resource.RLIMIT_FSIZE, ((out/'metrics.csv').stat().st_size+10, old[1]))
        return real(*a, **k)
    with monkeypatch.context() as m:
        m.setattr(f'colornet.launch.{name}', write)
        try: r = call(colornet_train, *args)
        finally: resource.setrlimit(resource.RLIMIT_FSIZE, old)
    one_line(r, full)
    assert 'make room' in r.err and json.loads(header(out/'state.safetensors')['notes'])['step']==2
    assert call(colornet_train, *args).status==0
    assert steps_of(out)==[2,4]
    for f in ('last','best'): assert same(out/f'{f}.safetensors', run_a.out/f'{f}.safetensors'), f

@pytest.mark.parametrize('vivid', ['--vivid', ''])
def test_train_init(photos, tmp_path, call, vivid):
    "A run that begins with a decoder keeps its taps and widths, hardly moves at a tiny rate, and leaves out a head that it does not train"
    r = call(colornet_train, photos, '--out', tmp_path/'r', '--steps', 1, *lesson, '--init', 'release', '--lr', 1e-9, *vivid.split())
    assert r.status==0, r.err
    from colornet.decoder import load_colornet
    was,now = (load_colornet(w).decoder for w in ('release', tmp_path/'r'/'last.safetensors'))
    assert (now.taps,now.widths)==(was.taps,was.widths)
    new = dict(now.named_parameters())
    assert bool(now.head)==bool(vivid)==('second head is left out' not in r.out)
    assert {n for n,_ in was.named_parameters()}-new.keys()==(set() if vivid else {n for n,_ in was.named_parameters() if n.startswith('head')})
    for n,b in new.items(): assert (was.get_parameter(n)-b).abs().max()<1e-5, n

def test_train_other_photos(run_a, photos, tmp_path, call):
    "A run goes on with its photos, wherever they lie now, and not with as many others"
    for d in ('moved','others'): shutil.copytree(photos, tmp_path/d)
    (tmp_path/'others'/'bee.png').rename(tmp_path/'others'/'wasp.png')
    was = tree(run_a.out)
    one_line(call(colornet_train, tmp_path/'others', '--out', run_a.out, '--steps', 4, *lesson), str(run_a.out), 'photos')
    assert tree(run_a.out)==was
    assert call(colornet_train, tmp_path/'moved', '--out', run_a.out, '--steps', 4, *lesson).status==0

def test_train_other_judges(photos, tmp_path, call):
    "A run goes on with the same judges, wherever they lie, and not with more of them"
    valid = Path(shutil.copytree(photos, tmp_path/'v'))
    for f in sorted(valid.iterdir())[1:]: f.unlink()
    args = [photos, '--out', tmp_path/'r', *lesson]
    assert call(colornet_train, *args, '--steps', 2, '--valid', valid).status==0
    assert call(colornet_train, *args, '--steps', 3, '--valid', valid.rename(tmp_path/'moved')).status==0
    color('fig', (64,48)).save(tmp_path/'moved'/'fig.png')
    one_line(call(colornet_train, *args, '--steps', 4, '--valid', tmp_path/'moved'), 'with 1 photos to judge by, not 2')

def test_train_init_that_changed(run_a, photos, tmp_path, call):
    "A run whose first decoder is another one now is not gone on with: the taps may be others"
    first = shutil.copy(run_a.out/'last.safetensors', tmp_path/'first.safetensors')
    args = [photos, '--out', tmp_path/'r', '--init', first, *lesson]
    assert call(colornet_train, *args, '--steps', 2).status==0
    shutil.copy(tmp_path/'r'/'last.safetensors', first)
    one_line(call(colornet_train, *args, '--steps', 3), 'which is first', str(tmp_path/'r'))

def test_train_that_diverges_ends_in_a_line(photos, tmp_path, call):
    "And no decoder is called the best"
    one_line(call(colornet_train, photos, '--out', tmp_path/'r', '--steps', 4, *lesson, '--lr', 1e30), '--lr 1e+30')
    assert not (tmp_path/'r'/'best.safetensors').exists()

def test_another_decoder_is_no_state(tmp_path):
    "A state whose decoder has other colours is refused in a word"
    import torch
    from colornet.decoder import Decoder
    from colornet.state import load_state, save_state
    from colornet.train import Ema
    def parts(bins):
        dec = Decoder(bins=bins)
        return dec,Ema(dec),torch.optim.AdamW(dec.parameters())
    save_state(tmp_path/'state.safetensors', *parts(5))
    assert load_state(tmp_path/'state.safetensors', *parts(5))=={}
    with pytest.raises(ValueError, match='state of another decoder'): load_state(tmp_path/'state.safetensors', *parts(6))

def test_names_of_other_times(tmp_path):
    "Photos whose names are not UTF-8 are learned from and judged by"
    for n in 'bee coffee macaw'.split(): color(n, (64,48)).save(tmp_path/f'{n}.png')
    (tmp_path/'bee.png').rename(tmp_path/os.fsdecode(b'caf\xe9.png'))
    for name,*args in (('colornet_train', '--out', tmp_path/'r', '--steps', 1, *lesson), ('colornet_eval', '--size', 32, '--old')):
        r = sh(name, tmp_path, *args)
        assert r.status==0, r.err
    assert os.fsdecode(b'caf\xe9.png') in r.out

def grays(d): [gray(n).save(d/f'{n}.png') for n in ('bee','coffee','macaw')]

bad_train = {  # what is put into the folders `in` and `v`, arguments, what the line must name
    'missing folder':  (nothing, 'none', 'none'),
    'empty folder':    (nothing, 'in', 'in'),
    'folder is photo': (nothing, 'photo.jpg', 'photo.jpg'),
    'only gray':       (lambda: grays(Path('in')), 'in', 'in/'),
    'only gray, 1 worker': (lambda: grays(Path('in')), 'in --workers 1', 'in/'),
    'out is file':     (lambda: colors(Path('in')), 'in --out photo.jpg', 'photo.jpg'),
    'state is text':   (lambda: [colors(Path('in')), Path('r').mkdir(), put('r/state.safetensors')], 'in', 'r/state.safetensors'),
    'missing valid':   (lambda: colors(Path('in')), 'in --valid none', 'none'),
    'empty valid':     (lambda: colors(Path('in')), 'in --valid v', 'v'),
    'unknown dtype':   (lambda: colors(Path('in')), 'in --dtype fp64', 'fp64'),
    'unknown device':  (lambda: colors(Path('in')), 'in --device abacus', 'abacus'),
    'steps 0':         (lambda: colors(Path('in')), 'in --steps 0', 'steps'),
    'bs 0':            (lambda: colors(Path('in')), 'in --bs 0', 'bs'),
    'crop 0':          (lambda: colors(Path('in')), 'in --crop 0', 'crop'),
    'crop 33':         (lambda: colors(Path('in')), 'in --crop 33', 'crop'),
    'crop-last 8':     (lambda: colors(Path('in')), 'in --crop-last 8', '--crop-last 8'),
    'n-taps 9':        (lambda: colors(Path('in')), 'in --n-taps 9', '--n-taps 9'),
    'learn-taps conv9': (lambda: colors(Path('in')), 'in --learn-taps conv9', '--learn-taps'),
    'conv4, 3 taps':   (lambda: colors(Path('in')), 'in --learn-taps conv4 --n-taps 3', '--learn-taps'),
    'taps-lr 0':       (lambda: colors(Path('in')), 'in --learn-taps conv4 --taps-lr 0', '--taps-lr'),
    'n-taps 0':        (lambda: colors(Path('in')), 'in --n-taps 0', '--n-taps 0'),
    'end 0':           (lambda: colors(Path('in')), 'in --end 0', '--end 0'),
    'save-every 0':    (lambda: colors(Path('in')), 'in --save-every 0', 'save-every'),
    'workers -1':      (lambda: colors(Path('in')), 'in --workers -1', 'workers'),
    'film 2':          (lambda: colors(Path('in')), 'in --film 2', '--film 2'),
    'seed -1':         (lambda: colors(Path('in')), 'in --seed -1', '--seed -1'),
    'width 0':         (lambda: colors(Path('in')), 'in --width 0', '--width 0'),
    'decay 2':         (lambda: colors(Path('in')), 'in --decay 2', '--decay 2'),
    'width, init':     (lambda: colors(Path('in')), 'in --init seed --width 2', '--width 2'),
    'taps-lr alone':   (lambda: colors(Path('in')), 'in --taps-lr 1', '--taps-lr 1'),
    'last alone':      (lambda: colors(Path('in')), 'in --last .5', '--last 0.5'),
    'all are judges':  (lambda: colors(Path('in')), 'in --valid in', '--valid in'),
    'head, 3 taps':    (lambda: colors(Path('in')), 'in --vivid --n-taps 3', '--n-taps'),
    'no frames':       (lambda: colors(Path('in')), 'in --frames none', 'none')}

@pytest.mark.parametrize('case', bad_train)
def test_bad_train(here, call, case):
    "A run that cannot be is one line, and the photos stay"
    prepare,args,word = bad_train[case]
    for d in ('in','v'): Path(d).mkdir()
    prepare()
    before = tree()
    folder,*more = args.split()
    r = call(colornet_train, folder, '--out', 'r', '--steps', 2, *lesson, *more)
    one_line(r, word)
    assert r.out=='' and tree()==before  # not even an empty folder is new

def test_train_leaves_out(here, call):
    "Photos that teach nothing are left out and named"
    Path('in').mkdir()
    colors(Path('in'))
    gray().save('in/agray.png')
    put('in/atext.png')
    r = call(colornet_train, 'in', '--out', 'r', '--steps', 3, *lesson)
    assert (r.status,r.err)==(0,'')
    assert re.search(r'atext\.png: cannot be read', r.out) and re.search(r'agray\.png: is gray', r.out)

@pytest.mark.parametrize('split', ['--valid v', ''], ids=['valid','kept apart'])
def test_train_judges_by_good_photos(here, call, split):
    "A photo that cannot be read does not stop the run, on whichever side it is"
    for d in ('in','v'): Path(d).mkdir()
    colors(Path('in'))
    one_cut(Path('v' if split else 'in'))  # macaw is the last name, so it is the one kept apart to judge by
    r = call(colornet_train, 'in', '--out', 'r', '--steps', 2, *lesson, *split.split())
    assert r.status==0, r.err
    assert 'macaw.png' in r.out+r.err and Path('r/best.safetensors').exists()

# ---- what a run needs, and what it leaves alone

def fresh(code, *args):
    "What a new process prints"
    p = subprocess.run([sys.executable, '-c', code, *map(str, args)], capture_output=True, text=True, timeout=240)
    assert p.returncode==0, p.stderr
    return p.stdout

def test_training_loads_no_figures_and_no_widgets(photos, tmp_path):
    "What a run imports, it imports in every process on every machine"
    code = ("import sys; from colornet.cli import colornet_train; colornet_train(); "
            "print(*[m for m in ('matplotlib','ipywidgets','IPython','pyvips','onnxruntime','skimage') if m in sys.modules])")
    assert fresh(code, photos, '--out', tmp_path/'r', '--steps', 1, *lesson).splitlines()[-1]==''

@pytest.mark.slow
def test_workers_begin_after_the_tool_has_read_a_photo(photos, tmp_path):
    "The tool's reader starts threads, and a process that is forked beside them would wait for them in vain"
    code = ("import sys; from colornet.launch import launch; from colornet.photo import read_pages\n"
            "if __name__=='__main__':\n"
            "    read_pages(sys.argv[1]+'/bee.png')\n"
            "    run = launch(sys.argv[1], sys.argv[2], steps=3, bs=4, crop=32, workers=2, dtype='fp32', device='cpu', bar=False, say=lambda line: None)\n"
            "    print(run.step)")
    (tmp_path/'run.py').write_text(code)
    p = subprocess.run([sys.executable, tmp_path/'run.py', photos, tmp_path/'r'], capture_output=True, text=True, timeout=240)
    assert (p.returncode,p.stdout)==(0,'3\n'), p.stderr

def test_validation_joins_as_the_product_does():
    "The PSNR that a run reports is that of what the tool paints from the same chroma, even where no screen can show it"
    import torch
    from colornet.data import gray_uv
    from colornet.judge import squares, validate
    from colornet.metrics import psnr
    from colornet.photo import Photo
    from colornet.pixels import paint, to_depth
    from colornet.yuv import uv2chroma, yuv2rgb
    class Loud(torch.nn.Module):
        "Answers with one loud colour everywhere"
        def forward(self, gray, **kwargs): return torch.tensor([.95,.15])[:,None,None].expand(len(gray),2,*gray.shape[-2:])
    f = images/'dahlia.jpg'
    rgb = squares([f], 64)
    y,_ = gray_uv(rgb)
    uv = Loud()(y)
    made = paint(Photo(to_depth(y[0,0].numpy(), 16), bits=16), uv[0].numpy())
    want = psnr(torch.from_numpy(made/65535.).permute(2,0,1), rgb[0]).item()
    assert abs(validate(Loud(), [f], 64)['psnr']-want)<.01
    assert abs(psnr(yuv2rgb(torch.cat([y, uv2chroma(uv)], 1)).clamp(0,1), rgb).item()-want)>.1  # clamped, it would be another

# ---- what a GPU is for, rehearsed without one

@pytest.mark.slow
def test_make_gpu_goes_on_where_it_was_stopped(photos, tmp_path):
    "Bench, training with learning taps and evaluation in one command; again, it makes nothing that is there"
    for part in ('train','val'): shutil.copytree(photos, tmp_path/'p'/part)
    out = tmp_path/'out'
    learn = '--init release --learn-taps conv5 --vivid --film .3 --bs 2 --crop 32 --save-every 2 --workers 0 --dtype fp32'
    def make(steps, *more):
        env = dict(os.environ, PATH=f'{Path(sys.executable).parent}:{os.environ["PATH"]}')
        args = ['DEVICE=cpu', f'OUT={out}', 'BENCH=--quick --seconds .01 --size 32', 'EVAL=--size 32', f'LEARN={learn} --steps {steps}', *more]
        return subprocess.run(['make','gpu',*args], cwd=root, env=env, capture_output=True, text=True)
    r = make(4)
    assert r.returncode and 'PHOTOS=FOLDER' in r.stdout and not out.exists()
    r = make(4, f'PHOTOS={tmp_path/"p"}')
    assert r.returncode==0, r.stderr
    assert steps_of(out)==[2,4] and header(out/'best.safetensors')['format']=='colornet decoder 2'
    assert {'eval-release.json','eval-best.json','bench.json'}<=set(tree(out))
    was = tree(out)
    r = make(4, f'PHOTOS={tmp_path/"p"}')
    assert r.returncode==0 and '4 steps' in r.stdout, r.stderr
    for f in ('bench.json','last.safetensors','state.safetensors'): assert tree(out)[f]==was[f], f

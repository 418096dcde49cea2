"What every public name owes its reader: a one-line docstring and a comment for each parameter"
import importlib, inspect, os, re, subprocess, sys
from dataclasses import is_dataclass
from pathlib import Path
import pytest
from fastcore.docments import docments
from PIL import Image

root = Path(__file__).parent.parent
modules = sorted(p.stem for p in (root/'colornet').glob('[!_]*.py'))

def public(name):
    mod = importlib.import_module(f'colornet.{name}')
    return {n: getattr(mod, n) for n in mod.__all__ if callable(getattr(mod, n))}

def notes(f):
    "Comments of a function's parameters; settings that it takes as `**config:Config` have theirs there"
    own = docments(f)
    settings = [p.annotation for p in inspect.signature(inspect.unwrap(f)).parameters.values() if is_dataclass(p.annotation)]
    return {k:v for s in settings for k,v in docments(s).items()}|{k:v for k,v in own.items() if v}

@pytest.mark.parametrize('name', modules)
def test_public_names_are_documented(name):
    for n,f in public(name).items():
        doc = (f.__doc__ or '').split('\n\n')[0]  # The root adds the parameters below, where it was asked
        assert doc and len(doc.splitlines())==1, f'{n}: one-line docstring'
        said = notes(f)
        for p in inspect.signature(f).parameters.values():
            if p.kind in (p.VAR_POSITIONAL, p.VAR_KEYWORD): continue  # fastcore does not read comments behind ** names
            assert p.name=='self' or said.get(p.name), f'{n}: parameter {p.name} has no comment'

@pytest.mark.parametrize('name', modules)
def test_lines_are_short_and_plain(name):
    lines = [l for l in (root/'colornet'/f'{name}.py').read_text(encoding='utf-8').splitlines() if not l.startswith('__all__')]
    longest = 190 if name.startswith('checks') else 132  # the message of a check is one sentence on one line
    for line in lines: assert len(line)<=longest and not line.rstrip().endswith(';'), line

def test_long_lines_are_rare():
    every = [l for n in modules if not n.startswith('checks') for l in (root/'colornet'/f'{n}.py').read_text(encoding='utf-8').splitlines() if l[:7]!='__all__']
    assert sum(len(l)>100 for l in every)<len(every)/15

heavy = 'torch torchvision matplotlib ipywidgets onnxruntime pyvips numpy'.split()

def heavy_after(code, *args, **env):
    "Which heavy packages a process has imported after `code`"
    code += f"\nimport sys; print(*[m for m in {heavy} if m in sys.modules])"
    p = subprocess.run([sys.executable, '-c', code, *map(str,args)], capture_output=True, text=True, env=dict(os.environ, **env))
    assert p.returncode==0, p.stderr
    return set(p.stdout.splitlines()[-1].split())

def test_imports_alone_are_light():
    assert heavy_after('import colornet, colornet.cli, colornet.files, colornet.state')==set()
    assert heavy_after('from colornet import find_photos, samples; samples()')==set()
    for name in ('infer','export','names','batch','photo','save','pixels','weights'): assert 'torch' not in heavy_after(f'import colornet.{name}'), name

@pytest.fixture(scope='module')
def photos(tmp_path_factory):
    d = tmp_path_factory.mktemp('photos')
    for n in ('bee','coffee','macaw'): Image.open(root/'nbs'/'images'/f'{n}.jpg').resize((64,48)).save(d/f'{n}.png')
    return d

run = 'from colornet.cli import {0}; assert {0}()==0'
learn = '--steps 1 --bs 2 --crop 32 --workers 0 --device cpu --dtype fp32'.split()

@pytest.mark.slow
def test_each_command_imports_what_it_needs_and_no_more(photos, tmp_path):
    "Training and evaluation draw nothing, and the tool starts without PyTorch where ONNX Runtime does the work"
    env,out = dict(XDG_CACHE_HOME=str(tmp_path), OMP_NUM_THREADS='1'),tmp_path/'bee.png'
    color = lambda *args: heavy_after(run.format('colornet'), photos/'bee.png', '--out', out, '--force', '--size', 32, *args, **env)
    assert color('--backend', 'torch')=={'torch','pyvips','numpy'}
    assert color('--backend', 'onnx')>={'torch','onnxruntime'}              # it makes the network's file
    assert color('--backend', 'onnx')==color()=={'onnxruntime','pyvips','numpy'}
    drawn = {'matplotlib','ipywidgets','torchvision'}
    assert not drawn&heavy_after(run.format('colornet_train'), photos, '--out', tmp_path/'run', *learn, **env)
    assert not drawn&heavy_after(run.format('colornet_eval'), photos, '--size', 32, '--device', 'cpu', **env)
    assert not drawn&heavy_after(run.format('colornet_export'), tmp_path/'a.onnx', '--weights', 'seed', **env)

def test_requirements_and_addresses_stand_in_settings_ini_alone():
    from configparser import ConfigParser
    ini = ConfigParser(delimiters=['='])
    ini.read(root/'settings.ini')
    address = f"{ini['DEFAULT']['user']}/{ini['DEFAULT']['repo']}"
    files = subprocess.run(['git', 'grep', '-lI', f'github.com/{address}'], cwd=root, capture_output=True, text=True).stdout.split()
    made = {p.relative_to(root).as_posix() for p in (root/'nbs').rglob('*.ipynb')}  # docs/first.py writes it into their first cells, and nowhere else
    assert set(files)<={'settings.ini','colornet/_modidx.py',*made}, files  # nbdev writes the latter from the former
    for p in made: assert (root/p).read_text(encoding='utf-8').count(f'github.com/{address}')<=1, p
    for p in [root/'README.md', root/'CONTRIBUTING.md', *(root/'nbs').glob('*.ipynb')]:
        assert not re.search(r'pip install colornet\b', p.read_text()), f'{p.name} sends readers to a stranger on PyPI'

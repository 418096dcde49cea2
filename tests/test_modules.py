"What every public name owes its reader: a one-line docstring and a comment for each parameter"
import importlib, inspect, re, subprocess, sys
from pathlib import Path
import pytest
from fastcore.docments import docments

root = Path(__file__).parent.parent
modules = sorted(p.stem for p in (root/'colornet').glob('[!_]*.py'))

def public(name):
    mod = importlib.import_module(f'colornet.{name}')
    return {n: getattr(mod, n) for n in mod.__all__ if callable(getattr(mod, n))}

@pytest.mark.parametrize('name', modules)
def test_public_names_are_documented(name):
    for n,f in public(name).items():
        assert f.__doc__ and len(f.__doc__.splitlines())==1, f'{n}: one-line docstring'
        notes = docments(f)
        for p in inspect.signature(f).parameters.values():
            if p.kind in (p.VAR_POSITIONAL, p.VAR_KEYWORD): continue  # fastcore does not read comments behind ** names
            assert p.name=='self' or notes.get(p.name), f'{n}: parameter {p.name} has no comment'

@pytest.mark.parametrize('name', modules)
def test_lines_are_short_and_plain(name):
    for line in (root/'colornet'/f'{name}.py').read_text().splitlines():
        if line.startswith('__all__'): continue
        assert len(line)<=132 and not line.rstrip().endswith(';'), line

def heavy_after(code):
    "Which heavy packages a process has imported after `code`"
    code += "\nimport sys; print(*[m for m in ('torch','torchvision','matplotlib') if m in sys.modules])"
    return subprocess.run([sys.executable, '-c', code], capture_output=True, text=True, check=True).stdout.split()

def test_nothing_heavy_is_imported_before_it_is_needed():
    assert heavy_after('import colornet.cli, colornet.infer, colornet.data')==[]
    assert 'torchvision' not in heavy_after('import colornet.launch; from colornet.infer import Colorizer; Colorizer(device="cpu")')

def test_requirements_and_addresses_stand_in_settings_ini_alone():
    from configparser import ConfigParser
    ini = ConfigParser(delimiters=['='])
    ini.read(root/'settings.ini')
    address = f"{ini['DEFAULT']['user']}/{ini['DEFAULT']['repo']}"
    files = subprocess.run(['git', 'grep', '-lI', f'github.com/{address}'], cwd=root, capture_output=True, text=True).stdout.split()
    assert set(files)<={'settings.ini','colornet/_modidx.py'}, files  # nbdev writes the latter from the former
    for p in [root/'README.md', root/'CONTRIBUTING.md', *(root/'nbs').glob('*.ipynb')]:
        assert not re.search(r'pip install colornet\b', p.read_text()), f'{p.name} sends readers to a stranger on PyPI'

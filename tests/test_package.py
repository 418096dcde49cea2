"The wheel, with the newest fastcore, run from another folder"
import os, subprocess, sys, zipfile
from pathlib import Path
import pytest

root = Path(__file__).parent.parent
pytestmark = pytest.mark.slow

def pip(*args): return subprocess.run([sys.executable, '-m', 'pip', *map(str,args)], capture_output=True, text=True)

@pytest.fixture(scope='module')
def wheel(tmp_path_factory):
    to = tmp_path_factory.mktemp('wheel')
    src = to/'src'
    files = subprocess.run(['git', 'ls-files', 'colornet', 'settings.ini', 'setup.py', 'pyproject.toml', 'MANIFEST.in', 'README.md', 'LICENSE'],
                           cwd=root, capture_output=True, text=True, check=True).stdout.split()
    for f in files:  # a copy, so that building leaves nothing behind in the repository
        (src/f).parent.mkdir(parents=True, exist_ok=True)
        (src/f).write_bytes((root/f).read_bytes())
    done = pip('wheel', '--no-deps', '-w', to, src)
    assert done.returncode==0, done.stderr
    return next(to.glob('*.whl'))

def test_the_wheel_is_light_and_whole(wheel):
    names = zipfile.ZipFile(wheel).namelist()
    assert wheel.stat().st_size<45e6
    for f in ('vgg16.safetensors','release.safetensors','seed.safetensors','SHA256SUMS','NOTICE','README.md'): assert f'colornet/weights/{f}' in names
    for f in ('samples/chelsea.jpg','static/divider.js','static/divider.css'): assert f'colornet/{f}' in names
    assert not [n for n in names if n.startswith(('nbs','tests','docs'))]

@pytest.mark.parametrize('fastcore', ['fastcore>=1.14,<2', 'fastcore>=2,<3'])
def test_it_runs_from_another_folder_with_old_and_new_fastcore(wheel, tmp_path, fastcore):
    site = tmp_path/'site'
    for args in (['--no-deps', wheel], [fastcore]):
        done = pip('install', '-q', '--target', site, *args)
        assert done.returncode==0, done.stderr
    photo = tmp_path/'chelsea.jpg'
    photo.write_bytes((root/'nbs'/'images'/'chelsea.jpg').read_bytes())
    env = dict(os.environ, PYTHONPATH=str(site))
    code = "import colornet, fastcore, sys; from colornet.cli import colornet as run; print(fastcore.__version__, colornet.__file__); sys.exit(run())"
    done = subprocess.run([sys.executable, '-c', code, 'chelsea.jpg', '--size', '64'], cwd=tmp_path, env=env, capture_output=True, text=True)
    assert done.returncode==0, done.stderr
    version, where = done.stdout.splitlines()[0].split(' ', 1)
    assert where.startswith(str(site)) and version.split('.')[0]==('1' if '<2' in fastcore else '2')
    assert (tmp_path/'chelsea-color.jpg').exists()
    for cmd in ('colornet','colornet_train','colornet_eval','colornet_export','colornet_bench'):
        done = subprocess.run([sys.executable, site/'bin'/cmd, '--help'], cwd=tmp_path, env=env, capture_output=True, text=True)
        assert done.returncode==0 and done.stdout.startswith(f'usage: {cmd}')

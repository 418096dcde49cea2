"The wheel, with the newest fastcore, run from another folder; and the light one, without PyTorch"
import os, re, subprocess, sys, venv, zipfile
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

def metadata(wheel):
    z = zipfile.ZipFile(wheel)
    return z.read(next(n for n in z.namelist() if n.endswith('.dist-info/METADATA'))).decode()

def test_readme_has_whole_addresses(wheel):
    "On PyPI pictures and links lead somewhere"
    said = metadata(wheel)
    assert said.count('](https://')>30 and not re.search(r'\]\((?!https?://|#)', said)
    for m in re.findall(r'!\[[^]]*\]\(([^)]+)\)', said): assert (root/m.split('/main/',1)[1]).is_file() and '/raw/' in m

def test_the_wheel_is_light_and_whole(wheel):
    names = zipfile.ZipFile(wheel).namelist()
    assert wheel.stat().st_size<45e6
    for f in ('vgg16.safetensors','release.safetensors','seed.safetensors','SHA256SUMS','NOTICE','README.md'): assert f'colornet/weights/{f}' in names
    for f in ('py.typed','samples/chelsea.jpg','static/divider.js','static/divider.css'): assert f'colornet/{f}' in names
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
    done = subprocess.run([sys.executable, '-c', code, 'chelsea.jpg', '--size', '64', '--recolor'], cwd=tmp_path, env=env, capture_output=True, text=True)
    assert done.returncode==0, done.stderr
    version, where = done.stdout.splitlines()[0].split(' ', 1)
    assert where.startswith(str(site)) and version.split('.')[0]==('1' if '<2' in fastcore else '2')
    assert (tmp_path/'chelsea-color.jpg').exists()
    for cmd in ('colornet','colornet_train','colornet_eval','colornet_export','colornet_bench'):
        done = subprocess.run([sys.executable, site/'bin'/cmd, '--help'], cwd=tmp_path, env=env, capture_output=True, text=True)
        assert done.returncode==0 and done.stdout.startswith(f'usage: {cmd}')

def test_the_light_wheel_colours_without_pytorch(tmp_path):
    "Built, installed into a fresh environment, and run there: under 600 MB, the same luma, one line for what it cannot do"
    done = subprocess.run([sys.executable, root/'docs'/'lite.py', tmp_path], capture_output=True, text=True)
    assert done.returncode==0, done.stderr
    wheel, = tmp_path.glob('colornet_lite-*.whl')
    assert wheel.stat().st_size<60e6 and 'torch' not in re.findall(r'Requires-Dist: (\w+)', metadata(wheel))
    venv.create(tmp_path/'v', with_pip=True)
    do = lambda *args: subprocess.run([tmp_path/'v'/'bin'/args[0], *args[1:]], cwd=tmp_path, capture_output=True, text=True)
    done = do('pip', 'install', '-q', wheel)
    assert done.returncode==0, done.stderr
    assert sum(f.stat().st_size for f in (tmp_path/'v').rglob('*') if f.is_file() and not f.is_symlink())<600e6
    (tmp_path/'hens.jpg').write_bytes((root/'nbs'/'images'/'hens.jpg').read_bytes())
    done = do('colornet', 'hens.jpg', '--recolor', '--compare', '--doubt', '--sheet', 'album.html')
    assert (done.returncode,done.stdout,done.stderr)==(0,'hens-color.jpg\nalbum.html\n','')
    from colornet import colorize
    import numpy as np
    from PIL import Image
    ours,lite = (np.asarray(im, int) for im in (colorize(tmp_path/'hens.jpg', device='cpu'), Image.open(tmp_path/'hens-color.jpg')))
    assert np.abs(ours-lite).mean()<3  # JPEG is not exact
    assert do('python', '-c', 'import torch').returncode
    for args,word in ((['--device','cuda'], 'colornet-book'), (['--weights','seed'], 'needs PyTorch')):
        done = do('colornet', 'hens.jpg', '--force', '--recolor', *args)
        assert done.returncode==1 and word in done.stderr and len(done.stderr.splitlines())==1
    assert 'pip install colornet-book' in do('python', '-c', 'import colornet; colornet.load_colornet').stderr

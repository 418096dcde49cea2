"""Build the wheel of the command without PyTorch: python docs/lite.py [FOLDER]

It is made of the same modules and settings as the package, and holds the network as an ONNX file in place of weights for PyTorch.
"""
import re, shutil, subprocess, sys
from configparser import ConfigParser
from pathlib import Path
from tempfile import TemporaryDirectory

root = Path(__file__).parent.parent
loaded = '''import sys
from colornet.cli import colornet
colornet(sys.argv[1], out=sys.argv[2], size=16, backend='onnx', guesses=2, doubt=True, compare=True, sheet=sys.argv[2]+'.html', recolor=True)
assert 'torch' not in sys.modules
print(*sorted(m for m in sys.modules if m.startswith('colornet.')))'''

def modules():
    "Files of the modules that colouring loads, which is watched"
    from colornet.export import onnx_file
    from colornet.files import samples
    onnx_file()  # Made before, which takes PyTorch
    with TemporaryDirectory() as d:
        args = [sys.executable, '-c', loaded, samples()[0], f'{d}/c.png']
        names = subprocess.run(args, cwd=root, capture_output=True, text=True, check=True).stdout.split()
    return [root/'colornet'/f'{n}.py' for n in ('__init__','__main__', *(m.partition('.')[2] for m in names))]

def settings():
    "The settings under the other name, with its requirements and its one command"
    text = (root/'settings.ini').read_text(encoding='utf-8')
    ini = ConfigParser(delimiters=['='])
    ini.read_string(text)
    cfg,commands = ini['DEFAULT'],ini['DEFAULT']['console_scripts'].split()
    others = dict(lib_name=cfg['lite_name'], requirements=cfg['lite_requirements'],
                  console_scripts=next(c for c in commands if c.startswith('colornet=')))
    entry = r'^(lib_name|requirements|console_scripts) =(.*\n(?:[ \t]+.*\n)*)'
    text = re.sub(entry, lambda m: f'{m[1]} = {others[m[1]]}\n', text, flags=re.M)
    return cfg,re.sub(r'^(?!lite_)\w+_requirements = .*\n', '', text, flags=re.M)  # No extras: they are of the whole package

def stage(to):
    "Lay out what the wheel is built from"
    cfg,text = settings()
    to.mkdir()
    (to/'settings.ini').write_text(text, encoding='utf-8')
    project = (root/'pyproject.toml').read_text(encoding='utf-8')
    (to/'pyproject.toml').write_text(project.replace(f'name="{cfg["lib_name"]}"', f'name="{cfg["lite_name"]}"'), encoding='utf-8')
    for f in ('setup.py','MANIFEST.in','README.md','LICENSE'): shutil.copy(root/f, to)
    package,weights = to/'colornet',to/'colornet'/'weights'
    weights.mkdir(parents=True)
    from colornet.decoder import load_colornet
    from colornet.export import export_onnx
    export_onnx(load_colornet('release'), weights/'release.onnx', 'fp16')
    for f in ('NOTICE','README.md'): shutil.copy(root/'colornet'/'weights'/f, weights)
    (weights/'SHA256SUMS').write_text('')
    shutil.copytree(root/'colornet'/'samples', package/'samples')
    (package/'static').mkdir()
    for f in ('album.html','zh.json'): shutil.copy(root/'colornet'/'static'/f, package/'static')
    for f in (*modules(), root/'colornet'/'py.typed'): shutil.copy(f, package)

def build(
    out:Path, # Folder for the wheel
)->Path:      # The wheel
    "Build the wheel"
    with TemporaryDirectory() as d:
        stage(src := Path(d)/'src')
        subprocess.run([sys.executable, '-m', 'pip', 'wheel', '-q', '--no-deps', '-w', out, src], check=True)
    return max(Path(out).glob('colornet_lite-*.whl'), key=lambda f: f.stat().st_mtime)

if __name__=='__main__':
    wheel = build(Path(sys.argv[1] if sys.argv[1:] else root/'dist'))
    print(f'{wheel}: {wheel.stat().st_size/1e6:.1f} MB')

"Commands as a user types them, for the tests of commands"
import subprocess, sys
from pathlib import Path
from types import SimpleNamespace
from unittest.mock import patch

import numpy as np
from PIL import Image

root = Path(__file__).resolve().parents[1]
images = root/'nbs'/'images'
fast = ['--device','cpu', '--size','32', '--recolor']

# ---- commands

def typed(cmd, *args):
    "Status of a command that is run in this process with these arguments"
    with patch.object(sys, 'argv', [cmd.__name__, *map(str, args)]):
        try: return cmd()
        except SystemExit as e: return e.code

def script(name, *args, before=()):
    "The command line that starts an installed command"
    here = Path(sys.executable).parent/name
    start = [here] if here.exists() else [sys.executable, '-c', f'import sys; from colornet.cli import {name} as f; sys.exit(f())']
    return [str(a) for a in [*before, *start, *args]]

def sh(name, *args, before=(), **kwargs):
    "Run an installed command in a process of its own"
    p = subprocess.run(script(name, *args, before=before), capture_output=True, text=True, errors='surrogateescape',
                       timeout=120, **kwargs)
    return SimpleNamespace(status=p.returncode, out=p.stdout, err=p.stderr)

# ---- pictures and folders

def gray(name='chelsea', size=(48,32)): return Image.open(images/f'{name}.jpg').convert('L').resize(size)

def color(name='coffee', size=(48,32)): return Image.open(images/f'{name}.jpg').convert('RGB').resize(size)

def luma(im):
    "Luma in steps of 1/255, worked out apart from the package; 16-bit scans keep their steps"
    if im.mode.startswith('I'): return np.asarray(im)/257
    return np.asarray(im.convert('RGB'))@[.299,.587,.114]

def chroma(im): return float(np.ptp(np.asarray(im.convert('RGB')).astype(int), axis=-1).mean())

def tree(d='.'):
    "All that lies in a folder, and for files when it was last touched"
    stat = lambda p: 'folder' if p.is_dir() and not p.is_symlink() else (p.lstat().st_mtime_ns, p.lstat().st_size)
    return {p.relative_to(d).as_posix():stat(p) for p in sorted(Path(d).rglob('*'))}

def one_line(r, *words):
    "A failure in one line that names what is wrong and, behind a semicolon, says what to do"
    assert r.status in (1,2)
    assert 'Traceback' not in r.err
    lines = [l for l in r.err.splitlines() if l.strip()]
    assert len(lines)==1, r.err
    for w in [*words, ';']: assert w in lines[0], f'{w!r} is not in {lines[0]!r}'

# ---- what is put into folders

def put(name, data=b'Dear diary'): Path(name).write_bytes(data)

def nothing(): pass

def colors(d): [color(n, (64,48)).save(d/f'{n}.png') for n in ('bee','coffee','macaw')]

def one_cut(d):
    "Two good photos, and a cut one"
    colors(d)
    put(d/'macaw.png', (d/'macaw.png').read_bytes()[:900])

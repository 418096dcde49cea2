"""Peak memory and time of `colornet` on scans of growing size: memory.py [MEGAPIXELS]... Writes memory.csv beside this file."""
import os, subprocess, sys, time
import numpy as np
from pathlib import Path
from PIL import Image
from tempfile import TemporaryDirectory

sizes = [float(s) for s in sys.argv[1:]] or [.25,1,3,6,12,25,50]
rows = []
with TemporaryDirectory() as d:
    horses = Image.open(Path(__file__).parent.parent/'images'/'horses.jpg').convert('L')
    for mp in sizes:
        k = (mp*1e6/(horses.width*horses.height))**.5
        scan = horses.resize([round(s*k) for s in horses.size], Image.BICUBIC)
        scan.save(f'{d}/scan.jpg', quality=95)
        for kind in ('jpg','tif'):
            if kind=='tif': Image.fromarray(np.asarray(scan).astype(np.uint16)*257).save(f'{d}/scan.tif')
            for engine in ('torch','onnx'):
                start = time.perf_counter()
                p = subprocess.Popen([sys.executable, '-m', 'colornet', f'{d}/scan.{kind}', '--force', '--backend', engine])
                _,status,used = os.wait4(p.pid, 0)
                if status: raise SystemExit(f'{mp} megapixels, {kind}, {engine}: failed')
                depth = 16 if kind=='tif' else 8
                rows.append(f'{mp:g},{depth},{engine},{used.ru_maxrss/1024:.0f},{time.perf_counter()-start:.2f}')
                print(rows[-1], flush=True)
Path(__file__).with_suffix('.csv').write_text('megapixels,bits,engine,mb,seconds\n'+'\n'.join(rows)+'\n')

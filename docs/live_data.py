"""Make the data of the live figures from the package

    python docs/live_data.py taps                         # feature maps of a photo, into nbs/live
    python docs/live_data.py scribble                     # the photo to scribble on
    python docs/live_data.py frames RUN/frames cat hens   # pictures of a training run, with their names, into nbs/live/frames
    python docs/live_data.py bins OUT.json                # colours of the second head; run it after model.onnx and vendor/ort
"""
import hashlib, json, sys
from io import BytesIO
from pathlib import Path
import numpy as np
from PIL import Image

root = Path(__file__).parent.parent
live = root/'nbs'/'live'

def encode(
    im:Image.Image, # Picture
    kind:str,       # `JPEG` or `PNG`
    **how,          # Options of Pillow's `save`
)->bytes:           # Content of the file
    "Encode a picture"
    buf = BytesIO()
    im.save(buf, kind, **how)
    return buf.getvalue()

def sheet(
    maps:np.ndarray, # `(16,h,w)` in [0,1]
)->Image.Image:      # Four rows of four
    "Lay sixteen maps out on one gray sheet"
    n,h,w = maps.shape
    a = maps.reshape(4,4,h,w).transpose(0,2,1,3).reshape(4*h,4*w)
    return Image.fromarray((a*255).round().astype(np.uint8))

def choose(
    maps,        # `(C,h,w)` tensor, one tap
    n:int=16,    # How many to choose
)->list:         # Their numbers
    "Choose the channels that vary most, and differ most from those already chosen"
    import torch
    spread = maps.std((1,2))
    order = spread.argsort(descending=True, stable=True)[:len(spread)//2].tolist()
    alike = torch.corrcoef(maps.flatten(1)).abs()
    best = order[:1]
    while len(best)<n: best.append(min((i for i in order if i not in best), key=lambda i: alike[i,best].max().item()))
    return best

def make_taps(
    to:Path=live, # Folder for the sheets and taps.json
):
    "Store the sixteen channels of each tap that vary most over the cat"
    from colornet.show import read_photo
    from colornet.taps import load_taps, relu_at
    from colornet.yuv import rgb2yuv
    gray = rgb2yuv(read_photo(root/'nbs'/'images'/'chelsea.jpg', 224)[:,:,56:280])[:1]
    taps = []
    for name,f in zip(relu_at, load_taps(n=5)(gray[None])[1:]):
        best = sorted(choose(f[0]))
        maps = f[0,best]
        most,top = maps.amax((1,2)),maps.flatten(1).quantile(.995, 1)  # Drawn up to `top`: else a few pixels darken the rest
        side = maps.shape[-1]
        im = sheet((maps/top[:,None,None]).clamp(max=1).numpy())
        kind = 'jpg' if side>=56 else 'png'  # The blocks of a JPEG would cross the borders of the smallest maps
        (to/f'taps-{name}.{kind}').write_bytes(encode(im, 'JPEG', quality=60) if kind=='jpg' else encode(im, 'PNG', optimize=True))
        channels = [dict(n=i, max=round(m, 1), top=round(t, 1)) for i,m,t in zip(best, most.tolist(), top.tolist())]
        taps.append(dict(name=name, file=f'taps-{name}.{kind}', of=f.shape[1], channels=channels))
    photo = Image.fromarray((gray[0]*255).round().byte().numpy())
    (to/'taps-photo.jpg').write_bytes(encode(photo, 'JPEG', quality=80))
    (to/'taps.json').write_text(json.dumps(dict(side=224, photo='taps-photo.jpg', taps=taps), indent=1)+'\n')

def make_scribble(
    to:Path=live, # Folder for the photo
):
    "Store the cup of coffee small enough to be solved at every stroke"
    cup = Image.open(root/'nbs'/'images'/'coffee.jpg').resize((192,128), Image.LANCZOS)
    (to/'scribble.jpg').write_bytes(encode(cup, 'JPEG', quality=90, optimize=True))

def make_frames(
    run:Path,              # Folder of a run's frames, one strip of square pictures a file, named by its step
    *names,                # What the pictures of a strip show, from the left
    to:Path=live/'frames', # Folder for the frames and index.json
    most:int=16,           # Frames at most
    limit:int=500_000,     # Bytes of all frames together
):
    "Choose frames of a training run, early ones closest, and store them small; `ValueError` if there are none"
    files = sorted(run.glob('[0-9]*.jpg'), key=lambda f: int(f.stem))
    if not files: raise ValueError(f'{run}: holds no frames; train with --frames and give RUN/frames')
    if len(files)>most:  # Training saves them ever more sparsely: every so many-th keeps that
        files = [files[i] for i in np.linspace(0, len(files)-1, most).round().astype(int)]
    ims = [Image.open(f).convert('RGB') for f in files]
    side = min(ims[0].height, 160)
    ims = [im.resize((im.width//im.height*side, side), Image.LANCZOS) if im.height>side else im for im in ims]
    for quality in range(85, 20, -5):
        data = [encode(im, 'JPEG', quality=quality, optimize=True) for im in ims]
        if sum(map(len, data))<=limit: break
    else: raise ValueError(f'{run}: too much for {limit} bytes; give fewer or smaller frames')
    to.mkdir(parents=True, exist_ok=True)
    for f in to.glob('*.jpg'): f.unlink()
    for f,d in zip(files, data): (to/f.name).write_bytes(d)
    index = dict(steps=[int(f.stem) for f in files], files=[f.name for f in files], names=list(names), side=side)
    (to/'index.json').write_text(json.dumps(index)+'\n')

def make_bins(
    out:Path,                    # JSON to write, beside `model.onnx` in the site
    weights:str|None=None,       # Decoder: a name that colornet ships, or a file; the default one if not given
):
    "Write the colours of the second head, and what the demo tells: how vivid it is, how much there is to load, how it signs"
    from colornet.decoder import load_colornet
    from colornet.save import sign
    net = load_colornet(*[weights] if weights else [])
    dec = net.decoder
    bins = [[round(x, 4) for x in b] for b in dec.bins.tolist()] if dec.head else []
    info = dict(bins=bins, vivid=float(net.notes.get('vivid', 0)))
    info['xmp'] = sign(None, f"weights={Path(weights or 'release').name} SETTINGS").decode()  # The page puts its settings there
    model,ort = out.parent/'model.onnx',out.parent.parent/'vendor'/'ort'
    if model.exists(): info |= dict(bytes=model.stat().st_size, mark=hashlib.sha256(model.read_bytes()).hexdigest()[:12])
    wasm = dict(wasm=ort/'ort-wasm-simd-threaded.wasm', webgpu=ort/'ort-wasm-simd-threaded.asyncify.wasm')
    info['engines'] = {k: f.stat().st_size for k,f in wasm.items() if f.exists()}
    out.write_text(json.dumps(info)+'\n')

if __name__=='__main__':
    what,*args = sys.argv[1:] or ['help']
    makers = dict(taps=make_taps, scribble=make_scribble, frames=make_frames, bins=make_bins)
    if what not in makers or not (what in ('taps','scribble') or args): sys.exit(__doc__)
    try: makers[what](*map(Path, args[:1]), *args[1:])
    except (OSError, ValueError) as e: sys.exit(str(e))

"A box of scans as a family has it: python tests/make_box.py FOLDER"
import io, sys
from pathlib import Path

import numpy as np
import tifffile
from PIL import Image, ImageCms

sys.path.insert(0, str(Path(__file__).parent))
from helpers import images
from scans import make_page

xmp = b"""<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description
 rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" dc:source="album 3"/></rdf:RDF></x:xmpmeta>"""

def rgb(name, side=480):
    im = Image.open(images/f'{name}.jpg').convert('RGB')
    im.thumbnail((side,side))
    return im

def gray(name, side=480): return rgb(name, side).convert('L')

def toned(im, u, v):
    "A gray photo in one tone, strongest in the middle grays"
    y = np.asarray(im.convert('L'), float)/255
    u,v = (k*4*y*(1-y) for k in (u,v))
    r,b = y+1.402*v,y+1.772*u
    return Image.fromarray((255*np.stack([r, (y-.299*r-.114*b)/.587, b], -1).clip(0,1)).round().astype(np.uint8))

def make_box(
    to:Path, # Folder, made if it is not there
)->dict:     # What became of each file: `colour`, `left`, `bad` or `below`
    "Make the files of a box"
    to = Path(to)
    for d in (to/'one.jpg', to/'summer 1962'): d.mkdir(parents=True, exist_ok=True)
    exif = Image.Exif()
    exif[0x112],exif[271] = 6,'Leica'
    exif.get_ifd(0x8769)[36867] = '1962:07:14 12:00:00'
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile('sRGB')).tobytes()
    veiled = rgb('room').convert('RGBA')
    veiled.putalpha(Image.linear_gradient('L').resize(veiled.size))
    gray('hens').save(to/'hens.jpg')
    gray('man').save(to/'grandpa 300 dpi.jpg', dpi=(300,300))
    deep = np.asarray(gray('stream'), np.float32)/255
    tifffile.imwrite(to/'stream 16 bit.tif', (deep*65535).astype(np.uint16))
    tifffile.imwrite(to/'stream float.tif', deep)
    with tifffile.TiffWriter(to/'album pages.tif') as t:
        for n in ('china','railway','rio'): t.write(np.asarray(gray(n)), photometric='minisblack')
    with tifffile.TiffWriter(to/'gray and colour pages.tif') as t:
        t.write(np.asarray(gray('gateway').convert('RGB')), photometric='rgb')
        t.write(np.asarray(rgb('macaw')), photometric='rgb')
    toned(gray('spaniels'), -.1, .06).save(to/'sepia dogs.jpg')
    toned(gray('mountain'), .14, -.08).save(to/'cyanotype.png')
    rgb('macaw').save(to/'parrot 1995.jpg')
    for kind,n,seed in (('white','rio',1), ('yellowed','china',2), ('black','hawa-mahal',3), ('turned','railway',4)):
        Image.fromarray(make_page(rgb(n, 700).convert('L').convert('RGB'), kind, seed).rgb).save(to/f'{kind} page.jpg', quality=92)
    gray('chelsea').save(to/'Ärger-写真-🐈.jpg')
    gray('coffee').save(to/'on its side.jpg', exif=exif)
    veiled.convert('LA').save(to/'cut out.png')
    gray('bee').quantize(32).save(to/'palette.gif')
    gray('citrus').save(to/'windows.bmp')
    gray('dahlia').convert('CMYK').save(to/'print shop.jpg')
    gray('horses').save(to/'web.webp', xmp=xmp)
    gray('autumn').save(to/'LOUD.JPG', 'JPEG', icc_profile=profile)
    gray('fig').resize((4000,3000)).save(to/'large.jpg', quality=80)
    gray('brushes').save(cut := io.BytesIO(), 'JPEG')
    bad = {'cut short.jpg': cut.getvalue()[:3000], 'letter.jpg': b'Dear diary', 'empty.jpg': b''}
    for n,data in bad.items(): (to/n).write_bytes(data)
    below = ['one.jpg/inside.jpg','summer 1962/beach.jpg']
    for n in below: gray('polar-bear').save(to/n)
    is_what = lambda n: 'bad' if n in bad else 'below' if n in below else 'left' if n=='parrot 1995.jpg' else 'colour'
    return {n: is_what(n) for n in (f.relative_to(to).as_posix() for f in sorted(to.rglob('*')) if f.is_file())}

if __name__=='__main__': print(*(f'{what:7}{n}' for n,what in make_box(sys.argv[1]).items()), sep='\n')

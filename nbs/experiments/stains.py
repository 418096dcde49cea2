"""Sheets on which to count stains without knowing which way was which: stains.py PHOTOS/val OUT

Colours every photo without flow and with it, shuffles both among all others, and writes sheets of twelve numbered pictures and
`key.csv` to the folder OUT. Half of the photos are for reader A, half for reader B; a reader sees both versions of a photo. What
two readers found is in stains.csv: 0 none, 1 one that has to be looked for, 2 one that everybody sees.
"""
import csv, sys
import numpy as np
from pathlib import Path
from PIL import Image, ImageDraw
from tqdm import tqdm
from colornet.files import find_photos
from colornet.infer import Colorizer
from colornet.arrays import as_photo
from colornet.photo import to_picture
from colornet.pixels import paint

files,out,c = find_photos(sys.argv[1]),Path(sys.argv[2]),Colorizer('release')
out.mkdir()

def both(f):
    "A photo without and with flow, small"
    photo = as_photo(f)
    a, = c.look([photo])
    ims = [to_picture(paint(photo, a.lines(c.vivid, flow))) for flow in (0,1)]
    for im in ims: im.thumbnail((320,320), Image.LANCZOS)
    return ims

ims,rng,key = [both(f) for f in tqdm(files)],np.random.default_rng(5),[]
order = rng.permutation(len(files))
for reader,part in zip('AB', np.array_split(order, 2)):
    items = rng.permutation([(i,flow) for i in part for flow in (0,1)])
    for s in range(0, len(items), 12):
        sheet = Image.new('RGB', (4*330,3*345), 'white')
        for k,(i,flow) in enumerate(items[s:s+12]):
            x,y = k%4*330,k//4*345
            key.append((len(key)+1, files[i].name, flow, reader))
            sheet.paste(ims[i][flow], (x,y+16))
            ImageDraw.Draw(sheet).text((x+4,y+2), str(len(key)), fill='black')
        sheet.save(out/f'{reader}{s//12+1:02}.png')
with (out/'key.csv').open('w', newline='') as f:
    csv.writer(f, lineterminator='\n').writerows([('number','photo','flow','reader'), *key])

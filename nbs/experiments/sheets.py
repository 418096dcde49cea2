"""Sheets on which to count faults: sheets.py stains PHOTOS/val OUT, or sheets.py faults PHOTOS/val OUT WEIGHTS...

`stains` shows every photo coloured without flow and with it, one at a time, in random order: half of the photos for reader A, half for
reader B. `faults` shows each beside its truth, coloured as the command does it with each of the WEIGHTS, in random order and without
saying with which; every reader gets all. The numbers on the sheets are those of `key.csv` in the folder OUT. What readers found is in
stains.csv and faults.csv: 0 none, 1 one that has to be looked for, 2 one that everybody sees.
"""
import csv, sys
import numpy as np
from pathlib import Path
from PIL import Image, ImageDraw
from tqdm import tqdm
from colornet.arrays import as_photo
from colornet.files import find_photos
from colornet.infer import Colorizer
from colornet.photo import read_rgb, to_picture
from colornet.pixels import paint

side,rng = 320,np.random.default_rng(5)

def small(im):
    "A picture of at most 320 px"
    im.thumbnail((side,side), Image.LANCZOS)
    return im

def write_sheets(items, out, name, across, down, start=0):
    "Write numbered pictures, rows of pictures side by side, as many on a sheet as fit"
    n,w,h = across*down,side*len(items[0])+10,side+25
    for s in range(0, len(items), n):
        sheet = Image.new('RGB', (across*w,down*h), 'white')
        for k,ims in enumerate(items[s:s+n]):
            x,y = k%across*w,k//across*h
            for j,im in enumerate(ims): sheet.paste(im, (x+j*side,y+16))
            ImageDraw.Draw(sheet).text((x+4,y+2), str(start+s+k+1), fill='black')
        sheet.save(out/f'{name}{s//n+1:02}.png')

def write_key(out, columns, rows):
    "Write which number is what"
    with (out/'key.csv').open('w', newline='') as f:
        csv.writer(f, lineterminator='\n').writerows([('number',*columns), *((i+1,*row) for i,row in enumerate(rows))])

def stains(files, out):
    "Sheets for two readers, with and without flow"
    c,key = Colorizer('release'),[]
    def both(f):
        photo = as_photo(f)
        a, = c.look([photo])
        return [small(to_picture(paint(photo, a.lines(c.vivid, flow)))) for flow in (0,1)]
    ims,order = [both(f) for f in tqdm(files)],rng.permutation(len(files))
    for reader,part in zip('AB', np.array_split(order, 2)):
        items = rng.permutation([(i,flow) for i in part for flow in (0,1)])
        write_sheets([(ims[i][flow],) for i,flow in items], out, reader, 4, 3, len(key))
        key += [(files[i].name, flow, reader) for i,flow in items]
    write_key(out, ('photo','flow','reader'), key)

def faults(files, out, *weights):
    "Sheets for every reader, each guess beside its truth"
    items = [(f,name) for f in files for name in weights]
    nets,items = {name: Colorizer(name) for name in weights},[items[i] for i in rng.permutation(len(items))]
    write_sheets([(small(nets[name](f)), small(read_rgb(f))) for f,name in tqdm(items)], out, '', 2, 4)
    write_key(out, ('photo','weights'), [(f.name, Path(name).stem) for f,name in items])

if __name__=='__main__':
    how,val,out,*weights = sys.argv[1:]
    Path(out).mkdir()
    dict(stains=stains, faults=faults)[how](find_photos(val), Path(out), *weights)

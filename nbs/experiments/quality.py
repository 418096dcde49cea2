"""The numbers of the model card: quality.py PHOTOS/val [OUT]

Colours every photo with both decoders that ship, at three places of the dial, with flow and without, and once more as old film has
it, and measures as `colornet_eval` does. Each photo goes through a network once. Writes quality.csv beside this file.
"""
import csv, sys
from functools import partial
from pathlib import Path
from tqdm import tqdm
from colornet.arrays import as_photo
from colornet.files import find_photos
from colornet.infer import Colorizer
from colornet.metrics import evaluate, flat_chroma, print_table, table
from colornet.photo import to_picture
from colornet.pixels import paint
from colornet.weights import digest

files,out = find_photos(sys.argv[1]),Path(sys.argv[2] if len(sys.argv)>2 else Path(__file__).with_suffix('.csv'))
asked = dict(release=[(0,1), (.3,1), (.5,1), (0,0), (.3,0)], seed=[(0,1)])  # Share of the second head, and of flow

class Held:
    "What a network says of the photo that was asked about last"
    def __init__(self, name): self.c,self.of = Colorizer(name),None
    def __call__(self, gray, shown, vivid, flow):
        if gray is not self.of:
            self.of,self.photo = gray,as_photo(gray)
            self.says, = self.c.look([self.photo], shown=[as_photo(shown)])
        return to_picture(paint(self.photo, self.says.lines(vivid, flow)))

nets = {name: Held(name) for name in asked}
ways = {f'{name},{v},{f}': partial(nets[name], vivid=v, flow=f) for name,how in asked.items() for v,f in how}
ways['mean chroma,,'] = flat_chroma(*map(float, nets['release'].c.notes['mean_uv'].split()))
marks,rows = {name: digest(name).split()[1] for name in asked},[]
for old in (False, True):
    said = table(evaluate(files, tqdm, old, **{k:w for k,w in ways.items() if not old or k.endswith(',0,1')}))
    print_table(said)
    for r in said:
        name,vivid,flow = (r.pop('name')+',,').split(',')[:3]
        numbers = {}
        for k,x in r.items(): numbers |= {k: x[0], f'{k}_half': x[1]} if isinstance(x, tuple) else {k: x}
        about = dict(name=name, weights=marks.get(name, ''), vivid=vivid, flow=flow, old=int(old), photos=len(files))
        rows.append(about|{k: f'{x:.5g}' for k,x in numbers.items()})
    with out.open('w', newline='') as f:
        table_of = csv.DictWriter(f, rows[0].keys(), lineterminator='\n')
        table_of.writeheader()
        table_of.writerows(rows)

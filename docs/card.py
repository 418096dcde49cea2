"""Make colornet/weights/README.md, the model card: python docs/card.py

The words stand in `templates/card.md`; every number of the tables is read from the weights or from a file that a command wrote.
"""
import csv
from collections import defaultdict
from pathlib import Path
import jinja2
from colornet.decoder import load_colornet

root = Path(__file__).parent.parent
weights,found = root/'colornet'/'weights',root/'nbs'/'experiments'
names = 'release','seed'

def read(name): return [*csv.DictReader((found/f'{name}.csv').read_text(encoding='utf-8').splitlines())]

def table(
    heads:list, # Words over the columns; the first is to the left, the others are numbers
    rows:list,  # Cells of each row
)->str:         # Markdown
    "A table"
    return '\n'.join('| '+' | '.join(map(str, r))+' |' for r in [heads, ['---',*['---:']*(len(heads)-1)], *rows])

def size(name): return f'{(weights/f"{name}.safetensors").stat().st_size/1e6:.1f} MB'

def nets():
    "What the card says of each decoder itself"
    def about(name):
        net = load_colornet(name)
        dec,notes = net.decoder,net.notes
        return dict(taps=len(dec.taps), n=f'{sum(p.numel() for p in dec.parameters()):,}', crops=f"{int(notes['crops']):,}", size=size(name),
                    colours=len(dec.bins) if dec.head else 0, vivid=float(notes.get('vivid', 0)))
    return {name: about(name) for name in names}

def plus(row, key): return f"{float(row[key]):+.2f} ± {float(row[f'{key}_half']):.2f}"

def quality(rows, usual):
    "How good the colours are, by place of the dial"
    heads = ['','PSNR, dB','over gray','better than gray','CIEDE2000','closer than gray by','colourfulness, of the truth\'s','balanced AuC']
    def name(r):
        if not r['vivid']: return r['name']
        extra = [f"`--vivid {r['vivid']}`"]*(r['name']=='release' and float(r['vivid'])!=usual)+['`--flow 0`']*(r['flow']=='0')
        return ', '.join([f"`{r['name']}`", *extra]) if extra or r['name']!='release' else '**`release`**'
    cells = lambda r: [name(r), f"{float(r['psnr']):.2f}", plus(r, 'gain'), f"{float(r['better']):.0%}", f"{float(r['ciede2000']):.2f}",
                       plus(r, 'closer'), f"{float(r['ratio']):.2f}", f"{float(r['auc_balanced']):.2f}"]
    shown = [r for r in rows if r['name']!='truth' and r['old']=='0']
    return table(heads, [cells(r) for r in sorted(shown, key=lambda r: r['vivid']!='')])  # first what is no network

def film(rows):
    "What old film costs"
    gain = {(r['name'],r['old']): float(r['gain']) for r in rows if (r['vivid'],r['flow'])==('0','1')}
    return table(['','as they are, dB over gray','as on old film','lost'],
                 [(f'`{n}`', *(f'{gain[n,old]:+.2f}' for old in '01'), f"{gain[n,'0']-gain[n,'1']:.2f}") for n in names])

def counted(title, found):
    "How many photos have a fault that everybody sees, one that has to be looked for, and none; `found` are names and grades"
    counts = defaultdict(lambda: [0,0,0])
    for name,grade in found: counts[name][int(grade)] += 1
    return table([title,'plain','faint','none'], [(k, *n[::-1]) for k,n in counts.items()])

def faults():
    "What readers found beside the truth"
    return counted('fault', [(f"{fault}, reader {r['reader']}", r[fault]) for fault in ('sepia','stain','bleeding') for r in read('faults')])

def stains():
    "What readers found with flow and without"
    name = {'1':'as the command colours', '0':'without flow (`--flow 0`)'}
    return counted('stains', [(name[r['flow']], r['grade']) for r in read('stains')])

def card():
    "The model card as Markdown"
    rows,env = read('quality'),jinja2.Environment(undefined=jinja2.StrictUndefined, keep_trailing_newline=True)
    about,marks = nets(),{r['name']: r['weights'] for r in rows}
    said = dict(nets=about, vgg=size('vgg16'), photos=rows[0]['photos'], marks=marks,
                quality=quality(rows, about['release']['vivid']), film=film(rows), faults=faults(), stains=stains())
    return env.from_string((root/'docs'/'templates'/'card.md').read_text(encoding='utf-8')).render(said)

if __name__=='__main__': (weights/'README.md').write_text(card(), encoding='utf-8')

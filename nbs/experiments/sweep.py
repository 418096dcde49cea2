"""What factor on chroma, what share of the second head: sweep.py VAL NAME [OUT]

NAME is a decoder that colornet ships, or a file. Every photo goes through the network once; then each choice is measured as
`colornet_eval` does. The shares are mixed with the factor that the weights hold. Writes sweep.csv beside this file.
"""
import sys
from pathlib import Path
from colornet.files import find_photos
from colornet.infer import Colorizer, seen
from colornet.metrics import evaluate, print_table, table
from colornet.arrays import as_photo
from colornet.photo import to_picture
from colornet.pixels import follow_edges, mix, paint
from colornet.weights import digest

files,c = find_photos(sys.argv[1]),Colorizer(sys.argv[2])
out = Path(sys.argv[3] if len(sys.argv)>3 else Path(__file__).with_suffix('.csv'))
mark = digest(sys.argv[2]).split()[1]
stored,c.factor = c.factor,1.
factors,shares = (.8,.9,.95,1.,1.1,1.2,1.3),(.2,.3,.4,.5,.75,1.) if 'bold' in c.net.names else ()

class Held:
    "The answers for the picture asked about last"
    def __init__(self): self.of = None
    def __call__(self, gray):
        if gray is not self.of:
            p = as_photo(gray)
            y = seen(p)
            self.of,self.said = gray,(p, y, c.ask([y], 'uv', *['bold']*bool(shares)))
        return self.said

held = Held()
def way(factor, share=0):
    "Colour with one choice"
    def paint_it(gray, shown):
        p,y,(uv,*bold) = held(gray)
        uv = (uv-.5)*factor+.5
        if share: uv = mix(uv, bold[0], share)
        return to_picture(paint(p, follow_edges(y, uv[0,:,:y.shape[0],:y.shape[1]], 8)))
    return paint_it

ways = {f'factor {f}': way(f) for f in factors}|{f'vivid {v}': way(stored, v) for v in shares}
rows = table(evaluate(files, **ways))
print_table(rows)
keys = 'psnr gain better ciede2000 ratio auc auc_balanced'.split()
first = lambda x: x[0] if isinstance(x, tuple) else x
lines = [','.join([mark, r['name'], *(f'{first(r[k]):.5g}' for k in keys)]) for r in rows]
out.write_text('\n'.join([','.join(['weights','way',*keys]), *lines, '']))

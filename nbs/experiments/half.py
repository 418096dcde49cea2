"""How bold can each run's decoder be, and how right: half.py VAL NAME=DECODER... (half.csv beside this file)

Every third photo, coloured with half of the second head and with three quarters of it, and measured as `colornet_eval` does;
all with the factor on chroma that the release has. Chapter 37 reads from it what each has where it is equally bold.
"""
import sys
from pathlib import Path
from colornet.files import find_photos
from colornet.infer import Colorizer
from colornet.metrics import evaluate, print_table, table

files,nets = find_photos(sys.argv[1])[::3],dict(a.split('=', 1) for a in sys.argv[2:])
factor = Colorizer('release').factor

def ways(name, weights):
    "Half of the second head, and three quarters"
    c = Colorizer(weights)
    c.factor = factor
    return {f'{name},{v}': lambda gray, shown, v=v: c(gray, vivid=v) for v in (.5,.75)}

rows = table(evaluate(files, **{k:w for n,f in nets.items() for k,w in ways(n, f).items()}))
print_table(rows)
lines = [f"{r['name']},{r['gain'][0]:.4f},{r['ratio']:.4f},{r['auc_balanced']-rows[0]['auc_balanced']:.3f}" for r in rows[1:-1]]
Path(__file__).with_suffix('.csv').write_text('\n'.join(['run,vivid,gain,ratio,balanced', *lines, '']))

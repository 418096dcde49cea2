"`colornet_train` with what each process writes noted; the second process fails or dies if asked (see test_launch.py)"
import os, signal, sys
from pathlib import Path
import colornet.launch
from colornet.cli import colornet_train

notes,fate = sys.argv.pop(1),sys.argv.pop(1)
rank,out,wrote,steps = int(os.environ['RANK']),Path(sys.argv[sys.argv.index('--out')+1]),set(),[]

def watch(event, args):
    "A file is opened to write, or gets its name"
    if event=='open' and not args[2]&(os.O_WRONLY|os.O_RDWR) or event not in ('open','os.link','os.rename'): return
    path = Path(str(args[event!='open']))
    if out in path.parents: wrote.add(path.name)
sys.addaudithook(watch)

def counting(*args, **kwargs):
    steps.append(1)
    if fate=='fails' and rank==1 and len(steps)==2: raise RuntimeError('rank 1 gives up')
    if fate=='dies' and rank==1 and len(steps)==4: os.kill(os.getpid(), signal.SIGKILL)
    return learn(*args, **kwargs)
learn,colornet.launch.train_loop = colornet.launch.train_loop,counting

status = colornet_train()
Path(notes, f'{rank}.txt').write_text('\n'.join(sorted(wrote)))
sys.exit(status)

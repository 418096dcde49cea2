"`colornet_train` that dies by SIGKILL as it begins to write file NAME after STEP steps (see test_train.py)"
import os, signal, sys
from pathlib import Path
import colornet.launch
from colornet.cli import colornet_train

name,step,steps = sys.argv.pop(1),int(sys.argv.pop(1)),[]

def counting(*args, **kwargs):
    steps.append(1)
    return learn(*args, **kwargs)
learn,colornet.launch.train_loop = colornet.launch.train_loop,counting

def watch(event, args):
    "A file is opened to write, or gets its name"
    if event=='open' and not args[2]&(os.O_WRONLY|os.O_RDWR) or event not in ('open','os.link','os.rename'): return
    if len(steps)==step and Path(str(args[event!='open'])).name==name: os.kill(os.getpid(), signal.SIGKILL)
sys.addaudithook(watch)

sys.exit(colornet_train())

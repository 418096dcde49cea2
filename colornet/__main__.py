"`python -m colornet` is the command `colornet`"
from colornet.cli import colornet

if __name__=='__main__': raise SystemExit(colornet())

"""Run notebooks in a real Jupyter kernel and store their outputs: python docs/outputs.py [NOTEBOOK...]

Cells that `nbdev_test` skips (`tst_flags` in settings.ini) are skipped here, too.
"""
import os, sys
from configparser import ConfigParser
from pathlib import Path
import nbformat
from nbclient import NotebookClient
from nbdev.clean import clean_nb
from execnb.nbio import read_nb, write_nb

root = Path(__file__).parent.parent
ini = ConfigParser(delimiters=['='])
ini.read(root/'settings.ini')
flags = ini['DEFAULT']['tst_flags'].split()

def skipped(cell):
    "Whether a cell's directives carry one of the flags"
    heads = (l[2:].strip() for l in cell.source.splitlines() if l.startswith('#|'))
    return any(h.split()[:1]==[f] for h in heads for f in flags)

class Client(NotebookClient):
    async def async_execute_cell(self, cell, *args, **kwargs):
        return cell if skipped(cell) else await super().async_execute_cell(cell, *args, **kwargs)

def run(path):
    "Run one notebook in its folder and write it back, cleaned"
    nb = nbformat.read(path, 4)
    Client(nb, timeout=600, kernel_name='python3', resources={'metadata': {'path': path.parent}}).execute()
    nb.metadata.pop('language_info', None)
    nbformat.write(nb, path)
    nb = read_nb(path)
    clean_nb(nb)
    write_nb(nb, path)

if __name__=='__main__':
    os.environ['IN_TEST'] = '1'  # as under nbdev_test: nbdev_export() in the last cell stays quiet
    for p in map(Path, sys.argv[1:] or sorted((root/'nbs').glob('*.ipynb'))):
        print(p.name, flush=True)
        run(p.resolve())

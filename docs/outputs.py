"""Run notebooks in a real Jupyter kernel and store their outputs: python docs/outputs.py [NOTEBOOK...]

Cells that need a GPU or the internet (`#| cuda`, `#| notest`) are skipped.
"""
import os, sys
from pathlib import Path
import nbformat
from nbclient import NotebookClient
from nbdev.clean import clean_nb
from execnb.nbio import read_nb, write_nb

root = Path(__file__).parent.parent

def skipped(cell):
    "Whether a cell needs what may not be here"
    heads = (l[2:].strip() for l in cell.source.splitlines() if l.startswith('#|'))
    return any(h in ('cuda','notest') for h in heads)

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

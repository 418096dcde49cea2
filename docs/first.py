"""Write the first code cell of every notebook that has code: python docs/first.py

It stands below the title and makes *Open in Colab* and *Run All* work: where the package is missing it fetches the repository, whose
address is in `settings.ini`, installs it and works in its folder `nbs`; then it calls `colornet.exercises.begin`.
"""
import json
from pathlib import Path
from conf import cfg

root = Path(__file__).parent.parent

cell = '''#| hide
# Where colornet is missing, as in Colab: fetch the book, install it, and work in its folder
import os, subprocess, sys
from importlib import invalidate_caches, util
if os.path.exists('../images'): os.chdir('..')  # a translation lies one folder deeper
if not os.path.exists('images'):
    source = os.environ.get('COLORNET_SOURCE', 'URL')
    subprocess.run(['git', 'clone', '-q', '--depth', '1', source, 'colornet-book'], check=True)
    os.chdir('colornet-book/nbs')
if not util.find_spec('colornet'):
    print('Installing colornet takes a minute or two.', flush=True)
    subprocess.run([sys.executable, '-m', 'pip', 'install', '-q', '..[app]'], check=True)
    invalidate_caches()
from colornet.exercises import begin
begin(LANG)'''.replace('URL', cfg['git_url'])

def first(
    lang:str='', # Language that figures and messages shall have, if not English
)->dict:         # Code cell
    "The first cell of a notebook"
    text = cell.replace('LANG', repr(lang) if lang else '')
    return dict(cell_type='code', execution_count=None, id='first', metadata={}, outputs=[], source=text.splitlines(True))

def put(
    path:Path, # Notebook
):
    "Put the cell below the title, in place of an older one"
    old = path.read_text(encoding='utf-8')
    nb = json.loads(old)
    nb['cells'] = [c for c in nb['cells'] if c['id']!='first']
    if any(c['cell_type']=='code' for c in nb['cells']): nb['cells'].insert(1, first())
    new = json.dumps(nb, sort_keys=True, indent=1, ensure_ascii=False)+'\n'
    if new!=old: path.write_text(new, encoding='utf-8')

if __name__=='__main__':
    for p in sorted((root/'nbs').glob('*.ipynb')): put(p)

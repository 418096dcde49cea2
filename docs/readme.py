"""Make README.md from nbs/index.ipynb and its stored outputs: python docs/readme.py"""
import re
from pathlib import Path
import nbformat
from nbconvert import MarkdownExporter
from cells import directives

root = Path(__file__).parent.parent
pictures = root/'docs'/'readme'

def visible(cell):
    "The cell as readers see it: hidden ones gone, directives removed; `None` if nothing is left"
    heads,body = directives(cell.source)
    if 'hide' in heads: return None
    cell.source = '' if heads.get('echo')=='false' else body
    cell.metadata['alt'] = heads.get('fig-alt', '')
    return cell

def main():
    nb = nbformat.read(root/'nbs'/'index.ipynb', 4)
    nb.cells = [c for c in map(visible, nb.cells) if c]
    nb.metadata['language_info'] = {'name': 'python'}
    alts = [c.metadata['alt'] for c in nb.cells for o in c.get('outputs',[]) if 'image/png' in o.get('data',{})]
    how = {'output_files_dir': 'docs/readme', 'unique_key': 'index'}
    text,res = MarkdownExporter(template_name='markdown').from_notebook_node(nb, how)
    for f in pictures.glob('*.png'): f.unlink()
    pictures.mkdir(exist_ok=True)
    for name,data in res['outputs'].items(): (root/name).write_bytes(data)
    alt = iter(alts)
    text = re.sub(r'!\[png\]\(', lambda m: f'![{next(alt)}](', text)
    text = re.sub(r'```python\s*```\n*', '', text)
    text = re.sub(r'^ +(?=!\[|$)', '', text, flags=re.M)
    text = re.sub(r'\]\((\.\./)?(?!\w+:|docs/readme|#)', lambda m: ']('+('' if m[1] else 'nbs/'), text)
    text = re.sub(r'\n{3,}', '\n\n', text).strip()
    head = '<!-- Made by docs/readme.py from nbs/index.ipynb: edit that notebook, then run `make readme`. -->'
    (root/'README.md').write_text(f'{head}\n\n{text}\n', encoding='utf-8')

if __name__=='__main__': main()

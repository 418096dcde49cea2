"""Make README.md from nbs/index.ipynb and its stored outputs: python docs/readme.py; `docs/zh.py` makes README.zh.md in the same way"""
import json, re
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

def source(lang):
    "The notebook of the home page in a language, with the outputs of the English one, and its Chinese pictures by cell"
    nb = nbformat.read(root/'nbs'/'index.ipynb', 4)
    if lang=='en': return nb,{}
    from zh import chinese
    new = nbformat.reads(json.dumps(chinese(root/'nbs'/'index.ipynb', deeper=False)), 4)
    for c,old in zip(new.cells, nb.cells): c.update(outputs=old.outputs) if old.cell_type=='code' else None
    return new,{p.stem: p.relative_to(root).as_posix() for p in (root/'docs'/'zh'/'figures'/'index').glob('*.webp')}

def readme(
    lang:str='en', # en or zh
    files=None,    # Dict that gets the pictures by their names
)->str:            # Markdown
    "Make a README of the home page"
    nb,others = source(lang)
    nb.cells = [c for c in map(visible, nb.cells) if c]
    nb.metadata['language_info'] = {'name': 'python'}
    drawn = [c for c in nb.cells for o in c.get('outputs',[]) if 'image/png' in o.get('data',{})]
    how = {'output_files_dir': 'docs/readme', 'unique_key': 'index'}
    text,res = MarkdownExporter(template_name='markdown').from_notebook_node(nb, how)
    if files is not None: files.update(res['outputs'])
    cell = iter(drawn)
    def picture(m):
        c = next(cell)
        return f'![{c.metadata["alt"]}]({others.get(c.id, m[1])})'
    text = re.sub(r'!\[png\]\(([^)]*)\)', picture, text)
    text = re.sub(r'```python\s*```\n*', '', text)
    text = re.sub(r'^ +(?=!\[|$)', '', text, flags=re.M)
    text = re.sub(r'\]\((\.\./)?(?!\w+:|docs/|#)', lambda m: ']('+('' if m[1] else 'nbs/'), text)
    for p in (root/'nbs'/'zh').glob('*.ipynb') if lang!='en' else (): text = text.replace(f'](nbs/{p.name}', f'](nbs/zh/{p.name}')
    text = re.sub(r'\n{3,}', '\n\n', text).strip()
    made = ('docs/readme.py','readme') if lang=='en' else ('docs/zh.py','zh')
    head = f'<!-- Made by {made[0]} from nbs/index.ipynb: edit that notebook, then run `make {made[1]}`. -->'
    other = 'English | [中文](README.zh.md)' if lang=='en' else '[English](README.md) | 中文'
    return f'{head}\n\n{other}\n\n{text}\n'

def main():
    files = {}
    text = readme(files=files)
    for f in pictures.glob('*.png'): f.unlink()
    pictures.mkdir(exist_ok=True)
    for name,data in files.items(): (root/name).write_bytes(data)
    (root/'README.md').write_text(text, encoding='utf-8')

if __name__=='__main__': main()

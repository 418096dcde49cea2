"""Run notebooks in a real Jupyter kernel and store their outputs: python docs/outputs.py [NOTEBOOK...]

Without names, it runs those whose outputs are stale. Cells that need a GPU or the internet (`#| cuda`, `#| notest`) are skipped. What
the outputs were made from, and how long it took, is noted in `docs/outputs.json`, so that `docs/build.py` can tell stale ones without
running anything. Figures with words are drawn in Chinese, too: these pictures go to `docs/zh/figures`, and their words to a table there.
`--stamp` runs nothing, and notes what is stored as current.
"""
import argparse, ast, hashlib, io, json, os, re, shutil, sys, time, tokenize
from pathlib import Path

root = Path(__file__).parent.parent
sys.path.append(str(root))

from cells import code_cells, heads, src
from colornet.files import our_endings

noted = root/'docs'/'outputs.json'
figures = root/'docs'/'zh'/'figures'  # what Chinese figures say, and a folder of pictures for each notebook

watch = f"import sys; sys.path.append({str(root/'docs')!r}); import both; both.watch(get_ipython()); sys.path.pop()"

def store(png, to):
    "Keep a picture as WebP: without loss if that is small"
    from base64 import b64decode
    from PIL import Image
    im = Image.open(io.BytesIO(b64decode(png))).convert('RGB')
    im.save(to, lossless=True, method=6)
    if to.stat().st_size>60_000: im.save(to, quality=90, method=6, use_sharp_yuv=True)

def take_chinese(
    name:str,  # Of the notebook, without ending
    nb,        # Notebook that has run under `watch`
)->float:      # Seconds that it took to draw them
    "Move Chinese figures from the outputs of a notebook to their folder, and what they say to its table"
    folder,table = figures/name,figures/'words.json'
    shutil.rmtree(folder, ignore_errors=True)
    said,took = {},0
    for c in nb.cells:
        for o in c.get('outputs', []):
            more = o.get('metadata', {}).get('image/png', {})
            if 'zh' not in more: continue
            png,words,seconds = (more.pop(k) for k in ('zh','words','seconds'))
            took += seconds
            if not more: del o['metadata']['image/png']
            folder.mkdir(parents=True, exist_ok=True)
            store(png, folder/f"{c['id']}.webp")
            said[c['id']] = words
    old = json.loads(table.read_text(encoding='utf-8')) if table.exists() else {}
    new = {k: v for k,v in sorted({**old, name: said}.items()) if v}
    if new!=old: table.write_text(json.dumps(new, indent=1, ensure_ascii=False)+'\n', encoding='utf-8')
    return took

def run(path):
    "Run one notebook in its folder and write it back, cleaned; returns the seconds that it took"
    import nbformat
    from execnb.nbio import read_nb, write_nb
    from nbclient import NotebookClient
    from nbdev.clean import clean_nb
    class Client(NotebookClient):
        async def async_execute_cell(self, cell, *args, **kwargs):
            return cell if {'cuda','notest'}&heads(cell).keys() else await super().async_execute_cell(cell, *args, **kwargs)
    nb = nbformat.read(path, 4)
    where = {'metadata': {'path': path.parent}}
    start = time.time()
    if both := (root/'nbs'/'zh'/path.name).exists(): nb.cells.insert(0, nbformat.v4.new_code_cell(watch))
    Client(nb, timeout=1200, kernel_name='python3', coalesce_streams=True, resources=where).execute()
    seconds = time.time()-start
    if both:
        nb.cells.pop(0)
        seconds -= take_chinese(path.stem, nb)
    for k in ('language_info','widgets'): nb.metadata.pop(k, None)
    for o in sum((c.get('outputs', []) for c in nb.cells), []):
        if 'image/png' in o.get('data', {}): o['data'].pop('application/vnd.jupyter.widget-view+json', None)  # A still needs no kernel
    nbformat.write(nb, path)
    nb = read_nb(path)
    clean_nb(nb)
    write_nb(nb, path)
    return round(seconds, 1)

def comments(src:str): # Python
    "Where comments stand: from `(line, byte)` to `(line, byte)`"
    lines = src.split('\n')
    for t in tokenize.generate_tokens(io.StringIO(src).readline):
        if t.type!=tokenize.COMMENT: continue
        row,col = t.start
        line = lines[row-1]
        yield (row, len(line[:col].encode())),(row, len(line.encode()))

def docstrings(
    tree:ast.Module, # Parsed source
    cell:bool,       # A string that begins a cell of a notebook is no docstring: it may be what the cell shows
):
    "Where docstrings stand, as `comments` tells it"
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)+(() if cell else (ast.Module,))
    for n in ast.walk(tree):
        if isinstance(n, kinds) and ast.get_docstring(n) is not None:
            d = n.body[0]
            yield (d.lineno, d.col_offset),(d.end_lineno, d.end_col_offset)

def bare(
    src:str,         # Python, or IPython's own syntax
    cell:bool=False, # Whether it is a cell of a notebook
)->str:              # The same without comments, docstrings, empty lines and trailing spaces
    "What of a source can change an output; the same in every version of Python, as `ast.unparse` would not be"
    lines = src.encode().split(b'\n')
    try: cuts = [*comments(src), *docstrings(ast.parse(src), cell)]
    except (SyntaxError, tokenize.TokenError): cuts = []  # of IPython's syntax, only comments that fill a line
    for (row,col),(last,end) in sorted(cuts, reverse=True): lines[row-1:last] = [lines[row-1][:col]+lines[last-1][end:]]
    return '\n'.join(l.rstrip() for l in b'\n'.join(lines).decode().split('\n') if l.strip() and not l.lstrip().startswith('#'))

def imported(
    src:str, # Python, with or without IPython's syntax
)->set:      # Modules of colornet, without `colornet.`; `__init__` for names of the package's root
    "Read what a source imports from this package, at its top or inside functions"
    found = set(re.findall(r'^\s*(?:from|import) +(?:colornet)?\.(\w+)', src, re.M))
    roots = re.findall(r'^\s*(?:from +(?:colornet|\.) +import|import +colornet\b(?!\.)) *\(?([\w, ]*)', src, re.M)
    return found|({'__init__'} if roots else set())|set(re.findall(r'\w+', ' '.join(roots)))

def modules(
    names:set, # Modules of colornet, without `colornet.`
    root:Path, # The repository
)->list:       # Those and what they import, at the top or inside functions, sorted
    "Follow imports inside the package; its root leads to each module that it names"
    seen,todo = set(),set(names)
    while todo:
        m = todo.pop()
        if not (f := root/'colornet'/f'{m}.py').exists(): continue
        seen.add(m)
        text = f.read_text(encoding='utf-8')
        todo |= (set(re.findall(r'\w+', bare(text))) if m=='__init__' else imported(text))-seen
    return sorted(seen)

def readable(folder:Path): # `nbs/images` or `nbs/experiments`
    "Files that a notebook may read there, by name"
    return {p.name: p for p in folder.iterdir() if p.is_file() and p.suffix!='.md' and not p.stem.endswith(our_endings)}

def data_files(
    src:str,   # Code of a notebook
    root:Path, # The repository
)->list:       # Photos and tables that it may read: those it names, or the whole folder where it names one only in part
    "Find what a notebook reads in `nbs/images`, `nbs/experiments` and `nbs/photos`, and the stills of its live figures"
    stills = [root/'nbs'/'live'/f'{n}.png' for n in re.findall(r"\blive\('(\w+)'\)", src)]
    res = {p for p in stills if p.exists()}
    for name in ('images','experiments','photos'):
        if not (root/'nbs'/name).exists(): continue
        files = readable(root/'nbs'/name)
        named = re.findall(rf"\b{name}\b/?([\w.-]*)", src)
        res |= {files[n] for n in named if n in files}
        if set(named)-files.keys(): res |= {p for p in files.values() if p.suffix!='.py'}
    return sorted(res)

def code(path:Path): return '\n'.join(bare(src(c), cell=True) for c in code_cells(path))

def digest(
    path:Path,      # Notebook
    root:Path=root, # The repository
)->dict:            # SHA-256 of `code`, which made the outputs, and of the `outputs` themselves
    "Sum up what a notebook's outputs depend on"
    text = code(path)
    h = hashlib.sha256(text.encode())
    for m in modules(imported(text), root):
        made = bare((root/'colornet'/f'{m}.py').read_text(encoding='utf-8'))
        h.update(f"\n{m}\n{re.sub('^__version__.*', '', made, flags=re.M)}".encode())
    for p in [*data_files(text, root), root/'colornet'/'weights'/'SHA256SUMS']:
        h.update(p.name.encode()+hashlib.sha256(p.read_bytes()).digest())
    outs = json.dumps([c['outputs'] for c in code_cells(path)], sort_keys=True)
    return dict(code=h.hexdigest(), outputs=hashlib.sha256(outs.encode()).hexdigest())

def stamp(
    path:Path,         # Notebook
    seconds:float|None # What its cells took; what they took before if it has not run
):
    "Note that the stored outputs of a notebook are current, and forget notebooks that are gone"
    notes = json.loads(noted.read_text()) if noted.exists() else {}
    if seconds is None: seconds = notes.get(path.name, {}).get('seconds', 0)
    notes[path.name] = dict(digest(path), seconds=seconds)
    notes = {k: notes[k] for k in sorted(notes) if (root/'nbs'/k).exists()}
    noted.write_text(json.dumps(notes, indent=1)+'\n')

def stale(
    paths:list,     # Notebooks
    root:Path=root, # The repository, with `docs/outputs.json`
)->list:            # A line for each notebook whose outputs are not those that its code gives
    "Find notebooks whose stored outputs are not proven current"
    f = root/'docs'/'outputs.json'
    notes,res = json.loads(f.read_text()) if f.exists() else {},[]
    for p in paths:
        old,new = notes.get(p.name, {}),digest(p, root)
        if all(old.get(k)==v for k,v in new.items()): continue
        changed = old.get('code')!=new['code']
        why = 'its code, or a module, photo or weight that it uses, has changed since its last run' if changed else \
              'its outputs are not those of its last run'
        res.append(f'nbs/{p.name}: {why}; run: make outputs NB=nbs/{p.name}')
    return res

def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument('notebooks', nargs='*', type=lambda n: Path(n).resolve())
    p.add_argument('--stamp', action='store_true')
    args = p.parse_args()
    every = sorted((root/'nbs').glob('*.ipynb'))
    for nb in args.notebooks or [p for p in every if args.stamp or stale([p])]:
        print(nb.name, flush=True)
        stamp(nb, None if args.stamp else run(nb))

if __name__=='__main__':
    os.environ['IN_TEST'] = '1'  # as under nbdev_test, where the first cell leaves the flags to whoever runs it
    main()

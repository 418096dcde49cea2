"""Run notebooks in a real Jupyter kernel and store their outputs: python docs/outputs.py [NOTEBOOK...]

Cells that need a GPU or the internet (`#| cuda`, `#| notest`) are skipped. What the outputs were made from is noted in
`docs/outputs.json`, so that `docs/build.py` can tell outputs that are no longer current without running anything. `--stale` runs
only notebooks that need it; `--stamp` runs nothing, and notes what is stored as current.
"""
import hashlib, io, json, os, re, sys, tokenize
from pathlib import Path

root = Path(__file__).parent.parent
noted = root/'docs'/'outputs.json'

def skipped(cell):
    "Whether a cell needs what may not be here"
    heads = (l[2:].strip() for l in cell.source.splitlines() if l.startswith('#|'))
    return any(h in ('cuda','notest') for h in heads)

def run(path):
    "Run one notebook in its folder and write it back, cleaned"
    import nbformat
    from execnb.nbio import read_nb, write_nb
    from nbclient import NotebookClient
    from nbdev.clean import clean_nb
    class Client(NotebookClient):
        async def async_execute_cell(self, cell, *args, **kwargs):
            return cell if skipped(cell) else await super().async_execute_cell(cell, *args, **kwargs)
    nb = nbformat.read(path, 4)
    Client(nb, timeout=600, kernel_name='python3', resources={'metadata': {'path': path.parent}}).execute()
    nb.metadata.pop('language_info', None)
    nbformat.write(nb, path)
    nb = read_nb(path)
    clean_nb(nb)
    write_nb(nb, path)

def code_cells(path): return [c for c in json.loads(path.read_text(encoding='utf-8'))['cells'] if c['cell_type']=='code']

def bare(
    src:str,               # Python
    lines_only:bool=False, # Drop only comments that fill a line, as IPython's own syntax needs it
)->str:                    # The same without comments, empty lines and trailing spaces
    "What of a source can change an output"
    lines = src.splitlines()
    if not lines_only:
        for t in tokenize.generate_tokens(io.StringIO(src).readline):
            if t.type==tokenize.COMMENT: lines[t.start[0]-1] = lines[t.start[0]-1][:t.start[1]]
    return '\n'.join(l.rstrip() for l in lines if l.strip() and not l.lstrip().startswith('#'))

def imported(src): return set(re.findall(r'^\s*(?:from|import) +(?:colornet)?\.(\w+)', src, re.M))

def modules(
    names:set, # Modules of colornet, without `colornet.`
    root:Path, # The repository
)->list:       # Those and what they import, at the top or inside functions, sorted
    "Follow imports inside the package"
    seen,todo = set(),set(names)
    while todo:
        m = todo.pop()
        if not (f := root/'colornet'/f'{m}.py').exists(): continue
        seen.add(m)
        todo |= imported(f.read_text(encoding='utf-8'))-seen
    return sorted(seen)

def data_files(
    src:str,   # Code of a notebook
    root:Path, # The repository
)->list:       # Photos and tables that it may read: those it names, or the whole folder where it names one only in part
    "Find what a notebook reads in `nbs/images` and `nbs/experiments`"
    res = set()
    for name in ('images','experiments'):
        d = root/'nbs'/name
        files = {p.name: p for p in d.iterdir() if p.is_file() and p.suffix!='.md' and not p.stem.endswith(('-color','-compare','-doubt'))}
        named = [m[1] for m in re.finditer(rf"\b{name}\b/?([\w.-]*)", src)]
        res |= {files[n] for n in named if n in files}
        if any(n not in files for n in named): res |= {p for p in files.values() if p.suffix!='.py'}
    return sorted(res)

def digest(
    path:Path,      # Notebook
    root:Path=root, # The repository
)->dict:            # SHA-256 of `code`, which made the outputs, and of the `outputs` themselves
    "Sum up what a notebook's outputs depend on"
    cells = code_cells(path)
    code = '\n'.join(bare(''.join(c['source']), lines_only=True) for c in cells)
    h = hashlib.sha256(code.encode())
    for m in modules(imported(code), root):
        h.update(f"\n{m}\n{bare((root/'colornet'/f'{m}.py').read_text(encoding='utf-8'))}".encode())
    for p in [*data_files(code, root), root/'colornet'/'weights'/'SHA256SUMS']:
        h.update(p.name.encode()+hashlib.sha256(p.read_bytes()).digest())
    outs = json.dumps([c['outputs'] for c in cells], sort_keys=True)
    return dict(code=h.hexdigest(), outputs=hashlib.sha256(outs.encode()).hexdigest())

def stamp(paths):
    "Note that the stored outputs of notebooks are current, and forget notebooks that are gone"
    notes = json.loads(noted.read_text()) if noted.exists() else {}
    notes |= {p.name: digest(p) for p in paths}
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
        if old==new: continue
        changed = old.get('code')!=new['code']
        why = 'its code, or a module, photo or weight that it uses, has changed since its last run' if changed else \
              'its outputs are not those of its last run'
        res.append(f'nbs/{p.name}: {why}; run: make outputs NB=nbs/{p.name}')
    return res

if __name__=='__main__':
    os.environ['IN_TEST'] = '1'  # as under nbdev_test: nbdev_export() in the last cell stays quiet
    flags,names = ([a for a in sys.argv[1:] if a.startswith('--')==f] for f in (True,False))
    if bad := set(flags)-{'--stamp','--stale'}: sys.exit(f"{' '.join(bad)}: there is no such option; use --stale or --stamp")
    paths = [Path(n).resolve() for n in names] or sorted((root/'nbs').glob('*.ipynb'))
    if '--stale' in flags: paths = [p for p in paths if stale([p])]
    for p in paths:
        if '--stamp' not in flags:
            print(p.name, flush=True)
            run(p)
        stamp([p])

"The form of the notebooks, and their `#| cuda` cells run with the device replaced by `cpu`"
import ast, json, os, re, subprocess
from pathlib import Path
import pytest
from colornet.data import our_endings

root = Path(__file__).parent.parent
nbs = sorted((root/'nbs').glob('*.ipynb'))
chapters = [p for p in nbs if p.stem!='index']
flags = ('notest', 'cuda', 'slow')
by_name = dict(argvalues=nbs, ids=lambda p: p.stem)

def cells(path): return json.loads(path.read_text(encoding='utf-8'))['cells']
def src(cell): return ''.join(cell['source'])
def directives(cell): return {l[2:].strip() for l in src(cell).splitlines() if l.startswith('#|')}
def code(path): return [c for c in cells(path) if c['cell_type']=='code']
def module(path): return path.stem.split('_',1)[1]
def has_cuda(path): return any('cuda' in directives(c) for c in code(path))

def test_every_chapter_exports_the_module_of_its_name():
    assert sorted(f'{module(p)}.py' for p in chapters)==sorted(p.name for p in (root/'colornet').glob('[!_]*.py'))
    for p in chapters: assert any(f'default_exp {module(p)}' in directives(c) for c in code(p)), p.name

@pytest.mark.parametrize('path', chapters, ids=lambda p: p.stem)
def test_a_module_imports_from_lower_numbers_only(path):
    number = {module(p): int(p.stem[:2]) for p in chapters}
    tree = ast.parse((root/'colornet'/f'{module(path)}.py').read_text())
    exempt = dict(cli=ast.FunctionDef, infer=ast.FunctionDef, launch=ast.If).get(module(path), ())  # commands, the choice of an engine, and what `python -m` runs
    inside = {n for f in ast.walk(tree) if isinstance(f, exempt) for n in ast.walk(f)}
    there = [n for n in ast.walk(tree) if isinstance(n, ast.ImportFrom) and n not in inside]
    names = [n.module if n.level else n.module.split('.')[1] for n in there if n.level or n.module.startswith('colornet.')]
    assert names or number[module(path)]<5 or module(path) in ('cli','export','ledger'), 'no imports found'
    assert all(number[n]<number[module(path)] for n in names), names

@pytest.mark.parametrize('path', **by_name)
def test_ids_are_unique_and_outputs_are_stored_without_errors(path):
    cs = cells(path)
    assert len({c['id'] for c in cs})==len(cs)
    outs = [o for c in code(path) for o in c['outputs']]
    assert not any(o['output_type']=='error' or o.get('name')=='stderr' for o in outs)
    assert any('image/png' in o.get('data', {}) for o in outs)
    assert path.stat().st_size<2_000_000

@pytest.mark.parametrize('path', chapters, ids=lambda p: p.stem)
def test_a_chapter_has_the_form_of_a_chapter(path):
    first, last, cs = src(cells(path)[0]), src(cells(path)[-1]), code(path)
    assert re.fullmatch(r'# .+\n\n> .+', first) and 'nbdev_export()' in last
    assert any(src(c)=='## What we have now' for c in cells(path))
    assert all(sum(not re.match(r' +\w+\*?:.+# |#\|', l) for l in src(c).splitlines())<=25 for c in cs)  # but parameters, a line each
    assert sum(bool(directives(c)&set(flags)) for c in cs)<=len(cells(path))/10

@pytest.mark.parametrize('path', **by_name)
def test_links_lead_somewhere(path):
    for c in cells(path):
        for to in re.findall(r'\]\(([^)#]+)', src(c) if c['cell_type']=='markdown' else ''):
            assert to.startswith('http') or (path.parent/to).exists(), to

@pytest.mark.parametrize('path', **by_name)
def test_every_figure_has_words_above_it(path):
    words = None
    for c in cells(path):
        if c['cell_type']=='markdown': words = src(c)
        elif any('image/png' in o.get('data', {}) for o in c['outputs']): assert words and not words.startswith('#'), src(c)

def test_photos_are_small_and_listed():
    table = (root/'nbs'/'images'/'README.md').read_text()
    photos = [p for p in (root/'nbs'/'images').iterdir() if p.suffix!='.md' and not p.stem.endswith(our_endings)]
    assert 8<=len(photos)<=30
    for p in photos: assert p.stat().st_size<=100_000 and f'| `{p.name}` |' in table, p.name

@pytest.mark.parametrize('path', [p for p in chapters if has_cuda(p)], ids=lambda p: p.stem)
def test_one_hidden_cell_names_the_cuda_device(path):
    allowed = ('amp_dtype(', "dtype='fp32', device='cpu'")  # what asks about devices, and what is exact on a CPU alone
    text = lambda c: '\n'.join(l for l in src(c).splitlines() if not l.startswith('#|') and not any(a in l for a in allowed))
    named = [c for c in code(path) if re.search(r"""['"](cuda|cpu|mps)(:\d+)?['"]""", text(c)) and not directives(c)&{'export','exporti'}]
    assert len(named)==1 and {'hide','cuda'}<=directives(named[0])

def nbdev_test(nb, path, **env):
    "Run a notebook with its cuda cells, beside links to the photos"
    path.write_text(json.dumps(nb))
    for folder in ('images','experiments'): (path.parent/folder).symlink_to(root/'nbs'/folder)
    done = subprocess.run(['nbdev_test', '--path', path, '--flags', 'cuda', '--n_workers', '0'], cwd=root, capture_output=True, text=True,
                          env=dict(os.environ, **env))
    return done.returncode, done.stdout+done.stderr

@pytest.mark.slow
@pytest.mark.parametrize('path', [p for p in chapters if has_cuda(p)], ids=lambda p: p.stem)
def test_cuda_cells_run_with_the_device_replaced_by_cpu(path, tmp_path):
    nb = json.loads(path.read_text(encoding='utf-8'))
    device = next(c for c in nb['cells'] if {'hide','cuda'}<=directives(c))
    device['source'] = src(device).replace("'cuda'", "'cpu'")
    status, said = nbdev_test(nb, tmp_path/path.name)
    assert status==0 and 'Success' in said, said[-3000:]

@pytest.mark.slow
@pytest.mark.parametrize('path', [p for p in chapters if has_cuda(p)], ids=lambda p: p.stem)
def test_without_a_gpu_the_cuda_flag_fails(path, tmp_path):
    nb = json.loads(path.read_text(encoding='utf-8'))
    lines = lambda c: [l for l in src(c).splitlines() if l and not l.startswith('#|')]
    imports = lambda c: c['cell_type']=='code' and all(l.startswith(('import ','from ')) for l in lines(c)) and 'nbdev' not in src(c)
    nb['cells'] = [c for c in nb['cells'] if {'hide','cuda'}<=directives(c) or imports(c)]
    status, said = nbdev_test(nb, tmp_path/path.name, CUDA_VISIBLE_DEVICES='')
    assert status!=0 and 'finds no cuda device' in said

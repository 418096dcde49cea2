"The form of the notebooks and of the modules that they export, and their slow cells and `#| cuda` cells, these on the CPU"
import ast, json, os, re, subprocess
from graphlib import TopologicalSorter
from pathlib import Path
import pytest
from radon.complexity import cc_visit
import chapters as measured
import first
from cells import cells, code_cells, directives, heads, module, src
from colornet.files import our_endings

root = Path(__file__).parent.parent
nbs = sorted((root/'nbs').glob('*.ipynb'))
chapters = [p for p in nbs if p.stem!='index']
path_of_the_reader = [p for p in chapters if p.stem[0]<'5']
lessons = [p for p in chapters if p.stem[0]<'9']  # what follows is the back of the book: glossary, sources, solutions
flags = ('notest', 'cuda', 'slow')
by_name = dict(argvalues=nbs, ids=lambda p: p.stem)
package = {p.stem: p for p in sorted((root/'colornet').glob('[!_]*.py'))}

layers = dict(  # from the lowest; a module imports from its own layer and from lower ones
    shared='words files pixels flow answers photo save device weights frame tone arrays command',
    learning='yuv show metrics taps decoder loss data train vivid eyes',
    training='judge state launch',
    tool='infer export names panels batch say cli app bench',
    book='exercises live checks1 checks2 checks3 checks4')
layer = {m: i for i,ms in enumerate(layers.values()) for m in ms.split()}

def is_device(cell): return cell['cell_type']=='code' and {'hide','cuda'}<=heads(cell).keys()
def has(path, *flags): return any(heads(c).keys()&set(flags) for c in code_cells(path))

# The modules

def imports(path):
    "Modules of the package that a module imports, at its top or inside functions; names of its root as `__init__`"
    res = set()
    for n in ast.walk(ast.parse(path.read_text(encoding='utf-8'))):
        if isinstance(n, ast.Import): res |= {a.name.removeprefix('colornet.') for a in n.names if a.name.startswith('colornet.')}
        if not isinstance(n, ast.ImportFrom) or not (n.level or n.module.split('.')[0]=='colornet'): continue
        inside = n.module if n.level else n.module.partition('.')[2]
        res |= {inside} if inside else {a.name if a.name in package else '__init__' for a in n.names if a.name!='__version__'}
    return res

def test_modules_and_notebooks_belong_together():
    made = [m for m in map(module, chapters) if m]
    assert sorted(made)==sorted(package)

def test_every_module_has_its_layer():
    listed = ' '.join(layers.values()).split()
    assert sorted(listed)==sorted(package)

@pytest.mark.parametrize('name', package)
def test_a_module_imports_from_its_own_layer_or_a_lower_one(name):
    asked = imports(package[name])
    assert '__init__' not in asked, 'ask the module, not the root of the package'
    assert all(layer[m]<=layer[name] for m in asked), asked

def test_imports_go_in_no_circle():
    TopologicalSorter({m: imports(p) for m,p in package.items()}).prepare()  # names a circle in its error

many = dict(data=9, metrics=10, pixels=9)  # modules with more than eight public names, and how many
longer = dict(frame=264, photo=261)  # modules of more than 250 lines

@pytest.mark.parametrize('name', package)
def test_a_module_can_be_taken_in(name):
    text = package[name].read_text(encoding='utf-8')
    lines,names = text.count('\n'),ast.literal_eval(re.search(r'^__all__ = (\[.*?\])', text, re.M|re.S)[1])
    assert lines<=(450 if name.startswith('checks') else longer.get(name, 250))  # all exercises of a part
    assert len(names)<=many.get(name, 8), names

def blocks(path):
    "Functions and methods, with their complexity as radon counts it"
    return [b for b in cc_visit(path.read_text(encoding='utf-8')) if type(b).__name__=='Function']

def test_few_functions_are_hard_to_follow():
    hard = [f'{m}.{b.fullname}: {b.complexity}' for m,p in package.items() for b in blocks(p) if b.complexity>10]
    assert len(hard)<=6, hard

# The notebooks

@pytest.mark.parametrize('path', **by_name)
def test_ids_are_unique_and_outputs_are_stored_without_errors(path):
    cs = cells(path)
    assert len({c['id'] for c in cs})==len(cs)
    assert 'widgets' not in json.loads(path.read_text(encoding='utf-8'))['metadata'], 'widget state; run `make outputs`'
    outs = [o for c in code_cells(path) for o in c['outputs']]
    assert not any(o['output_type']=='error' or o.get('name')=='stderr' for o in outs)
    assert path in set(chapters)-set(lessons) or any('image/png' in o.get('data', {}) for o in outs)
    assert path.stat().st_size<2_000_000

@pytest.mark.parametrize('path', chapters, ids=lambda p: p.stem)
def test_a_chapter_has_the_form_of_a_chapter(path):
    first,cs = src(cells(path)[0]),code_cells(path)
    assert re.fullmatch(r'# .+\n\n> .+', first)
    assert not any('nbdev_export' in src(c) for c in cs), 'whoever reads must not rewrite the package; run `make export`'
    assert path not in lessons or any(src(c)=='## What we have now' for c in cells(path))
    for c in cs:  # But parameters, a line each; classes and solutions, which stand in one piece, may have more
        lines = [l for l in src(c).splitlines() if not re.match(r' +\w+\*?:.+# |#\|', l)]
        assert len(lines)<=(40 if path not in lessons or re.search('^class ', src(c), re.M) else 25), src(c)[:80]
    assert sum(bool(heads(c).keys()&set(flags)) for c in cs)<=len(cells(path))/10

@pytest.mark.parametrize('path', [p for p in nbs if code_cells(p)], ids=lambda p: p.stem)
def test_the_first_code_cell_is_that_of_all(path):
    assert src(cells(path)[1])==src(first.first()), 'run `make export`'

@pytest.mark.parametrize('path', path_of_the_reader, ids=lambda p: p.stem)
def test_a_chapter_of_the_book_teaches(path):
    m,prose = measured.measure(path, 0),[src(c) for c in cells(path) if c['cell_type']=='markdown']
    assert m['ratio']>=4 and m['stretch']<=60 and 2<=m['exercises']<=4, m
    assert re.search(r'\*\*You need\*\* .*\*\*You learn\*\* .*\*\*Minutes:\*\* \d+', prose[1]), prose[1]
    assert '## What to remember' in prose and any('**Further reading.**' in p for p in prose)

@pytest.mark.parametrize('path', **by_name)
def test_directives_stand_on_top_of_their_cell(path):
    for c in code_cells(path): assert '\n#|' not in '\n'+directives(src(c))[1], src(c)

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
        elif any('image/png' in o.get('data', {}) for o in c['outputs']): assert words and not re.fullmatch('#.*', words), src(c)

def test_photos_are_small_and_listed():
    table = (root/'nbs'/'images'/'README.md').read_text()
    photos = [p for p in (root/'nbs'/'images').iterdir() if p.suffix!='.md' and not p.stem.endswith(our_endings)]
    assert 8<=len(photos)<=30
    for p in photos: assert p.stat().st_size<=100_000 and f'| `{p.name}` |' in table, p.name

@pytest.mark.parametrize('path', [p for p in chapters if has(p, 'cuda')], ids=lambda p: p.stem)
def test_one_hidden_cell_names_the_cuda_device(path):
    allowed = ('amp_dtype(', "dtype='fp32', device='cpu'")  # what asks about devices, and what is exact on a CPU alone
    text = lambda c: '\n'.join(l for l in src(c).splitlines() if not l.startswith('#|') and not any(a in l for a in allowed))
    named = [c for c in code_cells(path) if re.search(r"""['"](cuda|cpu|mps)(:\d+)?['"]""", text(c)) and not heads(c).keys()&{'export','exporti'}]
    assert len(named)==1 and is_device(named[0])

def nbdev_test(nb, path, **env):
    "Run a notebook with its flagged cells but those that need the internet, beside links to the photos"
    path.write_text(json.dumps(nb))
    for folder in ('images','experiments','photos','live'): (path.parent/folder).symlink_to(root/'nbs'/folder)
    command = ['nbdev_test', '--path', path, '--flags', 'cuda slow']
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, env=dict(os.environ, **env))
    return done.returncode, done.stdout+done.stderr

def is_imports(cell):
    lines = [l for l in directives(src(cell))[1].splitlines() if l]
    return cell['cell_type']=='code' and all(l.startswith(('import ','from ')) for l in lines) and 'nbdev' not in src(cell)

@pytest.mark.slow
@pytest.mark.parametrize('path', [p for p in chapters if has(p, 'slow', 'cuda')], ids=lambda p: p.stem)
def test_slow_cells_run_and_cuda_cells_with_the_device_replaced_by_cpu(path, tmp_path):
    nb = json.loads(path.read_text(encoding='utf-8'))
    for c in filter(is_device, nb['cells']): c['source'] = src(c).replace("'cuda'", "'cpu'")
    cells = [c for c in nb['cells'] if c['id']!='46e340ee']  # Two more seeds, for `make slow`
    assert len(nb['cells'])-len(cells)==(path.stem=='25_train')
    nb['cells'] = cells
    status, said = nbdev_test(nb, tmp_path/path.name)
    assert status==0 and 'Success' in said, said[-3000:]

@pytest.mark.slow
@pytest.mark.parametrize('path', [p for p in chapters if has(p, 'cuda')], ids=lambda p: p.stem)
def test_without_a_gpu_the_cuda_flag_fails(path, tmp_path):
    nb = json.loads(path.read_text(encoding='utf-8'))
    nb['cells'] = [c for c in nb['cells'] if is_device(c) or is_imports(c)]
    status, said = nbdev_test(nb, tmp_path/path.name, CUDA_VISIBLE_DEVICES='')
    assert status!=0 and 'finds no cuda device' in said

"The book as a reader meets it: exercises with their checks and solutions, Run All in Jupyter, Open in Colab, the words of the glossary"
import os, re, subprocess, sys, sysconfig
from pathlib import Path
import pytest
import chapters as measured
import first
import terms
from cells import cells, code_cells, src

root = Path(__file__).parent.parent
book = measured.book()
solutions = sorted((root/'nbs').glob('92_solutions*.ipynb'))
prose = lambda p: [src(c) for c in cells(p) if c['cell_type']=='markdown']
asked = {n: p for p in book for c in code_cells(p) for n in re.findall(r"^check\('([\w-]+)'", src(c), re.M)}

# Exercises

def test_each_exercise_stands_in_its_chapter_and_has_a_check_and_a_solution_with_mistakes():
    titles = {n: p for p in book for c in prose(p) for n in re.findall(r'^### Exercise ([\w-]+): ', c, re.M)}
    assert titles==asked
    for n,p in asked.items(): assert n.rpartition('-')[0]==p.stem[3:], f'{n} in {p.stem}'
    solved = [n for p in solutions for c in code_cells(p) for n in re.findall(r"@exercise\('([\w-]+)'\)", src(c))]
    assert sorted(solved)==sorted(asked)
    for p in solutions:
        text = '\n'.join(src(c) for c in code_cells(p))
        for n in re.findall(r"@exercise\('([\w-]+)'\)", text):
            assert re.search(rf"^check\('{n}', ", text, re.M), f'{n}: no right answer is tested'
            assert re.search(rf"test_fail\(lambda: check\('{n}', .*contains=", text), f'{n}: no wrong answer is tested'

def test_there_are_many_exercises_and_a_quarter_are_predictions():
    tasks = [c for p in book for c in prose(p) if c.startswith('### Exercise')]
    assert len(tasks)>=40 and sum(bool(re.search(r'[Bb]efore you run|[Pp]redict', t)) for t in tasks)>=10

def test_each_exercise_has_a_hint_that_unfolds_and_leads_to_its_solution():
    for p in book:
        for c in prose(p):
            if not (m := re.match(r'### Exercise ([\w-]+): ', c)): continue
            assert re.search(r'<details><summary>Hint</summary>\n\n.+\n\n</details>', c, re.S), m[1]
            to = re.search(r'\[Solution\]\((92_solutions\d\.ipynb)#([\w-]+)\)', c)
            assert to and to[2]==m[1] and f"## {m[1]}" in prose(root/'nbs'/to[1]), m[1]

def test_no_answer_stands_beside_its_stub():
    for p in book:
        for c in code_cells(p):
            if re.search(r"^check\('", src(c), re.M): assert '...' in src(c), src(c)

@pytest.mark.parametrize('name', asked)
def test_an_exercise_waits_for_its_answer(name, capsys):
    from colornet.exercises import check
    check(name, ...)
    assert f'{name} waits for you' in capsys.readouterr().out

# Run All

def run_all(nb, folder, **env):
    "Run a notebook as Jupyter does, in a folder, and return what its cells print"
    import nbformat
    from nbclient import NotebookClient
    was = dict(os.environ)
    os.environ.pop('IN_TEST', None)
    os.environ.update(env)
    try: nb = NotebookClient(nbformat.from_dict(nb), timeout=300, kernel_name='python3', resources={'metadata': {'path': str(folder)}}).execute()
    finally:
        os.environ.clear()
        os.environ.update(was)
    return [''.join(o.get('text', '') for o in c.get('outputs', [])) for c in nb.cells]

def notebook(*sources):
    cs = [dict(cell_type='code', id=f'c{i}', execution_count=None, metadata={}, outputs=[], source=s) for i,s in enumerate(sources)]
    return dict(cells=cs, metadata=dict(kernelspec=dict(name='python3', display_name='python3')), nbformat=4, nbformat_minor=5)

def test_run_all_passes_over_what_cannot_run_here():
    said = run_all(notebook(''.join(first.first()['source']), '#| cuda\n1/0', '#| slow 3 minutes\nprint(1)', 'print(2)'),
               root/'nbs', CUDA_VISIBLE_DEVICES='')
    assert said[1:]==['Passed over: this cell needs a CUDA GPU.\n', 'This cell takes 3 minutes.\n1\n', '2\n']

def test_a_wrong_answer_is_one_line_without_traceback():
    from colornet.exercises import Wrong
    assert Wrong('Count again.')._render_traceback_()==['Not right yet. Count again.']

def test_pictures_lie_inside_the_folder_of_the_notebooks():
    for p in (root/'nbs').glob('*.ipynb'):
        for c in prose(p): assert '](../' not in ''.join(re.findall(r'!\[[^\]]*\]\([^)]*\)', c)), p.name

@pytest.mark.slow
def test_a_notebook_alone_fetches_the_book_as_in_colab(tmp_path):
    "In an empty folder, with a Python that has the libraries but not this package: their folder is linked without it"
    libs = tmp_path/'libs'
    libs.mkdir()
    for f in Path(sysconfig.get_path('purelib')).iterdir():
        if not re.match(r'(__editable__|_colornet|colornet)', f.name): (libs/f.name).symlink_to(f)
    subprocess.run([sys.executable, '-m', 'venv', tmp_path/'fresh'], check=True)
    python = tmp_path/'fresh'/'bin'/'python'
    site = subprocess.run([python, '-c', "import sysconfig; print(sysconfig.get_path('purelib'))"], capture_output=True, text=True).stdout.strip()
    (Path(site)/'libs.pth').write_text(f'{libs}\n')
    empty = tmp_path/'empty'
    empty.mkdir()
    (empty/'nb.ipynb').write_text((root/'nbs'/'93_exercises.ipynb').read_text(encoding='utf-8'), encoding='utf-8')
    code = ('import nbformat, nbclient; nb = nbformat.read("nb.ipynb", 4); nbclient.NotebookClient(nb, timeout=500, kernel_name="python3").execute();'
            'print(nb.cells[-1].outputs[0].text)')
    env = {k:v for k,v in os.environ.items() if k not in ('IN_TEST','PYTHONPATH','VIRTUAL_ENV')}
    done = subprocess.run([python, '-c', code], cwd=empty, capture_output=True, text=True, env=dict(env, COLORNET_SOURCE=str(root)))
    assert done.returncode==0 and 'sum-1: right.' in done.stdout, done.stderr[-3000:]
    where = subprocess.run([python, '-c', 'import colornet; print(colornet.__file__)'], cwd=empty, capture_output=True, text=True).stdout
    assert where.startswith(str(tmp_path/'fresh'))
    assert (empty/'colornet-book'/'nbs'/'images').exists()

# The glossary

def test_the_first_use_of_a_word_shows_its_meaning():
    body = '<h2>luma</h2><p>Of <code>luma</code>, luma and lumas.</p>'
    made = terms.link(body, {'luma': 'how "bright"'}, 'g.html')
    a = '<a class="term" href="g.html#term-luma" data-meaning="how &quot;bright&quot;">luma</a>'
    assert made==f'<h2>luma</h2><p>Of <code>luma</code>, {a} and lumas.</p>'

def test_no_word_is_linked_in_a_formula():
    body = r'<p>Here <span class="math notranslate">\(\gamma\)</span> is a factor.</p>'
    assert terms.link(body, {'gamma': 'a curve'}, 'g.html')==body

def test_the_glossary_names_chapters_that_exist():
    numbers = {p.stem[:2] for p in book}
    for t,m in terms.read().items():
        assert (found := re.search(r'Chapters? (\d\d)(?: and (\d\d))?\.$', m)), t
        assert {n for n in found.groups() if n}<=numbers, t

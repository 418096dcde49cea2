"The book's site: its parts one by one, and, marked slow, the built site in a real browser"
import importlib, json, os, re, shutil, subprocess, sys
from pathlib import Path

import pytest

root = Path(__file__).parent.parent
api,build,cells,check,conf,convert,editions,outputs,stills = map(importlib.import_module,
    'api build cells check conf convert editions outputs stills'.split())
cfg = conf.cfg
base = cfg['doc_baseurl'].rstrip('/')+'/'
notebooks = sorted((root/'nbs').glob('*.ipynb'))
chapters = [p.stem for p in notebooks if p.stem!='index']
built = {p.stem: m for p in notebooks if (m := cells.module(p))}  # the module that a chapter exports

# What says that a site is whole

def make_site(folder, **pages):
    "A site of pages whose article is given"
    for name,article in pages.items():
        (folder/f'{name}.html').write_text(f'<html><body><article>{article}</article></body></html>')
    return folder

good = ('<h1 id="top">A</h1><a href="b.html#end">b</a>'
        '<figure><img src="cat.png" alt="A cat"><figcaption>The cat</figcaption></figure>')

def test_a_whole_site_has_no_faults(tmp_path):
    (tmp_path/'cat.png').touch()
    links = 'https://example.org/x', 'mailto:a@b.org', '#end', 'a.html?q=1#top', '.'
    (tmp_path/'index.html').write_text('Home')
    make_site(tmp_path, a=good, b='<p id="end">'+''.join(f'<a href="{l}">x</a>' for l in links)+'</p>')
    assert check.check(tmp_path)==[]

@pytest.mark.parametrize('article,fault', [
    ('<a href="gone.html">x</a>', 'gone.html leads nowhere'),
    ('<a href="a.html#nowhere">x</a>', 'no #nowhere in a.html'),
    ('<a href="/elsewhere/a.html">x</a>', 'leads out of the site'),
    ('<a href="https://nodot/x">x</a>', 'is not an address'),
    ('<a href="htps://example.org">x</a>', 'is not an address'),
    ('<a href="https://exa mple.org">x</a>', 'is not an address'),
    ('<img src="cat.png" alt=""><figcaption>loose</figcaption>', 'has no alt text'),
    ('<figure><img src="cat.png"><figcaption>The cat</figcaption></figure>', 'has no alt text'),
    ('<img src="cat.png" alt="A cat">', 'has no caption'),
    ('<figure><img src="cat.png" alt="A cat"><figcaption> </figcaption></figure>', 'has no caption'),
    ('<figure><img src="dog.png" alt="A dog"><figcaption>The dog</figcaption></figure>', 'dog.png leads nowhere'),
    ('<script src="https://cdn.example.org/x.js"></script>', 'would be fetched from outside'),
    ('<link rel="stylesheet" href="//cdn.example.org/x.css">', 'would be fetched from outside')])
def test_what_is_broken_is_named(tmp_path, article, fault):
    (tmp_path/'cat.png').touch()
    faults = check.check(make_site(tmp_path, a=good, b=f'<p id="end"></p>{article}'), '/book/')
    assert len(faults)==1+('alt=""' in article) and any(f.startswith('b.html: ') and fault in f for f in faults), faults

def test_styles_fetch_nothing_from_outside(tmp_path):
    (tmp_path/'x.css').write_text('a { src: url("https://fonts.example.org/a.woff2"); background: url(data:image/png;base64,) }')
    fault, = check.check(tmp_path)
    assert 'fonts.example.org' in fault

# What makes pages of notebooks

def book(**more):
    defs = dict(yuv=api.definitions(root/'colornet'/'yuv.py'))
    picture = lambda p: f'pictures/{p.name}'
    where = more.get('root', root)
    own = dict(here={*chapters, '404'}, site=conf.site, lang='en', words=editions.labels['en'], still=lambda n: where/'nbs'/'live'/f'{n}.png')
    return convert.Book(**dict(cfg=cfg, root=root, defs=defs, pages=dict(yuv='10_light'), picture=picture, faults=[])|own|more)

def code(source, *outs): return dict(cell_type='code', id='c1', source=source, metadata={}, outputs=list(outs))
def shown(**data): return dict(output_type='display_data', data=data, metadata={})
png = {'image/png': 'aGk='}

def test_a_figure_carries_its_words():
    b = book()
    cell, = convert.code_cell(code('#| fig-alt: A cat\n#| fig-cap: The cat: `gray`\nshow(cat)', shown(**png)), b, 'x')
    assert b.faults==[] and cell['source']=='show(cat)'
    assert cell['metadata']['mystnb']==dict(image=dict(alt='A cat'), figure=dict(caption='The cat: `gray`'))

@pytest.mark.parametrize('heads,lacks', [
    ('', 'fig-alt and fig-cap'), ('#| fig-alt: A cat\n', 'fig-cap'), ('#| fig-cap: The cat\n', 'fig-alt')])
def test_a_figure_without_words_is_a_fault(heads, lacks):
    b = book()
    convert.code_cell(code(f'{heads}show(cat)', shown(**png)), b, 'nbs/x.ipynb')
    assert len(b.faults)==1 and b.faults[0].startswith(f'nbs/x.ipynb: a picture without {lacks};') and 'show(cat)' in b.faults[0]

def test_directives_are_read_in_all_their_forms():
    heads,body = cells.directives('#| export\n\n#| default_exp yuv\n#|fig-alt:  A cat: gray \n# why\nx = 1  #| not\n\ny\n')
    assert heads==dict(export='', default_exp='yuv')|{'fig-alt': 'A cat: gray'} and body=='# why\nx = 1  #| not\n\ny'
    assert cells.directives('x')==({}, 'x') and cells.directives('#| hide')==(dict(hide=''), '')

def test_directives_decide_what_is_seen():
    seen = lambda s, *o: [(c['source'],c['metadata'].get('tags')) for c in convert.code_cell(code(s, *o), book(), 'x')]
    text = shown(**{'text/plain': '1'})
    assert seen('#| echo: false\n1', text)==[('1',['remove-input','said'])]
    assert seen('#| include: false\n1', text)==[]
    assert seen('#| code-fold: true\n1', text)==[('1',['hide-input','said'])]
    assert seen('1')==seen('1', shown(**{'text/plain': 'luma    0.3\nchroma  0.1'}))==[('1',[])]  # columns stay columns
    assert convert.code_cell(code('#| output: false\n1', text), book(), 'x')[0]['outputs']==[]

def test_a_widget_is_not_shown_dead():
    widget = {'application/vnd.jupyter.widget-view+json': {}, 'text/plain': 'w'}
    cell,note = convert.code_cell(code('interact(f)', shown(**widget)), book(), 'x')
    assert cell['outputs']==[] and 'Jupyter' in note['source']

def test_a_live_figure_stands_in_place_of_the_call_that_shows_it(tmp_path):
    (tmp_path/'nbs'/'live').mkdir(parents=True)
    (tmp_path/'nbs'/'live'/'taps.png').touch()
    b,heads = book(root=tmp_path),'#| fig-alt: A map\n#| fig-cap: Move the slider.\n'
    made, = convert.lesson(code(f"{heads}live('taps')"), 'x', b)
    assert made['source']=='::::{figure} pictures/taps.png\n:alt: A map\n:figclass: live live-taps\n\nMove the slider.\n::::'
    assert b.faults==[]
    for bad,why in ((f"{heads}live('gone')", 'without a still'), ("live('taps')", 'without fig-alt and fig-cap')):
        assert convert.lesson(code(bad), 'x', b)==[] and why in b.faults[-1]
    cell, = convert.lesson(code("w = live('taps')"), 'x', b)                        # any other code is shown as it is
    assert cell['source']=="w = live('taps')"

def test_pictures_in_prose_become_figures(tmp_path):
    (tmp_path/'nbs'/'images').mkdir(parents=True)
    (tmp_path/'nbs'/'images'/'taps.png').touch()
    b = book(root=tmp_path)
    im = '![A map](images/taps.png)'
    made = convert.pictures(f'Look:\n\n{im}\n\nMove the slider.\n\nMore.', b, 'x')
    fig = '::::{figure} pictures/taps.png\n:alt: A map\n:figclass: still\n\nMove the slider.\n::::'
    assert made==f'Look:\n\n{fig}\n\nMore.'
    for bad in (im.replace('A map', '')+'\n\nCaption', im, f'See {im}.\n\nCaption', im.replace('taps', 'gone')+'\n\nCaption'):
        n = len(b.faults)
        convert.pictures(bad, b, 'x')
        assert len(b.faults)==n+1, bad

def test_links_lead_inside_the_book_or_to_the_repository():
    b = book()
    at = cfg['doc_host']+cfg['doc_baseurl']
    assert convert.link_names(f'[`yuv_mat`]({at}/light.html#yuv_mat)', b)=='[`yuv_mat`](#def-yuv-yuv-mat)'
    assert convert.link_names(f'# On [`yuv_mat`]({at}/light.html#yuv_mat)', b)=='# On `yuv_mat`'
    assert convert.link_names(f'[`gone`]({at}/light.html#gone) [`L`](https://nbdev.fast.ai/x.html#l)', b)=='`gone` `L`'
    assert convert.link_files('[a](20_taps.ipynb) [b](https://x.org)', b, 'x')=='[a](20_taps.ipynb) [b](https://x.org)'
    assert convert.link_files('[a](../docs/404.md)', b, 'x')=='[a](404.md)'
    assert convert.link_files('[a](../CONTRIBUTING.md)', b, 'x')==f"[a]({cfg['git_url']}/blob/{cfg['branch']}/CONTRIBUTING.md)"
    assert b.faults==[]
    b.here = set()                                                                  # an edition without these pages leads to the other
    assert convert.link_files('[a](20_taps.ipynb#x) [b](../docs/404.md)', b, 'x')==f'[a]({at}/20_taps.html#x) [b]({at}/404.html)'
    assert convert.link_names(f'[`yuv_mat`]({at}/light.html#yuv_mat)', b)==f'[`yuv_mat`]({at}/10_light.html#def-yuv-yuv-mat)'
    convert.link_files('[a](99_gone.ipynb)', b, 'nbs/x.ipynb')
    assert b.faults==['nbs/x.ipynb: there is no 99_gone.ipynb, to which "a" leads']

def test_the_contents_have_the_parts_that_have_chapters():
    made = build.contents(['00_start','10_light','11_metrics','58_cli'], ['demo','api/index'])
    lists = re.findall(r':caption: (.+)\n\n([^`]+)\n```', made)
    assert lists==[('Start','00_start'), ('Colour by hand','10_light\n11_metrics'), ('The tool','58_cli'), ('Beside the book','demo\napi/index')]
    assert build.nameless(['10_light','x_new'])==['nbs/x_new.ipynb: part x has no name; give it one in docs/editions.py']

def test_the_first_page_lists_the_chapters_by_parts():
    table = next(cells.src(c) for c in cells.cells(root/'nbs'/'index.ipynb') if cells.src(c).startswith('| chapter |'))
    rows = [re.match(r'\| (?:\*\*(.+?)\*\*|\[(\w+) .+?\]\((\w+)\.ipynb\)) \|', r).groups() for r in table.split('\n\n')[0].splitlines()[2:]]
    parts = [(d, [c for c in chapters if c[0]==d]) for d in editions.parts['en']]
    assert [r[0] or r[2] for r in rows]==[x for d,cs in parts if cs for x in (editions.parts['en'][d], *cs)]
    assert all(page.startswith(f'{number}_') for _,number,page in rows if page)

# What the reference says

@pytest.mark.parametrize('path', sorted((root/'colornet').glob('[!_]*.py')), ids=lambda p: p.stem)
def test_the_reference_has_all_that_a_module_exports(path):
    defs,lines = api.definitions(path),path.read_text().splitlines()
    names = json.loads(re.search(r'^__all__ = (\[.*?\])', path.read_text(), re.M|re.S)[1].replace("'", '"'))
    made = {d.name for d in defs}
    assert {n for n in names if re.search(rf'^(def|class) {n}\b', path.read_text(), re.M)}<=made
    for d in defs: assert re.search(rf"\b{d.name.split('.')[-1]}\b", lines[d.line-1]), d.name
    ids = [api.target('api', path.stem, d.name) for d in defs]
    assert len(set(ids))==len(ids)

def test_the_reference_reads_docments(tmp_path):
    (tmp_path/'m.py').write_text('''__all__ = ['f', 'C', 'P', 'size', 'run']
size = 224 # Short side

def f(
    a:list, # Photos # and more
    *rest,  # Others
    k:float=.1e-3,# Share
)->tuple:   # What it gives
    "Do it"

class C:
    "State"
    def __init__(self, n:int=3): pass
    def go(self, x): "Go"
    def _hidden(self): "No"

@dataclass(frozen=True)
class P:
    "Kept"
    w:int     # Width
    h:int = 2 # Height
    k:float = field(default=.5, metadata=dict(least=0)) # Share
    names:list = field(
        default_factory=list) # Names
    kinds:ClassVar = 3
    def area(self): return self.w*self.h

@command(says='patch', as_dataclass=True)
def run(
    photos:list,   # Photos
    out:str='a, b' # Where to
)->list:           # Paths
    "Run it"

@patch(as_prop=True)
def size(self:P): "Not the value of that name"
''')
    by_name = {d.name: d for d in api.definitions(tmp_path/'m.py')}
    f,c,go,p,size,run = (by_name[n] for n in ('f','C','C.go','P','size','run'))
    assert p.params==[('w','int','','Width'), ('h','int','2','Height'), ('k','float','.5','Share'), ('names','list','list()','Names')]
    assert run.params==[('photos','list','','Photos'), ('out','str',"'a, b'",'Where to')] and run.returns==('list','Paths')
    assert by_name['P.size'].doc.startswith('Not the value')
    assert f.params==[('a','list','','Photos # and more'), ('*rest','','','Others'), ('k','float','.1e-3','Share')]
    assert (f.doc,f.returns)==('Do it',('tuple','What it gives')) and (c.params,c.doc)==([('n','int','3','')],'State')
    assert go.params==[('x','','','')] and (size.value,size.doc)==('224','Short side')
    assert not any('_hidden' in n for n in by_name)

# What proves that outputs are current

@pytest.fixture
def small(tmp_path):
    "A small repository with one notebook whose outputs are current"
    for d in ('nbs/images','nbs/experiments','colornet/weights','docs'): (tmp_path/d).mkdir(parents=True)
    write = lambda p, s: (tmp_path/p).write_text(s)
    write('colornet/low.py', 'x = 1\n')
    write('colornet/mid.py', '"About"\nfrom .low import *\ny = x  # why\ndef f():\n    "How"\n    return "shown"\n')  # As nbdev exports it
    write('colornet/__init__.py', '__version__ = "0.1.0"\ndoors = dict(f="mid")\n')
    write('colornet/other.py', 'z = 1\n')
    write('colornet/weights/SHA256SUMS', 'abc  w.safetensors\n')
    for p in ('a','b'): write(f'nbs/images/{p}.jpg', p)
    run = dict(cell_type='code', source="from colornet.mid import *\nopen('images/a.jpg')", outputs=[])
    write('nbs/01_n.ipynb', json.dumps(dict(cells=[dict(cell_type='markdown', source='Words'), run])))
    write('docs/outputs.json', json.dumps({'01_n.ipynb': outputs.digest(tmp_path/'nbs'/'01_n.ipynb', tmp_path)}))
    return tmp_path

def is_stale(d): return bool(outputs.stale([d/'nbs'/'01_n.ipynb'], d))

@pytest.mark.parametrize('file,old,new,stale', [
    ('colornet/mid.py', '# why', '# because', False), ('colornet/mid.py', '"How"', '"So é"  # or so', False),
    ('colornet/mid.py', '"About"', '"""About\n\n# it"""', False), ('colornet/mid.py', '"shown"', '"seen"', True),
    ('nbs/01_n.ipynb', "a.jpg')", "a.jpg')  # this", False), ('nbs/01_n.ipynb', '"from', '"\'shown\'\\nfrom', True),
    ('nbs/01_n.ipynb', "open(", "!ls\\nopen(", True), ('colornet/other.py', '1', '2', False), ('nbs/images/b.jpg', 'b', 'c', False),
    ('nbs/01_n.ipynb', 'Words', 'Other words', False), ('nbs/01_n.ipynb', 'from', '#| fig-alt: A cat\\nfrom', False),
    ('colornet/mid.py', 'y = x', 'y = 2*x', True), ('colornet/low.py', '1', '2', True), ('nbs/images/a.jpg', 'a', 'c', True),
    ('colornet/weights/SHA256SUMS', 'abc', 'abd', True), ('nbs/01_n.ipynb', "('images", "('./images", True),
    ('nbs/01_n.ipynb', '"outputs": []', '"outputs": [{"output_type": "stream", "text": "forged"}]', True)])
def test_outputs_are_stale_when_what_made_them_changes(small, file, old, new, stale):
    assert not is_stale(small)
    text = (small/file).read_text()
    assert old in text
    (small/file).write_text(text.replace(old, new))
    assert is_stale(small)==stale

def test_the_doors_of_the_package_lead_to_their_modules(small):
    nb = small/'nbs'/'01_n.ipynb'
    nb.write_text(nb.read_text().replace('from colornet.mid import *', 'from colornet import f'))
    write = lambda: (small/'docs'/'outputs.json').write_text(json.dumps({nb.name: outputs.digest(nb, small)}))
    write()
    for file,old,new,stale in (('__init__','0.1.0','0.2.0',False), ('low','1','2',True), ('other','1','2',False)):
        f = small/'colornet'/f'{file}.py'
        f.write_text(f.read_text().replace(old, new))
        assert is_stale(small)==stale
        write()

def test_stale_outputs_are_a_warning_that_github_shows(capsys, monkeypatch):
    for env,mark in ((None,'warning: '), ('true','::warning::')):
        monkeypatch.delenv('GITHUB_ACTIONS', raising=False)
        if env: monkeypatch.setenv('GITHUB_ACTIONS', env)
        build.warn(['nbs/a.ipynb: stale'])
        assert capsys.readouterr().out==f'{mark}nbs/a.ipynb: stale\n'

def test_a_notebook_that_was_never_run_is_stale(small):
    (small/'docs'/'outputs.json').unlink()
    line, = outputs.stale([small/'nbs'/'01_n.ipynb'], small)
    assert line.startswith('nbs/01_n.ipynb: ') and line.endswith('run: make outputs NB=nbs/01_n.ipynb')

@pytest.mark.parametrize('args,ran,stamped', [([],'s','s'), (['nbs/10_light.ipynb'],'n','n'), (['--stamp'],'','all')])
def test_outputs_renews_what_is_stale_or_what_is_named(monkeypatch, args, ran, stamped):
    sets = dict(s=[root/'nbs'/'20_taps.ipynb'], n=[root/'nbs'/'10_light.ipynb'], all=notebooks)
    runs,stamps = [],[]
    monkeypatch.chdir(root)
    monkeypatch.setattr(sys, 'argv', ['outputs.py', *args])
    for name,fake in dict(stale=lambda ps: [p for p in ps if p in sets['s']], run=runs.append, stamp=lambda p, seconds: stamps.append(p)).items():
        monkeypatch.setattr(outputs, name, fake)
    outputs.main()
    assert runs==sets.get(ran, []) and stamps==sets[stamped]

@pytest.mark.slow
def test_a_run_stores_outputs_and_no_state_of_widgets(tmp_path):
    cell = lambda i, source: dict(cell_type='code', id=i, metadata={}, execution_count=None, outputs=[], source=source)
    cs = [cell('a', 'import ipywidgets\nipywidgets.IntSlider()'), cell('b', '#| cuda\n1/0'), cell('c', '40+2')]
    meta = dict(kernelspec=dict(name='python3', display_name='Python 3', language='python'))
    nb = tmp_path/'n.ipynb'
    nb.write_text(json.dumps(dict(cells=cs, metadata=meta, nbformat=4, nbformat_minor=5)))
    outputs.run(nb)
    made = json.loads(nb.read_text())
    assert 'widgets' not in made['metadata'] and 'language_info' not in made['metadata']
    assert [len(c['outputs']) for c in made['cells']]==[1,0,1] and '42' in str(made['cells'][2]['outputs'])

# The built site

@pytest.fixture(scope='module')
def site(tmp_path_factory):
    "Folder of the site: that in COLORNET_SITE, or one built for the tests"
    if built := os.environ.get('COLORNET_SITE'): return Path(built).resolve()
    if not shutil.which('npm'): pytest.skip('no npm here')
    out = tmp_path_factory.mktemp('site')
    done = subprocess.run([sys.executable, 'docs/build.py', '--out', out], cwd=root, capture_output=True, text=True)
    assert done.returncode==0, (done.stdout+done.stderr)[-5000:]
    return out/'html'

class Host(stills.Quiet):
    "Serves as GitHub Pages does: below the repository's name, and with 404.html for what is not there"
    def translate_path(self, path):
        return super().translate_path('/'+path.removeprefix(base)) if path.startswith(base) else '/nowhere'
    def send_error(self, status, *args):
        if status!=404: return super().send_error(status, *args)
        body = (Path(self.directory)/'404.html').read_bytes()
        self.send_response(404)
        self.send_header('Content-Type', 'text/html; charset=utf-8')
        self.send_header('Content-Length', str(len(body)))
        self.end_headers()
        if self.command!='HEAD': self.wfile.write(body)

@pytest.fixture(scope='module')
def url(site):
    "Address of the site"
    with stills.serve(site, Host) as address: yield address+base

class Tab:
    "A page that notes what goes wrong, and lets nothing out"
    def __init__(self, browser, url, width=1280, theme='light', **how):
        self.url,self.faults = url,[]
        self.context = browser.new_context(viewport=dict(width=width, height=900), color_scheme=theme, **how)
        self.context.route(lambda u: not u.startswith((url.removesuffix(base), 'data:', 'blob:')), self.stop)
        self.page = self.context.new_page()
        note = lambda what: self.faults.append(f'{self.page.url}: {what}')
        self.page.on('console', lambda m: note(f'{m.text} {m.location}') if m.type=='error' else None)
        self.page.on('pageerror', note)
    def stop(self, route):
        self.faults.append(f'{self.page.url} asks for {route.request.url}')
        route.abort()
    def open(self, name):
        self.page.goto(self.url+name)
        self.page.evaluate('() => window.MathJax?.startup?.promise') if not name.endswith('demo.html') else self.page.wait_for_timeout(2000)
        return self.page  # The demo loads itself again when its service worker has come
    def __enter__(self): return self
    def __exit__(self, *args): self.context.close()

@pytest.fixture
def tab(browser, url):
    with Tab(browser, url) as t: yield t

def names(site): return [p.relative_to(site).as_posix() for p in sorted(site.rglob('*.html')) if '_static' not in p.parts]

wide = """() => {
  const scrolls = e => e && (/auto|scroll/.test(getComputedStyle(e).overflowX) || scrolls(e.parentElement))
  const beyond = e => e.checkVisibility() && e.getBoundingClientRect().right>innerWidth+1
  const out = [...document.querySelectorAll('.bd-main *')].filter(e => beyond(e) && !scrolls(e))
  return [document.documentElement.scrollWidth, ...out.slice(0,3).map(e => e.outerHTML.slice(0,100))]
}"""

@pytest.mark.slow
@pytest.mark.parametrize('width,theme,workers', [(1280,'dark','block'), (390,'light','allow')])
def test_every_page_opens_without_errors_and_asks_nobody_outside(browser, url, site, width, theme, workers):
    with Tab(browser, url, width, theme, service_workers=workers) as t:
        for name in names(site):
            page = t.open(name)
            assert page.evaluate("document.documentElement.dataset.theme")==theme
            ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
            light = sum(map(int, re.findall(r'\d+', ground)[:3]))/765
            assert (light>.8) if theme=='light' else (light<.2), name
            if width==390:
                total,*elements = page.evaluate(wide)
                assert total<=390 and not elements, (name, total, elements)
        assert t.faults==[]

@pytest.mark.slow
def test_the_site_has_a_page_for_each_notebook_and_each_module(site):
    made = set(names(site))
    assert {f'{p.stem}.html' for p in notebooks}|{'404.html','search.html'}<=made
    assert {f'api/{m}.html' for m in built.values()}<=made
    assert set(built.values())=={p.stem for p in (root/'colornet').glob('[!_]*.py')}
    assert check.check(site, base)==[]

@pytest.mark.slow
def test_mathematics_and_pictures_are_drawn(tab):
    page = tab.open('10_light.html')
    assert page.locator('mjx-container svg').count()==page.locator('.math').count()>4
    assert not page.locator('[data-mjx-error]').count()
    for im in page.locator('article figure:not(.live) img').all():  # the stills of live figures are for print
        im.scroll_into_view_if_needed()
        page.wait_for_function('im => im.complete && im.naturalWidth>0', arg=im.element_handle())
    assert tab.faults==[]

@pytest.mark.slow
def test_search_finds_the_residual_encoder(tab):
    page = tab.open('search.html?q=residual+encoder')
    page.locator('#search-results li').first.wait_for()
    page.wait_for_function("/found|matching/i.test(document.querySelector('#search-results').innerText)")
    found = [a.get_attribute('href') for a in page.locator('#search-results li > a').all()[:3]]
    assert any('21_decoder.html' in f for f in found), found

@pytest.mark.slow
def test_the_contents_of_a_page_open_where_there_is_no_room_beside_it(tab):
    page = tab.open('21_decoder.html')
    assert page.locator('.cell_input pre').nth(5).bounding_box()['width']>900  # Code has the room
    link = page.locator('.bd-sidebar-secondary a', has_text='The whole decoder')
    assert not link.is_visible()
    page.locator('button.secondary-toggle').click()
    link.click()
    page.wait_for_function('Math.abs(document.querySelector("#the-whole-decoder").getBoundingClientRect().top)<200')

@pytest.mark.slow
def test_on_a_phone_sentences_wrap_and_tables_keep_their_columns(browser, url):
    printed = "pres => pres.map(p => [p.innerText, p.scrollWidth<=p.clientWidth, getComputedStyle(p).whiteSpace])"
    with Tab(browser, url, 390) as t: found = t.open('11_metrics.html').locator('.cell_output pre').evaluate_all(printed)
    tables = [(fits,space) for text,fits,space in found if re.search(r'(?m)^ |\S {2,}\S', text)]
    assert tables and {space for _,space in tables}=={'pre'} and not all(fits for fits,_ in tables)
    assert len(found)>len(tables) and all(fits for text,fits,space in found if space!='pre')
    assert len(tables)==sum(space=='pre' for *_,space in found)

@pytest.mark.slow
def test_search_opens_from_a_page_by_keyboard(tab):
    page = tab.open('10_light.html')
    page.keyboard.press('Control+k')
    page.locator('dialog input[type=search], .search-button__search-container input[type=search]').first.wait_for()
    page.keyboard.type('vivid')
    page.keyboard.press('Enter')
    page.locator('#search-results li').first.wait_for()
    assert 'q=vivid' in page.url

@pytest.mark.slow
def test_previous_and_next_lead_through_the_book(site):
    way,at = ['index'],'index'
    while m := re.search(r'<a class="right-next"\s+href="([^"]+)\.html"', (site/f'{at}.html').read_text()):
        before,at = at,m[1]
        back = re.search(r'<a class="left-prev"\s+href="([^"]+)\.html"', (site/f'{at}.html').read_text())
        assert back[1]==before
        way.append(at)
        if len(way)>len(chapters): break
    assert way==['index',*chapters]

@pytest.mark.slow
def test_the_sidebar_is_grouped_by_parts(site):
    text = (site/'10_light.html').read_text()
    side = text[text.index('bd-links'):text.index('<main')]
    captions = re.findall(r'class="caption-text">([^<]+)<', side)
    assert captions==[n for d,n in editions.parts['en'].items() if any(c[0]==d for c in chapters)]+['Beside the book']
    listed = re.findall(r'class="reference internal" href="(\d\w+)\.html"', side)+['10_light']  # the page itself is a mere #
    assert sorted(listed)==chapters

@pytest.mark.slow
@pytest.mark.parametrize('name', ['index',*chapters])
def test_a_page_offers_the_real_notebook(site, name):
    text = (site/f'{name}.html').read_text()
    to = dict(re.findall(r'<a class="(colab|download|github)" href="([^"]+)"', text))
    tail = f"{cfg['user']}/{cfg['repo']}/blob/{cfg['branch']}/nbs/{name}.ipynb"
    assert to['colab']==f'https://colab.research.google.com/github/{tail}' and to['github']==f'https://github.com/{tail}'
    assert (site/to['download']).read_bytes()==(root/'nbs'/f'{name}.ipynb').read_bytes()

@pytest.mark.slow
@pytest.mark.parametrize('name', built)
def test_each_definition_leads_to_its_source_and_its_reference(site, name):
    module,text = built[name],(site/f'{name}.html').read_text()
    lines = (root/'colornet'/f'{module}.py').read_text().splitlines()
    found = re.findall(r'href="(api/[^"]+)"><code>([\w.]+)</code></a> <a class="source" href="([^"]+)"', text)
    defs = {d.name for d in api.definitions(root/'colornet'/f'{module}.py') if d.kind!='value'}
    inside = {d for d in defs if d.split('.')[0] in {n for _,n,_ in found}}  # methods stand in their class
    assert inside==defs and bool(found)==bool(defs)  # checks of exercises are found by name alone
    for ref,n,source in found:
        address,line = source.split('#L')
        assert address==f"{cfg['git_url']}/blob/{cfg['branch']}/colornet/{module}.py"
        assert re.search(rf"\b(def|class) {n.split('.')[-1]}\b", lines[int(line)-1])
        page,at = ref.split('#')
        assert f'id="{at}"' in (site/page).read_text()

@pytest.mark.slow
def test_the_slider_on_the_first_page_moves(tab):
    page = tab.open('index.html')
    at = lambda: float(re.search(r'([\d.]+)%', page.locator('.colornet-line').get_attribute('style'))[1])
    assert at()==50
    page.locator('.before-after input').focus()
    for _ in range(5): page.keyboard.press('ArrowLeft')
    assert at()==45
    page.wait_for_function("[...document.querySelectorAll('.before-after img')].every(i => i.naturalWidth>0)")
    box = page.locator('.colornet-stage').bounding_box()
    page.mouse.click(box['x']+box['width']*.8, box['y']+box['height']/2)
    assert abs(at()-80)<3 and all(i.get_attribute('alt') for i in page.locator('.before-after img').all())
    chroma = """name => { const im = document.querySelector(name), c = document.createElement('canvas'), x = c.getContext('2d')
        x.drawImage(im, 0, 0)
        const d = x.getImageData(0, 0, 300, 150).data
        let s = 0
        for (let i = 0; i<d.length; i += 4) s += Math.max(d[i],d[i+1],d[i+2])-Math.min(d[i],d[i+1],d[i+2])
        return 4*s/d.length }"""
    assert page.evaluate(chroma, '.colornet-before')<2 and page.evaluate(chroma, '.colornet-after')>8
    assert tab.faults==[]

@pytest.mark.slow
@pytest.mark.parametrize('lost', ['gone.html', 'api/deeper/gone.html'])
def test_the_404_page_works_from_any_depth(tab, lost):
    page = tab.open(lost)
    assert page.locator('article h1').inner_text().startswith('This page is not here')
    assert [f for f in tab.faults if 'gone.html' not in f]==[]     # the page itself is told as missing, and nothing else is
    assert page.evaluate("getComputedStyle(document.querySelector('.bd-sidebar-primary')).position")=='sticky'  # it has its styles
    page.locator('article a', has_text='Start').click()
    page.wait_for_url(tab.url+'index.html')

@pytest.mark.slow
def test_the_build_names_what_is_wrong_and_fails(tmp_path):
    shutil.copytree(root/'docs', tmp_path/'docs')
    for d in ('images','experiments'): shutil.copytree(root/'nbs'/d, tmp_path/'nbs'/d)
    for n in ('index','10_light'): shutil.copy(root/'nbs'/f'{n}.ipynb', tmp_path/'nbs')  # Two are read sooner than all
    for f in ('settings.ini','CONTRIBUTING.md','colornet'): (tmp_path/f).symlink_to(root/f)
    p = tmp_path/'nbs'/'10_light.ipynb'
    nb = json.loads(p.read_text())
    fig = next(c for c in nb['cells'] if c['cell_type']=='code' and any('image/png' in o.get('data', {}) for o in c['outputs']))
    fig['source'] = ''.join(l for l in fig['source'] if not l.startswith('#| fig-alt'))+'\n1+1'
    next(c for c in nb['cells'][1:] if c['cell_type']=='markdown')['source'] = 'See [the chapter that was never written](99_never.ipynb).'
    p.write_text(json.dumps(nb))
    done = subprocess.run([sys.executable, 'docs/build.py', '--release'], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode!=0 and not (tmp_path/'_docs'/'html').exists()
    for said in ('make outputs NB=nbs/10_light.ipynb', 'there is no 99_never.ipynb', 'a picture without fig-alt'):
        assert said in done.stderr, done.stderr
    assert re.search(r'^10_light\S* .*(?:not translated|translation is stale)', done.stderr, re.M), done.stderr

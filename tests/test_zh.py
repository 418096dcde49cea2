"The Chinese edition: what is translated, what is made from it, and how it reads in a browser"
import ast, importlib, json, os, re, shutil, subprocess, sys
from collections import Counter
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

root = Path(__file__).parent.parent
build,cells,editions,outputs,zh = map(importlib.import_module, 'build cells editions outputs zh'.split())
from colornet import words
from colornet.words import local, local_output
from lab import jupyterlab, open_notebook, write_notebook
from test_site import Tab, site, tab, url  # noqa: F401

by_page = dict(argvalues=zh.pages, ids=lambda p: p.stem)
notebooks = [p for p in zh.pages if p.suffix=='.ipynb']
han,wide = '\u3400-\u9fff','，。：；？！（）“”、'
table = json.loads((root/'colornet'/'static'/'zh.json').read_text(encoding='utf-8'))

def messages(path): return [m for m in zh.catalogue(path) if m.id]

# What is translated, and how

@pytest.mark.parametrize('path', **by_page)
def test_everything_is_translated_and_nothing_is_stale(path):
    assert zh.faults(path)==[]

def test_blocks_lose_nothing():
    text = 'A\nb\n\n- one\n  more\n- two\n\n```bash\nx  # y\n\nz\n```\n\n| a |\n|---|\n| b |\n'
    assert '\n'.join(zh.blocks(text))==text
    assert [b for b in zh.blocks(text) if b]==['A\nb', '- one\n  more', '- two', '```bash\nx  # y\n\nz\n```', '| a |', '|---|', '| b |']
    for p in notebooks:
        for c in cells.cells(p): assert '\n'.join(zh.blocks(cells.src(c)))==cells.src(c)

@pytest.mark.parametrize('block,yes', [('words', True), ('`code`', False), ('$$\\frac12$$', False), ('</details>', False), ('|---|', False),
    ('[Solution](x.ipynb)', True), ('```bash\nls\n```', False), ('```bash\nls  # all files\n```', True), ('3 × 4', False)])
def test_what_has_no_words_is_not_translated(block, yes): assert zh.worded(block)==yes

def pieces(text):
    "What a translation must keep: code, formulas, links, tags"
    text = re.sub(r'^(```|~~~).*?^\1', ' ', text, flags=re.M|re.S)
    code = re.findall(r'`[^`]+`', text)
    text = re.sub(r'`[^`]+`', '', text)
    formulas = re.findall(r'\$\$.*?\$\$|\$[^$\n]+\$', text, re.S)
    bare = [re.sub(r'\\text\{[^}]*\}|\s', '', f) for f in formulas]
    return Counter([*code, *bare, *re.findall(r'\]\(([^)\s]+)\)', text), *re.findall(r'</?\w+', text)])

@pytest.mark.parametrize('path', **by_page)
def test_a_translation_keeps_code_formulas_and_links(path):
    for m in messages(path):
        a,b = pieces(m.id),pieces(m.string)
        assert a==b, (m.string, a-b, b-a)
        assert bool(re.match(r'#+ ', m.id))==bool(re.match(r'#+ ', m.string)), m.string
        if m.id.startswith('|'): assert m.id.count('|')==m.string.count('|'), m.string

def prose(text):
    text = re.sub(r'^(```|~~~).*?^\1', ' ', text, flags=re.M|re.S)
    return re.sub(r'`[^`]+`|\$\$.*?\$\$|\$[^$\n]+\$|\]\([^)]*\)|<[^>]*>', '¤', text, flags=re.S)

@pytest.mark.parametrize('path', **by_page)
def test_chinese_is_set_as_chinese_is(path):
    md = MarkdownIt('commonmark').enable('table')
    for m in messages(path):
        p = prose(m.string)
        assert not re.search(rf'[{han}] +[\w¤(]|[\w¤)] +[{han}]', p), p             # no blanks
        assert not re.search(rf'[{han}] *[,;:?!]|[,;?!] *[{han}]|[{han}]\.(?!\w)', p), p  # no half-width punctuation
        assert '**' not in re.sub(r'<(code|pre)>.*?</\1>', '', md.render(zh.gaps(m.string)), flags=re.S), m.string

def test_gaps_stand_between_chinese_and_the_rest():
    t = '\u2009'
    assert zh.gaps('用VGG16的`taps`和$x$算3次')==f'用{t}VGG16{t}的{t}`taps`{t}和{t}$x${t}算{t}3{t}次'
    assert zh.gaps('见[第2章](20_taps.ipynb)。')==f'见[第{t}2{t}章](20_taps.ipynb)。'
    assert zh.gaps('是**PSNR**的')==f'是{t}**PSNR**{t}的'
    assert zh.gaps('**学到**PSNR**的**用法')==f'**学到**{t}PSNR{t}**的**用法'  # never inside the marks
    for same in ('只有汉字，和标点。', 'only Latin', '```\n码x码\n```', '</details>'): assert zh.gaps(same)==same

def test_a_changed_paragraph_makes_its_translation_stale(tmp_path, monkeypatch):
    page = tmp_path/'about.md'
    page.write_text('# A cat\n\nThe cat sleeps on the warm roof all day.\n\nIt eats.\n')
    monkeypatch.setattr(zh, 'catalogues', tmp_path)
    said = {'# A cat': '# 猫', 'The cat sleeps on the warm roof all day.': '猫整天睡在暖和的屋顶上。', 'It eats.': '它吃东西。'}
    def save(cat): (tmp_path/'about.po').write_text(zh.text_of(cat), encoding='utf-8')
    cat = zh.catalogue(page)
    assert len(zh.faults(page))==3 and zh.chinese(page)==page.read_text()            # English until somebody translates it
    for m in cat: m.string = said.get(m.id, m.string)
    save(cat)
    assert zh.faults(page)==[] and zh.chinese(page)=='# 猫\n\n猫整天睡在暖和的屋顶上。\n\n它吃东西。\n'
    page.write_text(page.read_text().replace('all day', 'all night').replace('\n\nIt eats.', ''))
    line, = zh.faults(page)
    assert 'stale' in line and 'all night' in line
    assert zh.chinese(page)==f'# 猫\n\n猫整天睡在暖和的屋顶上。{zh.late}\n'              # the page says so there, and only there
    save(zh.catalogue(page))
    text = (tmp_path/'about.po').read_text()
    assert '#, fuzzy' in text and '#| msgid "The cat sleeps on the warm roof all day."' in text and 'eats' not in text
    assert zh.faults(page)==[line]                                                    # until somebody mends it

# Notebooks and README

def code(c):
    heads = '|'.join(zh.captions)
    return re.sub(rf'^#\| (?:{heads}): .*\n', '', cells.src(c)+'\n', flags=re.M)

@pytest.mark.parametrize('path', argvalues=notebooks, ids=lambda p: p.stem)
def test_the_code_of_a_chinese_notebook_is_that_of_the_english_one(path):
    ours,theirs = cells.cells(zh.translated/path.name),cells.cells(path)
    assert [c['id'] for c in ours]==[c['id'] for c in theirs]
    for a,b in zip(ours, theirs):
        if a['cell_type']!='code': continue
        assert not a['outputs']
        assert code(a)==(code(b).replace('begin()', "begin('zh')") if a['id']=='first' else code(b))

@pytest.mark.slow
def test_a_chinese_notebook_runs():
    done = subprocess.run(['nbdev_test', '--path', zh.translated/'10_light.ipynb'], cwd=root, capture_output=True, text=True)
    assert done.returncode==0 and 'Success' in done.stdout+done.stderr, (done.stdout+done.stderr)[-2000:]

def test_links_of_a_chinese_notebook_lead_somewhere():
    for p in notebooks:
        for c in cells.cells(zh.translated/p.name):
            if c['cell_type']!='markdown': continue
            for to in re.findall(r'\]\(([^)\s#]+)', re.sub(r'`[^`]*`|^```.*?^```', '', cells.src(c), flags=re.S|re.M)):
                assert re.match(r'\w+:', to) or (zh.translated/to).exists(), (p.name, to)

# Words of figures, outputs, exercises and commands

def test_the_table_has_as_many_gaps_on_both_sides():
    for k,v in table.items():
        n = k.count('{}')
        if n: assert v.format(*map(str, range(n)))!=v or n==0, k
        assert len(re.findall(r'\{\d*\}', v))>=n or not n, k
        assert k==k.strip() and v==v.strip(), k

names = re.compile(r'[\W\d_]*((VGG16|PSNR|SSIM|CIEDE2000|AuC|YUV|RGB|UV|sRGB|BT|dB|px|relu\d_\d|conv\d(_\d)?|kB|MB|GB|ms|ReLU|Adam|JPEG|ONNX|'
                   r'PyTorch|Dahl|Armour|pavelgonchar|Lab|net\.\w+\(\))[\W\d_]*)*')
drawn = json.loads((zh.catalogues/'figures'/'words.json').read_text(encoding='utf-8'))

def test_figures_say_in_chinese_what_the_table_says():
    for name,figures in drawn.items():
        for id,said in figures.items():
            for a,b in said.items():
                assert local(a, 'zh')==b, f'{name}: the table has changed since its figures were drawn; run: make outputs NB=nbs/{name}.ipynb'
                assert b!=a or a in table or names.fullmatch(re.sub(r'\$[^$]*\$', '', a)), (name, id, a)

@pytest.mark.parametrize('path', argvalues=notebooks, ids=lambda p: p.stem)
def test_each_figure_with_words_is_drawn_in_chinese(path):
    there = {p.stem for p in (zh.catalogues/'figures'/path.stem).glob('*.webp')}
    assert there==set(drawn.get(path.stem, {}))
    shown = {c['id'] for c in cells.code_cells(path) if any('image/png' in o.get('data', {}) for o in c['outputs'])}
    assert there<=shown

@pytest.mark.parametrize('path', argvalues=[p for p in notebooks if p.stem[0] in '01234'], ids=lambda p: p.stem)
def test_what_cells_print_is_in_chinese(path):
    for c in cells.code_cells(path):
        if cells.heads(c).get('output')=='false': continue
        for o in c['outputs']:
            data = o.get('data', {})
            if 'image/png' in data: continue
            html = ''.join(data.get('text/html', ''))
            text = html or ''.join(o.get('text', '')) or ''.join(data.get('text/plain', ''))
            new = local_output(text, 'zh', html=bool(html))
            left = re.sub(r'<[^>]*>', ' ', new) if html else new
            assert not re.search(r'(?<![\w./-])[a-z]{3,} [a-z]{2,}(?![\w(=])', re.sub(r'https?:\S+', '', left)), (c['id'], left)

def said_by_checks():
    "What the exercises may say"
    def texts(n):
        if isinstance(n, ast.JoinedStr): return [''.join(v.value if isinstance(v, ast.Constant) else '{}' for v in n.values)]
        if isinstance(n, ast.Constant): return [n.value] if isinstance(n.value, str) else []
        return [t for c in ast.iter_child_nodes(n) for t in texts(c)]
    for part in range(1, 5):
        for n in ast.walk(ast.parse((root/'colornet'/f'checks{part}.py').read_text(encoding='utf-8'))):
            if isinstance(n, ast.Call) and getattr(n.func, 'id', '')=='expect': yield from texts(n.args[1])

def test_what_an_exercise_says_is_in_the_table():
    missing = [t for t in said_by_checks() if t.count(' ')>2 and t[0].isupper() and t not in table]
    assert missing==[], missing[:10]

def test_an_exercise_speaks_chinese():
    from colornet.exercises import Wrong, check
    was = words.speak('zh')
    try:
        with pytest.raises(Wrong) as e: check('start-1', 'none')
        assert re.search(f'[{han}]', str(e.value)) and re.search(f'[{han}]', e.value._render_traceback_()[0])
    finally: words.speak(was)

def test_a_figure_is_drawn_in_both_languages_and_left_as_it_was():
    import both
    import matplotlib.pyplot as plt
    from IPython.core.pylabtools import print_figure
    with plt.rc_context():
        words.speak_in_figures()
        fig,ax = plt.subplots(figsize=(2,1))
        ax.bar(['gray','truth'], [1,2])
        ax.set_title('VGG16')
        draw = lambda: print_figure(fig, fmt='png', base64=True, bbox_inches='tight')
        before = draw()
        english,more = both.draw(fig)
        assert english==before==draw() and more['zh']!=english and ax.get_title()=='VGG16'
        assert {k: v for k,v in more['words'].items() if k!=v}=={k: local(k, 'zh') for k in ('gray','truth')}
        plt.close(fig)

def test_without_a_font_figures_stay_english_and_one_line_says_so(monkeypatch, capsys):
    from colornet.exercises import begin
    from matplotlib.figure import Figure
    from matplotlib.text import Text
    monkeypatch.setattr(words, '_font', lambda: None)
    monkeypatch.setattr(Text, 'set_text', getattr(Text.set_text, '__wrapped__', Text.set_text))  # as before any test spoke Chinese
    try:
        begin('zh')
        line, = capsys.readouterr().out.splitlines()
        assert re.search(f'[{han}]', line)
        assert Figure().subplots().set_title('truth').get_text()=='truth'
    finally: words.speak('en')

def test_a_font_that_was_installed_later_is_found(monkeypatch):
    from matplotlib import font_manager as fm
    monkeypatch.setattr(fm.fontManager, 'ttflist', [f for f in fm.fontManager.ttflist if 'CJK' not in f.name])
    words._font.cache_clear()
    try: assert words._font()
    finally: words._font.cache_clear()

sh = lambda *args, **env: subprocess.run([sys.executable, '-m', 'colornet', *args], capture_output=True, text=True, env={**os.environ, **env})

@pytest.mark.parametrize('name', 'colornet colornet_train colornet_eval colornet_export colornet_bench'.split())
def test_help_is_in_the_language_of_the_user(name):
    call = f'import sys; sys.argv[0]={name!r}; from colornet.cli import {name}; sys.exit({name}())'
    def help(*args, **env):
        env = {k: v for k,v in os.environ.items() if k not in ('COLORNET_LANG','LC_ALL','LC_MESSAGES','LANG')}|dict(PYTHONIOENCODING='utf-8', COLUMNS='100')|env
        done = subprocess.run([sys.executable, '-c', call, *args, '--help'], capture_output=True, text=True, env=env)
        assert done.returncode==0, done.stderr
        return done.stdout
    english,chinese = help(),help(LANG='zh_CN.UTF-8')
    assert not re.search(f'[{han}]', english) and english.startswith('usage: ')
    assert help('--lang', 'zh')==chinese and help('--lang', 'en', LANG='zh_CN.UTF-8')==english
    body = chinese[chinese.index('\n\n'):]
    left = [l for l in body.splitlines() if re.search(r'(?<![\w-])[a-z]{3,} [a-z]{2,}', l)]
    assert left==[] and re.search(f'[{han}]', body), left
    assert max(sum(1+(c>'\u2e7f') for c in l) for l in body.splitlines())<=100

def test_a_message_is_in_the_language_of_the_user(tmp_path):
    gone = str(tmp_path/'gone.jpg')
    said = sh(gone, '--lang', 'zh')
    assert said.returncode==1 and gone in said.stderr and re.search(f'[{han}]', said.stderr) and len(said.stderr.splitlines())==1
    assert not re.search(f'[{han}]', sh(gone, '--lang', 'en').stderr)

@pytest.mark.skipif(not shutil.which('node'), reason='no Node.js here')
def test_pages_look_words_up_as_python_does(tmp_path):
    some = [*list(table)[::7], *(a for fs in drawn.values() for f in fs.values() for a in f), 'truth, gray', 'no such text', '1.5', ' truth\n']
    some = [s.replace('{}', '7') for s in some]
    (tmp_path/'divider.mjs').write_text((root/'colornet'/'static'/'divider.js').read_text(encoding='utf-8'), encoding='utf-8')
    (tmp_path/'in.json').write_text(json.dumps(dict(table=table, some=some)))
    js = '''import {words} from './divider.mjs'; import fs from 'fs'
const {table, some} = JSON.parse(fs.readFileSync('in.json', 'utf8'))
console.log(JSON.stringify(some.map(words(table))))'''
    (tmp_path/'run.mjs').write_text(js)
    done = subprocess.run(['node', 'run.mjs'], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode==0, done.stderr
    assert json.loads(done.stdout)==[local(s, 'zh') for s in some]

# The site

@pytest.mark.parametrize('text,pairs', [('残差编码器', ['残差','差编','编码','码器']), ('用VGG16的taps', ['VGG16','taps']), ('a 色度', ['a','色度'])])
def test_search_cuts_chinese_into_pairs(text, pairs):
    found = editions.Chinese.split(object.__new__(editions.Chinese), text)
    assert [w for w in found if len(w)>1 or w=='a']==pairs

@pytest.mark.slow
def test_both_editions_have_the_same_sections_and_lead_to_each_other(site):
    for name in zh.both:
        here,there = ((d/f'{name}.html').read_text() for d in (site, site/'zh'))
        sections = [re.findall(r'<section [^>]*?id="([^"]+)"', t) for t in (here, there)]
        assert sections[0]==sections[1] and sections[0], name
        for text,to in ((here, f'zh/{name}.html'), (there, f'../{name}.html')):
            way, = re.findall(r'<a class="language" href="([^"]+)"', text)
            assert way.removeprefix('./')==to and text.count('rel="alternate" hreflang=')==3
    for p in site.rglob('*.html'):
        if '_static' not in p.relative_to(site).parts: assert len(re.findall(r'<a class="language" href="[^"]+\.html"', p.read_text()))==1, p

@pytest.mark.slow
def test_the_switch_leads_to_the_section_that_is_read(tab):
    page = tab.open('23_loss.html')
    def press():  # by the mouse, since Playwright's click scrolls
        box = page.locator('a.language').bounding_box()
        page.mouse.click(box['x']+box['width']/2, box['y']+box['height']/2)
    page.evaluate("document.querySelector('#look-through-a-blur').scrollIntoView()")
    page.wait_for_function("Math.abs(document.querySelector('#look-through-a-blur').getBoundingClientRect().top)<200")
    press()
    page.wait_for_url('**/zh/23_loss.html#look-through-a-blur')
    assert page.evaluate('document.documentElement.lang')=='zh-CN'
    page.wait_for_function("Math.abs(document.querySelector('#look-through-a-blur').getBoundingClientRect().top)<200")
    press()
    page.wait_for_url(re.compile(r'/colornet/23_loss\.html#look-through-a-blur$'))
    assert tab.faults==[]

@pytest.mark.slow
def test_search_finds_the_residual_encoder_in_chinese(tab):
    page = tab.open('zh/search.html?q=残差编码器')
    page.locator('#search-results li').first.wait_for()
    page.wait_for_timeout(1500)
    found = [a.get_attribute('href') for a in page.locator('#search-results li > a').all()[:4]]
    assert any('21_decoder.html' in f for f in found), found

missing = """text => {
  const c = Object.assign(document.createElement('canvas'), {width: 24, height: 24}), ctx = c.getContext('2d', {willReadFrequently: true})
  ctx.font = `16px ${getComputedStyle(document.body).fontFamily}`
  const draw = x => { ctx.clearRect(0, 0, 24, 24); ctx.fillText(x, 2, 18); return ctx.getImageData(0, 0, 24, 24).data.join() }
  const none = draw('\\u{10ffff}')
  return [...new Set(text)].filter(x => x.trim() && draw(x) === none)
}"""

@pytest.mark.slow
def test_no_character_is_missing(tab):
    text = ''.join(p.read_text() for p in (root/'docs'/'zh').glob('*.po'))+''.join(table.values())
    page = tab.open('zh/index.html')
    assert page.evaluate(missing, '\u0378\U0001fffe')!=[]  # the test can fail
    assert page.evaluate(missing, ''.join(c for c in text if c.isprintable()))==[]

english = r"""() => {
  const out = [], walk = document.createTreeWalker(document.querySelector('.bd-article'), NodeFilter.SHOW_TEXT)
  while (walk.nextNode()) {
    const n = walk.currentNode, e = n.parentElement
    if (e.closest('pre, code, script, style, noscript, mjx-container, a[href^="http"], [lang=en], .cell_input') || !e.checkVisibility()) continue
    const whole = e.closest('p, li, td, th, figcaption, h1, h2, h3, summary, label, button, legend') || e
    if (/[a-z]{3,} [a-z]{2,}/.test(n.data) && !/[\u3400-\u9fff]/.test(whole.textContent)) out.push(n.data.trim().slice(0, 90))
  }
  return out
}"""

@pytest.fixture(scope='module')
def reader(browser, url):
    "A tab for many pages"
    with Tab(browser, url) as t: yield t

@pytest.mark.slow
@pytest.mark.parametrize('name', [b for b in zh.both if b not in ('91_bibliography',)])
def test_a_chinese_page_says_nothing_in_english(reader, name):
    page = reader.open(f'zh/{name}.html')
    if name=='demo': page.wait_for_function("self.crossOriginIsolated && document.querySelector('#demo[data-ready]')")  # it loads itself again
    if page.locator('figure.live').count(): page.wait_for_selector('html[data-live=ready]')
    assert page.evaluate(english)==[]
    assert reader.faults==[]

# In Jupyter

@pytest.mark.slow
def test_a_chinese_notebook_speaks_chinese_in_jupyterlab(browser, tmp_path):
    (tmp_path/'live').symlink_to(root/'nbs'/'live')
    begin = "from colornet.exercises import begin, check\nbegin('zh')"
    show = "from IPython.display import HTML\nHTML('<table><tr><th>truth</th></tr></table>')"
    write_notebook(tmp_path/'zh.ipynb', begin, "print('truth')", "['prediction']", show, "check('loss-1', ...)",
                   "from colornet.live import live\nlive('chroma')", "from colornet.app import ColorizeApp\nColorizeApp()")
    with jupyterlab(tmp_path) as address:
        page = open_notebook(browser, address, 'zh')
        page.locator('.jp-Notebook .jp-CodeCell').first.click()
        for _ in range(7): page.keyboard.press('Shift+Enter')
        page.locator('.cn').get_by_role('slider').first.wait_for(timeout=90_000)
        page.locator('.colornet-divider').wait_for(timeout=90_000)
        said = '\n'.join(page.locator('.jp-OutputArea-output').all_inner_texts())
        for text in ('truth','prediction'): assert local(text, 'zh') in said and text not in said, said
        assert 'loss-1在等你' in said and local('Download', 'zh') in said and 'Download' not in said
        assert not re.search(r'(?<![\w.])[a-z]{3,} [a-z]{2,} [a-z]{2,}', page.locator('.cn').inner_text())
        page.close()

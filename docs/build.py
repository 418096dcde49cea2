"""Build the site from the notebooks: python docs/build.py [--release] [--draft] [--out FOLDER]

The site goes to `_docs/html`, the Chinese edition to `zh` in it. Links that lead nowhere end the build, and so do pictures without
words; of the latter it only warns with `--draft`. Of outputs and translations that are not current it warns; with `--release` they end it, too.
"""
import argparse, hashlib, json, os, re, shutil, subprocess, sys, time
from base64 import b64encode
from contextlib import chdir
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

docs = Path(__file__).resolve().parent
root = docs.parent
sys.path[:0] = [str(docs), str(root)]

import api, cells, check, conf, convert, editions, outputs, zh
from colornet.words import local_output

cfg = conf.cfg
base = cfg['doc_baseurl'].rstrip('/')+'/'
notebooks = sorted((root/'nbs').glob('*.ipynb'))
translated = [p for p in zh.pages if p.suffix=='.ipynb']
pictures = docs/'zh'/'figures'
started = time.time()

def say(what): print(f'== {what} ({time.time()-started:.0f} s)', flush=True)

def stop(faults):
    "Say what is wrong, a line each, and end"
    print(*faults, sep='\n', file=sys.stderr)
    sys.exit(f'The site is not built: {len(faults)} fault(s) above.')

def warn(faults):
    "Say what is wrong and go on; GitHub shows such lines beside a pull request"
    mark = '::warning::' if os.environ.get('GITHUB_ACTIONS') else 'warning: '
    for f in faults: print(mark+f)

def read(path): return path.read_text(encoding='utf-8')
def write(path, text): path.write_text(text, encoding='utf-8')

def fresh(folder):
    "An empty folder"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder

def process(nbs):
    "Run nbdev's processing over notebooks by name, and return what it makes of them"
    from nbdev.serve import proc_nbs
    with TemporaryDirectory() as d, chdir(root):  # There it looks for settings.ini; it passes over folders named as its own are
        for name,nb in nbs.items(): write(Path(d)/f'{name}.ipynb', json.dumps(convert.prepare(nb)))
        done = proc_nbs(path=d, n_workers=1, force=True)
        return {name: json.loads(read(done/f'{name}.ipynb')) for name in nbs}

def in_chinese(
    out:dict,  # Output of a cell of the English notebook
    path:Path, # The same figure in Chinese, if there is one
)->dict:       # Output
    "Say in Chinese what a cell shows"
    out,data = dict(out),dict(out.get('data', {}))
    if 'text' in out: out['text'] = local_output(''.join(out['text']), 'zh')
    if 'text/plain' in data: data['text/plain'] = local_output(''.join(data['text/plain']), 'zh')
    if 'text/html' in data: data['text/html'] = local_output(''.join(data['text/html']), 'zh', html=True)
    if 'image/png' in data and path.exists():
        from PIL import Image
        Image.open(path).save(png := BytesIO(), 'PNG')
        data['image/png'] = b64encode(png.getvalue()).decode()
    return out|dict(data=data) if data else out

def chinese(path):
    "A notebook in Chinese, with the outputs of the English one in Chinese"
    nb,english = zh.chinese(path, deeper=False),{c['id']: c for c in cells.code_cells(path)}
    for c in nb['cells']:
        if c['cell_type']!='code': continue
        c['outputs'] = [in_chinese(o, pictures/path.stem/f"{c['id']}.webp") for o in english[c['id']]['outputs']]
    return nb

def toctree(part, pages): return read(docs/'templates'/'contents.md').replace('PART', part).replace('PAGES', '\n'.join(pages))

def contents(
    stems:list,    # Names of the chapters, in their order
    own:list,      # Names of the pages that are no notebook
    lang:str='en', # en or zh
)->str:            # Markdown
    "The contents of the site: a list for each part that has chapters, and one for what stands beside them"
    lists = {name: [s for s in stems if s[0]==digit] for digit,name in editions.parts[lang].items()}
    return '\n'.join(toctree(p, ss) for p,ss in [*lists.items(), (editions.labels[lang]['beside'], own)] if ss)

def nameless(chapters):
    "Complain of chapters whose part has no name"
    named = editions.parts['en']
    return [f'nbs/{s}.ipynb: part {s[0]} has no name; give it one in docs/editions.py' for s in chapters if s[0] not in named]

def the_book(src, lang, stems):
    "What the pages of an edition need to know"
    pages = {m: p.stem for p in notebooks if (m := cells.module(p))}
    defs = {m: api.definitions(root/'colornet'/f'{m}.py') for m in pages}
    def picture(path):
        (src/'pictures').mkdir(exist_ok=True)
        shutil.copy(path, src/'pictures'/f'{path.parent.name}-{path.name}')
        return f'pictures/{path.parent.name}-{path.name}'
    def still(name):
        own = pictures/'live'/f'{name}.png'
        return own if lang=='zh' and own.exists() else root/'nbs'/'live'/f'{name}.png'
    return convert.Book(cfg=cfg, root=root, defs=defs, pages=pages, picture=picture, still=still, here=stems, site=conf.site, lang=lang,
                        words=editions.labels[lang], faults=[])

def sources(
    out:Path,  # Folder of the build
    nbs:dict,  # Notebooks by name
    lang:str,  # en or zh
)->list:       # What is wrong, a line each
    "Write the pages that Sphinx reads"
    src,english = fresh(out/f'src-{lang}'),lang=='en'
    own = sorted(docs.glob('*.md')) if english else [p for p in zh.pages if p.parent==docs]
    book = the_book(src, lang, {*nbs, *(p.stem for p in own)})
    chapters = [s for s in nbs if s!='index']
    book.faults += nameless(chapters)
    for p in own: write(src/p.name, read(p) if english else page_in_chinese(p, book))
    home = docs/'templates'/'home.md'
    beside = [p.stem for p in own if p.stem!='404']+(['api/index'] if english else elsewhere(book))
    top = read(home) if english else page_in_chinese(home, book),contents(chapters, beside, lang)
    for s,nb in process(nbs).items(): write(src/f'{s}.ipynb', json.dumps(convert.convert(nb, s, book, top if s=='index' else ())))
    if english: reference(src, book)
    return book.faults

def page_in_chinese(path, book):
    "A page that is no notebook, in Chinese; large files lie in the English edition's folder only"
    text = zh.chinese(path, deeper=False).replace('"_static/', '"../_static/')
    def one(m):
        to = m[2].removesuffix('.md')
        return m[0] if to in book.here else f'[{m[1]}]({book.site}{to}.html)'
    return re.sub(r'\[([^\]]*)\]\(([\w/]+(?:\.md)?)\)', one, text)

def elsewhere(book):
    "Entries for what only the English edition has"
    return [f"{book.words['tool']} <{book.site}50_files.html>", f"{book.words['reference']} <{book.site}api/index.html>"]

def at_root(book, link):
    "A row for each name that the package gives at its root"
    from colornet import _homes
    found = {name: next(d for d in book.defs[m] if d.name==name) for name,m in _homes.items() if m in book.defs}
    return [f'| [{n}](#{api.target("api", m, n)}) | {link(found[n].doc)} |' for n,m in _homes.items() if n in found]

def reference(src, book):
    "Write the pages of the reference"
    from nbdev.doclinks import NbdevLookup
    names = NbdevLookup()
    link = lambda text: convert.link_names(names.linkify(text) or '', book, 'api')
    rows = []
    (src/'api').mkdir()
    for m,page in book.pages.items():
        mute = [(d, n) for d in book.defs[m] for n,*_,c in d.params if not c]
        book.faults += [f'colornet/{m}.py:{d.line}: {d.name} does not say what {n} is; give it a comment' for d,n in mute]
        about = api.docstring(root/'colornet'/f'{m}.py')
        write(src/'api'/f'{m}.md', api.page(m, book.defs[m], about, page, link, book.source))
        rows.append(f'| [{m}]({m}.md) | {about} |')
    index = read(docs/'templates'/'api.md').replace('ROOT', '\n'.join(at_root(book, link)))
    write(src/'api'/'index.md', index.replace('ROWS', '\n'.join(rows)).replace('MODULES', '\n'.join(book.pages)))

def packages(
    out:Path, # Folder of the build
)->Path:      # The folder `node_modules`
    "Fetch what `docs/package.json` asks for, once"
    node = out/'node'
    wanted = read(docs/'package-lock.json')
    done = node/'done'
    if not (done.exists() and read(done)==wanted):
        if not shutil.which('npm'): sys.exit('npm is missing: install Node.js 20 or later')
        fresh(node)
        for f in ('package.json','package-lock.json'): shutil.copy(docs/f, node)
        subprocess.run(['npm','ci','--ignore-scripts','--no-audit','--no-fund','--loglevel=error'], cwd=node, check=True)
        write(done, wanted)
    return node/'node_modules'

def copies(files, to):
    to.mkdir(parents=True, exist_ok=True)
    for f in files: shutil.copy(f, to)

def before_after(to):
    "Draw the two pictures of the home page's slider"
    from PIL import Image
    from colornet.infer import colorize
    to.mkdir(parents=True, exist_ok=True)
    gray = Image.open(root/'nbs'/'images'/conf.slider).convert('L')
    gray.save(to/'slider-gray.jpg', quality=88)
    colorize(gray, device='cpu').convert('RGB').save(to/'slider-colour.jpg', quality=88)

def model(
    out:Path, # Folder of the build
    to:Path,  # Folder of the demo
):
    "Export the network for the demo, again only if the weights or the package have changed"
    parts = [root/'colornet'/'weights'/'SHA256SUMS', *sorted((root/'colornet').glob('*.py'))]
    key = hashlib.sha256(b''.join(p.read_bytes() for p in parts)).hexdigest()[:16]
    kept = out/'model'/f'{key}.onnx'
    if not kept.exists():
        fresh(kept.parent)
        export = "import sys; from colornet.cli import colornet_export; sys.exit(colornet_export())"
        subprocess.run([sys.executable, '-c', export, str(kept), '--kind', 'int8'], cwd=root, check=True)
    shutil.copy(kept, to/'model.onnx')

def static(out):
    "Gather what pages load: the package's divider, the real notebooks, mathematics, live figures, the demo"
    to = fresh(out/'static')
    node = packages(out)
    copies([node/'mathjax'/'es5'/'tex-svg.js'], to/'vendor')
    own = fresh(out/'static-zh')
    for at,nbs in ((to, notebooks), (own, sorted(zh.translated.glob('*.ipynb')))):
        copies(nbs, at/'notebooks')
        copies((root/'colornet'/'static').glob('[dz]*'), at)  # the divider, and words in other languages
    before_after(to/'home')
    shutil.copytree(to/'home', own/'home')
    shutil.copytree(root/'nbs'/'live', to/'live')
    import live_data
    shutil.copytree(docs/'demo', to/'demo')
    ort = node/'onnxruntime-web'/'dist'
    names = ['ort.wasm.bundle.min.mjs', 'ort-wasm-simd-threaded.mjs', 'ort-wasm-simd-threaded.wasm',
             'ort.webgpu.bundle.min.mjs', 'ort-wasm-simd-threaded.asyncify.mjs', 'ort-wasm-simd-threaded.asyncify.wasm']
    copies([ort/n for n in names], to/'vendor'/'ort')
    copies((root/'colornet'/'samples').glob('*.jpg'), to/'demo'/'samples')
    model(out, to/'demo')
    live_data.make_bins(to/'demo'/'bins.json')

def sphinx(out, lang):
    "Run Sphinx; a warning is an error"
    english = lang=='en'
    to,own = out/'html' if english else out/'html'/lang,out/('static' if english else f'static-{lang}')
    opts = ['-W', '--keep-going', '-n', '-q', '-E', '-c', docs, '-d', out/f'doctrees-{lang}', '-D', f'html_static_path=site,{own}']
    env = os.environ|dict(COLORNET_SITE_LANG=lang)
    done = subprocess.run([sys.executable, '-m', 'sphinx', '-b', 'html', *opts, out/f'src-{lang}', fresh(to)], env=env)
    if done.returncode: sys.exit('The site is not built: see the warnings of Sphinx above.')
    return to

def names_of_sections(html, to):
    "Note how the sections of the English pages are called, for the same places of the Chinese ones"
    found = {p.stem: re.findall(r'<section [^>]*?id="([^"]+)"', read(p)) for p in html.glob('*.html')}
    write(to/'sections.json', json.dumps(found))

def absolute(
    page:str, # HTML
    base:str, # Path at which the site lies
)->str:       # The same, its links right from any depth
    "Make the links of a page absolute, since the 404 page is shown in place of pages at any depth"
    page = re.sub(r'\b(href|src|action)="(?!\w+:|#|/)(\./)?([^"]*)"', lambda m: f'{m[1]}="{base}{m[3]}"', page)
    return page.replace('data-content_root="./"', f'data-content_root="{base}"')

def finish(html):
    "What hosts want at the top of the site, and ways between its editions"
    page = html/'404.html'
    write(page, absolute(read(page), base))
    (html/'.nojekyll').touch()
    for d in html.rglob('_sources'): shutil.rmtree(d, ignore_errors=True)  # MyST-NB leaves what nbdev made of the notebooks
    for p in (html/'zh').glob('*.html'): write(p, re.sub(rf'(<a [^>]*href="){re.escape(conf.site)}(?!zh/)', r'\1../', read(p)))
    shutil.copy(docs/'demo'/'coi.js', html)  # a service worker rules only what lies below it

def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for flag in ('--release','--draft'): p.add_argument(flag, action='store_true')
    p.add_argument('--out', type=lambda s: Path(s).resolve(), default=root/'_docs')
    args = p.parse_args()
    stale = outputs.stale(notebooks)+[f for path in zh.pages for f in zh.faults(path)]
    say('nbdev reads the notebooks')
    faults = sources(args.out, {p.stem: json.loads(read(p)) for p in notebooks}, 'en')
    faults += sources(args.out, {p.stem: chinese(p) for p in translated}, 'zh')
    fatal = (stale if args.release else [])+([] if args.draft else faults)
    warn(f for f in stale+faults if f not in fatal)
    if fatal: stop(fatal)
    say('pictures, notebooks and scripts')
    static(args.out)
    say('Sphinx writes the pages')
    html = sphinx(args.out, 'en')
    names_of_sections(html, args.out/'src-zh')
    sphinx(args.out, 'zh')
    finish(html)
    say('links and pictures are checked')
    if faults := check.check(html, base): stop(faults)
    say(f'the site is in {html}')

if __name__=='__main__': main()  # nbdev starts a process of its own, which reads this file again

"""Build the site from the notebooks: python docs/build.py [--release] [--draft] [--gettext] [--out FOLDER]

The site goes to `_docs/html`. Pictures without words, and links that lead nowhere, end the build; with `--draft` it only warns of them.
Of outputs that are not current it warns; with `--release` they end it, too. `--gettext` gives the prose for translators, in
`_docs/gettext`, and no site.
"""
import argparse, hashlib, json, os, re, shutil, subprocess, sys, time
from pathlib import Path
from tempfile import TemporaryDirectory

docs = Path(__file__).resolve().parent
root = docs.parent
sys.path[:0] = [str(docs), str(root)]

import api, cells, check, conf, convert, outputs

cfg = conf.cfg
base = cfg['doc_baseurl'].rstrip('/')+'/'
notebooks = sorted((root/'nbs').glob('*.ipynb'))
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

def process():
    "Run nbdev's processing over copies of the notebooks, and return its folder"
    from nbdev.serve import proc_nbs
    here = os.getcwd()
    with TemporaryDirectory() as d:  # nbdev passes over folders named as its own are, such as `_docs`
        for p in notebooks: write(Path(d)/p.name, json.dumps(convert.prepare(json.loads(read(p)))))
        os.chdir(root)               # where it looks for settings.ini
        try: return proc_nbs(path=d, n_workers=1, force=True)
        finally: os.chdir(here)

def toctree(part, pages): return read(docs/'templates'/'contents.md').replace('PART', part).replace('PAGES', '\n'.join(pages))

def contents(
    stems:list, # Names of the chapters, in their order
    own:list,   # Names of the pages that are no notebook
)->str:         # Markdown
    "The contents of the site: a list for each part that has chapters, and one for what stands beside them"
    lists = {name: [s for s in stems if s[0]==digit] for digit,name in conf.parts.items()}
    return '\n'.join(toctree(p, ss) for p,ss in [*lists.items(), ('Beside the book', [*own, 'api/index'])] if ss)

def nameless(chapters):
    "Complain of chapters whose part has no name"
    return [f'nbs/{s}.ipynb: part {s[0]} has no name; give it one in docs/conf.py' for s in chapters if s[0] not in conf.parts]

def sources(
    out:Path,       # Folder of the build
    processed:Path, # Folder of the processed notebooks
)->list:            # What is wrong, a line each
    "Write the pages that Sphinx reads"
    src = fresh(out/'src')
    chapters = [p.stem for p in notebooks if p.stem!='index']
    pages = {m: p.stem for p in notebooks if (m := cells.module(p))}
    defs = {m: api.definitions(root/'colornet'/f'{m}.py') for m in pages}
    def picture(path):
        (src/'pictures').mkdir(exist_ok=True)
        shutil.copy(path, src/'pictures'/f'{path.parent.name}-{path.name}')
        return f'pictures/{path.parent.name}-{path.name}'
    book = convert.Book(cfg=cfg, root=root, defs=defs, pages=pages, picture=picture, faults=nameless(chapters))
    own = sorted(docs.glob('*.md'))  # pages that are no notebook: the demo, the 404 page
    copies(own, src)
    home = read(docs/'templates'/'home.md'),contents(chapters, [p.stem for p in own if p.stem!='404'])
    for s in ['index', *chapters]:
        nb = convert.convert(json.loads(read(processed/f'{s}.ipynb')), s, book, home if s=='index' else ())
        write(src/f'{s}.ipynb', json.dumps(nb))
    reference(src, book)
    return book.faults

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
    copies(notebooks, to/'notebooks')
    copies((root/'colornet'/'static').glob('divider.*'), to)
    before_after(to/'home')
    shutil.copytree(root/'nbs'/'live', to/'live')
    if not (docs/'demo.md').exists(): return
    import live_data
    shutil.copytree(docs/'demo', to/'demo')
    ort = node/'onnxruntime-web'/'dist'
    names = ['ort.wasm.bundle.min.mjs', 'ort-wasm-simd-threaded.mjs', 'ort-wasm-simd-threaded.wasm',
             'ort.webgpu.bundle.min.mjs', 'ort-wasm-simd-threaded.asyncify.mjs', 'ort-wasm-simd-threaded.asyncify.wasm']
    copies([ort/n for n in names], to/'vendor'/'ort')
    copies((root/'colornet'/'samples').glob('*.jpg'), to/'demo'/'samples')
    model(out, to/'demo')
    live_data.make_bins(to/'demo'/'bins.json')

def sphinx(builder, out):
    "Run Sphinx; a warning is an error"
    to = fresh(out/builder)
    opts = ['-W', '--keep-going', '-n', '-q', '-E', '-c', docs, '-d', out/'doctrees', '-D', f"html_static_path=site,{out/'static'}"]
    done = subprocess.run([sys.executable, '-m', 'sphinx', '-b', builder, *opts, out/'src', to])
    if done.returncode: sys.exit('The site is not built: see the warnings of Sphinx above.')
    return to

def absolute(
    page:str, # HTML
    base:str, # Path at which the site lies
)->str:       # The same, its links right from any depth
    "Make the links of a page absolute, since the 404 page is shown in place of pages at any depth"
    page = re.sub(r'\b(href|src|action)="(?!\w+:|#|/)(\./)?([^"]*)"', lambda m: f'{m[1]}="{base}{m[3]}"', page)
    return page.replace('data-content_root="./"', f'data-content_root="{base}"')

def finish(html):
    "What hosts want at the top of the site"
    page = html/'404.html'
    write(page, absolute(read(page), base))
    (html/'.nojekyll').touch()
    shutil.rmtree(html/'_sources', ignore_errors=True)  # MyST-NB leaves what nbdev made of the notebooks
    if (docs/'demo'/'coi.js').exists(): shutil.copy(docs/'demo'/'coi.js', html)  # a service worker rules only what lies below it

def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for flag in ('--release','--draft','--gettext'): p.add_argument(flag, action='store_true')
    p.add_argument('--out', type=lambda s: Path(s).resolve(), default=root/'_docs')
    args = p.parse_args()
    stale = outputs.stale(notebooks)
    say('nbdev reads the notebooks')
    faults = sources(args.out, process())
    fatal = (stale if args.release else [])+([] if args.draft else faults)
    warn(f for f in stale+faults if f not in fatal)
    if fatal: stop(fatal)
    if args.gettext:
        before_after(fresh(args.out/'static')/'home')
        say('Sphinx gathers the prose')
        return print(sphinx('gettext', args.out))
    say('pictures, notebooks and scripts')
    static(args.out)
    say('Sphinx writes the pages')
    html = sphinx('html', args.out)
    finish(html)
    say('links and pictures are checked')
    if faults := check.check(html, base): stop(faults)
    say(f'the site is in {html}')

if __name__=='__main__': main()  # nbdev starts a process of its own, which reads this file again

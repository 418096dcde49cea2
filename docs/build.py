"""Build the site from the notebooks: python docs/build.py [--draft] [--gettext] [--out FOLDER]

The site goes to `_docs/html`. `--draft` only warns of outputs that are not current, of pictures without words, and of links that
lead nowhere; without it, they end the build. `--gettext` gives the prose for translators, in `_docs/gettext`, and no site.
"""
import argparse, hashlib, json, os, re, shutil, subprocess, sys, time
from pathlib import Path
from tempfile import TemporaryDirectory

docs = Path(__file__).resolve().parent
root = docs.parent
sys.path[:0] = [str(docs), str(root)]

import api, check, conf, convert, outputs

cfg = conf.cfg
base = cfg['doc_baseurl'].rstrip('/')+'/'
notebooks = sorted((root/'nbs').glob('*.ipynb'))
started = time.time()

def say(what): print(f'== {what} ({time.time()-started:.0f} s)', flush=True)

def stop(faults):
    "Say what is wrong, a line each, and end"
    print(*faults, sep='\n', file=sys.stderr)
    sys.exit(f'The site is not built: {len(faults)} fault(s) above.')

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

def sources(
    out:Path,       # Folder of the build
    processed:Path, # Folder of the processed notebooks
)->list:            # What is wrong, a line each
    "Write the pages that Sphinx reads"
    src = fresh(out/'src')
    stems = [p.stem for p in notebooks]
    pages = {m[2]: s for s in stems if (m := convert.chapter.match(s))}
    def picture(path):
        (src/'pictures').mkdir(exist_ok=True)
        shutil.copy(path, src/'pictures'/f'{path.parent.name}-{path.name}')
        return f'pictures/{path.parent.name}-{path.name}'
    defs = {m: api.definitions(root/'colornet'/f'{m}.py') for m in pages}
    book = convert.Book(cfg=cfg, root=root, defs=defs, pages=pages, picture=picture, faults=[])
    own = sorted(p.stem for p in docs.glob('*.md'))  # pages that are no notebook: the demo, the 404 page
    for p in own: shutil.copy(docs/f'{p}.md', src)
    end = read(docs/'templates'/'contents.md')
    end = end.replace('CHAPTERS', '\n'.join(pages.values())).replace('PAGES', '\n'.join(p for p in own if p!='404'))
    home = read(docs/'templates'/'home.md'),end
    for s in stems:
        nb = convert.convert(json.loads(read(processed/f'{s}.ipynb')), s, book, home if s=='index' else ())
        write(src/f'{s}.ipynb', json.dumps(nb))
    reference(src, book)
    return book.faults

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
    index = read(docs/'templates'/'api.md')
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
        export = "from colornet.cli import colornet_export; colornet_export()"
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
    if (docs/'live').exists(): shutil.copytree(docs/'live', to/'live')
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
    p.add_argument('--draft', action='store_true')
    p.add_argument('--gettext', action='store_true')
    p.add_argument('--out', type=lambda s: Path(s).resolve(), default=root/'_docs')
    args = p.parse_args()
    faults = outputs.stale(notebooks)
    say('nbdev reads the notebooks')
    processed = process()
    faults += sources(args.out, processed)
    if faults and not args.draft: stop(faults)
    for f in faults: print('draft:', f)
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

"""Make the still pictures of the live figures, in both languages, for print and where no kernel runs: python docs/stills.py [NAME...]

Needs Playwright and Chromium. The pages that are photographed hold nothing but the figure.
"""
import functools, http.server, shutil, sys, threading
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from PIL import Image

root = Path(__file__).parent.parent
sys.path.append(str(root))
from colornet.words import local

live = root/'nbs'/'live'
places = dict(en=live, zh=root/'docs'/'zh'/'figures'/'live')
names = ['yuv','chroma','scribble','taps','field','loss','arriving','balloons']
poses = dict(yuv={'scale U':'2', 'scale V':'2'})  # What a still shows that the page does not begin with
runs = dict(balloons='Train')                       # A button that is pressed first; its words come back when all is done
page_style = '''body { font: 16px/1.5 sans-serif; margin: 12px; max-width: 760px }
html[data-theme=dark] body { background: #14181e; color: #ddd }
figure { margin: 0 } img { max-width: 100% }'''

def chromium(
    play,                         # Playwright's `chromium`
    gpu:tuple=('--disable-gpu',), # Flags for the graphics card
):                                # Browser, or `None` where there is no Chromium
    "Start Chromium without a window, which asks nobody for anything"
    if not (path := shutil.which('chromium') or shutil.which('google-chrome')): return None
    off = [f'--disable-{x}' for x in 'quic background-networking component-update sync'.split()]
    return play.launch(executable_path=path, args=['--no-sandbox', '--no-first-run', *off, *gpu])

def page(
    body:str,      # HTML
    lang:str='en', # en or zh
)->str:            # A whole page
    "Wrap HTML as the book's theme does"
    return (f'<!doctype html><html lang="{dict(zh="zh-CN").get(lang, lang)}" data-theme="light"><meta charset="utf-8"><title>colornet</title>'
            f'<meta name="viewport" content="width=device-width"><link rel="icon" href="data:,">'
            f'<style>{page_style}</style><body>{body}</body></html>')

def assemble(
    to:Path,       # Empty folder
    lang:str='en', # en or zh
):
    "Lay out the static files as in the site, and a page a figure"
    static = to/'_static'
    shutil.copytree(live, static/'live')
    shutil.copytree(root/'docs'/'demo', static/'demo')
    (static/'demo'/'samples').mkdir()
    for f in (root/'colornet'/'samples').glob('*.jpg'): shutil.copy(f, static/'demo'/'samples')
    for f in (root/'colornet'/'static').glob('[dz]*'): shutil.copy(f, static)  # the divider, and words in other languages
    shutil.copy(root/'docs'/'demo'/'coi.js', to)
    for n in names:
        if not (still := static/'live'/f'{n}.png').exists(): Image.new('L', (64,48), 200).save(still)  # Its turn has not come yet
        (to/f'{n}.html').write_text(page(f'<figure class="live" data-figure="{n}">'
            f'<img src="_static/live/{n}.png" alt="the figure {n}">'
            f'<figcaption>Caption of {n}.</figcaption></figure><script type="module" src="_static/live/live.js"></script>', lang))

class Quiet(http.server.SimpleHTTPRequestHandler):
    extensions_map = http.server.SimpleHTTPRequestHandler.extensions_map|{
        '.mjs':'text/javascript', '.js':'text/javascript', '.wasm':'application/wasm', '.json':'application/json'}
    def log_message(self, *args): pass

class Server(http.server.ThreadingHTTPServer):
    def handle_error(self, *args): pass  # A browser that is closed hangs up in the middle

@contextmanager
def serve(
    folder:Path,    # What to serve
    handler=Quiet,  # How to serve it
):                  # Yields the address, without a slash at its end
    "Serve a folder on this machine"
    server = Server(('127.0.0.1', 0), functools.partial(handler, directory=folder))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try: yield f'http://127.0.0.1:{server.server_port}'
    finally:
        server.shutdown()
        server.server_close()

def pose(tab, n, lang):
    "Move a figure as its still shows it"
    for label,value in poses.get(n, {}).items(): tab.get_by_label(local(label, lang)).fill(value)
    if n in runs:
        button = tab.get_by_role('button', name=local(runs[n], lang))
        button.click()
        button.wait_for(timeout=120_000)
    tab.mouse.move(0, 0)
    tab.evaluate('document.activeElement.blur()')
    tab.wait_for_timeout(300)

def take(browser, url, n, lang):
    "Photograph a figure"
    tab = browser.new_page(viewport=dict(width=784, height=900))
    tab.goto(f'{url}/{n}.html')
    tab.wait_for_selector('html[data-live=ready]')
    if not tab.locator('figure.alive').count(): return print(f'{n}: does not live, its picture stays')
    pose(tab, n, lang)
    shot = Image.open(BytesIO(tab.locator('figure .cn').screenshot())).convert('RGB')
    small = shot.quantize(palette=shot.quantize(256), dither=Image.Dither.FLOYDSTEINBERG)
    places[lang].mkdir(parents=True, exist_ok=True)
    small.save(to := places[lang]/f'{n}.png', optimize=True)
    print(f'{n}: {shot.size}, {to.stat().st_size/1000:.0f} kB')
    tab.close()

def main(todo):
    from tempfile import TemporaryDirectory
    from playwright.sync_api import sync_playwright
    with TemporaryDirectory() as d, sync_playwright() as p:
        if not (browser := chromium(p.chromium)): sys.exit('Chromium is missing; install it')
        for lang in places:
            assemble(Path(d)/lang, lang)
            with serve(Path(d)/lang) as url:
                for n in todo: take(browser, url, n, lang)
        browser.close()

if __name__=='__main__': main(sys.argv[1:] or names)

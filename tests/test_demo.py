"The demo page in a real browser: the network runs there, gives the colours that Python gives, and no photo leaves the page"
import base64, io, json, os, re, subprocess, sys, tarfile, time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from hand import Hand, bad_hints, hue, luma

pytestmark = pytest.mark.slow
root = Path(__file__).parent.parent
sys.path.insert(0, str(root/'docs'))
import live_data, stills
from test_live import nameless, readable, wide

samples = root/'colornet'/'samples'
built = os.environ.get('COLORNET_SITE')  # folder of a built site, to test that; else its parts are laid out here
engine = [f'ort.{k}.bundle.min.mjs' for k in ('wasm','webgpu')]
engine += [f'ort-wasm-simd-threaded{k}.{e}' for k in ('','.asyncify') for e in ('mjs','wasm')]

def runtime():
    "Folder of ONNX Runtime Web: where the build of the site has put it, else fetched by npm into the cache"
    for d in (root/'_docs'/'node'/'node_modules', root/'docs'/'node_modules'):
        if (d/'onnxruntime-web'/'dist'/engine[0]).exists(): return d/'onnxruntime-web'/'dist'
    from fastcore.xdg import xdg_cache_home
    version = json.loads((root/'docs'/'package.json').read_text())['dependencies']['onnxruntime-web']
    to = xdg_cache_home()/'colornet'/f'ort-web-{version}'
    if not (to/'package'/'dist'/engine[0]).exists():
        try:
            to.mkdir(parents=True, exist_ok=True)
            subprocess.run(['npm','pack',f'onnxruntime-web@{version}'], cwd=to, check=True, capture_output=True, timeout=300)
            with tarfile.open(next(to.glob('*.tgz'))) as t: t.extractall(to, filter='data')
        except (OSError, subprocess.SubprocessError) as e: pytest.skip(f'onnxruntime-web is not here and npm cannot fetch it: {e}')
    return to/'package'/'dist'

theme = '''<div id="pst-skip-link"><a href="#demo">Skip to main content</a></div><nav>'''+''.join(
    f'<a href="#demo">Chapter {i}</a> ' for i in range(60))+'</nav>'  # as on the site, where the book lies before the page

@pytest.fixture(scope='module')
def site(tmp_path_factory):
    "Address of a site with the demo"
    folder = Path(built) if built else tmp_path_factory.mktemp('demo')/'site'
    if not built:
        ort = runtime()
        pytest.importorskip('onnx')
        from colornet.decoder import load_colornet
        from colornet.export import export_onnx
        stills.assemble(folder)
        static = folder/'_static'
        export_onnx(load_colornet(), static/'demo'/'model.onnx', 'int8')
        (static/'vendor'/'ort').mkdir(parents=True)
        for f in engine: os.symlink(ort/f, static/'vendor'/'ort'/f)
        live_data.make_bins(static/'demo'/'bins.json')
        html = re.search(r'```\{raw\} html\n(.*?)```', (root/'docs'/'demo.md').read_text(), re.S)[1]
        (folder/'demo.html').write_text(stills.page(f'{theme}<h1>Demo</h1>{html}'))
    assert (folder/'_static'/'demo'/'model.onnx').stat().st_size<=20e6
    with stills.serve(folder) as url: yield url

@pytest.fixture(scope='module')
def python():
    "What the package makes of a photo"
    from colornet.infer import Colorizer
    return Colorizer('release', device='cpu', dtype='fp32')

answered = """([k, n]) => +(document.querySelector('#demo').dataset[k] || 0) > n
  || document.querySelector('#demo .cn-alert').textContent"""

class Demo:
    "The page, and a reader's hands"
    def __init__(self, browser, url, query='', **how):
        how = dict(viewport=dict(width=1280, height=1000))|how
        self.context = browser.new_context(**how)
        self.tab = self.context.new_page()
        self.address,self.said,self.asked,self.loads = f'{url}/demo.html{query}',[],[],0
        self.tab.on('console', lambda m: self.said.append(m.text) if m.type=='error' else None)
        self.tab.on('pageerror', lambda e: self.said.append(str(e)))
        self.context.on('request', self.hear)
        self.tab.on('framenavigated', lambda f: setattr(self, 'loads', self.loads+1))
        self.open()
    def hear(self, r):
        if not r.url.startswith(('data:','blob:')): self.asked.append((r.method, r.url, r.post_data))
    def open(self):
        self.tab.goto(self.address)
        self.tab.wait_for_timeout(1500)  # for the one reload that brings threads
        self.tab.wait_for_selector('#demo[data-ready]')
    @property
    def el(self): return self.tab.locator('#demo')
    def count(self, key): return int(self.el.get_attribute(f'data-{key}') or 0)
    def after(self, act, key='shown', seconds=60):
        "Do something, and wait until the page has answered"
        n = self.count(key)
        t = time.time()
        act()
        self.tab.wait_for_function(answered, arg=[key, n],
                                   timeout=seconds*1000)
        assert self.alert()=='', self.alert()
        return time.time()-t
    def alert(self): return self.tab.locator('#demo .cn-alert').text_content()
    def sample(self, words): return self.after(lambda: self.el.get_by_role('button', name=f'sample: {words}').click(), 'done')
    def pass_(self, path, how):
        "Drop a file on the page, or paste it"
        self.tab.evaluate("""([data, name, how]) => {
            const t = new DataTransfer(), bytes = Uint8Array.from(atob(data), c => c.charCodeAt(0))
            t.items.add(new File([bytes], name, {type: name.endsWith('.png') ? 'image/png' : 'image/jpeg'}))
            const e = how==='drop' ? new DragEvent('drop', {dataTransfer: t, bubbles: true, cancelable: true})
                : new ClipboardEvent('paste', {clipboardData: t, bubbles: true, cancelable: true})
            document.querySelector('#demo .colornet-stage').dispatchEvent(e)
        }""", [base64.b64encode(Path(path).read_bytes()).decode(), Path(path).name, how])
    def drop(self, path, how='drop'): return self.after(lambda: self.pass_(path, how), 'done')
    def set(self, label, value):
        slider = self.el.get_by_role('slider', name=label)
        if float(slider.input_value())!=value: self.after(lambda: slider.fill(str(value)))
    def download(self):
        "The file that the reader gets"
        with self.tab.expect_download(timeout=30_000) as d: self.el.get_by_role('button', name='Download').click()
        return d.value.suggested_filename, Image.open(d.value.path())
    @property
    def hand(self): return Hand(self.tab)
    def seen(self, which='after'):
        "What the page shows on one side of the divider"
        data = self.tab.evaluate("""async w => {
            const im = document.querySelector(w), c = document.createElement('canvas')
            await im.decode()
            c.width = im.naturalWidth; c.height = im.naturalHeight
            c.getContext('2d').drawImage(im, 0, 0)
            return c.toDataURL('image/png')
        }""", f'#demo .colornet-{which}')
        return np.asarray(Image.open(io.BytesIO(base64.b64decode(data.split(',')[1]))).convert('RGB'), int)

@pytest.fixture(scope='module')
def demo(site, browser):
    d = Demo(browser, site)
    yield d
    d.context.close()
    assert d.said==[]
    assert all(m=='GET' and not data and u.startswith(site) for m,u,data in d.asked), d.asked

def far(a, b):
    "Mean CIEDE2000 between two pictures"
    from skimage.color import deltaE_ciede2000, rgb2lab
    return deltaE_ciede2000(*[rgb2lab(np.asarray(x.convert('RGB'))) for x in (a,b)]).mean()

def test_nothing_is_loaded_before_the_reader_asks(demo):
    names = [Path(u).name.split('?')[0] for _,u,_ in demo.asked]
    assert not [n for n in names if n.endswith(('.onnx','.wasm','.mjs'))] and 'worker.js' not in names, names
    text = demo.el.inner_text()
    assert re.search(r'\d+ MB', text) and 'no photo is sent anywhere' in text
    assert 'pixels' not in demo.el.get_by_role('status').inner_text()

def test_a_sample_is_coloured_in_time(demo):
    assert demo.sample('hens')<10
    assert min(demo.sample('horses') for _ in range(2))<4  # the machine may have had something else to do
    said = demo.el.locator('.status').inner_text()
    assert re.search(r'horses.jpg, 512 × 332 pixels, coloured in [\d.]+ s.*345 × 224 pixels \((WebAssembly|WebGPU)', said), said
    if os.cpu_count()>1: assert int(demo.el.get_attribute('data-threads'))>=2   # the service worker has isolated the page
    assert demo.loads<=2
    gray,colour = demo.seen('before'),demo.seen()
    assert np.ptp(gray, -1).max()<=1 and np.ptp(colour, -1).mean()>8
    assert np.abs(gray.mean(-1)-colour@[.299,.587,.114]).mean()<2               # the same light

def test_it_agrees_with_python(demo, python):
    name,got = demo.download()
    assert name=='horses-color.png' and got.size==(512,332)
    assert far(got, python(samples/'horses.jpg'))<.5

def test_vividness_and_saturation_ask_no_network(demo, python):
    done = demo.count('done')
    if 'bold' in python.net.names:
        for v in (0,1):
            demo.set('vividness', v)
            assert far(demo.download()[1], python(samples/'horses.jpg', vivid=v))<.5
        calm,bold = (np.ptp(np.asarray(python(samples/'horses.jpg', vivid=v), int), -1).mean() for v in (0,1))
        assert bold>1.05*calm                                                    # else the slider would do nothing to see
        demo.set('vividness', python.vivid)
    still,moved = (python(samples/'horses.jpg', flow=f) for f in (0,1))
    demo.set('flow', 0)
    assert far(demo.download()[1], still)<.5 and far(still, moved)>.7               # else it would do nothing to see
    demo.set('flow', 1)
    demo.set('saturation', 2)
    assert far(demo.download()[1], python(samples/'horses.jpg', saturation=2))<.7
    demo.set('saturation', 0)
    assert np.ptp(demo.seen(), -1).max()<=1
    demo.set('saturation', 1)
    assert demo.count('done')==done

def test_the_divider_answers_to_keys_and_pointer(demo):
    line,range_ = demo.el.locator('.colornet-line'),demo.el.locator('.colornet-stage input')
    left = lambda: float(re.search(r'([\d.]+)%', line.get_attribute('style'))[1])
    range_.focus()
    was = left()
    for _ in range(3): demo.tab.keyboard.press('ArrowRight')
    assert left()==was+3
    box = demo.el.locator('.colornet-stage').bounding_box()
    demo.tab.mouse.click(box['x']+box['width']*.2, box['y']+box['height']/2)
    assert abs(left()-20)<3

def test_the_map_of_doubt(demo, python):
    if 'doubt' not in python.net.names: pytest.skip('these weights have no second head')
    box = demo.el.get_by_role('checkbox')
    demo.after(lambda: box.check())
    true = np.asarray(python.doubt(samples/'horses.jpg'), int)
    assert np.abs(demo.seen()[...,0]-true).mean()<4 and true.std()>8
    demo.after(lambda: box.uncheck())

def test_the_colours_that_may_be_under_the_point(demo, python):
    if 'scores' not in python.net.names: pytest.skip('these weights have no second head')
    from colornet.infer import seen
    from colornet.arrays import as_photo
    photo = as_photo(samples/'horses.jpg')
    w,h = photo.size
    small = seen(photo).shape[::-1]
    bins,scores = python.net.net.decoder.bins.numpy(),python.ask([seen(photo)], 'scores')[0][0]
    told = lambda: demo.el.locator('.possible .numbers').inner_text()
    shares = lambda: [int(re.search(r'(\d+) %', x)[1]) for x in demo.el.locator('.colours li').all_inner_texts()]
    def right():
        x,y,light = [float(n) for n in re.findall(r'[\d.]+', told())]
        assert abs(light-photo.y[int(y),int(x)]/65535)<=.012
        s = scores[:, int(int(y)/h*small[1]/4), int(int(x)/w*small[0]/4)]
        p = np.exp(s-s.max())
        p /= p.sum()
        near = np.hypot(*(bins-bins[p.argmax()]).T)<.1
        assert abs(p[near].sum()*100-shares()[0])<=4 or abs(np.sort(p)[-1]-np.sort(p)[-2])<.01  # two colours may be level
        assert 1<=len(shares())<=5 and sum(shares())<=102
    def moved(act):
        was = told()
        act()
        demo.tab.wait_for_function("t => document.querySelector('.possible .numbers').textContent!==t", arg=was)
        demo.tab.wait_for_timeout(300)
        right()
        return told()
    box = demo.el.locator('.colornet-stage').bounding_box()
    moved(lambda: demo.tab.mouse.move(box['x']+box['width']*.62, box['y']+box['height']*.06))
    moved(lambda: demo.tab.mouse.move(box['x']+box['width']*.4, box['y']+box['height']*.93))
    cross = demo.el.get_by_role('slider', name='Point of the picture')
    demo.tab.mouse.move(5, 5)
    cross.focus()
    at = [float(n) for n in re.findall(r'[\d.]+', moved(lambda: demo.tab.keyboard.press('ArrowLeft')))]
    up = [float(n) for n in re.findall(r'[\d.]+', moved(lambda: demo.tab.keyboard.press('ArrowUp')))]
    assert up[0]==at[0] and up[1]==at[1]-1

# ---- hints

@pytest.fixture
def hand(demo):
    "A reader who gives hints for the horses, on a page that has none yet"
    if 'horses.jpg' not in demo.el.locator('.status').inner_text(): demo.sample('horses')
    hand = demo.hand
    hand.turn(True)
    if hand.button('Remove all').is_enabled(): demo.after(hand.button('Remove all').click)
    yield hand
    hand.turn(False)

def around(im, x, y, r=1):
    "Pixels of a picture around a share of its width and height"
    a = np.asarray(im.convert('RGB'), int)
    i,j = int(y*a.shape[0]),int(x*a.shape[1])
    return a[i-r:i+r+1, j-r:j+r+1]

def test_a_hint_colours_what_is_around_it_at_once(demo, hand, python):
    done,was = demo.count('done'),demo.download()[1]
    hand.spot(.62, .06)
    likely = hand.swatches.first
    color,share = likely.get_attribute('aria-label').split(', ')
    assert re.fullmatch(r'#[0-9a-f]{6}', color) and 1<=int(share.split()[0])<=100 and hand.swatches.count()<=5
    demo.after(likely.click)
    assert hand.markers.count()==1
    times = [demo.after(lambda c=c: hand.other.fill(c)) for c in ('#22aa44','#3355dd','#cc8822')]  # the same hint, recoloured
    assert hand.markers.count()==1
    got = demo.download()[1]
    assert hue(around(got, .62, .06), '#cc8822').min()>.95 and hue(around(was, .62, .06), '#cc8822').max()<.5
    assert np.abs(luma(got)-luma(was)).max()<=2
    x,y = [int(n) for n in re.findall(r'\d+', hand.title)[1:]]
    assert far(got, python(samples/'horses.jpg', hints=[(x, y, '#cc8822', 3.32)]))<1
    assert demo.el.get_by_role('slider', name='flow').is_disabled() and 'hints need all of it' in demo.el.inner_text()
    assert min(times)<float(demo.el.get_attribute('data-network'))/2
    for _ in range(4): demo.after(hand.button('Undo').click)
    assert hand.markers.count()==0 and hand.button('Undo').is_disabled()
    assert (np.asarray(demo.download()[1])==np.asarray(was)).all()
    assert demo.el.get_by_role('slider', name='flow').is_enabled() and demo.count('done')==done

def test_hints_are_moved_and_removed_by_mouse(demo, hand):
    none = demo.seen()
    hand.spot(.2, .1)
    demo.after(lambda: hand.other.fill('#cc2233'))
    hand.spot(.8, .1)
    demo.after(lambda: hand.other.fill('#3355dd'))
    two = demo.seen()
    demo.after(lambda: hand.drag(0, .45, .15))
    demo.tab.wait_for_timeout(1500)                       # it may have been drawn on its way
    got = demo.download()[1]
    assert hue(around(got, .45, .15), '#cc2233').min()>.95 and hue(around(got, .8, .1), '#3355dd').min()>.95
    assert hand.title.startswith('Hint 1')
    demo.after(hand.button('Undo').click)                 # a drag is one step
    assert (demo.seen()==two).all()
    hand.markers.nth(1).click()
    assert hand.title.startswith('Hint 2') and hand.markers.nth(1).get_attribute('aria-pressed')=='true'
    demo.after(hand.button('Remove').click)
    assert hand.markers.count()==1
    demo.after(hand.button('Remove all').click)
    assert (demo.seen()==none).all()

def test_hints_are_given_by_keys_alone(demo, hand):
    none,press = demo.seen(),demo.tab.keyboard.press
    focused = lambda: demo.tab.evaluate("document.activeElement.className || document.activeElement.getAttribute('aria-label')")
    hand.turn(False)
    hand.toggle.focus()
    press('Enter')
    assert hand.toggle.get_attribute('aria-pressed')=='true'
    for _ in range(12):
        if focused()=='colornet-cross': break
        press('Tab')
    at = lambda: [int(n) for n in re.findall(r'\d+', hand.cross.get_attribute('aria-valuetext'))]
    start = at()
    for k in ('ArrowLeft','Shift+ArrowLeft','ArrowUp','Shift+ArrowDown'): press(k)
    assert at()==[start[0]-11, start[1]+9]
    press('Enter')
    demo.tab.wait_for_function("document.activeElement.parentElement.className==='colornet-swatches'")
    color = focused().split(',')[0]
    demo.after(lambda: press('Enter'))
    assert hand.markers.count()==1 and color in hand.markers.first.get_attribute('aria-label')
    press('Escape')
    assert focused().startswith('Hint 1 of 1')
    one = demo.seen()
    demo.after(lambda: press('Shift+ArrowRight'))
    assert f'{at()[0]}, {at()[1]}' in hand.markers.first.get_attribute('aria-label') and at()[0]==start[0]-1
    demo.after(lambda: press('Control+z'))
    assert (demo.seen()==one).all()
    hand.markers.first.focus()
    press('Enter')                                        # its colour can be changed
    demo.tab.wait_for_function("document.activeElement.parentElement.className==='colornet-swatches'")
    if hand.swatches.count()>1:
        press('Tab')
        other = focused().split(',')[0]
        demo.after(lambda: press('Enter'))
        assert other in hand.markers.first.get_attribute('aria-label')
    hand.markers.first.focus()
    demo.after(lambda: press('Delete'))
    assert hand.markers.count()==0 and (demo.seen()==none).all() and focused()=='colornet-cross'
    assert 'removed' in demo.el.locator('.colornet-said').inner_text()

def test_hints_are_saved_loaded_and_read_by_the_package(demo, hand, python, tmp_path):
    hand.spot(.3, .1)
    demo.after(lambda: hand.other.fill('#cc8822'))
    hand.spot(.5, .9)
    demo.after(lambda: hand.size.select_option('4') and hand.other.fill('#3355dd'))
    demo.tab.wait_for_timeout(500)
    was = demo.seen()
    name,said = hand.save()
    assert name=='horses-hints.json' and said['colornet']=='hints 1' and said['size']==[512,332]
    assert [h['color'] for h in said['hints']]==['#cc8822','#3355dd'] and said['hints'][1]['radius']==13.28
    (tmp_path/name).write_text(json.dumps(said))
    assert far(demo.download()[1], python(samples/'horses.jpg', hints=tmp_path/name))<1
    demo.after(hand.button('Remove all').click)
    assert (demo.seen()!=was).any()
    demo.after(lambda: hand.load(tmp_path/name))
    assert (demo.seen()==was).all()
    big = dict(said, size=[1024,664], hints=[{k:2*v if k!='color' else v for k,v in h.items()} for h in said['hints']])
    (tmp_path/'big.json').write_text(json.dumps(big))
    demo.after(lambda: hand.load(tmp_path/'big.json'))    # the same photo at another size
    assert np.abs(demo.seen()-was).max()<=2 and hand.markers.count()==2
    for file,(text,words) in bad_hints(512, 332).items():
        (tmp_path/file).write_text(text)
        hand.load(tmp_path/file)
        demo.tab.wait_for_function("n => document.querySelector('#demo .cn-alert').textContent.includes(n)", arg=file)
        assert words in demo.alert() and ';' in demo.alert() and '\n' not in demo.alert(), demo.alert()
        assert hand.markers.count()==2 and np.abs(demo.seen()-was).max()<=2
    demo.after(hand.button('Undo').click)                 # and the complaint goes with the next change

def test_hints_belong_to_one_photo(demo, hand):
    hand.spot(.5, .5)
    demo.after(lambda: hand.other.fill('#3355dd'))
    demo.sample('horses')
    clean = demo.seen()
    assert hand.markers.count()==0 and hand.button('Undo').is_disabled() and not hand.tab.locator('.colornet-panel').is_visible()
    demo.sample('horses')
    assert (demo.seen()==clean).all()

def test_a_finger_gives_and_moves_hints(site, browser):
    d = Demo(browser, site, has_touch=True, viewport=dict(width=390, height=900))
    d.sample('horses')
    d.hand.turn(True)
    d.tab.locator('.colornet-stage').scroll_into_view_if_needed()
    d.tab.touchscreen.tap(*d.hand.place(.6, .8))
    d.hand.swatches.first.wait_for()
    d.after(d.hand.swatches.first.tap)
    style = lambda e: e.evaluate('e => getComputedStyle(e).touchAction')
    assert d.hand.markers.count()==1 and style(d.hand.markers.first)=='none'
    assert d.hand.markers.first.bounding_box()['width']>=24
    d.context.close()
    assert d.said==[]

def with_hints(demo, python, name, folder):
    "PSNR of a photo with 0, 1, 5, 10 and 50 true colours as hints, each 5x5 pixels at the network's size, on the page and in Python"
    file = root/'nbs'/'images'/f'{name}.jpg'
    truth,rng = np.asarray(Image.open(file).convert('RGB'), float),np.random.default_rng(0)
    h,w = truth.shape[:2]
    r = min(w,h)/224*2.5
    def spot(x, y):
        color = truth[int(y-r):int(y+r)+1, int(x-r):int(x+r)+1].mean((0,1)).round().astype(int)
        return dict(x=int(x), y=int(y), color='#%02x%02x%02x'%tuple(color), radius=r)
    spots = [spot(*p) for p in rng.integers(int(r)+1, (w-int(r)-1, h-int(r)-1), (50,2))]
    demo.drop(file)
    demo.hand.turn(True)
    for n in (0,1,5,10,50):
        (folder/'h.json').write_text(json.dumps(dict(colornet='hints 1', size=[w,h], hints=spots[:n])))
        if n: demo.after(lambda: demo.hand.load(folder/'h.json'))
        pics = demo.download()[1], python(file, hints=folder/'h.json' if n else None)
        yield [10*np.log10(255**2/np.square(np.asarray(im.convert('RGB'), float)-truth).mean()) for im in pics]
    demo.hand.turn(False)

def test_true_colours_as_hints_bring_photos_closer_to_the_truth(demo, python, tmp_path):
    psnr = np.array([[*with_hints(demo, python, n, tmp_path)] for n in ('hens','horses','coffee')])
    here,there = psnr[...,0],psnr[...,1]
    print(here.round(2), there.round(2))
    assert np.abs(here-there).max()<.25
    assert (np.diff(here[:,[0,2,3,4]])>0).all() and (here[:,4]>here[:,0]+2).all(), here  # A single hint may lose

def test_another_answer_has_one_region_in_another_colour(demo, python):
    from colornet.arrays import as_photo
    file = root/'nbs'/'images'/'room.jpg'
    demo.drop(file)
    want = python.look([as_photo(file)], everything=True)[0].others(3, python.vivid)
    button,told = demo.el.get_by_role('button', name='Another answer'),demo.el.locator('.odds')
    first,done,text = demo.seen(),demo.count('done'),[]
    while not text or not text[-1].startswith('answer 1 of'):
        demo.after(button.click)
        text.append(told.inner_text())
        changed = np.abs(demo.seen()-first).max(-1)>12
        assert .01<changed.mean()<.7 or text[-1].startswith('answer 1 of')
        if len(text)==1:  # Weights of 8 bits: the same region, and nearly the same odds
            region = np.asarray(Image.fromarray(want[0].said[1]).resize(changed.shape[::-1]))
            assert changed[region].mean()>.8
            assert np.abs(np.array([int(n)/100 for n in re.findall(r'(\d+) %', text[0])])-want[0].odds).max()<.04
    assert len(text)==len(want)+1 and (demo.seen()==first).all() and demo.count('done')==done

# ---- what goes along with a photo

def given(folder, name, **how):
    "A photo with papers of its own"
    im = Image.open(samples/'chelsea.jpg').convert('L').resize((90,60))
    im.save(folder/name, **how)
    return folder/name

def with_exif(turned=1, dpi=None):
    "EXIF as a camera writes it"
    exif = Image.Exif()
    exif[0x112],exif[0x10f],exif[0x8298] = turned,'Kodak','Somebody'
    if dpi: exif[0x128],exif[0x11a],exif[0x11b] = 2,*dpi
    exif.get_ifd(0x8769).update({0x829a: .008, 0x9003: '1938:05:06 07:08:09', 0xa002: 90, 0xa003: 60})
    exif.get_ifd(0x8825).update({1: 'N', 2: (47., 22., 30.)})
    return exif

def add_thumbnail(path):
    "Append a second table with a thumbnail to the EXIF of a JPEG"
    import struct
    data = path.read_bytes()
    at = data.index(b'Exif\0\0')
    n = struct.unpack('>H', data[at-2:at])[0]
    tiff = bytearray(data[at+6:at-2+n])
    order = '<' if tiff[:2]==b'II' else '>'
    ifd, = struct.unpack(order+'I', tiff[4:8])
    count, = struct.unpack(order+'H', tiff[ifd:ifd+2])
    tiff[ifd+2+12*count:ifd+6+12*count] = struct.pack(order+'I', len(tiff))
    small = b'\xff\xd8THUMBNAIL'*50
    tiff += struct.pack(order+'HHHIIHHIII', 2, 0x201, 4, 1, len(tiff)+30, 0x202, 4, 1, len(small), 0)+small
    path.write_bytes(data[:at-2]+struct.pack('>H', len(tiff)+8)+b'Exif\0\0'+tiff+data[at-2+n:])

old_xmp = b'''<?xpacket begin="\xef\xbb\xbf" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/"
 xmlns:tiff="http://ns.adobe.com/tiff/1.0/" xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/" tiff:Orientation="6"
 Iptc4xmpExt:DigitalSourceType="http://cv.iptc.org/newscodes/digitalsourcetype/negativeFilm" dc:title="Gr\xc3\xb6\xc3\x9fe"/>
</rdf:RDF></x:xmpmeta><?xpacket end="w"?>'''

made = 'weights=release size=224 vivid={:g} flow=1 saturation=1'

@pytest.mark.parametrize('name,how,dpi', [
    ('plain.jpg', {}, None), ('scan.jpg', dict(dpi=(300,300)), (300,300)), ('camera.jpg', dict(exif=with_exif(dpi=(240,240))), (240,240)),
    ('turned.jpg', dict(exif=with_exif(6), dpi=(300,150), xmp=old_xmp), (150,300)), ('plain.png', {}, None),
    ('scan.png', dict(dpi=(600,300), exif=with_exif()), (600,300))])
def test_the_download_keeps_exif_and_dpi_and_says_who_made_the_colours(demo, python, tmp_path, name, how, dpi):
    from colornet.photo import read_pages
    from colornet.save import sign
    path = given(tmp_path, name, **how)
    if name=='turned.jpg': add_thumbnail(path)
    was, = read_pages(path)
    demo.drop(path)
    with demo.tab.expect_download(timeout=30_000) as d: demo.el.get_by_role('button', name='Download').click()
    data = d.value.path().read_bytes()
    new,im = read_pages(data)[0],Image.open(io.BytesIO(data))
    im.load()                                                              # sums of all chunks are right
    assert new.exif==was.exif and bool(was.exif)==('exif' in how)
    assert new.xmp==sign(was.xmp, made.format(python.vivid)) and b'negativeFilm' not in new.xmp
    assert was.xmp is None or ('Größe'.encode() in new.xmp and b'Orientation="1"' in new.xmp)
    assert ('dpi' in im.info)==(dpi is not None) and (not dpi or np.abs(np.array(im.info['dpi'])-dpi).max()<.02)
    assert b'THUMBNAIL' not in data
    if 'exif' in how:
        exif = im.getexif()
        assert exif[0x112]==1 and exif[0x10f]=='Kodak' and exif.get_ifd(0x8825)[1]=='N' and not exif.get_ifd(1)
        assert (exif.get_ifd(0x8769)[0xa002]>exif.get_ifd(0x8769)[0xa003])==(im.width>im.height)

def test_the_word_on_the_colours_tells_of_sliders_and_hints(demo, hand, python):
    from colornet.photo import read_pages
    hand.spot(.5, .5)
    demo.after(hand.swatches.first.click)
    demo.set('saturation', 1.5)
    with demo.tab.expect_download(timeout=30_000) as d: demo.el.get_by_role('button', name='Download').click()
    demo.set('saturation', 1)
    demo.after(hand.button('Remove all').click)
    said = made.format(python.vivid).replace('saturation=1', 'saturation=1.5')+' hints=1'
    assert f'colornet:Settings="{said}"'.encode() in read_pages(d.value.path())[0].xmp

def test_damaged_papers_are_left_behind(demo, tmp_path):
    path = given(tmp_path, 'torn.jpg', exif=with_exif())
    data = path.read_bytes()
    at = data.index(b'Exif\0\0')
    path.write_bytes(data[:at+10]+b'\xff\xff\xff\x7f'+data[at+14:])
    demo.drop(path)
    im = demo.download()[1]
    assert im.size==(90,60) and not im.getexif() and b'compositeWithTrained' in im.info['xmp']

def test_the_button_is_reached_by_two_presses_of_tab(site, browser):
    d,asked = Demo(browser, site),[]
    d.tab.on('filechooser', lambda f: asked.append(f))  # before the keys: the browser takes a moment to hand its dialogs over
    focused = lambda: d.tab.evaluate('document.activeElement.textContent')
    d.tab.evaluate('document.activeElement.blur()')
    presses = 0
    while presses<5 and focused()!='Choose a photo':
        d.tab.keyboard.press('Tab')
        presses += 1
    assert presses<=2 and focused()=='Choose a photo'
    d.tab.wait_for_function('document.activeElement.getBoundingClientRect().top>=0')  # it slides into view
    d.tab.keyboard.press('Enter')
    for _ in range(100):
        if asked: break
        d.tab.wait_for_timeout(100)
    d.after(lambda: asked[0].set_files(str(samples/'chelsea.jpg')), 'done')
    assert len(asked)==1 and d.tab.evaluate("document.activeElement.className")=='main' and d.said==[]
    d.context.close()

# ---- other photos

def test_nothing_is_requested_while_a_photo_is_coloured(demo, python, tmp_path):
    Image.open(root/'nbs'/'images'/'coffee.jpg').convert('L').save(tmp_path/'cup.png')
    demo.asked.clear()
    demo.context.set_offline(True)
    try:
        demo.drop(tmp_path/'cup.png')
        name,got = demo.download()
    finally: demo.context.set_offline(False)
    assert demo.asked==[]
    assert name=='cup-color.png' and far(got, python(tmp_path/'cup.png'))<.5

def test_photos_are_pasted_and_chosen_and_stand_upright(demo, python, tmp_path):
    im,exif = Image.open(samples/'chelsea.jpg'),Image.Exif()
    exif[0x112] = 6
    im.save(tmp_path/'turned.jpg', exif=exif, quality=95)
    demo.drop(tmp_path/'turned.jpg', 'paste')
    got = demo.download()[1]
    assert got.size==im.size[::-1] and far(got, python(tmp_path/'turned.jpg'))<.5
    def choose():
        with demo.tab.expect_file_chooser() as f: demo.el.get_by_role('button', name='Choose').click()
        f.value.set_files(str(samples/'chelsea.jpg'))
    demo.after(choose, 'done')
    assert demo.download()[1].size==im.size

def test_other_sizes_give_what_python_gives_at_them(demo, python):
    demo.after(lambda: demo.el.get_by_label('size for the network').select_option('96'), 'done')
    assert far(demo.download()[1], python(samples/'chelsea.jpg', size=96))<.5

def test_tiny_and_transparent_photos_at_that_size(demo, python, tmp_path):
    rng = np.random.default_rng(0)
    for i,size in enumerate([(1,1), (3,40), (61,47)]):
        Image.fromarray(rng.integers(0, 256, size[::-1], dtype=np.uint8)).save(tmp_path/f'{i}.png')
        demo.drop(tmp_path/f'{i}.png')
        got = demo.download()[1]
        assert got.size==size and far(got, python(tmp_path/f'{i}.png', size=96))<1.5
    a = np.asarray(Image.open(samples/'chelsea.jpg').convert('RGBA')).copy()
    a[:100,:,3] = 0
    Image.fromarray(a).save(tmp_path/'hole.png')
    demo.drop(tmp_path/'hole.png')
    assert (np.asarray(demo.download()[1].getchannel('A'))==a[...,3]).all()
    demo.after(lambda: demo.el.get_by_label('size for the network').select_option('224'), 'done')

def test_bad_and_huge_files_get_one_clear_line_and_the_photo_stays(demo, tmp_path):
    was = demo.seen()
    (tmp_path/'diary.jpg').write_text('Dear diary')
    Image.new('1', (8000,7000)).save(tmp_path/'wall.png')
    (tmp_path/'empty.jpg').write_bytes(b'')
    for name,words in (('diary.jpg','not a photo'), ('wall.png','56 megapixels'), ('empty.jpg','not a photo')):
        demo.pass_(tmp_path/name, 'drop')
        demo.tab.wait_for_function("n => document.querySelector('#demo .cn-alert').textContent.includes(n)", arg=name)
        assert words in demo.alert() and ';' in demo.alert() and '\n' not in demo.alert()
        assert np.abs(demo.seen()-was).max()==0
        assert 'hole.png' in demo.el.locator('.status').inner_text()
    demo.sample('a cat')                                       # and the page goes on working

def test_another_visit_takes_the_network_from_the_cache(demo):
    demo.asked.clear()
    demo.open()
    demo.sample('a cat')
    assert not [u for _,u,_ in demo.asked if u.split('?')[0].endswith(('.onnx','.wasm'))]

@pytest.mark.parametrize('theme', ['light','dark'])
@pytest.mark.parametrize('width', [1280,390])
def test_it_fits_is_named_and_can_be_read(demo, width, theme):
    demo.tab.set_viewport_size(dict(width=width, height=900))
    demo.tab.evaluate('t => document.documentElement.dataset.theme = t', theme)
    try:
        demo.el.locator('.possible').wait_for()
        for hints in (False,True):
            demo.hand.turn(hints)
            if hints:
                demo.hand.spot(.5, .5)
                demo.after(demo.hand.swatches.first.click)
            assert demo.el.evaluate(wide)<=0
            assert demo.el.evaluate(readable)==[]
            assert demo.el.evaluate(nameless)==[]
    finally:
        demo.hand.turn(False)
        demo.tab.set_viewport_size(dict(width=1280, height=1000))

def test_without_service_workers_it_works_on_one_thread(site, browser, python):
    d = Demo(browser, site, service_workers='block')
    d.sample('a cat')
    assert d.loads==1 and d.el.get_attribute('data-threads')=='1' and d.said==[]
    assert far(d.download()[1], python(samples/'chelsea.jpg'))<.5
    d.context.close()

def test_a_page_that_cannot_be_isolated_does_not_reload_for_ever(site, browser):
    context = browser.new_context()
    context.add_init_script("Object.defineProperty(window, 'crossOriginIsolated', {value: false})")
    tab,loads = context.new_page(),[]
    tab.on('framenavigated', lambda f: loads.append(f.url))
    tab.goto(f'{site}/demo.html')
    tab.wait_for_timeout(4000)
    assert len(loads)<=2
    context.close()

def run_js(demo, name, body, *args):
    "What a module of the page makes of lists of numbers"
    folder = 'live' if (root/'nbs'/'live'/f'{name}.js').exists() else 'demo'
    return np.array(demo.tab.evaluate(
        f"async args => {{ const m = await import(new URL('_static/{folder}/{name}.js', location)), p = x => [...x.data || x]\n{body} }}",
        list(args)))

def test_the_arithmetic_is_pillows_and_numpys(demo):
    from colornet.infer import net_size, pad_to
    from colornet.pixels import follow_edges, join, mix, resize
    rng = np.random.default_rng(0)
    js = lambda body, *args: run_js(demo, 'color', body, *args)
    for (w,h),(W,H) in (((40,30),(7,9)), ((7,9),(40,31)), ((50,3),(20,8)), ((5,5),(5,5))):
        a = rng.random((h,w), dtype=np.float32)
        got = js("return p(m.resize(Float32Array.from(args[0]), args[1], args[2]))", a.ravel().tolist(), [w,h], [W,H]).reshape(H,W)
        assert np.abs(got-resize(a, (W,H))).max()<1e-5
    for w,h in ((37,20), (1,1), (16,3)):
        a = rng.random((h,w), dtype=np.float32)
        got = js("return p(m.padTo(Float32Array.from(args[0]), args[1], 16))", a.ravel().tolist(), [w,h])
        assert np.abs(got-pad_to(a, 16).ravel()).max()<1e-6
    y,u,v = rng.random((3,12,17), dtype=np.float32)
    got = js("return m.followEdges(...args.slice(0, 3).map(x => Float32Array.from(x)), [17, 12], 2).map(x => [...x])",
        *[x.ravel().tolist() for x in (y,u,v)])
    assert np.abs(got.reshape(4,12,17)-follow_edges(y, np.stack([u,v]), 2)).max()<1e-4
    careful,bold = rng.random((2,12,16), dtype=np.float32),rng.random((2,3,4), dtype=np.float32)
    got = js("return args[0].map((x, c) => [...m.mix(Float32Array.from(x), m.resize(Float32Array.from(args[1][c]), [4,3], [16,12]), .3)])",
             careful.reshape(2,-1).tolist(), bold.reshape(2,-1).tolist())
    assert np.abs(got.reshape(1,2,12,16)-mix(careful[None], bold[None], .3)).max()<1e-5
    got = js("return args[0].map((y, i) => { const o = []; m.join(y, args[1][i], args[2][i], 1, o, 0); return o })", *[x.ravel().tolist() for x in (y,u,v)])
    assert np.abs(got/255-np.stack(join(y, u, v), -1).reshape(-1,3)).max()<1e-5
    for w,h,size in ((512,342,224), (100,100,96), (3,4000,224), (451,300,224), (450,300,225), (333,222,224)):
        assert js("return m.netSize(...args)", w, h, size).tolist()==list(net_size(w, h, size))

def test_where_the_graphics_card_cannot_help_the_processor_does(site, browser):
    d = Demo(browser, site, query='?engine=webgpu')  # headless, there is no adapter
    d.sample('a cat')
    assert d.el.get_attribute('data-backend')=='wasm'
    d.context.close()

def test_webgpu_gives_the_same_colours(site, browser, python):
    "With an adapter made of software, which is slow: the smallest size"
    b = stills.chromium(browser.browser_type, ('--enable-unsafe-webgpu','--use-webgpu-adapter=swiftshader'))
    d = Demo(b, site, query='?engine=webgpu')
    d.el.get_by_label('size for the network').select_option('96')
    d.after(lambda: d.el.get_by_role('button', name='sample: a cat').click(), 'done', 150)
    assert d.el.get_attribute('data-backend')=='webgpu' and d.said==[]
    assert far(d.download()[1], python(samples/'chelsea.jpg', size=96))<.5
    b.close()

def test_colours_flow_as_in_python(demo, python):
    from colornet.flow import flow, links, mark, settle
    from colornet.arrays import as_photo
    rng = np.random.default_rng(0)
    lists = lambda *xs: [x.astype(float).ravel().tolist() for x in xs]
    y = rng.random((13,18), dtype=np.float32)**3/9
    right,down = run_js(demo, 'flow', "return m.links(...args).map(p)", *lists(y), [18,13])
    assert np.abs(right.reshape(13,18)[:,:-1]-links(y)[0]).max()<1e-3 and np.abs(down.reshape(13,18)[:-1]-links(y)[1]).max()<1e-3
    assert not right.reshape(13,18)[:,-1].any() and not down.reshape(13,18)[-1].any()
    x,sure = rng.random((2,13,18), dtype=np.float32),rng.random((13,18), dtype=np.float32)+.1
    got = run_js(demo, 'flow', "return m.flow(args[0], args[1], Float64Array.from(args[2]), [18,13], .001, 1e-5).map(p)", *lists(y), lists(*x), *lists(sure))
    assert np.abs(got.reshape(2,13,18)-flow(y, x, sure, tol=1e-5)).max()<1e-3
    photo = as_photo(samples/'hens.jpg')
    for size,hints in ((96,[]), (96,[(100,200,'#cc2233',5.), (300.5,50,'#2233ee',3.)]), (480,[(256,171,'#22aa44',9.)])):
        a, = python.look([photo], size)
        (h,w),uv = a.y.shape,a.uv+.3*(a.bold-a.uv)
        said = mark(a.y, hints, photo.size) if hints else None
        ours = """const [y, u, v, d, wh, hints, full] = args.map((x, i) => i < 4 ? Float32Array.from(x) : x)
            const said = hints.length ? m.mark(y, wh, hints.map(([x, y, color, radius]) => ({x, y, color, radius})), full) : null
            return [...m.settle(y, [u, v], d, wh, 1, said), ...said ? [...said.uv, said.said] : []].map(p)"""
        got = run_js(demo, 'flow', ours, *lists(a.y, *uv, a.doubt), [w,h], hints, [*photo.size]).reshape(-1,h,w)
        true = settle(a.y, uv, a.doubt, 1., said)
        assert np.abs(got[:2]-true).mean()<2e-3 and np.abs(true-uv).mean()>6e-3
        if hints: assert np.abs(got[2:4]-said[0]).max()<1e-5 and (got[4]==said[1]).all()

def test_rivals_are_those_of_python(demo):
    from colornet.answers import rivals
    rng = np.random.default_rng(0)
    lists = lambda *xs: [x.astype(float).ravel().tolist() for x in xs]
    grid = np.stack(np.meshgrid(np.arange(.3, .71, .05), np.arange(.3, .71, .05)), -1).reshape(-1,2).astype(np.float32)
    w,h,low = 53,38,(14,10)
    y = np.kron(rng.random((5,7)), np.ones((8,8)))[:h,:w].astype(np.float32)
    scores = np.kron(3*rng.random((len(grid),5,7)), np.ones((2,2))).astype(np.float32)
    now = np.full((2,h,w), .5, np.float32)
    want = rivals(y, now, scores, grid, 5)
    ours = """const [y, u, v, s] = args.map((x, i) => i < 4 ? Float32Array.from(x) : x), [wh, low, bins] = args.slice(4)
        return m.rivals(y, [u, v], s, bins, wh, low, 5).map(({said, color, odds}) => [...said, ...color, ...odds])"""
    got = run_js(demo, 'answers', ours, *lists(y, *now, scores), [w,h], [*low], grid.astype(float).tolist())
    assert len(want)==len(got)>1
    for part,color,*odds in want:  # Ranks may be level, so that the order is not the same
        off = [(g[:w*h].reshape(h,w)!=part).mean()+np.abs(g[w*h:]-[*color,*odds]).max() for g in got]
        assert min(off)<.02

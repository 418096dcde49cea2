"The app in a real browser: JupyterLab serves a notebook, Chromium opens it, and a reader's hands are played"
import base64, io, json, re, time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import stills
from hand import Hand, bad_hints, hue, luma
from lab import jupyterlab, open_notebook, write_notebook

pytestmark = pytest.mark.slow
images = Path(__file__).parent.parent/'nbs'/'images'
cell = "from colornet.app import ColorizeApp\nfrom colornet.infer import Colorizer\nColorizeApp(Colorizer('release', device='cpu'))"

# ---- the app without a browser, whose part we play

class Reader:
    "An app, and a reader who gives it photos in pieces of a thousand bytes"
    def __init__(self, **how):
        from colornet.app import ColorizeApp
        from colornet.infer import Colorizer
        self.app,self.sent,self.n = ColorizeApp(Colorizer('seed', device='cpu'), **how),[],0
        self.app.divider.send = lambda msg, buffers=(): self.sent.append((msg, *buffers))
    def announce(self, name, size):
        self.n += 1
        self.app.hear(dict(kind='photo', id=self.n, name=name, size=size), [])
    def piece(self, number, data, of=None): self.app.hear(dict(kind='piece', id=of or self.n, number=number), [memoryview(data)])
    def give(self, name, data):
        self.announce(name, len(data))
        for i in range(0, len(data) or 1, 1000): self.piece(i//1000, data[i:i+1000])
    def download(self):
        "Name and content of what the app hands out; `None` if it hands out nothing"
        n = len(self.sent)
        self.app.download()
        return (self.sent[n][0]['name'], self.sent[n][1]) if len(self.sent)>n else None
    @property
    def told(self): return self.app.message.value
    def kept(self): return [p.name for p in Path(self.app.dir.name).iterdir() if not p.name.startswith('colour')]

@pytest.fixture(scope='module')
def reader(): return Reader(photo=images/'hens.jpg')

def same(data, photo): return Image.open(io.BytesIO(data)).size==Image.open(images/photo).size

def test_a_photo_comes_in_pieces_and_each_is_answered(reader):
    data = (images/'coffee.jpg').read_bytes()
    reader.sent.clear()
    reader.give('coffee.jpg', data)
    answers,n = [m for m,*_ in reader.sent if m['kind'] in ('got','over')],-(-len(data)//1000)
    assert answers==[dict(kind='got', id=reader.n, number=i+1) for i in range(n)]+[dict(kind='over', id=reader.n)]
    assert reader.told=='' and reader.app.divider.photo['arrival']==reader.n and reader.kept()==[]
    name,got = reader.download()
    assert name=='coffee-color.jpg' and same(got, 'coffee.jpg')

def test_several_photos_come_and_go_by_their_own_names(reader):
    names = ('My scan (1).jpg','My scan (1)-color.jpg'), ('Größe & <b>.JPG','Größe & <b>-color.JPG'), ('out','out-color.png')
    long = 'x'*250+'.jpg','x'*250+'-color.jpg'
    for (name,want),photo in zip([*names, long, names[0]], ['hens.jpg','coffee.jpg']*2+['coffee.jpg']):
        reader.give(name, (images/photo).read_bytes())
        got,data = reader.download()
        assert (got,reader.app.name,reader.told)==(want,name,'') and same(data, photo)
    assert reader.app.sample.value is None

def test_nothing_can_be_downloaded_while_a_photo_comes(reader):
    reader.give('first.jpg', (images/'hens.jpg').read_bytes())
    number = reader.app.divider.photo['number']
    reader.announce('second.jpg', 3000)
    assert reader.app.save.disabled and reader.download() is None
    reader.piece(0, bytes(1000))
    assert reader.download() is None and reader.kept()==['arriving']
    reader.app.hear(dict(kind='stop', id=reader.n, line=''), [])
    assert not reader.app.save.disabled and reader.download()[0]=='first-color.jpg' and reader.kept()==[]
    reader.announce('third.jpg', 3000)
    reader.piece(0, bytes(1000))
    reader.give('fourth.jpg', (images/'coffee.jpg').read_bytes())                     # what was on its way is forgotten
    assert reader.told=='' and reader.download()[0]=='fourth-color.jpg'
    reader.announce('fifth.jpg', 3000)
    reader.app.sample.value = reader.app.sample.options[1][1]                         # and so it is when a sample is chosen
    assert reader.sent[-1][0]==dict(kind='over', id=reader.n) and reader.app.divider.photo['arrival'] is None
    reader.piece(0, bytes(1000))
    assert reader.sent[-1][0]==dict(kind='over', id=reader.n) and reader.kept()==[]
    assert reader.app.divider.photo['number']==number+2

def broken(reader):
    "What goes wrong on the way or at its end, by name, and the words for it"
    def out_of_order(): reader.piece(1, bytes(1000))
    def too_long(): [reader.piece(i, bytes(1500)) for i in range(2)]
    def twice(): [reader.piece(0, bytes(1000)) for _ in range(2)]
    def text(): [reader.piece(i, b'Dear diary'*100) for i in range(2)]
    def unreadable(): reader.app.hear(dict(kind='stop', id=reader.n, line='unreadable.jpg: cannot be read; choose it again'), [])
    words = dict.fromkeys(['out_of_order','too_long','twice'], 'pieces that do not fit')
    return words|dict(text='is not a photo', unreadable='cannot be read'), locals()

def test_what_cannot_be_taken_is_said_and_the_photo_stays(reader, monkeypatch):
    reader.give('stays.jpg', (images/'hens.jpg').read_bytes())
    was = reader.app.divider.after
    def stays(name, words):
        assert 'role="alert"' in reader.told and f'{name}: ' in reader.told and words in reader.told and ';' in reader.told
        assert reader.app.dir.name not in reader.told and reader.kept()==[]
        assert not reader.app.save.disabled and reader.app.divider.after==was and reader.download()[0]=='stays-color.jpg'
    words,acts = broken(reader)
    for name,why in words.items():
        reader.announce(f'{name}.jpg', 2000)
        assert reader.told==''
        acts[name]()
        assert reader.sent[-1][0]==dict(kind='over', id=reader.n)
        stays(f'{name}.jpg', why)
    reader.give('empty.jpg', b'')
    stays('empty.jpg', 'is empty')
    reader.announce('huge.tif', 3_000_000_000)
    stays('huge.tif', '3.0 GB')
    def full(*args): raise OSError(28, 'No space left on device')
    reader.announce('full.jpg', 2000)
    with monkeypatch.context() as m:
        m.setattr(Path, 'open', full)
        reader.piece(0, bytes(1000))
    stays('full.jpg', 'No space left')

def test_an_app_without_a_photo_waits_for_one(tmp_path):
    reader = Reader(photo=tmp_path/'missing.jpg')
    assert 'no such file' in reader.told and reader.app.save.disabled and reader.download() is None
    reader.give('..', (images/'hens.jpg').read_bytes())
    assert reader.told=='' and reader.download()[0].endswith('.png')

def test_the_download_says_that_a_machine_guessed(reader):
    from colornet.photo import read_pages
    from colornet.save import sign
    reader.give('hens.jpg', (images/'hens.jpg').read_bytes())
    reader.app.saturation.value = 1.5
    page, = read_pages(reader.download()[1])
    reader.app.saturation.value = 1
    vivid = 0 if reader.app.vivid.disabled else reader.app.vivid.value
    assert page.xmp==sign(None, f'weights=seed size=224 vivid={vivid:g} flow=1 saturation=1.5 frame=auto')

# ---- the JavaScript, with a model that writes down what it is sent

stub = """async ([sizes, deaf, patience]) => {
    const {courier} = await import('/divider.js'), log = [], said = []
    let flying = 0, most = 0
    const way = courier((msg, buffers = []) => {
        log.push([msg, buffers.map(b => b.byteLength)])
        if (msg.kind !== 'piece') return
        most = Math.max(most, ++flying)
        if (log.length < deaf) setTimeout(() => { flying--; way.hear({kind: 'got', id: msg.id, number: msg.number + 1}) }, 5)
    }, (words, wrong) => said.push([words, !!wrong]), {patience})
    for (const [i, n] of sizes.entries()) {
        way.give(i, new File([new Uint8Array(n)], `${i}.tif`))
        const open = () => said.at(-1)[0] !== `colouring ${i}.tif` && !said.at(-1)[1]
        for (let k = 0; k < 200 && open(); k++) await new Promise(yes => setTimeout(yes, 20))
    }
    way.stop()
    return [log, said, most]
}"""

@pytest.fixture
def alone(browser):
    "A tab that can import the divider"
    with stills.serve(images.parent.parent/'colornet'/'static') as url:
        page = browser.new_page()
        page.goto(url)
        yield page
        page.close()

def test_the_browser_sends_pieces_of_a_megabyte_a_few_at_a_time(alone):
    log,said,most = alone.evaluate(stub, [[12_345_678, 0], 1000, 20])
    assert log[0]==[dict(kind='photo', id=0, name='0.tif', size=12_345_678), []]
    sizes = [n for m,ns in log for n in ns if m['id']==0]
    assert sum(sizes)==12_345_678 and max(sizes)<=2**20 and 2<=most<=4
    assert [m['number'] for m,_ in log if m['kind']=='piece' and m['id']==0]==[*range(12)]
    assert [m['kind'] for m,_ in log if m['id']==1]==['photo','piece','stop']            # an empty file, too, has a piece
    shares = [int(n) for w,_ in said for n in re.findall(r'reading 0.tif, (\d+) %', w)]
    assert shares==sorted(shares) and len(shares)==12 and not any(wrong for _,wrong in said)

def test_the_browser_says_that_no_answer_comes(alone):
    log,said,_ = alone.evaluate(stub, [[5_000_000], 3, .3])
    assert said[-2][1] and '0.tif: ' in said[-2][0] and 'connection is lost' in said[-2][0] and said[-1]==['',False]
    assert log[-1][0]['kind']=='stop' and len(log)<=1+1+4+1

# ---- the app in JupyterLab

@pytest.fixture(scope='module')
def lab(tmp_path_factory):
    "JupyterLab's address, for a folder that holds one notebook"
    d = tmp_path_factory.mktemp('lab')
    write_notebook(d/'app.ipynb', cell)
    with jupyterlab(d) as url: yield url

@pytest.fixture(scope='module')
def page(lab, browser):
    "The notebook in Chromium, with the app on it"
    page = open_notebook(browser, lab, 'app')
    page.locator('.jp-Notebook .jp-CodeCell').first.click()
    page.keyboard.press('Shift+Enter')
    page.locator('.colornet-after[src]').wait_for(timeout=60_000)
    return page

def pixels(page, which):
    "What the page shows in one of the two pictures"
    page.wait_for_function("w => document.querySelector(w).naturalWidth>0", arg=f'.colornet-{which}')
    data = page.evaluate("""async w => {
        const im = document.querySelector(w), c = document.createElement('canvas')
        await im.decode()
        c.width = im.naturalWidth; c.height = im.naturalHeight
        c.getContext('2d').drawImage(im, 0, 0)
        return [c.width, c.height, c.toDataURL('image/png')]
    }""", f'.colornet-{which}')
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(data[2].split(',')[1]))).convert('RGB'), int)

def chroma(a): return np.ptp(a, axis=-1).mean()

def after(page, act):
    "Do something, wait for another picture, and return it"
    src = page.locator('.colornet-after').get_attribute('src')
    act()
    page.wait_for_function("s => { const x = document.querySelector('.colornet-after'); return x.src && x.src!==s }", arg=src, timeout=30_000)
    return pixels(page, 'after')

def settle(page):
    "Wait until the picture has not changed for a second"
    was,since = None,time.time()
    while time.time()-since<1:
        src = page.locator('.colornet-after').get_attribute('src')
        if src!=was: was,since = src,time.time()
        page.wait_for_timeout(100)

def upload(page, *paths):
    with page.expect_file_chooser() as f: page.locator('button', has_text='Choose a photo').click()
    f.value.set_files([str(p) for p in paths])

def slider(page, name): return page.locator('.widget-slider', has_text=name).locator('[role=slider], .noUi-handle').first

def test_a_sample_is_there_and_has_colour(page):
    gray,colour = pixels(page, 'before'),pixels(page, 'after')
    assert gray.shape==colour.shape
    assert chroma(gray)<1 and chroma(colour)>8
    assert np.abs(gray.mean(-1)-colour@[.299,.587,.114]).mean()<2  # the same light

def test_the_divider_answers_to_keys_and_pointer(page):
    line,range_ = page.locator('.colornet-line'),page.locator('.colornet-stage input')
    left = lambda: float(re.search(r'([\d.]+)%', line.get_attribute('style'))[1])
    assert left()==50
    range_.focus()
    for _ in range(5): page.keyboard.press('ArrowRight')
    assert left()==55
    box = page.locator('.colornet-stage').bounding_box()
    page.mouse.click(box['x']+box['width']*.2, box['y']+box['height']/2)
    assert abs(left()-20)<3
    assert page.locator('.colornet-before').evaluate("e => e.style.clipPath").startswith('inset(0')
    assert range_.get_attribute('aria-label')

def test_sliders_change_the_colours(page):
    calm = chroma(pixels(page, 'after'))
    handle = slider(page, 'Saturation')
    handle.focus()
    strong = after(page, lambda: page.keyboard.press('End'))
    assert chroma(strong)>1.4*calm
    none = after(page, lambda: page.keyboard.press('Home'))
    assert chroma(none)<2

def test_a_photo_is_uploaded_and_a_text_is_refused(page, tmp_path):
    handle = slider(page, 'Saturation')
    handle.focus()
    page.keyboard.press('Home')
    for _ in range(20): page.keyboard.press('ArrowRight')  # back to 1
    settle(page)
    photo = images/'coffee.jpg'
    new = after(page, lambda: upload(page, photo))
    assert new.shape[:2]==Image.open(photo).size[::-1]
    gray = np.asarray(Image.open(photo).convert('L'), int)
    assert np.abs(pixels(page, 'before')[...,0]-gray).mean()<2  # that photo, and no other
    (tmp_path/'diary.jpg').write_text('Dear diary')
    upload(page, tmp_path/'diary.jpg')
    alert = page.locator('.widget-html [role=alert]')
    alert.wait_for(timeout=30_000)
    assert 'diary.jpg' in alert.inner_text() and ';' in alert.inner_text()
    assert np.abs(pixels(page, 'after')-new).max()==0           # the photo stays

def test_a_dropped_photo_is_coloured(page):
    data = list((images/'hens.jpg').read_bytes())
    def drop():
        page.evaluate("""data => {
            const t = new DataTransfer()
            t.items.add(new File([new Uint8Array(data)], 'hens.jpg', {type: 'image/jpeg'}))
            document.querySelector('.colornet-stage').dispatchEvent(new DragEvent('drop', {dataTransfer: t, bubbles: true, cancelable: true}))
        }""", data)
    assert after(page, drop).shape[:2]==Image.open(images/'hens.jpg').size[::-1]
    assert not page.locator('.widget-html [role=alert]').count()  # and the complaint is gone

def test_download(page):
    with page.expect_download(timeout=30_000) as d: page.locator('button', has_text='Download').click()
    assert d.value.suggested_filename=='hens-color.jpg'
    im = Image.open(d.value.path())
    assert im.size==Image.open(images/'hens.jpg').size
    assert np.abs(np.asarray(im.convert('RGB'), int)-pixels(page, 'after')).mean()<3

def named(page, name):
    "Wait until that photo is shown"
    page.locator('.colornet-name', has_text=name).wait_for(timeout=120_000)
    page.locator('.colornet-way', has_text=re.compile('^$')).wait_for(state='attached', timeout=120_000)

def test_a_scan_of_12_megabytes_comes_and_goes(page, tmp_path):
    a = np.random.default_rng(0).integers(0, 65536, (2000,3100), dtype=np.uint16)  # cannot be compressed
    Image.fromarray(a).save(tmp_path/'My scan (1).tif')
    assert (tmp_path/'My scan (1).tif').stat().st_size>12e6
    upload(page, tmp_path/'My scan (1).tif')
    page.locator('.colornet-way', has_text='reading My scan (1).tif, ').wait_for()
    page.locator('button:disabled', has_text='Download').wait_for()
    named(page, 'My scan (1).tif, 3100 × 2000 pixels')
    page.locator('button:enabled', has_text='Download').wait_for()
    with page.expect_download(timeout=120_000) as d: page.locator('button', has_text='Download').click()
    assert d.value.suggested_filename=='My scan (1)-color.tif' and d.value.path().stat().st_size>12e6
    from colornet.photo import read_pages
    new, = read_pages(d.value.path())
    assert new.bits==16 and np.abs(new.y.astype(int)-a).max()<=2 and b'TrainedAlgorithmicMedia' in new.xmp

def test_several_photos_stand_in_a_list(page, tmp_path):
    (tmp_path/'diary.jpg').write_text('Dear diary')
    upload(page, images/'coffee.jpg', tmp_path/'diary.jpg', images/'hens.jpg')
    named(page, 'coffee.jpg')
    choice = page.get_by_label('photo', exact=True)
    chosen = lambda: choice.evaluate('e => e.selectedOptions[0]?.textContent')
    assert choice.locator('option').all_inner_texts()==[f'photo {i} of 3: {n}' for i,n in enumerate(['coffee.jpg','diary.jpg','hens.jpg'], 1)]
    choice.select_option('photo 2 of 3: diary.jpg')
    page.locator('.widget-html [role=alert]', has_text='diary.jpg').wait_for(timeout=30_000)
    named(page, 'coffee.jpg')
    assert chosen()=='photo 1 of 3: coffee.jpg'                                        # which is shown, and can be downloaded
    choice.select_option('photo 3 of 3: hens.jpg')
    named(page, 'hens.jpg')
    assert chosen()=='photo 3 of 3: hens.jpg' and not page.locator('.widget-html [role=alert]').count()
    with page.expect_download(timeout=30_000) as d: page.locator('button', has_text='Download').click()
    assert d.value.suggested_filename=='hens-color.jpg' and Image.open(d.value.path()).size==Image.open(images/'hens.jpg').size

# ---- hints

@pytest.fixture
def hand(page):
    "A reader who gives hints for the hens, in an app that has none yet"
    hand = Hand(page)
    hand.turn(True)
    if hand.button('Remove all').is_enabled(): after(page, hand.button('Remove all').click)
    settle(page)
    yield hand
    hand.turn(False)

def around(a, x, y, r=1):
    "Pixels around a share of a picture's width and height"
    i,j = int(y*a.shape[0]),int(x*a.shape[1])
    return a[i-r:i+r+1, j-r:j+r+1]

def whole(page):
    "The picture that the reader gets at the photo's own size"
    with page.expect_download(timeout=30_000) as d: page.locator('button', has_text='Download').click()
    return np.asarray(Image.open(d.value.path()).convert('RGB'), int)

def test_flow_and_hints_change_the_picture_and_undo_gives_it_back(page, hand):
    flow = slider(page, 'Flow')
    flow.focus()
    moved = pixels(page, 'after')
    still = after(page, lambda: page.keyboard.press('Home'))
    assert np.abs(still-moved).mean()>.3
    after(page, lambda: page.keyboard.press('End'))
    was,full = pixels(page, 'after'),whole(page)
    hand.spot(.75, .12)
    color,share = hand.swatches.first.get_attribute('aria-label').split(', ')
    assert re.fullmatch(r'#[0-9a-f]{6}', color) and 1<=int(share.split()[0])<=100
    after(page, hand.swatches.first.click)
    hand.size.select_option('4')
    settle(page)
    got = after(page, lambda: hand.other.fill('#3355dd'))
    assert hue(around(got, .75, .12), '#3355dd').mean()>.9 and hue(around(was, .75, .12), '#3355dd').mean()<.5
    assert np.abs(luma(got)-luma(was)).mean()<1                                    # JPEG
    new = whole(page)                                                              # the same hint at the photo's own size
    assert hue(around(new, .75, .12), '#3355dd').mean()>.9 and np.abs(luma(new)-luma(full)).mean()<1
    for _ in range(3):
        hand.button('Undo').click()
        settle(page)
    assert hand.markers.count()==0 and (pixels(page, 'after')==was).all()

def test_hints_are_given_by_keys_which_jupyterlab_does_not_take(page, hand):
    none,press,cells = pixels(page, 'after'),page.keyboard.press,page.locator('.jp-Cell').count()
    hand.cross.focus()
    for k in ('Shift+ArrowRight','Shift+ArrowUp','ArrowDown'): press(k)
    press('Enter')
    page.wait_for_function("document.activeElement.parentElement.className==='colornet-swatches'")
    one = after(page, lambda: press('Enter'))
    press('Escape')
    after(page, lambda: press('Shift+ArrowLeft'))
    after(page, lambda: press('Control+z'))
    assert (pixels(page, 'after')==one).all()
    hand.markers.first.focus()
    for k in ('a','b','d','d','x'): press(k)                                       # in Jupyter's command mode these add and cut cells
    after(page, lambda: press('Delete'))
    assert (pixels(page, 'after')==none).all() and page.locator('.jp-Cell').count()==cells and hand.markers.count()==0

def test_hints_are_dragged_saved_loaded_and_refused(page, hand, tmp_path):
    w,h = Image.open(images/'hens.jpg').size
    hand.spot(.3, .8)
    after(page, lambda: hand.other.fill('#cc2233'))
    after(page, lambda: hand.drag(0, .6, .3))
    settle(page)
    was = pixels(page, 'after')
    name,said = hand.save()
    assert name=='hens-hints.json' and said['size']==[w,h]
    assert abs(said['hints'][0]['x']/w-.6)<.01 and abs(said['hints'][0]['y']/h-.3)<.01
    (tmp_path/name).write_text(json.dumps(said))
    after(page, hand.button('Remove all').click)
    after(page, lambda: hand.load(tmp_path/name))
    assert (pixels(page, 'after')==was).all()
    for file,(text,words) in bad_hints(w, h).items():
        (tmp_path/file).write_text(text)
        hand.load(tmp_path/file)
        alert = page.locator('.widget-html [role=alert]', has_text=file)
        alert.wait_for(timeout=30_000)
        assert words in alert.inner_text() and ';' in alert.inner_text()
        assert hand.markers.count()==1
    assert (pixels(page, 'after')==was).all()

def test_hints_belong_to_one_photo(page, hand):
    hand.spot(.5, .5)
    after(page, lambda: hand.other.fill('#3355dd'))
    new = after(page, lambda: upload(page, images/'coffee.jpg'))
    settle(page)
    assert hand.markers.count()==0 and hand.button('Undo').is_disabled()
    hand.spot(.5, .5)
    after(page, lambda: hand.other.fill('#3355dd'))
    assert (after(page, hand.button('Undo').click)==new).all()

def test_another_answer_comes_and_goes(page):
    button,told = page.locator('button', has_text='Another answer'),lambda: page.locator('text=/^answer \\d of \\d/').inner_text()
    settle(page)
    first,seen = pixels(page, 'after'),[]
    for i in range(2, 6):
        seen.append(after(page, button.click))
        settle(page)
        n,of = [int(x) for x in re.findall(r'\d+', told())[:2]]
        if n==1: break
        assert n==i and .005<(np.abs(seen[-1]-first).max(-1)>12).mean()<.7
    assert n==1 and len(seen)==of>1 and (pixels(page, 'after')==first).all()

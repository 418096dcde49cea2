"The app in a real browser: JupyterLab serves a notebook, Chromium opens it, and a reader's hands are played"
import base64, io, json, re, time
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from hand import Hand, bad_hints, hue, luma
from lab import jupyterlab, open_notebook, write_notebook

pytestmark = pytest.mark.slow
images = Path(__file__).parent.parent/'nbs'/'images'
cell = "from colornet.app import ColorizeApp\nfrom colornet.infer import Colorizer\nColorizeApp(Colorizer('release', device='cpu'))"

def test_what_cannot_be_taken_is_said_in_the_app(tmp_path):
    "Names that are no names, photos that are not there, and the same photo twice"
    from colornet.app import ColorizeApp
    from colornet.infer import Colorizer
    app = ColorizeApp(Colorizer('seed', device='cpu'), photo=tmp_path/'missing.jpg')
    assert 'no such file' in app.message.value
    app.download()  # There is nothing to save, and nothing happens
    for name in ('..', 'n'*300+'.jpg'):
        app.receive(name, b'data')
        assert 'role="alert"' in app.message.value, name
    data = (images/'chelsea.jpg').read_bytes()
    sent = []
    app.divider.send = lambda *args, **kwargs: sent.append(args)
    for _ in range(2):
        app.upload.value = (dict(name='out', type='', size=len(data), content=memoryview(data), last_modified=datetime.now()),)
        assert app.message.value=='' and app.name=='out' and app.upload.value==()
        app.download()
    assert len(sent)==2

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

def upload(page, path):
    with page.expect_file_chooser() as f: page.locator('button', has_text='Choose a photo').click()
    f.value.set_files(str(path))

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

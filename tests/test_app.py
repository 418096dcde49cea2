"The app in a real browser: JupyterLab serves a notebook, Chromium opens it, and a reader's hands are played"
import base64, io, os, re, socket, subprocess, sys, time, urllib.request
from datetime import datetime
from pathlib import Path

import nbformat
import numpy as np
import pytest
from PIL import Image

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

def free_port():
    with socket.socket() as s:
        s.bind(('127.0.0.1', 0))
        return s.getsockname()[1]

@pytest.fixture(scope='module')
def lab(tmp_path_factory):
    "JupyterLab's address, for a folder that holds one notebook"
    d,port = tmp_path_factory.mktemp('lab'),free_port()
    nb = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell)])
    nb.metadata['kernelspec'] = dict(name='python3', display_name='Python 3', language='python')
    nbformat.write(nb, d/'app.ipynb')
    env = dict(os.environ, JUPYTER_CONFIG_DIR=str(d/'config'), JUPYTER_RUNTIME_DIR=str(d/'run'), JUPYTERLAB_SETTINGS_DIR=str(d/'settings'))
    args = ['--no-browser', f'--port={port}', '--port-retries=0', '--IdentityProvider.token=', '--ServerApp.root_dir=.', '--allow-root']
    with (d/'log').open('w') as log:
        p = subprocess.Popen([sys.executable, '-m', 'jupyterlab', *args], cwd=d, env=env, stdout=log, stderr=log)
        try:
            for _ in range(120):
                try: urllib.request.urlopen(f'http://127.0.0.1:{port}/api').read()
                except OSError: time.sleep(.5)
                else: break
            else: pytest.fail((d/'log').read_text()[-2000:])
            yield f'http://127.0.0.1:{port}'
        finally:
            p.terminate()
            p.wait(20)

@pytest.fixture(scope='module')
def page(lab, browser):
    "The notebook in Chromium, with the app on it"
    page = browser.new_page(viewport=dict(width=1280, height=1100))
    page.goto(f'{lab}/lab/tree/app.ipynb')
    page.locator('.jp-Notebook').wait_for(timeout=60_000)
    page.locator('text=/Python 3.*Idle/i').first.wait_for(timeout=60_000)
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

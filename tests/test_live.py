"The live figures in a real browser: they answer to mouse and keys with the numbers that Python gives"
import base64, io, json, os, re, sys
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

pytestmark = pytest.mark.slow
root = Path(__file__).parent.parent
sys.path.insert(0, str(root/'docs'))
import live_data, stills

sample = root/'colornet'/'samples'/'chelsea.jpg'
built = os.environ.get('COLORNET_SITE')  # folder of a built site, to test that; else its parts are laid out here

@pytest.fixture(scope='module')
def frames(tmp_path_factory):
    "Frames as training writes them: two squares, the second brighter with every frame"
    from colornet.judge import _save_strip
    run = tmp_path_factory.mktemp('run')/'frames'
    run.mkdir()
    for i,step in enumerate(int(1.5**k) for k in range(3, 27)):
        _save_strip(torch.stack([torch.full((3,112,112), .5), torch.full((3,112,112), i/25)]), run/f'{step:07}.jpg')
    return run

@pytest.fixture(scope='module')
def site(tmp_path_factory, frames):
    "Address of the site"
    folder = Path(built) if built else tmp_path_factory.mktemp('live')/'site'
    if not built:
        stills.assemble(folder)
        live_data.make_frames(frames, 'a gray square', to=folder/'_static'/'live'/'frames')
    with stills.serve(folder) as url: yield folder,url

def find(site, name):
    "The page that holds a figure"
    folder,url = site
    pages = [p for p in sorted(folder.glob('*.html')) if f'data-figure="{name}"' in p.read_text(encoding='utf-8')]
    if not pages: pytest.fail(f'no page of this site has the figure {name}')
    return f'{url}/{pages[0].name}'

@pytest.fixture
def figure(site, browser, request):
    "Open the page of a figure; when the test is over, nothing may have gone wrong on it"
    said,asked,tabs = [],[],[]
    def open_(name, width=1280, theme='light', **how):
        context = browser.new_context(viewport=dict(width=width, height=900), **how)
        tab = context.new_page()
        tabs.append(context)
        tab.on('console', lambda m: said.append(m.text) if m.type in ('error','warning') else None)
        tab.on('pageerror', lambda e: said.append(str(e)))
        tab.on('request', lambda r: None if r.url.startswith((site[1],'data:','blob:')) else asked.append(r.url))
        tab.goto(find(site, name))
        tab.wait_for_selector('html[data-live=ready]')
        tab.evaluate('t => document.documentElement.dataset.theme = t', theme)
        tab.locator(f'[data-figure={name}]').scroll_into_view_if_needed()
        return tab, tab.locator(f'[data-figure={name}] .cn')
    yield open_
    for t in tabs: t.close()
    assert said==[] and asked==[]

def drawn(canvas):
    "What a canvas shows, RGB"
    data = canvas.evaluate("c => c.toDataURL('image/png')")
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(data.split(',')[1]))).convert('RGB'))

def numbers(text): return [float(x) for x in re.findall(r'-?\d+(?:\.\d+)?', text.replace('−','-'))]
def press(el, key, n=1):
    el.focus()
    for _ in range(n): el.press(key)

def skip_unless_filmed(site):
    index = site[0]/'_static'/'live'/'frames'/'index.json'
    if not json.loads(index.read_text())['steps']: pytest.skip('no training has been filmed for this site')

readable = """el => {
  const parse = c => c.match(/[\\d.]+/g).map(Number)
  const light = c => c.slice(0, 3).map(x => (x /= 255) <= .04045 ? x / 12.92 : ((x + .055) / 1.055) ** 2.4)
    .reduce((s, x, i) => s + x * [.2126, .7152, .0722][i], 0)
  const back = e => parse(getComputedStyle(e).backgroundColor)
  const ground = e => { while (e && back(e)[3] === 0) e = e.parentElement; return e ? back(e) : [255, 255, 255] }
  const faint = []
  for (const e of [el, ...el.querySelectorAll('*')]) {
    if (![...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim())) continue
    if (!e.getClientRects().length || e.closest('style, .cn-hidden, :disabled')) continue
    const style = getComputedStyle(e), a = light(parse(e.namespaceURI.endsWith('svg') ? style.fill : style.color)),
        b = light(ground(e))
    const contrast = (Math.max(a, b) + .05) / (Math.min(a, b) + .05)
    if (contrast < 4.5) faint.push(`${e.textContent.trim().slice(0, 40)}: ${contrast.toFixed(1)}`)
  }
  return faint
}"""
wide = """el => [document.documentElement.scrollWidth - innerWidth, ...[...el.querySelectorAll('*')]
  .filter(e => !e.matches('.cn-hidden, .cn-hidden *'))
  .map(e => e.getBoundingClientRect()).filter(r => r.width).map(r => Math.max(r.right - innerWidth, -r.left))]
  .reduce((a, b) => Math.max(a, b))"""
nameless = """el => [...el.querySelectorAll('input, button, select, canvas, svg, [tabindex]')].filter(e =>
  !e.closest('[aria-hidden=true]')
  && !(e.getAttribute('aria-label') || e.labels?.[0]?.textContent.trim() || e.textContent.trim())).map(e => e.outerHTML)"""

@pytest.mark.parametrize('theme', ['light','dark'])
@pytest.mark.parametrize('width', [1280,390])
@pytest.mark.parametrize('name', stills.names)
def test_each_figure_lives_is_named_fits_and_can_be_read(site, figure, name, width, theme):
    if name=='arriving': skip_unless_filmed(site)
    tab,el = figure(name, width, theme)
    assert el.count()==1 and tab.locator(f'[data-figure={name}].alive').count()==1
    assert el.evaluate(wide)<=0
    assert el.evaluate(readable)==[]
    assert el.evaluate(nameless)==[]
    still = tab.locator(f'[data-figure={name}] img').first
    assert not still.is_visible()
    tab.emulate_media(media='print')
    assert not el.is_visible() and still.evaluate("e => getComputedStyle(e).display")!='none'

def cat():
    "The sample as RGB, U and V scaled on demand, and whether a screen can show it"
    from colornet.yuv import in_gamut, rgb2yuv
    rgb = torch.from_numpy(np.array(Image.open(sample).convert('RGB'))).permute(2,0,1)/255
    yuv = rgb2yuv(rgb)
    return rgb, yuv, lambda u, v: in_gamut(yuv*torch.tensor([1,u,v])[:,None,None])

def test_yuv_tells_the_numbers_of_a_pixel_by_mouse_and_by_keys(figure):
    tab,el = figure('yuv')
    rgb,yuv,_ = cat()
    told = lambda: numbers(el.locator('p.numbers', has_text=re.compile('^pixel')).inner_text())
    def right():
        x,y,*n = told()
        x,y = int(x),int(y)
        assert np.abs(np.array(n[:3])-rgb[:,y,x].numpy()*255).max()<=2       # decoders differ by a step or two
        assert np.abs(np.array(n[3:6])-yuv[:,y,x].numpy()).max()<=.01
        return x,y
    photo = el.locator('.over canvas')
    box = photo.bounding_box()
    photo.click(position=dict(x=box['width']*.25, y=box['height']*.5))
    x,y = right()
    assert abs(x-.25*451)<=2 and abs(y-150)<=2
    cross = el.get_by_role('slider', name='Chosen pixel')
    press(cross, 'ArrowRight', 3)
    press(cross, 'ArrowUp', 2)
    assert right()==(x+3, y-2)
    press(cross, 'Shift+ArrowDown')
    assert right()==(x+3, y+8)

def test_yuv_counts_what_no_screen_can_show(figure):
    tab,el = figure('yuv')
    _,_,shown = cat()
    count = lambda: numbers(el.get_by_role('status').inner_text())[0]
    assert count()<=100
    u,v = el.get_by_label('scale U'),el.get_by_label('scale V')
    press(u, 'End')
    assert abs(count()-(~shown(3,1)).sum().item())<=700
    press(v, 'ArrowRight', 10)
    assert abs(count()-(~shown(3,1.5)).sum().item())<=700
    photo = drawn(el.locator('.over canvas'))
    stripes = (photo==[255,0,255]).all(-1)
    assert .3<stripes.sum()/count()<.45                    # three of eight diagonals
    assert not (stripes&shown(3,1.5).numpy()).sum()>700    # and only there
    el.get_by_role('checkbox').uncheck()
    assert not (drawn(el.locator('.over canvas'))==[255,0,255]).all(-1).any()
    press(u, 'Home')
    press(v, 'Home')
    gray = drawn(el.locator('.over canvas')).astype(int)
    assert np.ptp(gray, -1).max()<=1 and count()==0          # no chroma, no colour

def test_chroma_says_what_shrinking_costs(figure):
    from colornet.pixels import resize
    from colornet.metrics import psnr
    from colornet.yuv import rgb2yuv, yuv2rgb
    tab,el = figure('chroma')
    a = np.asarray(Image.open(sample).convert('RGB').crop((75,0,375,300)), np.float32)/255
    rgb = torch.from_numpy(np.stack([resize(a[...,c], (224,224)) for c in range(3)]))
    yuv = rgb2yuv(rgb)
    def expected(n):
        big = torch.from_numpy(np.stack([resize(resize(p, (n,n)), (224,224)) for p in yuv[1:].numpy()]))
        return float(psnr(yuv2rgb(torch.cat([yuv[:1], big])).clamp(0,1)[None], rgb[None]))
    slider,told = el.get_by_label('size of chroma'),lambda: el.get_by_role('status').inner_text()
    seen = []
    for key,n in ((None,28), ('ArrowRight',24), ('End',7), ('PageUp',None)):
        if key: press(slider, key)
        side = int(numbers(told())[0])
        if n: assert side==n
        assert abs(float(re.search(r'PSNR ([\d.]+)', told())[1])-expected(side))<.1
        assert drawn(el.locator('canvas').nth(2)).shape==(side,side,3)
        seen.append((side, numbers(told())[-1]))
    assert [s for _,s in sorted(seen)]==sorted(s for _,s in seen)  # smaller chroma, lower PSNR
    press(slider, 'Home')
    assert 'nothing is lost' in told()
    same = drawn(el.locator('canvas').nth(0)).astype(int)-drawn(el.locator('canvas').nth(1))
    assert np.abs(same).max()<=1
    box = slider.bounding_box()
    slider.click(position=dict(x=box['width']-6, y=box['height']/2))
    assert numbers(told())[0]==7

def shape(kind, at):
    "A chroma `(1,2,16,64)` as in chapter 23: a step, or a line one pixel wide"
    i = torch.arange(64)
    return (((i>=at) if kind=='edge' else (i==at)).double()*.3+.5).expand(1,2,16,64)

def python_terms(kind, shift):
    "Loss and strongest gradient of the three terms and of the whole, as `colornet.loss` has them"
    from colornet.loss import uv_loss
    rows = []
    for sizes in ((1,),(3,),(5,),(1,3,5)):
        pred = shape(kind, 32+shift).clone().requires_grad_()
        loss = uv_loss(pred, shape(kind, 32), sizes)
        loss.backward()
        g = pred.grad[0,0,8]*pred.numel()
        rows.append((loss.item(), g.abs().max().item()))
    return np.array(rows)

def test_loss_agrees_with_the_package_by_keys_and_by_dragging(figure):
    tab,el = figure('loss')
    slider = el.get_by_label('shift of the guess')
    table = lambda: np.array([numbers(r)[-2:] for r in el.locator('tbody tr').all_inner_texts()])
    shift = lambda: int(slider.input_value())
    def right(kind): assert np.abs(np.abs(table())-python_terms(kind, shift())).max()<2e-6, (kind, shift())
    assert shift()==3
    right('edge')
    press(slider, 'ArrowLeft', 4)
    assert shift()==-1
    right('edge')
    press(slider, 'End')
    right('edge')
    row = el.locator('.drag')
    box = row.bounding_box()
    tab.mouse.move(box['x']+box['width']*(32/64), box['y']+box['height']/2)
    tab.mouse.down()
    tab.mouse.move(box['x']+box['width']*(40/64), box['y']+box['height']/2, steps=4)
    assert shift()==8
    right('edge')
    tab.mouse.up()
    tab.mouse.move(box['x']+box['width']*.1, box['y']+box['height']/2)
    assert shift()==8                                        # let go, it stays
    el.get_by_label('a line one pixel wide').check()
    by = {}
    for n in (1,20):
        slider.fill(str(n))
        right('line')
        by[n] = table()
    assert by[1][0,0]==by[20][0,0] and by[1][2,0]<.8*by[20][2,0]  # plain cannot tell a near miss from a far one; blurred can

def test_loss_blurs_back_through_repeated_borders(figure):
    from colornet.loss import uv_loss
    tab,el = figure('loss')
    torch.manual_seed(0)
    pred,truth = torch.rand(2,1,1,5,12).double()
    pred,truth = (x[...,:1,:].expand(1,1,5,12) for x in (pred,truth))  # rows all alike
    for ks in (1,3,5):
        p = pred.clone().requires_grad_()
        loss = uv_loss(p, truth, (ks,))
        loss.backward()
        got = tab.evaluate("async ([p, t, k]) => (await import(new URL('_static/live/loss.js', location))).term(p, t, k)",
                           [pred[0,0,0].tolist(), truth[0,0,0].tolist(), ks])
        assert abs(got['loss']-loss.item())<1e-6
        assert np.abs(np.array(got['grad'])-(p.grad.sum(2)*12).flatten().numpy()).max()<1e-5

def test_taps_shows_the_chosen_channel(figure):
    tab,el = figure('taps')
    told = lambda: el.get_by_role('status').inner_text()
    shown = lambda: drawn(el.locator('.panel > canvas'))
    first,was = shown(),told()
    assert was.startswith('relu1_2, channel')
    channels = el.get_by_role('radiogroup').get_by_role('radio')
    assert channels.count()==16
    press(channels.first, 'ArrowRight')
    assert told()!=was and told().startswith('relu1_2') and (shown()!=first).mean()>.2
    el.get_by_label('relu5_3').check()
    tab.wait_for_function("() => document.querySelector('[data-figure=taps] [role=status]').textContent.startsWith('relu5_3')")
    el.locator('.grid label').nth(7).click()
    info = json.loads((root/'docs'/'live'/'taps.json').read_text())
    seventh = info['taps'][4]['channels'][7]
    assert told()==f"relu5_3, channel {seventh['n']} of 512: 14 × 14 values, the largest {seventh['max']:g}"
    slider = el.get_by_label('opacity')
    press(slider, 'Home')
    photo = np.asarray(Image.open(root/'docs'/'live'/'taps-photo.jpg').convert('RGB'), int)
    assert np.abs(shown()-photo).max()<=2                     # no map, the photo alone
    press(slider, 'End')
    cells = shown().astype(int).reshape(14,16,14,16,3)
    assert (cells==cells[:,:1,:,:1]).all()                    # the map alone: one colour a value
    sheet = np.asarray(Image.open(root/'docs'/'live'/info['taps'][4]['file']))
    one = sheet[14:28,42:56]                                  # channel 7: second row, last column
    light = cells[:,0,:,0].sum(-1)
    assert np.corrcoef(light.ravel(), one.ravel())[0,1]>.95   # brighter where it answers more

def test_sheets_of_taps_are_what_the_taps_give():
    from colornet.show import read_photo
    from colornet.taps import load_taps, relu_at
    from colornet.yuv import rgb2yuv
    live = root/'docs'/'live'
    info = json.loads((live/'taps.json').read_text())
    feats = load_taps(n=5)(rgb2yuv(read_photo(root/'nbs'/'images'/'chelsea.jpg', 224)[:,:,56:280])[None,:1])[1:]
    assert [t['name'] for t in info['taps']]==list(relu_at)
    assert sum((live/t['file']).stat().st_size for t in info['taps'])<=300_000
    for t,f in zip(info['taps'], feats):
        sheet = np.asarray(Image.open(live/t['file']), np.float32)/255
        s = len(sheet)//4
        maps = sheet.reshape(4,s,4,s).swapaxes(1,2).reshape(16,s,s)
        assert len({c['n'] for c in t['channels']})==16 and s==f.shape[-1]
        for c,m in zip(t['channels'], maps):
            x = f[0,c['n']].numpy()
            assert abs(x.max()-c['max'])<=.06+.001*c['max']
            assert np.abs((x/c['top']).clip(0,1)-m).mean()<(.06 if t['file'].endswith('jpg') else .01), (t['name'], c['n'])

def test_frames_are_chosen_and_small(frames, tmp_path):
    live_data.make_frames(frames, 'one', 'two', to=tmp_path)
    index = json.loads((tmp_path/'index.json').read_text())
    steps = sorted(int(f.stem) for f in frames.glob('*.jpg'))
    assert len(steps)>16 and len(index['steps'])==len(index['files'])==16
    assert set(index['steps'])<=set(steps) and index['steps']==sorted(index['steps'])
    assert (index['steps'][0],index['steps'][-1])==(steps[0],steps[-1])    # begins and ends where the training did
    assert index['side']==112 and index['names']==['one','two']
    assert sorted(f.name for f in tmp_path.glob('*.jpg'))==index['files']
    noise = tmp_path/'noise'
    noise.mkdir()
    a = np.random.default_rng(0).integers(0, 256, (112,112*6,3), dtype=np.uint8)
    for i in range(20): Image.fromarray(a).save(noise/f'{i:07}.jpg', quality=95)
    live_data.make_frames(noise, to=tmp_path/'out')
    assert sum(f.stat().st_size for f in (tmp_path/'out').glob('*.jpg'))<=500_000
    with pytest.raises(ValueError, match='holds no frames'): live_data.make_frames(tmp_path/'out'/'none')

def test_arriving_goes_through_the_steps_by_keys_and_by_itself(site, figure):
    skip_unless_filmed(site)
    index = json.loads((site[0]/'_static'/'live'/'frames'/'index.json').read_text())
    tab,el = figure('arriving')
    slider = el.get_by_label('training')
    step = lambda: int(el.locator('.value').inner_text().replace(',','').removeprefix('step '))
    def right():
        file = index['files'][index['steps'].index(step())]
        strip = np.asarray(Image.open(site[0]/'_static'/'live'/'frames'/file).convert('RGB'), int)
        n = index['side']
        for j in range(el.locator('canvas').count()):
            tab.wait_for_function("([j, t]) => document.querySelectorAll('[data-figure=arriving] canvas')[j].ariaLabel"
                                  ".endsWith(` ${t} steps`)", arg=[j, step()])
            assert np.abs(drawn(el.locator('canvas').nth(j))-strip[:,j*n:(j+1)*n]).max()<=2
    assert step()==index['steps'][-1]                         # the best comes first
    right()
    press(slider, 'Home')
    assert step()==index['steps'][0]
    right()
    press(slider, 'ArrowRight')
    assert step()==index['steps'][1]
    right()
    button = el.get_by_role('button')
    button.click()
    assert button.inner_text()=='Pause'
    tab.wait_for_function("n => +document.querySelector('[data-figure=arriving] input').value>=n", arg=3)
    button.press('Enter')
    now = step()
    tab.wait_for_timeout(1500)
    assert step()==now and button.inner_text()=='Play'
    assert not tab.get_by_text('Nothing moves by itself').count()

def test_arriving_stands_still_for_those_who_ask_for_it(site, figure):
    skip_unless_filmed(site)
    tab,el = figure('arriving', reduced_motion='reduce')
    was = el.locator('.value').inner_text()
    tab.wait_for_timeout(1000)
    assert el.locator('.value').inner_text()==was and el.get_by_text('Nothing moves by itself').count()==1

if not built:  # it takes the frames away
    def test_without_frames_the_still_stays(site, figure):
        index = site[0]/'_static'/'live'/'frames'/'index.json'
        kept = index.read_text()
        index.write_text('{"steps":[],"files":[],"names":[],"side":112}')
        try:
            tab,el = figure('arriving')
            assert el.count()==0 and tab.locator('[data-figure=arriving].alive').count()==0
        finally: index.write_text(kept)

def test_figures_answer_to_touch(figure):
    tab,el = figure('yuv', 390, has_touch=True, is_mobile=True)
    told = lambda: el.locator('p.numbers', has_text=re.compile('^pixel')).inner_text()
    was = told()
    photo = el.locator('.over canvas')
    photo.tap(position=dict(x=30, y=30))
    assert told()!=was
    assert el.evaluate(wide)<=0

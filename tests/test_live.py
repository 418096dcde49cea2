"The live figures in a real browser: they answer to mouse and keys with the numbers that Python gives"
import base64, copy, io, json, os, re, sys
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

pytestmark = pytest.mark.slow
root = Path(__file__).parent.parent
sys.path.insert(0, str(root/'docs'))
import live_data, outputs, stills
from lab import jupyterlab, open_notebook, write_notebook

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
    def open_(name, width=1280, **how):
        context = browser.new_context(viewport=dict(width=width, height=900), **how)
        tab = context.new_page()
        tabs.append(context)
        tab.on('console', lambda m: said.append(m.text) if m.type in ('error','warning') else None)
        tab.on('pageerror', lambda e: said.append(str(e)))
        tab.on('request', lambda r: None if r.url.startswith((site[1],'data:','blob:')) else asked.append(r.url))
        tab.goto(find(site, name))
        tab.wait_for_selector('html[data-live=ready]')
        tab.evaluate("document.documentElement.dataset.theme = 'light'")
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

@pytest.mark.parametrize('width', [1280,390])
@pytest.mark.parametrize('name', stills.names)
def test_each_figure_lives_is_named_fits_and_can_be_read(site, figure, name, width):
    if name=='arriving': skip_unless_filmed(site)
    tab,el = figure(name, width)
    assert el.count()==1 and tab.locator(f'[data-figure={name}].alive').count()==1
    for theme in ('light','dark'):
        tab.evaluate('t => document.documentElement.dataset.theme = t', theme)
        assert el.evaluate(wide)<=0 and el.evaluate(readable)==[], theme
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
    info = json.loads((root/'nbs'/'live'/'taps.json').read_text())
    seventh = info['taps'][4]['channels'][7]
    assert told()==f"relu5_3, channel {seventh['n']} of 512: 14 × 14 values, the largest {seventh['max']:g}"
    slider = el.get_by_label('opacity')
    press(slider, 'Home')
    photo = np.asarray(Image.open(root/'nbs'/'live'/'taps-photo.jpg').convert('RGB'), int)
    assert np.abs(shown()-photo).max()<=2                     # no map, the photo alone
    press(slider, 'End')
    cells = shown().astype(int).reshape(14,16,14,16,3)
    assert (cells==cells[:,:1,:,:1]).all()                    # the map alone: one colour a value
    sheet = np.asarray(Image.open(root/'nbs'/'live'/info['taps'][4]['file']))
    one = sheet[14:28,42:56]                                  # channel 7: second row, last column
    light = cells[:,0,:,0].sum(-1)
    assert np.corrcoef(light.ravel(), one.ravel())[0,1]>.95   # brighter where it answers more

def test_sheets_of_taps_are_what_the_taps_give():
    from colornet.show import read_photo
    from colornet.taps import load_taps, relu_at
    from colornet.yuv import rgb2yuv
    live = root/'nbs'/'live'
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

async_module = "async (args) => { const m = await import(new URL('_static/live/NAME.js', location)); BODY }"
def in_page(tab, name, body, *args): return tab.evaluate(async_module.replace('NAME', name).replace('BODY', body), list(args))

def square(body, n):
    "First pixel and size of the square that sees through to the middle value behind layer `n`, by a gradient that nothing stops"
    layers = [torch.nn.AvgPool2d(2) if isinstance(l, torch.nn.MaxPool2d) else l for l in copy.deepcopy(body[:n+1])]
    for l in layers:
        if isinstance(l, torch.nn.Conv2d): l.weight.data.fill_(1/l.weight[0].numel())
    x = torch.ones(1, 3, 448, 448, requires_grad=True)
    out = torch.nn.Sequential(*layers)(x)
    middle = out.shape[-1]//2
    out[0,0,middle,middle].backward()
    seen = x.grad[0,0].any(0).nonzero().flatten()
    return middle, seen.min().item(), len(seen)

def test_field_draws_the_square_that_a_gradient_finds(figure):
    from colornet.taps import load_taps, relu_at
    taps = load_taps(n=5)
    tab,el = figure('field')
    fields = in_page(tab, 'field', 'return m.fields()')
    assert [f['name'] for f in fields]==list(relu_at) and [f['size'] for f in fields]==[5,14,40,92,196]
    for f,n in zip(fields, taps.at):
        middle,start,size = square(taps.body, n)
        assert (f['start']+middle*f['stride'],f['size'])==(start,size), f

def test_field_follows_the_pointer_and_the_keys(figure):
    tab,el = figure('field')
    told = lambda: el.get_by_role('status').inner_text()
    def outline():
        at = (np.abs(drawn(el.locator('.over canvas')).astype(int)-[255,212,0]).max(-1)<40).nonzero()
        return [(x.min(),x.max()-x.min()+1) for x in at[::-1]]
    photo,cross = el.locator('.over canvas'),el.get_by_role('slider')
    box = photo.bounding_box()
    for name,size,stride in (('relu1_2',5,1), ('relu2_2',14,2), ('relu3_3',40,4)):
        el.get_by_label(name).check()
        photo.hover(position=dict(x=box['width']*.5, y=box['height']*.4))
        assert f'{name} sees {size} × {size} of' in told() and 'outside' not in told()
        (x,w),(y,_) = outline()
        assert abs(w-(2*size+7))<=1                                        # a line of three around twice the square
        press(cross, 'ArrowRight', 3)
        press(cross, 'ArrowUp')
        assert [p for p,_ in outline()]==[x+2*3*stride, y-2*stride]        # in steps of the tap
    el.get_by_label('relu5_3').check()
    assert '196 × 196' in told() and '14 × 14 such squares' in told() and 'outside' in told()

def test_scribble_spreads_colours_as_the_package_does(figure):
    from colornet.flow import flow, mark
    tab,el = figure('scribble')
    y = np.asarray(Image.open(root/'nbs'/'live'/'scribble.jpg').convert('RGB'), np.float32)@np.float32([.299,.587,.114])/255
    spots = [(30,100,'#b01818',4.), (150,20,'#3c8a32',3.), (160,110,'#2d5fc4',3.), (90,46,'#e0b418',5.)]
    size = y.shape[::-1]
    uv,said,_ = mark(y, spots, size)
    want = flow(y, uv, said*1., 30, step=.05, tol=1e-5)
    ours = """const spots = args[2].map(([x, y, color, radius]) => ({x, y, color, radius}))
        return m.spread(Float32Array.from(args[0]), args[1], spots, 1e-5).map(p => [...p])"""
    got = np.array(in_page(tab, 'scribble', ours, y.ravel().tolist(), [*size], spots)).reshape(want.shape)
    assert np.abs(got-want).mean()<5e-4 and np.abs(got-want).max()<.02 and np.ptp(want)>.2

def test_scribble_takes_strokes_from_pointer_and_keys(figure):
    tab,el = figure('scribble')
    result,told = lambda: drawn(el.locator('.panel > canvas')).astype(int),lambda: el.get_by_role('status').inner_text()
    button = lambda name: el.get_by_role('button', name=name)
    strokes = lambda n: el.get_by_role('status').filter(has_text=f'{n} stroke').wait_for()
    first = result()
    button('Clear').click()
    assert told().startswith('No stroke') and np.ptp(result(), -1).max()<=1 and button('Undo').is_disabled()
    el.locator('label[title=green]').click()
    box = el.locator('.over').bounding_box()
    at = lambda x, y: (box['x']+box['width']*x, box['y']+box['height']*y)
    tab.mouse.move(*at(.75, .1))
    tab.mouse.down()
    tab.mouse.move(*at(.9, .2), steps=5)
    tab.mouse.up()
    strokes(1)
    one = result()
    r,g,b = one[20,160]
    assert g>r and g>b                                                      # the table is green now
    el.locator('label[title=violet]').click()
    press(el.get_by_role('slider'), ' ')
    press(el.get_by_role('slider'), 'ArrowLeft', 5)
    press(el.get_by_role('slider'), ' ')
    strokes(2)
    assert np.abs(result()-one).max()>20
    button('Undo').click()
    assert np.abs(result()-one).max()<=1 and told().startswith('1 stroke,')
    button('Show the truth').click()
    truth = np.asarray(Image.open(root/'nbs'/'live'/'scribble.jpg').convert('RGB'), int)
    assert np.abs(result()-truth).max()<=2 and button('Show the truth').get_attribute('aria-pressed')=='true'
    assert np.abs(first-truth).mean()<np.abs(one-truth).mean()              # what it begins with is closer than green

def test_balloons_go_down_the_gradient_that_torch_finds(figure):
    tab,el = figure('balloons')
    rng = np.random.default_rng(0)
    xs,ts = rng.standard_normal((40,2)),rng.integers(0, 7, 40)
    ours = """const net = m.makeNet(args[0]), {loss, grads} = m.gradient(net, args[1], args[2])
        return {w: net.w.map(x => [...x]), loss, grads: grads.map(g => [...g]), bins: Object.values(m.bins)}"""
    for kind in ('mean','likely'):
        got = in_page(tab, 'balloons', ours, kind, xs.tolist(), ts.tolist())
        a,b = (torch.tensor(w, dtype=torch.float64, requires_grad=True) for w in got['w'])
        mid = (torch.tensor(xs)@a.view(8,3)[:,:2].T+a.view(8,3)[:,2]).tanh()
        out = mid@b.view(-1,9)[:,:8].T+b.view(-1,9)[:,8]
        true = torch.tensor(got['bins'], dtype=torch.float64)[ts]
        loss = (out-true).square().sum(1).mean() if kind=='mean' else torch.nn.functional.cross_entropy(out, torch.tensor(ts))
        loss.backward()
        assert abs(loss.item()-got['loss'])<1e-9
        for g,w in zip(got['grads'], (a,b)): np.testing.assert_allclose(g, w.grad, atol=1e-9)

def test_balloons_one_network_learns_the_mean_and_the_other_the_shares(figure):
    tab,el = figure('balloons')
    bins = in_page(tab, 'balloons', 'return m.bins')
    red,blue = np.array(bins['red']),np.array(bins['blue'])
    share = lambda name: numbers(el.locator('.bars li', has_text=name).inner_text())[-1]
    one = lambda: np.array(numbers(el.locator('.answer').inner_text()))
    middle = lambda i: drawn(el.locator('.equal canvas').nth(i))[24,35].astype(int)
    def train(n):
        el.get_by_label('red balloons').fill(str(n))
        el.get_by_role('button', name='Train').click()
        el.get_by_role('button', name='Train').wait_for(timeout=120_000)
        p = n/20
        assert np.abs(one()-(p*red+(1-p)*blue)).max()<.02                   # between red and blue, where no balloon is
        assert abs(share('red')-100*p)<=3 and abs(share('blue')-100*(1-p))<=3 and share('violet')<=1
    train(12)
    assert 'step 300' in el.get_by_role('status').inner_text()
    assert np.abs(middle(2)-middle(1)).max()>30
    el.get_by_label('the mean of all colours').check()
    assert np.abs(middle(2)-middle(1)).max()<=8  # the mean of the likelihoods is what squared error gives
    el.get_by_label('the most likely colour').check()
    train(4)
    r,_,b = middle(2)
    assert b>r+30 and el.get_by_label('a blue balloon').count()==16
    el.get_by_role('button', name='Start again').click()
    el.get_by_role('button', name='One step').click()
    assert el.get_by_role('status').inner_text().startswith('step 1:')

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

# ---- in Jupyter, from the same files

@pytest.fixture(scope='module')
def lab(tmp_path_factory):
    "JupyterLab's address, for two notebooks beside the figures: one to run, and one that was run and stored as all of ours are"
    d = tmp_path_factory.mktemp('lab')
    (d/'live').symlink_to(root/'nbs'/'live')
    begin = 'from colornet.live import live'
    write_notebook(d/'three.ipynb', begin, "live('loss')", "live('chroma')", "live('field')")
    write_notebook(d/'stored.ipynb', begin, "live('field')")
    outputs.run(d/'stored.ipynb')
    with jupyterlab(d) as url: yield d,url

def test_three_figures_live_in_jupyterlab(lab, browser):
    d,url = lab
    page = open_notebook(browser, url, 'three')
    said = []
    page.on('pageerror', lambda e: said.append(str(e)))
    page.locator('.jp-Notebook .jp-CodeCell').first.click()
    for _ in range(4): page.keyboard.press('Shift+Enter')
    loss,chroma,field = (page.locator('.cn', has=page.get_by_label(l)) for l in ('shift of the guess','size of chroma','relu5_3'))
    slider = loss.get_by_label('shift of the guess')
    for el in (loss,chroma,field): el.get_by_role('slider').first.wait_for(timeout=60_000)
    page.wait_for_timeout(500)                                              # JupyterLab has put the focus where it wants it
    cells = page.locator('.jp-Cell').count()
    press(slider, 'ArrowLeft', 4)
    table = np.array([numbers(r)[-2:] for r in loss.locator('tbody tr').all_inner_texts()])
    assert np.abs(np.abs(table)-python_terms('edge', -1)).max()<2e-6
    press(chroma.get_by_label('size of chroma'), 'End')                     # its photo travels with the package
    assert numbers(chroma.get_by_role('status').inner_text())[0]==7
    cross = field.get_by_role('slider')
    was = numbers(field.get_by_role('status').inner_text())
    press(cross, 'ArrowDown', 2)
    for key in ('a','d','d','x'): press(cross, key)                        # in Jupyter's command mode these add and cut cells
    assert numbers(field.get_by_role('status').inner_text())[-2]==was[-2]+2
    assert page.locator('.jp-Cell').count()==cells and said==[]
    page.close()

def test_a_stored_notebook_shows_the_still(lab, browser):
    d,url = lab
    _,out = (c['outputs'] for c in json.loads((d/'stored.ipynb').read_text())['cells'])
    assert not any('widget' in k for o in out for k in o['data'])
    assert base64.b64decode(out[0]['data']['image/png'])==(root/'nbs'/'live'/'field.png').read_bytes()
    page = open_notebook(browser, url, 'stored')
    page.wait_for_function("() => document.querySelector('.jp-OutputArea img')?.naturalWidth===760", timeout=60_000)
    assert page.locator('.cn').count()==0
    page.close()

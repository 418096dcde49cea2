"Laws of single functions that the chapters state no longer, each with something small that could break it"
import io, math
from itertools import product
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest, torch
from numpy.testing import assert_allclose
from PIL import Image

from colornet.decoder import ColorNet, load_colornet
from colornet.device import amp_dtype
from colornet.files import BadSetting, samples
from colornet.flow import Grid, flow, get_hints, links, mark, save_hints, settle, solve
from colornet.infer import Colorizer, check_guess, net_size, pad_to, seen
from colornet.judge import Frames, _names_mark
from colornet.launch import _new_net, _stretches
from colornet.metrics import colorfulness, evaluate, flat_chroma, interval, psnr, score, table
from colornet.names import _keep_apart, color_name, plan
from colornet.arrays import as_photo
from colornet.photo import Photo, read_rgb
from colornet.pixels import follow_edges, luma, paint, plain_rgb, resize, to_depth
from colornet.save import encode, out_kind
from colornet.show import read_photo, to_pil, to_tensor
from colornet.state import Config
from colornet.taps import Taps, load_taps, relu_at
from colornet.weights import digest, find_weights, save_decoder
from colornet.yuv import chroma2uv, rgb2yuv, uv2chroma, yuv2rgb
from helpers import images, root

pytestmark = pytest.mark.usefixtures('one_thread')
numbers = root/'nbs'/'experiments'

def picture(name, size): return Image.open(images/f'{name}.jpg').convert('RGB').resize(size, Image.LANCZOS)

def gray(name, size): return luma(picture(name, size))

def stored(name): return np.genfromtxt(numbers/f'{name}.csv', delimiter=',', names=True, dtype=None, encoding='utf-8')

def noise(*shape, seed=0): return np.random.default_rng(seed).random(shape, dtype=np.float32)

@pytest.fixture(scope='module')
def release(): return Colorizer('release', 'cpu', backend='torch', dtype='fp32')

# ---- chapter 11: numbers on colour

def turned(rgb, degrees, k=1.):
    "A photo with its hue turned and its chroma scaled, and the luma it had"
    c,s = k*math.cos(math.radians(degrees)),k*math.sin(math.radians(degrees))
    y,chroma = rgb2yuv(rgb).split([1,2])
    u,v = chroma2uv(chroma)-.5
    return yuv2rgb(torch.cat([y, uv2chroma(.5+torch.stack([c*u-s*v, s*u+c*v]))])).clamp(0,1)

def test_a_colourful_photo_has_much_to_lose():
    "From slices of citrus to a polar bear, gray comes ever closer to the truth"
    photos = [read_photo(images/f'{n}.jpg', 64) for n in 'citrus coffee macaw china polar-bear'.split()]
    lost = [psnr(turned(p, 0, 0), p).item() for p in photos]
    assert lost==sorted(lost) and lost[-1]>lost[0]+10

@pytest.mark.parametrize('rgb', [(1,0,0), (0,1,0), (0,0,1), (1,1,0), (.2,.4,.6)])
def test_a_square_of_one_colour_is_as_colourful_as_it_is_far_from_gray(rgb):
    "Nothing varies in it, so only the share of the mean is left"
    r,g,b = (255*x for x in rgb)
    square = torch.tensor(rgb)[:,None,None].expand(3,4,4)
    assert colorfulness(square).item()==pytest.approx(.3*math.hypot(r-g, (r+g)/2-b), abs=1e-3)

def test_equal_photos_score_best():
    im = picture('macaw', (64,48))
    same = score(im, im)
    assert (same['psnr'],same['ciede2000'],same['ssim'])==(math.inf,0,1) and same['color']>15

def test_ciede2000_is_that_of_sharma_and_asks_not_which_is_the_truth():
    "34 pairs of Lab whose differences were published to check such programs by"
    sharma,im = np.loadtxt(numbers/'sharma2005.csv', delimiter=',', skiprows=1),Image.new('RGB', (8,8))
    assert sharma.shape==(34,7)
    for row in sharma:
        a,b = row[None,None,:3],row[None,None,3:6]
        for labs in ((a,b), (b,a)): assert score(im, im, labs)['ciede2000']==pytest.approx(row[6], abs=1e-4)

def test_pale_is_nearer_than_gray_and_gray_is_nearer_than_a_wrong_hue():
    bird = read_photo(images/'macaw.jpg', 64)
    pale,none,wrong = (score(to_pil(turned(bird, a, k)), to_pil(bird))['ciede2000'] for a,k in ((0,.5), (0,0), (120,1)))
    assert 1<pale<none<wrong

@pytest.mark.parametrize('name', ['citrus','macaw','polar-bear'])
def test_the_smaller_the_chroma_the_larger_the_error(name):
    "At a half, a quarter, an eighth and a sixteenth of the photo's size"
    y,*chroma = rgb2yuv(rgb := read_photo(images/f'{name}.jpg', 64)[:,:64,:64])
    uv,cost = chroma2uv(torch.stack(chroma)).numpy(),[]
    for k in (2,4,8,16):
        coarse = uv2chroma(torch.from_numpy(resize(resize(uv, (64//k,64//k)), (64,64))))
        cost.append(score(to_pil(yuv2rgb(torch.cat([y[None], coarse]))), to_pil(rgb))['ciede2000'])
    assert (np.diff(cost)>0).all() and cost[0]>0

def test_a_tint_is_the_same_everywhere():
    "Wherever a screen can show it"
    made = to_tensor(flat_chroma(.45,.56)(Image.fromarray(np.uint8([[100,140,180]])), None))
    assert_allclose(chroma2uv(rgb2yuv(made)[1:]), torch.tensor([.45,.56])[:,None,None].expand(2,1,3), atol=.004)

def test_of_all_tints_the_mean_costs_least(tmp_path):
    "Flat mean chroma beats sepia, gray has no colour, and nothing comes nearer to the truth than the truth"
    names = 'bee brushes citrus coffee hens macaw'.split()
    for n in [*names,'old-brothers']: picture(n, (48,48)).save(tmp_path/f'{n}.png')
    picture('coffee', (48,48)).convert('L').save(tmp_path/'gray.png')  # it has no colours to miss
    files = sorted(tmp_path.glob('*.png'))
    mean = torch.stack([chroma2uv(rgb2yuv(read_photo(tmp_path/f'{n}.png'))[1:]).mean((1,2)) for n in names]).mean(0).tolist()
    scores = evaluate(files, mean=flat_chroma(*mean), sepia=flat_chroma(.38,.56))
    assert {Path(r['name']).stem for r in scores['gray'].rows}==set(names)
    assert scores['mean']['psnr'].mean()>scores['sepia']['psnr'].mean() and np.abs(scores['gray']['color']).max()<.5
    rows = {r['name']: r for r in table(scores)}
    assert max(r['auc'] for n,r in rows.items() if n!='truth')<rows['truth']['auc']==100
    assert rows['gray']['gain']==(0,0) and rows['gray']['better']==0 and rows['truth']['better']==1

@pytest.mark.parametrize('n', [4,300])
def test_nineteen_intervals_of_twenty_hold_the_truth(n):
    "However few the numbers are"
    rng = np.random.default_rng(0)
    hits = [abs(m-5)<h for m,h in (interval(rng.normal(5, 2, n)) for _ in range(2000))]
    assert .93<np.mean(hits)<.97

# ---- chapter 12: colour flows

def test_links_look_down_as_they_look_across():
    "Equal luma is linked fully, a step keeps the leak alone"
    y = noise(6,8)
    for a,b in zip(links(y.T, .3), links(y, .3)[::-1]): assert_allclose(a, b.T)
    for x in links(np.full((6,8), .5, np.float32)): assert_allclose(x, 1.0003, rtol=1e-6)
    step = np.where(np.arange(8)<4, 0, 1)*np.ones((6,1), np.float32)
    across,down = links(step)
    assert_allclose(across[:,3], .0003, rtol=1e-6)
    assert_allclose(np.delete(across, 3, 1), 1.0003, rtol=1e-6)
    assert_allclose(down, 1.0003, rtol=1e-6)

turns = {'mirrored': lambda x: x[...,::-1], 'upside down': lambda x: x[...,::-1,:], 'on its side': lambda x: x.swapaxes(-1,-2)}

@pytest.mark.parametrize('turn', turns.values(), ids=turns)
def test_a_mirrored_photo_has_a_mirrored_flow(turn):
    "To the last where blocks of 2x2 pixels are turned into blocks; where sides are odd, as exact as was asked"
    for (w,h),tol,eps in (((64,48),.02,1e-4), ((45,33),1e-6,2e-3)):
        y,some,sure = gray('fig', (w,h)),noise(2,h,w),1+noise(h,w, seed=1)
        out = flow(y, some, sure, tol=tol)
        assert_allclose(turn(flow(turn(y), turn(some), turn(sure), tol=tol)), out, atol=eps)
    assert np.abs(turns['mirrored'](out)-out).max()>.1  # no photo that turning leaves as it is

def test_a_pyramid_is_faster_than_the_means_of_neighbours():
    "Twenty rounds of the one come twenty times nearer to what the whole matrix gives than 300 of the other"
    h,w = 23,31
    y,dots = gray('fig', (w,h)),np.zeros((h,w), np.float32)
    dots[3:5,3:5] = dots[16:18,25:27] = 1
    grid,b = Grid(*links(y), 30*dots),30*dots*noise(2,1,1)
    matrix = grid(np.eye(h*w, dtype=np.float32).reshape(-1,h,w)).reshape(h*w,-1).astype(float)
    want = np.linalg.solve(matrix, b.reshape(2,-1).T).T.reshape(2,h,w)
    means = np.zeros_like(b)
    for _ in range(300): means += grid.part*(b-grid(means))
    off = lambda x: np.abs(x-want).mean()/np.abs(want).mean()
    assert off(solve(grid, b, 1e-4, rounds=20))<off(means)/20
    assert off(solve(grid, b, 1e-6))<1e-3

def test_a_hint_hits_a_pixel_wherever_it_is_and_however_small():
    y = noise(5,6)
    for x,top in product(np.arange(.1, 60, 2.9), np.arange(.1, 50, 2.9)):  # of a photo ten times as large
        _,said,n = mark(y, [(x,top,'red',.01)], (60,50))
        assert 1<=said.sum()<=4 and n==1, (x, top)
    uv,said,_ = mark(np.full((5,6), .5, np.float32), [(3,2,'#804020',.5)], (6,5))
    assert np.argwhere(said).tolist()==[[2,3]]
    assert (uv[:,~said]==.5).all() and uv[0,2,3]<.5<uv[1,2,3]  # less blue, more red

def test_black_takes_no_colour():
    "Nor does white: no colour is as dark, or as bright, but gray"
    for level in (0,1):
        uv,said,_ = mark(np.full((5,6), level, np.float32), [(3,2,'red',9)], (6,5))
        assert said.all()
        assert_allclose(uv, .5, atol=1e-6)

def test_where_two_hints_meet_the_later_counts():
    "In one call or in two"
    y,red,blue = np.full((9,9), .5, np.float32),(4,4,'#ff0000',4),(4,4,'#0000ff',2)
    both,apart = mark(y, [red,blue], (9,9)),mark(y, [blue], (9,9), mark(y, [red], (9,9)))
    assert all(np.array_equal(a, b) for a,b in zip(both, apart)) and both[2]==2
    assert both[0][0,4,4]>.5>both[0][0,4,1] and both[0][1,4,1]>.5

def test_hints_come_back_from_a_file(tmp_path):
    "Names of colours and usual radii are spelled out"
    hints = get_hints([(3,2,'#804020'), (1,1,'teal',1), dict(x=5, y=4, color='rgb(255,0,0)')], (6,5))
    assert hints==[(3.,2.,'#804020',1), (1.,1.,'#008080',1.), (5.,4.,'#ff0000',1)]
    assert get_hints([(3,2,'red')], (900,600))[0][3]==6  # 1 % of the short side
    save_hints(tmp_path/'a.json', hints, (6,5))
    assert get_hints(tmp_path/'a.json', (6,5))==hints

bad_hints = {'outside': [(9,9,'red')], 'at the far edge': [(6,1,'red')], 'below zero': [(1,-.1,'red')], 'nan': [(math.nan,1,'red')],
             'no such colour': [(1,1,'no colour')], 'no colour': [(1,1)], 'a word': ['red'], 'nothing of it': [(1,1,'red',0)],
             'wider than the photo': [(1,1,'red',6.1)], 'one too many': [(1,1,'red')]*1001}

@pytest.mark.parametrize('hints', bad_hints.values(), ids=bad_hints)
def test_hints_that_make_no_sense_are_refused(hints):
    with pytest.raises(ValueError, match='^`hints`: .*;'): get_hints(hints, (6,5))

def test_hints_at_the_limits_are_taken(tmp_path):
    "And a file for another shape, or with something else in it, is not"
    assert len(get_hints([(0,0,'red',6)]*1000, (6,5)))==1000
    save_hints(tmp_path/'a.json', get_hints([(1,1,'red')], (6,5)), (6,5))
    (tmp_path/'b.json').write_text('[1,2]')
    with pytest.raises(ValueError, match='is for a photo of 6 x 5 pixels'): get_hints(tmp_path/'a.json', (5,6))
    with pytest.raises(ValueError, match='b.json: holds no hints'): get_hints(tmp_path/'b.json', (6,5))

def guesses(name, w, h):
    "Luma, and what a network might have said: true chroma with stains in it, and smooth doubt"
    rgb = torch.from_numpy(np.array(picture(name, (w,h)))).permute(2,0,1)/255
    y,uv = rgb2yuv(rgb)[0].numpy(),chroma2uv(rgb2yuv(rgb)[1:]).numpy()
    return y,(uv+.2*(resize(noise(2,6,6), (w,h))-.5)).clip(0,1).astype(np.float32),.05+.2*resize(noise(6,6, seed=1), (w,h))

def test_to_settle_by_nothing_changes_nothing_and_doubt_makes_calm():
    "Even where doubt is the same everywhere, so that it cannot say where to flow from"
    y,uv,doubt = guesses('fig', 72,48)
    assert np.array_equal(settle(y, uv, doubt, 0), uv)
    assert np.abs(settle(y, uv, doubt)-uv).mean()>.005
    usual,much = (np.abs(settle(y, uv, np.full_like(y, d))-.5).mean() for d in (.1,.4))
    assert .4*usual<much<.8*usual

def test_a_larger_grid_settles_as_that_of_448_pixels():
    "Above it only the change is worked out, and that at 448"
    def change(n):
        y,uv,doubt = guesses('fig', n, n)
        return settle(y, uv, doubt)-uv
    close,far = change(448),change(500)
    assert np.abs(resize(far, (448,448))-close).mean()<.005<np.abs(close).mean()

def test_flow_takes_fewer_steps_of_colour(release):
    "Where luma hardly changes; and so it is in the numbers that the book prints"
    photos = [as_photo(picture(n, (96,64))) for n in ('bee','fig','hens','room')]
    def steps(a, share):
        diffs = ((np.diff(x, axis=1).ravel(), np.diff(x, axis=0).ravel()) for x in (a.y, *a.chroma(0, share)))
        y,u,v = map(np.concatenate, diffs)
        return np.hypot(u, v)[np.abs(y)<2/255].mean()
    for a in release.look(photos, 64): assert steps(a, 1)<.2*steps(a, 0)
    assert all(r['steps_with']<.95*r['steps_without'] for r in stored('flow'))

def test_each_further_hint_brings_a_photo_closer():
    "As it was measured, whichever spots chance chose"
    curve = stored('hints')
    for s in range(3):
        gain = curve['gain'][curve['seed']==s]
        assert (np.diff(gain)>0).all() and gain[3]-gain[0]>1.5 and gain[4]-gain[0]>4

# ---- chapters 20, 21 and 36: the network

def test_five_taps_halve_their_side_and_double_their_width():
    "But for the last"
    taps = Taps(at=tuple(relu_at.values()))
    assert taps.widths==(64,128,256,512,512)
    feats = taps(torch.rand(1,1,32,48))
    assert [tuple(f.shape[1:]) for f in feats]==[(3,32,48),(64,32,48),(128,16,24),(256,8,12),(512,4,6),(512,2,3)]

@pytest.mark.parametrize('end', [3,32])
def test_few_channels_are_left_at_full_size(end):
    "The finest tap has many; the last merge, the convolution after gray, and the end have as many as was asked"
    net,left = ColorNet(Taps(), end=end).eval(),[]
    parts = net.decoder.merges[-1].conv,net.decoder.gray.conv,net.decoder.end
    for m in parts: m.register_forward_hook(lambda m, x, out: left.append(out))
    with torch.no_grad(): net.decoder(feats := net.taps(torch.rand(1,1,32,32)))
    assert [tuple(x.shape[1:]) for x in (feats[1],*left)]==[(n,32,32) for n in (64,end,end,2)]

def test_a_run_begins_with_the_network_that_its_settings_describe():
    said = []
    assert _new_net(Config(end=8, n_taps=5), []).decoder.widths==(512,256,128,64,8)
    net = _new_net(Config(init='release'), [], said.append)
    assert not net.decoder.head and len(said)==1 and 'second head is left out' in said[0]

def test_crops_are_of_one_side_unless_it_changes_and_none_are_left_at_the_end():
    turn = Config(steps=100, crop=128, crop_last=224, last=.2)
    assert _stretches(Config(steps=100), 30)==[(128,30,100)]
    assert _stretches(turn, 100)==_stretches(Config(steps=100), 100)==[]
    for step in range(100):  # what is still to go is gone through once
        parts = _stretches(turn, step)
        assert [i for _,a,b in parts for i in range(a,b)]==list(range(step,100))
        assert all(side==(128 if i<80 else 224) for side,a,b in parts for i in range(a,b))

# ---- part 5: pixels and files

def test_pictures_of_many_bits_become_plain():
    "White is white, and a step of 8 bits is one"
    assert [plain_rgb(Image.fromarray(np.uint16([[0,257,65535]]))).getpixel((i,0)) for i in range(3)]==[(0,)*3,(1,)*3,(255,)*3]
    assert [plain_rgb(Image.fromarray(np.float32([[0,1]]))).getpixel((i,0)) for i in range(2)]==[(0,)*3,(255,)*3]
    im = picture('chelsea', (48,32)).convert('L')
    assert np.array_equal(luma(im), np.asarray(im)/np.float32(255)) and luma(im).dtype==np.float32

def test_flat_chroma_has_no_edges_to_follow():
    y = gray('fig', (60,40))
    line = follow_edges(y, np.full((2,40,60), .4, np.float32))
    assert_allclose(line[:2]*y+line[2:], .4, atol=1e-6)
    assert_allclose(line[:2], 0, atol=1e-5)

def test_paint_without_saturation_is_the_photo():
    "Of 8 bits and of 16, whatever the chroma is"
    for bits,top in ((8,255), (16,65535)):
        y = np.random.default_rng(0).integers(0, top+1, (50,70)).astype(np.uint8 if bits==8 else np.uint16)
        out = paint(SimpleNamespace(y=to_depth(y, 16), bits=bits, frame=None, tone=None), noise(2,8,11), 0)
        assert out.dtype==y.dtype and out.shape==(50,70,3)
        assert np.abs(out.astype(int)-y[...,None]).max()<=(bits==16)

def test_a_photo_of_16_bits_is_read_to_show(tmp_path):
    Image.fromarray(np.array([[0,257,32639,65535]], np.uint16)).save(tmp_path/'deep.png')
    torch.testing.assert_close(read_photo(tmp_path/'deep.png')[:,0], torch.tensor([0,1,127,255.]).expand(3,4)/255)
    assert to_pil(torch.rand(4,5)).mode==to_pil(torch.rand(1,4,5)).mode=='L' and to_pil(torch.rand(3,4,5)).mode=='RGB'

@pytest.mark.parametrize('kind', ['jpeg','webp','avif'])
def test_quality_costs_bytes_and_buys_likeness(kind):
    a = np.asarray(picture('coffee', (150,100)))
    sizes,off = [],[]
    for q in (20,50,80,95):
        blob = encode(a, Photo(None), kind, q)
        sizes.append(len(blob))
        off.append(np.abs(np.asarray(Image.open(io.BytesIO(blob)).convert('RGB'), int)-a).mean())
    assert (np.diff(sizes)>0).all() and (np.diff(off)<0).all()

def test_endings_name_kinds():
    assert [out_kind(f'a{e}') for e in ('.JPG','.tiff','.webp')]==['jpeg','tiff','webp']
    for name,how,word in [('a.jpg', dict(alpha=True), 'cannot hold transparency'), ('a.gif', {}, 'cannot write .gif')]:
        with pytest.raises(ValueError, match=word): out_kind(name, **how)

def test_results_of_two_kinds_keep_apart_and_are_still_known_as_ours(tmp_path, monkeypatch):
    "And whoever names a result alone means it"
    monkeypatch.chdir(tmp_path)
    pairs = [(Path(f), color_name(Path(f))) for f in ('a.gif','a.png')]
    assert [dst.name for _,dst in _keep_apart(pairs)]==['a.gif-color.png','a-color.png']
    for f in ('b.png','b-color.png'): Path(f).touch()
    assert [dst.name for _,dst in plan(['b-color.png'])]==['b-color-color.png']
    assert [src.name for src,_ in plan(['.'])]==['b.png']

# ---- part 5: one photo through the network

@pytest.mark.parametrize('w,h', [(1,1), (4000,3000), (3000,1), (17,16), (333,1000)])
def test_the_network_sees_a_short_side_of_one_size(w, h):
    "A dot is enlarged, a strip is squeezed, and standing is as lying"
    for size in (16,224):
        a,b = net_size(w, h, size)
        assert (b,a)==net_size(h, w, size) and min(a,b)==size<=max(a,b)<=4*size
        if max(w,h)<=4*min(w,h): assert abs(max(a,b)-size*max(w,h)/min(w,h))<=.5
    assert seen(Photo(np.zeros((h,w), np.uint16)), 16).shape==net_size(w, h, 16)[::-1]

@pytest.mark.parametrize('h,w', [(1,1), (1,9), (2,3), (5,16), (8,8)])
def test_filling_up_keeps_what_is_there_and_invents_nothing(h, w):
    "One pixel can only be repeated"
    a = 1+np.arange(h*w, dtype=np.float32).reshape(h,w)
    out = pad_to(a, 8)
    assert out.shape==(-(-h//8)*8,-(-w//8)*8) and np.array_equal(out[:h,:w], a) and set(out.flat)<=set(a.flat)

@pytest.mark.parametrize('bad', [dict(size=15), dict(size=4097), dict(size=10**6), dict(saturation=math.nan), dict(saturation=-.01),
                                 dict(saturation=100.5), dict(vivid=1.01), dict(vivid=-.01), dict(flow=-.01), dict(flow=1.01),
                                 dict(flow=.99, hints=[(1,1,'red')])], ids=str)
def test_what_makes_no_sense_is_refused_by_its_name(bad):
    with pytest.raises(BadSetting, match=f'^`{next(iter(bad))}` .*;'): check_guess(**bad)

def test_what_stands_at_the_bounds_makes_sense():
    for ok in (dict(size=16), dict(size=4096), dict(saturation=0), dict(saturation=100), dict(vivid=0), dict(vivid=1), dict(flow=0),
               dict(flow=1, hints=[(1,1,'red')]), dict(flow=.5, hints=[])): assert check_guess(**ok) is None

def test_half_vivid_lies_in_the_middle_and_photos_are_seen_one_by_one_or_together(release):
    photos = [as_photo(p) for p in samples()]
    for p,a in zip(photos, release.look(photos, 32)):
        careful,half,vivid = (a.chroma(v, 0) for v in (0,.5,1))
        assert_allclose(half, (careful+vivid)/2, atol=1e-5)
        assert np.abs(careful-vivid).max()>.02
        alone, = release.look([p], 32)
        for k in ('uv','bold','doubt'): assert_allclose(getattr(alone, k), getattr(a, k), atol=1e-5)

def test_the_far_corner_hardly_hears_of_a_hint(release):
    "What is around it takes the hue that was asked for, and no luma changes"
    cat = picture('chelsea', (226,150)).convert('L')
    plain,red = (np.asarray(release(cat, 96, hints=h), int) for h in (None, [(15,10,'#c03020')]))
    r,g,b = red[10,15]
    assert r>g>b and r-b>50
    assert np.abs(luma(red.astype(np.uint8))-luma(cat)).max()*255<=.501
    off = np.abs(red-plain).mean(-1)
    assert off[-25:,-25:].mean()<off[:25,:25].mean()/3

def test_doubt_is_a_gray_picture_of_the_photos_size(release):
    "Dark where the answer is sure, bright where it is not"
    cat = picture('chelsea', (90,60))
    a, = release.look([as_photo(cat)], 64)
    drawn = release.doubt(cat, 64)
    assert (drawn.size,drawn.mode)==(cat.size,'L') and np.ptp(np.asarray(drawn))>30
    assert np.corrcoef(np.asarray(drawn).ravel(), resize(a.doubt, cat.size).ravel())[0,1]>.99

def test_the_samples_have_colour():
    "As the bench sees them, too, whose errors would mean nothing otherwise"
    from colornet.bench import _lab_of
    from colornet.export import TorchNet
    labs = _lab_of(TorchNet(dtype='fp32'), 64)
    assert len(labs)==len(samples())>0
    for p,lab in zip(samples(), labs):
        assert np.ptp(lab[...,1])>2 and np.ptp(lab[...,2])>2, p
        assert np.ptp(np.asarray(read_rgb(p, 64), int), axis=-1).mean()>5, p  # their truth has colours to find

# ---- part 5: the app, devices, weights, judges

def test_colours_flow_in_the_app_and_no_place_is_no_hint(release):
    "A wrong hint is said, and the picture stays"
    from colornet.app import ColorizeApp
    see = lambda x: np.asarray(Image.open(io.BytesIO(x)).convert('RGB'), int)
    app = ColorizeApp(release, images/'room.jpg')
    flown = see(app.divider.after)
    app.flow.value = 0
    assert np.abs(see(app.divider.after)-flown).mean()>.5
    app.flow.value = 1
    assert np.array_equal(see(app.divider.after), flown)
    (w,h),k = app.pages[0].size,dict(color='#3344cc')
    app.divider.hints = [dict(x=w//2, y=h//2, **k)]
    blue = app.divider.after
    assert np.abs(see(blue)-flown).max()>10 and not app.message.value
    app.divider.hints = [dict(x=w, y=0, **k)]
    assert ';' in app.message.value and app.divider.after==blue

def test_a_ramp_on_the_screen_is_nearly_the_ramp():
    "JPEG is not exact, but nearly"
    from colornet.app import _jpeg
    ramp = np.linspace(0, 65535, 256).astype(np.uint16)[None].repeat(32, 0)
    assert np.abs(np.asarray(Image.open(io.BytesIO(_jpeg(ramp))).convert('L'), int)-ramp//257).max()<=4

def test_whoever_asks_for_a_type_gets_it():
    "Nothing is timed for that"
    no = lambda *args: pytest.fail('was asked')
    assert [amp_dtype('cpu', n, seconds=no, flag=no) for n in ('fp32','bf16')]==[torch.float32,torch.bfloat16]
    with pytest.raises(BadSetting, match='^`dtype` fp64'): amp_dtype('cpu', 'fp64')

def test_names_are_shipped_and_endings_are_files():
    path,sha = find_weights()
    assert digest()==f'release {sha[:8]}' and digest(path, 64)==f'release {sha}'
    for f in ('mine.safetensors','net.onnx'): assert find_weights(f)==(Path(f),None)
    for f in ('vgg17','photo.jpg','w.txt'):
        with pytest.raises(ValueError, match=f'{f}: no such weights'): find_weights(f)

def test_notes_come_back_with_a_decoder(tmp_path):
    "And nothing else lies about"
    save_decoder(ColorNet(load_taps()), tmp_path/'a.safetensors', steps=0)
    assert load_colornet(tmp_path/'a.safetensors').notes['steps']=='0'
    assert [p.name for p in tmp_path.iterdir()]==['a.safetensors']

def test_the_app_looks_at_the_size_that_is_chosen(release):
    from colornet.app import ColorizeApp
    app,sent = ColorizeApp(release, images/'room.jpg'),[]
    app.divider.send = lambda msg, buffers=(): sent.extend(buffers)
    was,app.size.value = app.divider.after,96
    app.download()
    got = np.asarray(Image.open(io.BytesIO(sent[-1])), int)
    near,far = (np.abs(got-np.asarray(release(images/'room.jpg', size), int)).mean() for size in (96,224))
    assert app.divider.after!=was and near<far/2

def test_photos_are_known_by_their_names_wherever_they_lie():
    "In any order"
    assert _names_mark(['x/b.jpg','x/a.jpg'], 'x')==_names_mark(['y/z/a.jpg','y/z/b.jpg'], 'y/z')
    assert len({_names_mark([f'x/{n}' for n in ns], 'x') for ns in (['a.jpg'], ['b.jpg'], ['a.jpg','b.jpg'], ['s/a.jpg'])})==4

def test_a_frame_holds_its_photos_side_by_side(tmp_path):
    "Coloured by a network that here answers with no chroma"
    (tmp_path/'in').mkdir()
    for n in ('bee','coffee','macaw'): picture(n, (64,48)).save(tmp_path/'in'/f'{n}.png')
    class Still(torch.nn.Module):
        def forward(self, gray, **kwargs): return torch.full((len(gray),2,*gray.shape[-2:]), .5)
    frames = Frames(tmp_path/'in', tmp_path/'out', 32)
    frames.add(0, Still())
    strip = read_photo(tmp_path/'out'/'0000000.jpg')
    assert strip.shape==(3,32,3*32)
    assert psnr(strip, rgb2yuv(torch.cat([*frames.rgb], -1))[:1].expand(3,-1,-1))>25>psnr(strip, strip.roll(32, -1))

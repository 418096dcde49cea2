"A box of scans: colour photos among gray ones, tones, paper, metadata, pipes, and a user who stops it"
import io, re, signal, subprocess
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest, torch
from PIL import Image, ImageOps

from colornet import Colorizer, colorize
from colornet.arrays import as_photo
from colornet.batch import Batch, Job
from colornet.cli import colornet
from colornet.panels import compare
from colornet.photo import Photo, read_pages
from colornet.save import _guessed
from helpers import color, gray, one_line, script, sh, tree
from make_box import make_box, toned

pytestmark = pytest.mark.usefixtures('one_thread')
fast = ['--device','cpu', '--size','32']

def sepia(im): return toned(im, -.12, .07)

# ---- the whole box

def test_a_whole_box(tmp_path, monkeypatch, call):
    "Each file is coloured, left alone with a reason, or named with what is wrong; the originals are as they were"
    what = make_box(tmp_path/'box')
    assert len(what)>=23
    monkeypatch.chdir(tmp_path)
    before = {n: (tmp_path/'box'/n).read_bytes() for n in what}
    r = call(colornet, 'box', '-o', 'out', *fast)
    made = {Path(l).stem for l in r.out.splitlines()}
    assert r.status==1 and made=={Path(n).stem for n,w in what.items() if w=='colour'}
    lines = r.err.splitlines()
    for n,w in what.items():
        said = [l for l in lines if l.startswith(f'colornet: box/{n}: ')]
        if 'pages' not in n: assert len(said)==(w in ('bad','left')) and all('; ' in l for l in said), n
    assert '2 photos in folders below it' in lines[0] and '3 of 25' in lines[-1] and '1 left alone' in lines[-1]
    assert 'box/gray and colour pages.tif: 1 of its pages' in r.err and len(lines)==2+5
    assert {n: (tmp_path/'box'/n).read_bytes() for n in what}==before
    assert call(colornet, 'box', '-o', 'out', '-r', '--skip-existing', *fast).out.split('\n')[:2]==['out/one.jpg/inside.jpg','out/summer 1962/beach.jpg']
    for n,w in what.items():
        if w!='colour': continue
        to, = [f for f in (tmp_path/'out').glob(f'{Path(n).stem}.*')]
        for a,b in zip(read_pages(tmp_path/'box'/n), read_pages(to), strict=True):
            kept = a.rgb is not None and np.array_equal(a.rgb, b.rgb)  # a page that was in colour
            if b.xmp or to.suffix!='.bmp': assert (_guessed.encode() in (b.xmp or b''))!=kept
            assert a.size==b.size and (a.dpi==b.dpi or np.allclose(a.dpi, b.dpi, atol=.1)) and (a.icc is None or a.icc==b.icc)
            assert abs(a.y.astype(int)-b.y).mean()/257<1.5  # JPEG is not exact

# ---- in colour already

def test_photos_in_colour_are_left_alone(here, call):
    "A parrot among gray and brown prints is named and left; --recolor colours it, too"
    color('macaw', (120,90)).save('parrot.png')
    sepia(gray(size=(120,90))).save('brown.jpg')
    r = call(colornet, 'parrot.png', 'photo.jpg', 'brown.jpg', *fast)
    assert (r.status,sorted(r.out.split()))==(0, ['brown-color.jpg','photo-color.jpg'])
    assert r.err=='colornet: parrot.png: is in colour already, and is left alone; --recolor colours it all the same\n'
    assert call(colornet, 'parrot.png', *fast).status==0 and not Path('parrot-color.png').exists()
    assert colornet('parrot.png', size=32, device='cpu')==[]
    assert call(colornet, 'parrot.png', '--recolor', *fast).out=='parrot-color.png\n'

def test_pages_in_colour_keep_their_colours(here, call):
    "Of a TIFF with a gray page and one in colour, the gray one is coloured"
    a,b = gray(size=(120,90)),color('macaw', (120,90))
    a.convert('RGB').save('two.tif', save_all=True, append_images=[b])
    assert call(colornet, 'two.tif', *fast).status==0
    one,two = read_pages('two-color.tif')
    assert one.rgb is not None and np.array_equal(two.rgb, np.asarray(b))

# ---- tone

def test_keep_tone_brings_the_warmth_back(here, call):
    "The luma stays; what is added is half of the print's brown"
    sepia(gray(size=(120,90))).save('brown.png')
    for out,more in (('plain',[]), ('warm',['--keep-tone'])): assert call(colornet, 'brown.png', '-o', f'{out}.png', *more, *fast).status==0
    plain,warm,src = (np.asarray(Image.open(f'{n}.png').convert('RGB'), float) for n in ('plain','warm','brown'))
    blueness = lambda a: (a[...,2]-a@[.299,.587,.114]).mean()
    assert abs(blueness(warm)-blueness(plain)-blueness(src)/2)<.15*abs(blueness(src))
    assert np.abs((warm-plain)@[.299,.587,.114]).mean()<1

# ---- paper and quality

def test_paper_stays_unless_asked_and_quality_costs_bytes(here, call):
    ImageOps.expand(color('horses', (400,300)), 60, '#e8dcc0').save('print.png')
    for frame in ('auto','off'):
        assert call(colornet, 'print.png', '-o', f'{frame}.png', '--recolor', '--frame', frame, *fast).status==0
    was,auto,off = (np.asarray(Image.open(f'{n}.png').convert('RGB'))[:50] for n in ('print','auto','off'))
    assert (auto==was).all() and (off!=was).any()
    for q in (20,95): assert call(colornet, 'photo.jpg', '-o', f'{q}.jpg', '--quality', q, *fast).status==0
    assert Path('20.jpg').stat().st_size<Path('95.jpg').stat().st_size

# ---- what a file says

@pytest.mark.parametrize('end', ['jpg','png','tif','webp','avif'])
def test_what_is_written_says_what_it_is(here, call, end):
    "sRGB, no dots an inch that nobody knew, and that a machine guessed the colours"
    gray(size=(60,40)).save('a.png')
    assert call(colornet, 'a.png', '-o', f'b.{end}', '-v', '0.5', *fast, '--size', '48').status==0
    im = Image.open(f'b.{end}')
    p, = read_pages(f'b.{end}')
    assert p.dpi is None and 'dpi' not in im.info and b'sRGB' in im.info['icc_profile'].replace(b'\0', b'')
    assert p.xmp.count(_guessed.encode())==1 and b'AISystemUsed="colornet"' in p.xmp
    assert all(w in p.xmp for w in (b'vivid=0.5', b'size=48', b'weights=release'))

def test_xmp_of_others_stays(here, call):
    xmp = b"""<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description
 rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/" dc:source="album 3"
 Iptc4xmpExt:DigitalSourceType="http://cv.iptc.org/newscodes/digitalsourcetype/print"/></rdf:RDF></x:xmpmeta>"""
    gray().save('a.webp', xmp=xmp, lossless=True)
    assert call(colornet, 'a.webp', *fast).status==0
    said = read_pages('a-color.webp')[0].xmp
    assert b'dc:source="album 3"' in said and said.count(b'DigitalSourceType=')==1 and _guessed.encode() in said

# ---- to look at

def test_panels_fit_on_a_screen():
    "Forty megapixels become a picture of a screen's size, and two panels if there is no truth"
    big = Photo(np.zeros((5000,8000), np.uint16))
    pair,three = (compare(big, np.zeros((5000,8000,3), np.uint8), truth=t) for t in (False,True))
    assert pair.width<=2400 and pair.height<=1028 and three.width<=2400
    buf = io.BytesIO()
    pair.save(buf, 'JPEG')
    assert len(buf.getvalue())<1e6

def test_doubt_is_an_overlay(here, call):
    gray('room', (206,256)).save('room.png')
    assert call(colornet, 'room.png', '--doubt', '--device', 'cpu').status==0
    im = np.asarray(Image.open('room-doubt.jpg').convert('RGB'), int)
    assert im.shape[0]>256 and (im[:256,:206,0]-im[:256,:206,2]).max()>60  # a legend below, and orange somewhere

def test_sheet(here, call):
    "One page of a folder, with a picture before and several after, and nothing to fetch"
    Path('in').mkdir()
    for n in ('hens','coffee'): gray(n, (90,60)).save(f'in/{n}.png')
    color('macaw', (90,60)).save('in/macaw.png')
    r = call(colornet, 'in', '--sheet', 'album.html', *fast)
    assert r.status==0 and r.out.split()[-1]=='album.html'
    page = Path('album.html').read_text()
    assert page.count('<figure')==2 and page.count('<img')>=2*4 and not re.search(r'(src|href)="(?!data:)', page)
    one_line(call(colornet, 'photo.jpg', '--sheet', 'album.html', *fast), 'album.html', '--force')
    one_line(call(colornet, 'photo.jpg', '--sheet', 'album.txt', *fast), '--sheet album.txt')

def test_a_sheet_that_is_not_ours_stays(here, call):
    "With --skip-existing an album grows, and another page of that name is left alone"
    Path('mine.html').write_text('<h1>My own page</h1>')
    gray('hens', (90,60)).save('a.png')
    one_line(call(colornet, 'a.png', '--skip-existing', '--sheet', 'mine.html', *fast), 'mine.html', '--force')
    assert Path('mine.html').read_text()=='<h1>My own page</h1>' and not Path('a-color.png').exists()

def test_what_comes_meanwhile_stays(here, monkeypatch):
    "A file that somebody else wrote while the network looked is not replaced"
    gray('hens', (90,60)).save('a.png')
    colorizer = Colorizer(backend='onnx')
    look = colorizer.look
    def slow(*args):
        Path('a-color.png').write_text('mine')
        return look(*args)
    monkeypatch.setattr(colorizer, 'look', slow)
    (job,e), = Batch([Job(Path('a.png'), Path('a-color.png'))], lambda: colorizer, 64)
    assert isinstance(e, FileExistsError) and Path('a-color.png').read_text()=='mine'

def test_a_photo_that_needs_too_much_memory_is_named_and_the_others_are_coloured(here, monkeypatch):
    "Also where several go through the network together"
    for name,size in (('a',(90,60)), ('b',(60,400)), ('c',(90,60))): gray('hens', size).save(f'{name}.png')
    colorizer = Colorizer(backend='onnx')
    run = colorizer.net.session.run
    def small(names, feed):
        if feed['gray'].shape[2]>100: raise RuntimeError('Failed to allocate memory for requested buffer')
        return run(names, feed)
    monkeypatch.setattr(colorizer.net, 'session', SimpleNamespace(run=small))
    monkeypatch.setattr(Colorizer, 'on_gpu', True)
    jobs = [Job(Path(f'{n}.png'), Path(f'{n}-color.png')) for n in 'abc']
    found = {job.photo.name: e for job,e in Batch(jobs, lambda: colorizer, 64)}
    assert found['a.png'] is found['c.png'] is None and 'b.png: needs too much memory' in str(found['b.png'])
    assert Path('c-color.png').exists() and not Path('b-color.png').exists()

def test_a_sheet_takes_any_name_and_shows_what_was_coloured(here, call):
    "A name that is no UTF-8, and a page in colour that stays as it is"
    name = b'b\xe9.png'.decode(errors='surrogateescape')
    gray('hens', (90,60)).save(name)
    assert subprocess.run(script('colornet', name, '--sheet', 'a.html', *fast), capture_output=True).returncode==0
    assert Path('a.html').read_text().count('<figure')==1
    color('macaw', (90,60)).save('two.tif', save_all=True, append_images=[gray('hens', (90,60)).convert('RGB')])
    assert call(colornet, 'two.tif', '--sheet', 'c.html', *fast).status==0
    assert Path('c.html').read_text().count('<figure')==1  # of the page that was coloured
    first,second = read_pages('two-color.tif')
    assert not first.xmp and _guessed.encode() in second.xmp
    assert call(colornet, 'two.tif', '--compare', '--skip-existing', *fast).out.split()==['two-compare.jpg']
    pair = np.asarray(Image.open('two-compare.jpg'), int)[:60]  # of the second page
    spread = np.ptp(pair, axis=-1)
    assert spread[:,:90].max()<spread[:,-90:].max()/2

def test_answers_that_are_there_are_no_error(here, call):
    "All of a photo is there, and the other answers are not likely: nothing to name"
    Image.new('L', (90,60), 128).save('flat.png')
    for more in ([], ['--skip-existing'], ['--skip-existing']):
        r = call(colornet, 'flat.png', '--guesses', 9, *more, *fast)
        assert r.status==0 and 'Traceback' not in r.err, r.err

def test_a_sheet_is_in_the_language_of_the_user(here, call):
    "The same page, and no English word between its tags"
    gray('hens', (90,60)).save('a.png')
    assert call(colornet, 'a.png', '--sheet', 'en.html', *fast).status==0
    assert call(colornet, 'a.png', '--force', '--sheet', 'zh.html', '--lang', 'zh', *fast).status==0
    en,zh = (Path(f'{lang}.html').read_text(encoding='utf-8') for lang in ('en','zh'))
    said = re.sub(r'<(style|script|title|h1).*?</\1>', '', zh, flags=re.S)
    assert '<html lang="zh">' in zh and '<html lang="en">' in en and re.findall(r'<\w+', zh)==re.findall(r'<\w+', en)
    assert [w for w in re.findall(r'>([^<>]*[A-Za-z]{2}[^<>]*)<', said)]==['a.png']  # a name stays
    assert 'alt="a.png，' in zh

def test_a_sheet_grows(here, call):
    "Stopped, the same command goes on, and the page holds the photos of both times"
    Path('in').mkdir()
    gray('hens', (90,60)).save('in/hens.png')
    assert call(colornet, 'in', '--sheet', 'album.html', *fast).status==0
    gray('coffee', (90,60)).save('in/coffee.png')
    assert call(colornet, 'in', '--sheet', 'album.html', '--skip-existing', *fast).status==0
    page = Path('album.html').read_text()
    assert [page.count(f'data-photo="in/{n}.png"') for n in ('hens','coffee')]==[1,1]
    r = call(colornet, 'in', '--skip-existing', *fast)
    assert (r.status,r.out,r.err)==(0,'','colornet: all are there already; nothing is left to do\n')

@pytest.mark.parametrize('end', ['png','bmp','jpg','tif'])
def test_dots_an_inch_stay(here, call, end):
    "300 in, 300 out, in PNG and BMP, too"
    gray().save(f'a.{end}', dpi=(300,300))
    for to in ('png','jpg','tif','bmp'):
        assert call(colornet, f'a.{end}', '-o', f'b.{to}', '-f', *fast).status==0
        assert np.allclose(read_pages(f'b.{to}')[0].dpi, 300, atol=.1), to

def test_a_sheet_chooses_in_the_browser(here, call, browser):
    "Moving the slider shows another picture and says how to make it"
    gray('hens', (90,60)).save('a "b".png')
    assert call(colornet, 'a "b".png', '--sheet', 'album.html', *fast).status==0
    page = browser.new_page()
    page.goto(Path('album.html').resolve().as_uri())
    assert page.locator('#how').text_content()=='All are as they were written.'
    shown = lambda: page.eval_on_selector_all('img[data-v]', 'ims=>ims.filter(i=>!i.hidden).map(i=>i.dataset.v)')
    first = shown()
    page.eval_on_selector('input', 'i=>{i.value=i.max;i.dispatchEvent(new Event("input"))}')
    assert len(first)==len(shown())==1 and shown()!=first and shown()==['1']
    assert page.locator('#how').text_content()=="colornet 'a \"b\".png' --out 'a \"b\"-color.png' --vivid 1 --size 32 --device cpu --force"
    page.close()

# ---- a folder streams

class Slow:
    "A network that writes down when it looks"
    vivid,name,on_gpu = 0.,'slow',False
    def __init__(self, said): self.said = said
    def look(self, photos, size, more):
        from colornet.answers import Answer
        self.said.append(('look', len(photos)))
        return [Answer(np.full((16,16), .5, np.float32), p.size, np.full((2,16,16), .5, np.float32)) for p in photos]

def test_the_first_photo_is_there_before_the_network_sees_the_second(here):
    from colornet.batch import Job, color_all
    for i in range(6): gray().save(f'{i}.png')
    said = []
    for job,e in color_all([Job(Path(f'{i}.png'), Path(f'{i}-c.png')) for i in range(6)], Slow(said)):
        assert e is None and job.done and job.dst.exists()
        said.append(('done', job.photo.name))
    assert said[:2]==[('look',1), ('done','0.png')] and [n for k,n in said if k=='look']==[1]*6

def test_ctrl_c_keeps_what_is_done(here):
    "All photos that were named are there, none is half written, and the same command goes on"
    Path('in').mkdir()
    for i in range(30): gray('hens', (450,300)).save(f'in/{i:02}.png')
    p = subprocess.Popen(script('colornet', 'in', '--device', 'cpu'), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    first = [p.stdout.readline().strip() for _ in range(3)]
    p.send_signal(signal.SIGINT)
    out,err = p.communicate(timeout=60)
    named,there = {*first, *out.split()},{str(f) for f in Path('in').glob('*-color.png')}
    assert p.returncode==130 and named<=there and 3<=len(there)<30
    assert err.splitlines()[-1]==f'colornet: stopped, {len(there)} of 30 photos are done; the same command with --skip-existing does the rest'
    assert all(Image.open(f).load() for f in there) and len(tree('in'))==30+len(there)
    again = sh('colornet', 'in', '--skip-existing', *fast)
    assert again.status==0 and len(again.out.split())==30-len(there)

# ---- words and pipes

def test_pipes(here):
    "- reads stdin and writes stdout, in the format in which the photo came"
    data = Path('photo.jpg').read_bytes()
    run = lambda *args, **how: subprocess.run(script('colornet', *args, *fast), capture_output=True, **how)
    r = run('-', input=data)
    assert (r.returncode,r.stderr)==(0,b'') and Image.open(io.BytesIO(r.stdout)).format=='JPEG'
    assert run('photo.jpg', '-o', '-').stdout==r.stdout
    assert run('-', '-o', 'c.png', input=data).returncode==0 and Image.open('c.png').size==(48,32)
    for bad,word in ((b'Dear diary', 'stdin: is not a photo'), (b'', 'stdin: is empty')):
        r = run('-', input=bad)
        assert (r.returncode,r.stdout)==(1,b'') and word in r.stderr.decode() and len(r.stderr.splitlines())==1
    color('macaw', (120,90)).save('parrot.jpg')
    r = run('-', input=Path('parrot.jpg').read_bytes())
    assert r.returncode==0 and r.stdout==Path('parrot.jpg').read_bytes() and b'is in colour already' in r.stderr
    Path('parrot.jpg').unlink()
    assert set(tree())=={'photo.jpg','c.png'}

def test_words(here, call):
    "What is refused says what to do"
    one_line(call(colornet, 'photo.jpg', '-o', 't3', *fast), 't3/')
    gray().save('b.jpg')
    one_line(call(colornet, 'photo.jpg', 'b.jpg', '-o', 'one.jpg', *fast), 'one.jpg', 'end it in /')
    assert not Path('one.jpg').exists()
    r = call(colornet, 'photo.jpg', '--weights', 'best')
    assert 'vgg16' not in r.err and 'release' in r.err
    Path('in/sub').mkdir(parents=True)
    for f in ('in/a.png','in/sub/b.png','in/sub/c.png'): gray().save(f)
    r = call(colornet, 'in', *fast)
    assert (r.status,r.err)==(0,'colornet: in: 2 photos in folders below it left out; --recursive takes them, too\n')
    assert call(colornet, 'in', '-r', '-f', *fast).err==''
    for v in ('2','-.1'): assert call(colornet, 'photo.jpg', '-v', v).err==f'colornet: --vivid {float(v)}: is out of range; use 0 to 1\n'
    one_line(call(colornet, 'photo.jpg', '--frame', 'on'), '--frame on')

# ---- Python

def test_colorize_takes_what_a_server_has():
    "Bytes, open files, arrays of all shapes and depths, and tensors give the same colours"
    im = gray('hens', (96,64))
    rgb = np.asarray(im.convert('RGB'))
    im.save(buf := io.BytesIO(), 'PNG')
    like = np.asarray(colorize(im, size=32, device='cpu'), int)
    t = torch.tensor(rgb/255).movedim(-1, 0)
    for photo in (buf.getvalue(), io.BytesIO(buf.getvalue()), rgb[...,0], rgb[...,:1], rgb, rgb.astype(np.uint16)*257, rgb/255, t, t[:1], t.half(), t.bfloat16()):
        assert np.abs(np.asarray(colorize(photo, size=32, device='cpu'), int)-like).max()<=(9 if getattr(photo, 'dtype', 0)==torch.bfloat16 else 1)
    veiled = colorize(np.dstack([rgb, rgb[...,0]]), size=32, device='cpu')
    assert veiled.mode=='RGBA' and np.array_equal(np.asarray(veiled)[...,3], rgb[...,0])

@pytest.mark.parametrize('photo,why', [
    (np.full((4,4), 200.), 'float array from 200 to 200'), (np.full((4,4), np.nan), 'nan'), (np.zeros((0,0)), 'is no photo'),
    (np.zeros((4,4,2)), 'is no photo'), (None, 'NoneType: is no photo'), ([1,2], 'list: is no photo'), (io.StringIO('a'), 'is open as text'), (np.zeros((4,4), int), 'no known range'), (b'', 'is empty'), (b'Dear diary', 'is not a photo')])
def test_what_is_no_photo_is_one_clear_error(photo, why):
    with pytest.raises(ValueError, match=re.escape(why)) as e: colorize(photo)
    assert '; ' in str(e.value)

def test_of_several_pages_the_first_is_taken_and_said_so(here):
    gray().save('two.tif', save_all=True, append_images=[gray('hens')])
    with pytest.warns(UserWarning, match='only one of 2 pages'): colorize('two.tif', size=32, device='cpu')

def test_numbers_may_stand_in_any_order_of_bytes():
    a = np.arange(0, 60_000, 1000, dtype=np.uint16).reshape(6,10)
    assert np.array_equal(as_photo(a.astype('>u2')).y, as_photo(a).y)

def test_photos_that_are_left_alone_or_fail_do_not_stay_in_memory(here):
    color('macaw', (90,60)).save('a.png')
    Image.fromarray(np.dstack([np.asarray(gray('hens', (90,60)).convert('RGB')), np.full((60,90), 99, np.uint8)])).save('c.png')  # no JPEG can hold it
    jobs = [Job(Path('a.png'), Path('x.png')), Job(Path('c.png'), Path('y.jpg'))]
    done = [(job.left, e) for job,e in Batch(jobs, lambda: Colorizer(device='cpu'), 32)]
    assert done[0]==(True, None) and 'transparency' in str(done[1][1]) and all(job.pages is None for job in jobs)

def test_what_is_signed_and_what_no_file_has_room_for(here):
    "A JPEG drops all XMP above 60,000 bytes, so the signature then stands alone"
    from colornet.save import save_pages
    long = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF>'+b'<!--'+b'x'*59_900+b'--></rdf:RDF></x:xmpmeta>'
    photo = as_photo(np.full((8,8), 99, np.uint8))
    photo.xmp = long
    for name,kept in (('a.jpg',False), ('a.tif',True)):
        save_pages([np.full((8,8,3), 99, np.uint8)], [photo], name, settings='s')
        xmp = read_pages(name)[0].xmp
        assert _guessed.encode() in xmp and (b'xxxx' in xmp)==kept

def test_a_broken_profile_and_pixels_without_a_unit_count_for_nothing(here):
    color('macaw', (90,60)).save('a.jpg', icc_profile=b'no profile at all')
    assert read_pages('a.jpg')[0].icc is None
    from PIL.PngImagePlugin import PngInfo
    info = PngInfo()
    info.add(b'pHYs', (1).to_bytes(4, 'big')*2+b'\0')  # the shape of a pixel, in no unit
    gray('hens', (90,60)).save('a.png', pnginfo=info)
    assert read_pages('a.png')[0].dpi is None

def test_one_picture_goes_through_a_pipe(here):
    gray('hens', (90,60)).save('a.png')
    r = subprocess.run(script('colornet', '-', '--compare', *fast), input=Path('a.png').read_bytes(), capture_output=True)
    assert r.returncode==1 and r.stdout==b'' and b'--out' in r.stderr and b'--compare' in r.stderr and r.stderr.count(b'\n')==1

def test_a_process_without_a_part_says_nothing_of_what_is_there(here, call, monkeypatch):
    gray('hens', (90,60)).save('a.png')
    monkeypatch.setenv('RANK', '1')
    monkeypatch.setenv('WORLD_SIZE', '2')
    r = call(colornet, 'a.png', *fast)
    assert (r.status,r.err)==(0,'') and not Path('a-color.png').exists()

def test_a_file_of_weights_is_not_taken_for_an_old_export_of_it(tmp_path):
    from colornet.export import onnx_file
    (tmp_path/'my.safetensors').write_bytes(b'new')
    (tmp_path/'my.safetensors.onnx').write_bytes(b'old')
    assert onnx_file(str(tmp_path/'my.safetensors'), make=False)!=tmp_path/'my.safetensors.onnx'

"What must survive from file to file, for photos of every kind and folders of any state"
import io, os, signal, struct, subprocess, sys, time
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest, pyvips, tifffile
from hypothesis import HealthCheck, given, settings, strategies as st
from PIL import Image, ImageCms, IptcImagePlugin

from colornet.batch import _pixels
from colornet.cli import colornet
from colornet.files import find_photos, write_whole
from colornet.photo import Photo, read_pages, read_rgb
from colornet.pixels import luma
from colornet.save import encode, encode_tiff
from helpers import images, typed

fast = ['--device','cpu', '--size','16', '--weights','seed', '--recolor']
pytestmark = pytest.mark.usefixtures('one_thread')
k = np.array([.299,.587,.114])
srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile('sRGB')).tobytes()

@pytest.fixture
def call(capsys):
    "Run the command in this process"
    def run(*args):
        capsys.readouterr()
        return SimpleNamespace(status=typed(colornet, *args), **capsys.readouterr()._asdict())
    return run

@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path

def tree(d='.'): return {p.relative_to(d).as_posix(): p.read_bytes() for p in sorted(Path(d).rglob('*')) if p.is_file()}

def gray(name='chelsea', size=(48,32)): return Image.open(images/f'{name}.jpg').convert('L').resize(size)

def exif(orientation=1):
    e = Image.Exif()
    e[271],e[306],e[33432],e[274] = 'Leica','1936:07:14 12:00:00','Nobody',orientation
    e[40092] = 'At the window'.encode('utf-16-le')  # as Windows writes a comment
    e.get_ifd(0x8769)[36867] = '1936:07:14 12:00:00'
    return e

def pixels(path):
    "Pixels of a file as float in [0,1], with all their bits and bands, read apart from the package"
    a = pyvips.Image.new_from_file(str(path)).numpy()
    return a/(65535 if a.dtype==np.uint16 else 255)

# ---- one photo: size, depth, transparency, luma

@st.composite
def photos(draw):
    "Arrays of any size, kind and depth"
    w,h = draw(st.tuples(st.integers(1,600), st.integers(1,600)).filter(lambda s: s[0]*s[1]<=60_000))
    bits,bands = draw(st.sampled_from([8,16])),draw(st.sampled_from([1,2,3,4]))
    rng = np.random.default_rng(draw(st.integers(0,2**32)))
    a = rng.integers(0, 2**bits, (h,w,bands)).astype(np.uint16 if bits==16 else np.uint8)
    return a if draw(st.booleans()) else np.full_like(a, a.flat[0])  # flat ones, too

def write(a, path):
    "A lossless file of an array"
    gray,color = ('grey16','rgb16') if a.dtype==np.uint16 else ('b-w','srgb')
    pyvips.Image.new_from_array(a).copy(interpretation=color if a.shape[2]>2 else gray).write_to_file(str(path))

@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(a=photos(), ending=st.sampled_from(['.png','.tif']), out=st.sampled_from(['.png','.tif']))
def test_what_comes_in_comes_out(tmp_path_factory, a, ending, out):
    "Size, depth, transparency and luma"
    d = tmp_path_factory.mktemp('p')
    src,dst = d/f'a{ending}',d/f'b{out}'
    write(a, src)
    assert typed(colornet, src, '--out', dst, *fast)==0
    b = pyvips.Image.new_from_file(str(dst)).numpy()
    top,slack = (65535,2) if a.dtype==np.uint16 else (255,1)
    veil = a.shape[2] in (2,4) and a[...,-1].min()<top  # what hides nothing is forgotten
    assert (b.dtype,b.shape)==(a.dtype,(*a.shape[:2], 3+veil))
    y = a[...,:3].astype(float)@k if a.shape[2]>2 else a[...,0].astype(float)
    assert np.abs(b[...,:3].astype(float)@k-y).max()<=slack+1e-6, (a.shape, top)
    if veil: assert np.array_equal(b[...,3], a[...,-1])

@pytest.mark.parametrize('bits', [1,2,4])
def test_few_bits(here, call, bits):
    "PNG of 1 to 4 bits"
    levels = np.arange(2**bits, dtype=np.uint8)
    a = np.tile(levels, (5,3))
    raw = b''.join(b'\0'+np.packbits(np.unpackbits(r[:,None], axis=1)[:,8-bits:].ravel()).tobytes() for r in a)
    import zlib
    chunk = lambda n, d: struct.pack('>I',len(d))+n+d+struct.pack('>I',zlib.crc32(n+d))
    head = struct.pack('>IIBBBBB', a.shape[1], a.shape[0], bits, 0, 0, 0, 0)
    Path('a.png').write_bytes(b'\x89PNG\r\n\x1a\n'+chunk(b'IHDR',head)+chunk(b'IDAT',zlib.compress(raw))+chunk(b'IEND',b''))
    assert call('a.png', *fast).status==0
    assert np.abs(pixels('a-color.png')@k-a/(2**bits-1)).max()<=1/255+1e-6

@pytest.mark.parametrize('orientation', range(1,9))
@pytest.mark.parametrize('ending', ['.jpg','.png','.tif','.webp'])
def test_orientation_is_applied_and_reset(here, call, ending, orientation):
    gray(size=(40,24)).save(f'a{ending}', exif=exif(orientation), **dict(quality=100) if ending=='.jpg' else {})
    assert call(f'a{ending}', '--out', 'b.png', *fast).status==0
    stored = gray(size=(40,24)) if ending in ('.png','.tif') else Image.open(f'a{ending}').convert('L')
    T = Image.Transpose
    turn = {2:T.FLIP_LEFT_RIGHT, 3:T.ROTATE_180, 4:T.FLIP_TOP_BOTTOM, 5:T.TRANSPOSE, 6:T.ROTATE_270, 7:T.TRANSVERSE, 8:T.ROTATE_90}.get(orientation)
    want = stored if turn is None else stored.transpose(turn)
    out = Image.open('b.png')
    assert out.size==want.size and out.getexif().get(274,1)==1
    assert np.abs(np.asarray(out)@k-np.asarray(want.convert('RGB'))@k).max()<=3  # JPEG is decoded by two libraries

captions = b'\x1c\2\x69\0\6Window\x1c\2\x78\0\x0bGro\xc3\x9fmutter'  # Headline and caption, in records

@pytest.mark.parametrize('out', ['.jpg','.png','.tif','.webp','.avif'])
@pytest.mark.parametrize('ending', ['.jpg','.png','.tif'])
def test_metadata_is_kept(here, call, ending, out):
    "EXIF with its parts, resolution, the RGB profile and, where both formats know them, the IPTC's captions"
    im = Image.open(images/'coffee.jpg').convert('RGB').resize((60,40))
    data = dict(zip(('.jpg','.png'), ('jpeg','png'))).get(ending)
    about = Photo(None, 8, None, srgb, exif().tobytes(), iptc=captions, dpi=(240,240))
    blob = encode(np.asarray(im), about, data) if data else encode_tiff([np.asarray(im)], [about])
    Path(f'a{ending}').write_bytes(blob)
    assert call(f'a{ending}', '--out', f'b{out}', *fast).status==0
    if out=='.tif':
        e = Image.Exif()
        e.load_from_fp(open('b.tif','rb'))
    else: e = Image.open(f'b{out}').getexif()
    assert (e[271], e[33432], e[40092], e.get_ifd(0x8769)[36867])==('Leica', 'Nobody', exif()[40092], '1936:07:14 12:00:00')
    p, = read_pages(f'b{out}')
    assert p.icc==srgb
    if out in ('.jpg','.png','.tif'): assert np.allclose(p.dpi, (240,240), atol=.1)
    assert p.iptc==(captions if ending!='.png' and out in ('.jpg','.tif') else None)
    if p.iptc: assert IptcImagePlugin.getiptcinfo(Image.open(f'b{out}'))=={(2,105): b'Window', (2,120): 'Großmutter'.encode()}

def test_a_thumbnail_is_dropped(here, call):
    "The gray picture inside EXIF would be shown instead of the colours"
    buf = io.BytesIO()
    gray(size=(32,24)).save(buf, 'JPEG')
    thumb = buf.getvalue()
    ifd0 = struct.pack('<H', 1)+struct.pack('<HHI4s', 271, 2, 4, b'Lei\0')+struct.pack('<I', 8+2+12+4)
    off = 8+len(ifd0)+2+2*12+4
    ifd1 = struct.pack('<H', 2)+struct.pack('<HHII', 513, 4, 1, off)+struct.pack('<HHII', 514, 4, 1, len(thumb))+struct.pack('<I', 0)
    gray().save('a.jpg', exif=b'Exif\0\0II*\0\x08\0\0\0'+ifd0+ifd1+thumb)
    assert thumb in Path('a.jpg').read_bytes()
    assert call('a.jpg', *fast).status==0
    assert thumb not in Path('a-color.jpg').read_bytes() and Image.open('a-color.jpg').getexif()[271]=='Lei'

@pytest.mark.parametrize('junk', [b'junk', b'Exif\0\0II*\0\xff\xff\xff\xff', b'Exif\0\0MM\0*'+b'\xff'*40])
def test_bad_exif_is_no_exif(here, call, junk):
    gray().save('a.jpg', exif=junk)
    r = call('a.jpg', *fast)
    assert (r.status,r.err)==(0,'')

def test_bad_profile_is_no_profile(here, call):
    for name,im in (('g.jpg',gray()), ('c.jpg',gray().convert('CMYK')), ('r.jpg',gray().convert('RGB'))):
        im.save(name, icc_profile=b'no profile at all')
        r = call(name, *fast)
        assert (r.status,r.err)==(0,''), name
        assert Image.open(f'{name[0]}-color.jpg').size==(48,32)

def test_pages(here, call):
    "Each page of a TIFF at its own size and depth"
    pages = [np.random.default_rng(i).integers(0, 65536, (20+i,30)).astype(np.uint16) for i in range(3)]
    with tifffile.TiffWriter('a.tif') as t:
        for p in pages: t.write(p, metadata=None)
    assert call('a.tif', *fast).status==0
    with tifffile.TiffFile('a-color.tif') as t: out = [p.asarray() for p in t.pages]
    assert [(a.shape,a.dtype) for a in out]==[((20+i,30,3),np.uint16) for i in range(3)]
    assert max(np.abs(a@k-p).max() for a,p in zip(out,pages))<=2
    r = call('a.tif', '--out', 'b.png', *fast)
    assert r.status==1 and 'cannot hold 3 pages; use --out with .tif' in r.err and not Path('b.png').exists()

def test_first_frame_of_a_gif_becomes_png(here, call):
    a,b = gray(),gray('coffee')
    a.save('a.gif', save_all=True, append_images=[b])
    r = call('a.gif', *fast)
    assert (r.status,r.out)==(0,'a-color.png\n')
    assert np.abs(pixels('a-color.png')@k*255-np.asarray(Image.open('a.gif').convert('L'))).max()<=1+1e-6

def test_transparency_is_not_lost_in_silence(here, call):
    im = gray().convert('LA')
    im.save('opaque.png')
    im.putalpha(gray('coffee'))
    im.save('a.png')
    for name in ('b.jpg','b.bmp'):
        r = call('a.png', '--out', name, *fast)
        assert r.status==1 and 'cannot hold transparency; use --out with .png' in r.err and not Path(name).exists()
        assert call('opaque.png', '--out', name, *fast).status==0  # there is nothing to lose

@pytest.mark.parametrize('name', ['a[1].png', 'a[page=1].png', '100%.png', "it's.png", 'a b.png', 'naïve-写真.png', '-dash.png'])
def test_names_mean_nothing(here, call, name):
    "libvips takes brackets for options"
    gray().save(Path(name))
    assert call(f'./{name}', '--out', './out.png', *fast).status==0
    assert np.abs(pixels('out.png')@k*255-np.asarray(gray())).max()<=1+1e-6

# ---- what cannot be read

def bad_files(d):
    "At least 40 files that are broken or hostile, in a folder"
    color = Image.open(images/'coffee.jpg').convert('RGB').resize((160,100))
    def data(fmt, im=color, **how):
        b = io.BytesIO()
        im.save(b, fmt, **how)
        return b.getvalue()
    for fmt,ending in dict(JPEG='jpg', PNG='png', TIFF='tif', WEBP='webp', GIF='gif', BMP='bmp', AVIF='avif').items():
        whole = data(fmt)
        for share in (.1,.4,.7,.9): (d/f'cut{share}.{ending}').write_bytes(whole[:int(share*len(whole))])
        (d/f'magic.{ending}').write_bytes(b'XXXX'+whole[4:])
        (d/f'zeros.{ending}').write_bytes(bytes(len(whole)))
    (d/'empty.png').write_bytes(b'')
    (d/'text.jpg').write_text('Dear diary')
    (d/'page.jpg').write_text('<html><body>404</body></html>')
    (d/'drawing.png').write_text('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="9" height="9"/></svg>')
    (d/'paper.jpg').write_bytes(b'%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>')
    (d/'deflate.tif').write_bytes(data('TIFF', compression='tiff_adobe_deflate')[:-900])
    whole = bytearray(data('PNG'))
    whole[16:24] = struct.pack('>II', 2**30, 2**30)  # a gigapixel times a gigapixel
    (d/'huge.png').write_bytes(whole)
    big = io.BytesIO()
    tifffile.imwrite(big, np.zeros((8,8),np.uint8))
    with tifffile.TiffFile(io.BytesIO(big.getvalue())) as t: at = {n: t.pages[0].tags[n].valueoffset for n in ('ImageWidth','ImageLength')}
    raw = bytearray(big.getvalue())
    for p in at.values(): raw[p:p+2] = struct.pack('<H', 65535)
    (d/'wide.tif').write_bytes(raw)
    tifffile.imwrite(d/'counts.tif', np.zeros((8,8),np.uint32))
    (d/'line\nbreak.jpg').write_text('Dear diary')
    (d/'Ärger-写真.jpg').write_text('Liebes Tagebuch')
    (d/'folder.jpg').mkdir()
    os.mkfifo(d/'pipe.jpg')
    (d/'gone.jpg').symlink_to(d/'nowhere')

def test_bad_files(here, call):
    "Each a line, and the rest of the folder is done"
    d = here/'in'
    d.mkdir()
    bad_files(d)
    bad = sorted(p for p in d.iterdir() if not p.is_dir())
    assert len(bad)>=40
    gray().save(d/'good.png')
    r = call('in', '--out', 'out', *fast)
    assert set(tree('out'))=={'good.png'}
    lines = r.err.splitlines()
    assert r.status==1 and 'Traceback' not in r.err
    assert lines[-1]==f'colornet: {len(bad)} of {len(bad)+1} photos were not coloured'
    for p in bad:
        name = ' '.join(p.name.split())
        mine = [l for l in lines if f'/{name}: ' in l]
        assert len(mine)==1 and ';' in mine[0], p.name

@pytest.mark.parametrize('most,status', [(1535,1), (1536,0)])
def test_max_pixels(here, call, most, status):
    gray().save('a.png')  # 48 x 32
    r = call('a.png', '--max-pixels', most, *fast)
    assert r.status==status
    if status: assert 'has 1,536 pixels, and 1,535 are allowed; make it smaller, or use --max-pixels' in r.err and set(tree())=={'a.png'}

# ---- folders

@pytest.fixture
def folder(here):
    (here/'in'/'sub').mkdir(parents=True)
    for i in range(6): gray(size=(40+i,32)).save(here/'in'/f'{i}.png')
    gray().save(here/'in'/'sub'/'deep.png')
    return here/'in'

def test_recursive(folder, call):
    assert call('in', '--out', 'a', *fast).status==0
    assert set(tree('a'))=={f'{i}.png' for i in range(6)}
    assert call('in', '--out', 'b', '--recursive', *fast).status==0
    assert set(tree('b'))=={f'{i}.png' for i in range(6)}|{'sub/deep.png'}
    (folder/'none').mkdir()
    gray().save(folder.parent/'x.png')
    os.renames(folder/'sub'/'deep.png', folder/'none'/'below'/'deep.png')
    r = call('in/none', *fast)
    assert r.status==1 and 'use --recursive' in r.err

def test_pattern(folder, call):
    assert call('in/[0-2].png', '--out', 'a', *fast).status==0
    assert set(tree('a'))=={'0.png','1.png','2.png'}
    r = call('in/*.tif', '--out', 'b', *fast)
    assert r.status==1 and 'fits no file; check the pattern' in r.err

def test_skip_existing(folder, call):
    assert call('in/[0-2].png', '--out', 'a', *fast).status==0
    was = {p: (Path('a')/p).stat().st_mtime_ns for p in ('0.png','1.png','2.png')}
    r = call('in', '--out', 'a', '--skip-existing', *fast)
    assert (r.status,sorted(r.out.split()))==(0,['a/3.png','a/4.png','a/5.png'])
    assert {p: (Path('a')/p).stat().st_mtime_ns for p in was}==was
    assert call('in', '--out', 'a', '--skip-existing', *fast).out==''

def test_skip_existing_with_a_pattern(folder, call):
    "What came of some photos of a pattern is not coloured again, nor in the way of the others"
    assert call('in/[0-2].png', '--doubt', *fast, '--weights', 'release').status==0
    for args in (['in/*.png'], sorted(map(str, folder.glob('*.png')))):  # as typed in quotes, and as the shell gives it
        r = call(*args, '--skip-existing', *fast)
        assert r.status==0 and (len(r.out.split())==3 and not r.err if args==['in/*.png'] else not r.out and 'nothing is left' in r.err)
    assert {Path(n).name for n in tree('in')}=={f'{i}{e}.png' for i in range(6) for e in ('','-color')}|{f'{i}-doubt.jpg' for i in range(3)}|{'deep.png'}

def test_skip_existing_leaves_what_is_there(here, call):
    "A result that was retouched stays when a comparison is wanted, too; only --force replaces it"
    gray().save('a.png')
    assert call('a.png', *fast).status==0
    Path('a-color.png').write_bytes(b'retouched')
    assert call('a.png', '--compare', *fast).status==1
    assert call('a.png', '--compare', '--skip-existing', *fast).out=='a-compare.jpg\n'
    assert Path('a-color.png').read_bytes()==b'retouched' and Image.open('a-compare.jpg').format=='JPEG'

def test_skip_existing_with_a_long_name(folder, call):
    gray().save(folder/f"{'n'*248}.png")
    r = call('in', '--skip-existing', *fast)
    assert r.status==1 and len(r.err.splitlines())==3 and 'nnn' in r.err and len(r.out.split())==6

def test_a_folder_twice(here, call):
    "A GIF beside a PNG of its name: results that are not taken for photos"
    Path('in').mkdir()
    for n in ('scan.gif','scan.png'): gray().save(f'in/{n}')
    assert call('in', *fast).status==0
    was = tree('in')
    assert set(was)=={'scan.gif','scan.png','scan.gif-color.png','scan-color.png'}
    r = call('in', '--skip-existing', *fast)
    assert (r.status,r.out)==(0,'') and 'nothing is left to do' in r.err and tree('in')==was

def test_a_link_to_nowhere_is_not_replaced(here, call):
    gray().save('a.png')
    os.symlink('nowhere', 'a-color.png')
    r = call('a.png', *fast)
    assert r.status==1 and 'exists already' in r.err and os.readlink('a-color.png')=='nowhere'

def test_pages_count(here):
    "Memory is for all pages of a photo"
    with tifffile.TiffWriter('a.tif') as t:
        for _ in range(50): t.write(np.zeros((10,20), np.uint8), metadata=None)
    assert _pixels(Path('a.tif'))==50*10*20

def test_names_anywhere_and_no_name(here, call):
    for n in 'ab': gray().save(f'{n}.png')
    assert call('a.png', *fast, 'b.png').out.split()==['a-color.png','b-color.png']
    r = call('', *fast)
    assert (r.status,len(r.err.splitlines()))==(1,1) and 'is no name' in r.err
    os.chdir(here)
    gray().save('-dash.png')
    assert call(*fast, '--', '-dash.png').out.split()==['-dash-color.png']

def test_a_console_without_the_letters(here):
    "A name that cannot be shown does not end the work"
    for n in ('写真.png','zebra.png'): gray().save(n)
    p = subprocess.run(script('.', *fast), env=dict(os.environ, PYTHONIOENCODING='cp1252'), capture_output=True)
    assert (p.returncode,p.stderr)==(0,b'') and len(p.stdout.splitlines())==2 and Path('写真-color.png').exists()

def script(*args): return [sys.executable, '-m', 'colornet', *map(str, args)]

def test_two_processes_share_a_folder(folder, call):
    run = lambda r: subprocess.Popen(script('in', '--out', 'a', *fast), env=dict(os.environ, RANK=str(r), WORLD_SIZE='2'),
                                     stdout=subprocess.PIPE, text=True)
    parts = [p.communicate()[0].split() for p in [run(r) for r in (0,1)]]  # both at the same time
    assert [len(p) for p in parts]==[3,3] and not set(parts[0])&set(parts[1])
    assert set(tree('a'))=={f'{i}.png' for i in range(6)}

def has_nameless(d):
    "Can a file be written here before it has a name?"
    try: os.close(os.open(d, os.O_TMPFILE|os.O_WRONLY))
    except (AttributeError, OSError): return False
    return True

def test_born_with_its_name(here, monkeypatch):
    "A new file never has another name than its own, so that no kill can leave one"
    if not has_nameless(here): pytest.skip('this system has no O_TMPFILE: a kill may leave a hidden .tmp')
    monkeypatch.setattr(Path, 'write_bytes', lambda self, data: pytest.fail(f'{self} was written by name'))
    write_whole(b'new', here/'sub'/'a.png')
    assert tree()=={'sub/a.png': b'new'}

def test_killed_in_the_middle(folder, call):
    "Nothing half done lies about, and --skip-existing completes it"
    if not has_nameless('.'): pytest.skip('this system has no O_TMPFILE: a kill may leave a hidden .tmp')
    for i in range(40): gray(size=(300,200)).save(folder/f'more{i}.png')
    p = subprocess.Popen(script('in', '--out', 'a', *fast), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    end = time.time()+60
    while not list(Path('a').glob('*.png')) and p.poll() is None and time.time()<end: time.sleep(.002)
    p.kill()
    assert p.wait()==-signal.SIGKILL
    there = set(tree('a'))
    assert 0<len(there)<46 and all(n.endswith('.png') and not n.startswith('.') for n in there)
    for n in there: Image.open(f'a/{n}').load()  # each is whole
    r = call('in', '--out', 'a', '--skip-existing', *fast)
    assert r.status==0 and len(r.out.split())==46-len(there) and len(tree('a'))==46

def test_a_link_does_not_lead_out(folder, call):
    "A folder inside --out that is a link to elsewhere"
    elsewhere = folder.parent/'elsewhere'
    elsewhere.mkdir()
    (folder.parent/'a').mkdir()
    (folder.parent/'a'/'sub').symlink_to(elsewhere)
    r = call('in', '--out', 'a', '--recursive', *fast)
    assert r.status==1 and 'a link leads out of' in r.err and not tree(elsewhere)
    assert len([n for n in tree('a') if '/' not in n])==6

def test_progress_keeps_lines_whole(folder, call):
    "Names on lines of their own, with a bar on a terminal and without one elsewhere"
    r = call('in', '--out', 'a', *fast)
    assert sorted(r.out.splitlines())==[f'a/{i}.png' for i in range(6)]
    assert r.err=='colornet: in: 1 photo in folders below it left out; --recursive takes them, too\n'
    import fcntl, pty, termios
    seen,end = pty.openpty()
    fcntl.ioctl(end, termios.TIOCSWINSZ, struct.pack('4H', 24, 80, 0, 0))
    p = subprocess.Popen(script('in', '--out', 'b', *fast), stdout=subprocess.PIPE, stderr=end, text=True)
    out,bar = p.communicate()[0],b''
    os.close(end)
    with suppress(OSError):  # At its end
        while part := os.read(seen, 10**4): bar += part
    os.close(seen)
    assert sorted(out.splitlines())==[f'b/{i}.png' for i in range(6)] and b'6/6' in bar

@pytest.mark.slow
def test_fifty_megapixels(here):
    "A scan of 50 megapixels takes less than 1.5 GB"
    a = np.tile(np.asarray(gray(size=(500,400))), (15,17))[:6000,:8400]
    Image.fromarray(a).save('scan.tif')
    code = ('import sys; from colornet.cli import colornet as f; s = f(); '  # ru_maxrss would count the parent, too
            'print(open("/proc/self/status").read().split("VmHWM:")[1].split()[0], file=sys.stderr); sys.exit(s)')
    p = subprocess.run([sys.executable, '-c', code, 'scan.tif', '--out', 'out.jpg', '--device', 'cpu'], capture_output=True, text=True)
    assert p.returncode==0, p.stderr
    assert Image.open('out.jpg').size==(8400,6000)
    assert int(p.stderr.split()[-1])<1.5e6  # kB

def test_a_closed_folder_below_is_nobodys_business(here, monkeypatch):
    "Only who looks into all folders needs to be let into all of them"
    Path('in/sub').mkdir(parents=True)
    for f in ('in/a.jpg','in/sub/b.jpg','in/._a.jpg'): Path(f).touch()
    scan = os.scandir
    def closed(p):
        if Path(p).name=='sub': raise PermissionError(13, 'Permission denied', str(p))
        return scan(p)
    monkeypatch.setattr(os, 'scandir', closed)
    assert find_photos('in', recursive=False)==[Path('in/a.jpg')]
    with pytest.raises(PermissionError, match='sub: may not be read'): find_photos('in')

def test_jpeg_with_a_gain_map(here, call):
    "What recent telephones write is a JPEG still"
    im = pyvips.Image.new_from_array(np.asarray(Image.open(images/'coffee.jpg').convert('RGB').resize((64,48)))).copy(interpretation='srgb')
    if not pyvips.type_find('VipsOperation', 'uhdrsave_buffer'): pytest.skip('this libvips writes no gain maps')
    Path('a.jpg').write_bytes(im.colourspace('scrgb').uhdrsave_buffer())
    assert call('a.jpg', *fast).status==0
    assert np.abs(pixels('a-color.jpg')@k-pixels('a.jpg')[...,:3]@k).mean()<.02

@pytest.mark.parametrize('bands', [3,4,5])
def test_odd_tiffs_do_not_stop_a_folder(folder, call, bands):
    "Several channels of gray, as microscopes write them"
    tifffile.imwrite(folder/'odd.tif', np.zeros((9,9,bands), np.uint8), photometric='minisblack', planarconfig='contig')
    r = call('in', *fast)
    assert len(r.out.split())==6 and r.status==1 and len([l for l in r.err.splitlines() if 'odd.tif' in l])==1

@pytest.mark.parametrize('out', ['.jpg','.tif'])
@pytest.mark.parametrize('raw', ['© Dvořák'.encode(), '© 2020'.encode('latin-1')])
def test_letters_of_exif(here, call, raw, out):
    "Bytes of EXIF that are not ASCII stay what they were"
    e = Image.Exif()
    class Latin(str):
        def encode(self, *args): return raw
    e[33432],e.get_ifd(0x8769)[42036] = raw,Latin(raw.decode('latin-1'))
    gray().save('a.jpg', exif=e.tobytes())
    assert raw in Path('a.jpg').read_bytes()
    assert call('a.jpg', '--out', f'b{out}', *fast).status==0
    assert raw in Path(f'b{out}').read_bytes()
    assert call(f'b{out}', '--out', 'c.jpg', *fast).status==0 and raw in Path('c.jpg').read_bytes()
    back = Image.open('c.jpg').getexif()
    assert back.get_ifd(0x8769)[42036].encode('latin-1')==raw  # of the lens, still a text

@pytest.mark.parametrize('big', [False,True])
def test_each_page_has_its_own_words(here, big):
    with tifffile.TiffWriter('a.tif', bigtiff=big) as t:
        for n in ('first','second'): t.write(np.zeros((9,9), np.uint8), description=n, metadata=None)
    def words(p):
        e = Image.Exif()
        e.load(p.exif)
        return e[270]
    assert [words(p) for p in read_pages('a.tif')]==['first','second']

def test_float_pixels(here, call):
    "Numbers from 0 to 1 are light and transparency alike; others are refused"
    a = np.random.default_rng(0).random((9,12,4)).astype(np.float32)
    tifffile.imwrite('a.tif', a, photometric='rgb', extrasamples=['unassalpha'])
    assert call('a.tif', '--out', 'b.png', *fast).status==0
    b = pixels('b.png')
    assert np.abs(b[...,:3]@k-a[...,:3]@k).max()<1e-4 and np.abs(b[...,3]-a[...,3]).max()<1e-4
    tifffile.imwrite('c.tif', a*255)
    r = call('c.tif', *fast)
    assert r.status==1 and 'c.tif: has pixels of' in r.err and len(r.err.splitlines())==1

def test_pillows_limit_comes_back():
    "However threads that open large photos cross"
    from threading import Event, Thread
    from colornet.photo import _any_size
    was,inside,leave,seen = Image.MAX_IMAGE_PIXELS,Event(),Event(),[]
    def first():
        with _any_size():
            inside.set()
            leave.wait(10)
    def second():
        inside.wait(10)
        with _any_size(): seen.append(Image.MAX_IMAGE_PIXELS)
    threads = [Thread(target=f) for f in (first,second)]
    for t in threads: t.start()
    inside.wait(10)
    leave.set()
    for t in threads: t.join(10)
    assert seen==[None] and Image.MAX_IMAGE_PIXELS==was is not None

def test_photos_of_telephones(here, call, monkeypatch):
    "HEIC is read upright with EXIF and profile, and comes out as PNG; a cut one, or a missing package, is one line"
    import pillow_heif
    im = Image.open(images/'coffee.jpg').convert('RGB').resize((64,40))
    pillow_heif.register_heif_opener()
    turned = exif()
    turned[0x112] = 6
    im.save('a.heic', quality=95, exif=turned.tobytes(), icc_profile=srgb)
    assert call('a.heic', *fast).status==0
    out = Image.open('a-color.png')
    assert out.size==(40,64) and out.info['icc_profile']==srgb
    assert out.getexif().get(274,1)==1 and out.getexif()[271]==exif()[271]
    want = np.asarray(im.transpose(Image.Transpose.ROTATE_270))@k
    assert np.abs(np.asarray(out.convert('RGB'))@k-want).mean()<3  # the codec loses a little
    Path('cut.heic').write_bytes(Path('a.heic').read_bytes()[:900])
    cut = call('cut.heic', *fast)
    assert read_rgb('a.heic').size==(40,64)  # for training, too
    monkeypatch.setitem(sys.modules, 'pillow_heif', None)
    missing = call('a.heic', '--force', *fast)
    with pytest.raises(ValueError, match=r"a\.heic: is HEIC; .*'\.\[heic\]'"): read_rgb('a.heic')
    for r,words in (cut,['cut.heic','damaged']), (missing,['a.heic',"'.[heic]'"]):
        assert r.status==1 and len(r.err.splitlines())==1 and all(w in r.err for w in words), r.err
    assert not Path('cut-color.png').exists()

# ---- two readers, one rule

def gray_profile(gamma):
    "The smallest profile of gray that libraries accept: a white point and a curve"
    tags = [(b'wtpt', b'XYZ '+bytes(4)+struct.pack('>3i', 63190, 65536, 54061)),
            (b'kTRC', b'curv'+bytes(4)+struct.pack('>IH', 1, round(gamma*256))+bytes(2))]
    table,body,at = struct.pack('>I', len(tags)),b'',128+4+12*len(tags)
    for name,data in tags:
        table += name+struct.pack('>II', at+len(body), len(data))
        body += data
    head = struct.pack('>I4sI4s4s4s', at+len(body), bytes(4), 0x02100000, b'mntr', b'GRAY', b'XYZ ')+bytes(12)+b'acsp'
    return head+bytes(68-len(head))+struct.pack('>3i', 63190, 65536, 54061)+bytes(48)+table+body

def coffee(): return Image.open(images/'coffee.jpg').convert('RGB').resize((96,64))

kinds = {'gray with a profile': ('a.png', lambda: coffee().convert('L'), lambda: dict(icc_profile=gray_profile(1.4))),
         'CMYK with a profile': ('a.jpg', lambda: coffee().convert('CMYK'), lambda: dict(icc_profile=pyvips.Image.profile_load('cmyk'), quality=95)),
         'CMYK': ('a.jpg', lambda: coffee().convert('CMYK'), lambda: dict(quality=95)),
         'RGB with a profile': ('a.png', coffee, lambda: dict(icc_profile=pyvips.Image.profile_load('p3'))),
         'floats': ('a.tif', lambda: Image.fromarray(np.asarray(coffee().convert('L'), np.float32)/255), dict),
         'gray of 16 bits': ('a.png', lambda: Image.fromarray(np.asarray(coffee().convert('L')).astype(np.uint16)*257), dict),
         'palette with transparency': ('a.png', lambda: coffee().quantize(16), lambda: dict(transparency=3)),
         'on its side': ('a.jpg', coffee, lambda: dict(exif=exif(6), quality=95))}

@pytest.mark.parametrize('kind', kinds)
def test_both_readers_find_the_same_luma(here, kind):
    "The tool's, by libvips, and that of training and evaluation, by Pillow"
    name,make,how = kinds[kind]
    make().save(name, **how())
    p, = read_pages(name)
    rgb = read_rgb(name)
    assert rgb.size==p.size and rgb.mode=='RGB'
    assert np.abs(luma(rgb)*255-p.y/257).mean()<1, kind
    plain = luma(Image.open(name).convert('RGB')) if kind=='gray with a profile' else None
    if plain is not None: assert np.abs(plain*255-p.y/257).mean()>5  # the profile says something, and is heard

@pytest.mark.parametrize('name', ['cut.jpg','text.jpg','none.jpg','folder.jpg','empty.png'])
def test_both_readers_refuse_alike(here, name):
    cut = io.BytesIO()
    coffee().save(cut, 'JPEG')
    for n,data in {'cut.jpg':cut.getvalue()[:900], 'text.jpg':b'Dear diary', 'empty.png':b''}.items(): Path(n).write_bytes(data)
    Path('folder.jpg').mkdir()
    said = []
    for read in (read_pages, read_rgb):
        with pytest.raises((ValueError, OSError)) as e: read(name)
        said.append((type(e.value), str(e.value)))
    assert said[0]==said[1] and name in said[0][1] and '; ' in said[0][1]

odd = {'floats in colour': (dict(photometric='rgb'), lambda a: (a/65535).astype(np.float32)),
       'gray of 16 bits with transparency': (dict(photometric='minisblack', extrasamples=['unassalpha']), lambda a: a[...,:2]),
       'negative': (dict(photometric='miniswhite'), lambda a: a[...,0]),
       'planes apart': (dict(photometric='rgb', planarconfig='separate'), lambda a: np.moveaxis(a, -1, 0).copy())}

@pytest.mark.parametrize('kind', odd)
def test_colours_are_kept_as_they_are_understood(here, kind):
    "Kinds of TIFF that Pillow refuses, or reads wrong: what is kept beside the luma has that luma"
    how,make = odd[kind]
    tifffile.imwrite('a.tif', make(np.random.default_rng(0).integers(0, 65536, (20,30,3)).astype(np.uint16)), **how)
    p, = read_pages('a.tif')
    assert (p.rgb is not None)==(how['photometric']=='rgb')
    if p.rgb is not None: assert p.rgb.dtype==np.uint16 and np.abs(p.rgb@k-p.y).max()<=1

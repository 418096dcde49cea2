"The commands as a user types them: what they write, what they say, and what they leave alone"
import configparser, hashlib, inspect, io, json, math, os, re, resource, shutil, signal, subprocess, sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from colornet.cli import colornet, colornet_bench, colornet_eval, colornet_export, colornet_train
from helpers import chroma, color, fast, gray, luma, nothing, one_cut, one_line, put, root, script, sh, tree

commands = [colornet, colornet_train, colornet_eval, colornet_export, colornet_bench]
unprivileged = ['setpriv','--bounding-set','-all','--inh-caps','-all'] if os.geteuid()==0 else []  # root may read everything

pytestmark = pytest.mark.usefixtures('one_thread')

# ---- colornet: one photo

def test_first_again_force(here):
    "A first run writes, a second one refuses, and --force replaces"
    first = sh('colornet', 'photo.jpg', *fast)
    assert (first.status,first.out,first.err)==(0, 'photo-color.jpg\n', '')
    assert set(tree())=={'photo.jpg','photo-color.jpg'}
    im,out = Image.open('photo.jpg'),Image.open('photo-color.jpg')
    assert (out.size,out.mode)==(im.size,'RGB')
    assert chroma(out)>2
    off = np.abs(luma(out)-luma(im))
    assert off.mean()<1 and off.max()<=6  # rounding and, as JPEG is not exact, a little more; test_luma_stays is strict

    before,data = tree(),Path('photo-color.jpg').read_bytes()
    again = sh('colornet', 'photo.jpg', *fast)
    one_line(again, 'photo-color.jpg', '--force')
    assert (again.status,again.out)==(1,'')
    assert tree()==before and Path('photo-color.jpg').read_bytes()==data

    Path('photo-color.jpg').write_bytes(b'old')
    forced = sh('colornet', 'photo.jpg', '--force', *fast)
    assert (forced.status,forced.out,forced.err)==(0, 'photo-color.jpg\n', '')
    assert Path('photo-color.jpg').read_bytes()==data  # the same photo gives the same file

def kinds():
    "Pictures of all kinds that people bring, with their upright sizes"
    deep = np.random.default_rng(0).integers(0, 65536, (32,48)).astype(np.uint16)
    rgba = color().convert('RGBA')
    rgba.putalpha(gray())
    turned = Image.Exif()
    turned[0x112] = 6
    seethrough = color().quantize(16)
    return {'gray.png':(gray(),{}), 'color.png':(color(),{}), '16bit.png':(Image.fromarray(deep),{}),
            'dot.png':(gray(size=(1,1)),{}), 'tall.png':(gray(size=(1,300)),{}), 'wide.png':(gray(size=(300,1)),{}),
            'palette.png':(color().quantize(64),{}),
            'seethrough.png':(seethrough,dict(transparency=bytes(range(16)))), 'rgba.png':(rgba,{}),
            'la.png':(rgba.convert('LA'),{}),
            'cmyk.jpg':(color().convert('CMYK'),{}), '1bit.png':(gray().convert('1'),{}),
            'turned.jpg':(gray(),dict(exif=turned)), 'big.JPG':(gray(),dict(format='JPEG')),
            'scan.tif':(gray(),{}), 'web.webp':(gray(),{})}

@pytest.mark.parametrize('name', kinds())
def test_luma_stays(here, call, name):
    "Whatever comes in, what comes out is upright, of its size, in colour, and has its luma and transparency"
    im,how = kinds()[name]
    im.save(name, **how)
    r = call(colornet, name, '--out', 'out.png', *fast)
    assert (r.status,r.out,r.err)==(0, 'out.png\n', '')
    im,out = Image.open(name),Image.open('out.png')
    if name=='turned.jpg': im = im.transpose(Image.ROTATE_270)
    veiled = name in ('seethrough.png','rgba.png','la.png')
    assert (out.size,out.mode)==(im.size,'RGBA' if veiled else 'RGB')
    assert np.abs(luma(out)-luma(im)).max()<=1+1e-6
    if veiled: assert np.array_equal(out.getchannel('A'), im.convert('RGBA').getchannel('A'))
    assert out.getexif().get(0x112,1)==1  # a turned picture that says it must be turned would lie

def test_saturation(here, call):
    "No saturation gives the gray photo back, more gives more colour"
    gray().save('gray.png')
    for s in (0,1,2): assert call(colornet, 'gray.png', '--out', f's{s}.png', '--saturation', s, *fast).status==0
    assert np.array_equal(np.asarray(Image.open('s0.png')), np.asarray(gray().convert('RGB')))
    assert 0==chroma(Image.open('s0.png'))<chroma(Image.open('s1.png'))<chroma(Image.open('s2.png'))

def test_flow_goes_all_the_way_or_less(here, call):
    "None, half and all of the flow lie on a line, and the luma is that of the photo"
    gray('hens', (96,64)).save('hens.png')
    for f in (0,.5,1): assert call(colornet, 'hens.png', '--out', f'f{f}.png', '--flow', f, *fast).status==0
    none,half,whole = (np.asarray(Image.open(f'f{f}.png'), int) for f in (0,.5,1))
    assert np.abs(none-whole).max()>4
    assert np.abs(half-(none+whole)/2).mean()<1
    assert np.abs(luma(Image.open('f1.png'))-luma(Image.open('hens.png'))).max()<=1+1e-6

def hints(*spots, size=(48,32), name='h.json', mark='hints 1'):
    "Write a file of hints"
    Path(name).write_text(json.dumps(dict(colornet=mark, size=size, hints=[dict(x=x, y=y, color=c, radius=2) for x,y,c in spots])))

def test_hints(here, call):
    "A hint gives its hue to what it is on, and no luma; Python takes the same file, and the same words"
    from colornet import colorize
    size,spot = (96,64),(20,30)
    gray('hens', size).save('hens.png')
    hints((*spot,'#2060d0'), size=size)
    assert call(colornet, 'hens.png', '--out', 'blue.png', '--hints', 'h.json', *fast).status==0
    blue,plain = np.asarray(Image.open('blue.png'), int),np.asarray(colorize('hens.png', size=32, device='cpu'), int)
    r,g,b = blue[spot[1],spot[0]]
    assert b-r>20 and b>g>r
    assert np.abs(luma(Image.open('blue.png'))-luma(Image.open('hens.png'))).max()<=1+1e-6
    assert np.abs(blue-plain)[26:35,16:25].mean()>10
    for given in ('h.json', [(*spot,'#2060d0',2)]):
        assert np.array_equal(np.asarray(colorize('hens.png', size=32, device='cpu', hints=given), int), blue)

def test_a_hint_stops_where_luma_steps(here, call):
    "Half of the photo is dark and half is bright: a hint on the dark one leaves the bright one as it is"
    half = np.where(np.arange(96)<48, 70, 190)*np.ones((64,1))+np.random.default_rng(0).integers(-2, 3, (64,96))
    Image.fromarray(half.astype(np.uint8)).save('half.png')
    hints((20,30,'#c02020'), size=(96,64))
    for name,more in (('plain',()), ('red',('--hints','h.json'))):
        assert call(colornet, 'half.png', '--out', f'{name}.png', '--device', 'cpu', '--size', 64, *more).status==0
    off = np.abs(np.asarray(Image.open('red.png'), int)-np.asarray(Image.open('plain.png'), int)).mean((0,2))
    assert off[10:40].min()>15 and off[56:].max()<off[10:40].mean()/5

def test_guesses(here, call):
    "Several answers are files of their own: the first is that of one, each other one differs from it in a region"
    gray('room', (206,256)).save('room.png')
    assert call(colornet, 'room.png', '--out', 'one.png', '--device', 'cpu').out=='one.png\n'
    r = call(colornet, 'room.png', '--guesses', 3, '--device', 'cpu')
    assert (r.status,r.out,r.err)==(0, 'room-color.png\n', '')
    assert sorted(tree())==sorted('one.png photo.jpg room.png room-color.png room-color-2.png room-color-3.png'.split())
    one,first,*others = (np.asarray(Image.open(f), int) for f in ('one.png','room-color.png','room-color-2.png','room-color-3.png'))
    assert np.array_equal(one, first)
    for o in others:
        changed = np.abs(o-first).max(-1)>12
        assert .01<changed.mean()<.6
    assert colornet(['.'], out='all', guesses=2, device='cpu', size=64, recolor=True)  # results are no photos: two are coloured
    assert {p.name for p in Path('all').iterdir()}>={'photo.jpg','room.png','one.png'} and not list(Path('all').glob('*color*'))

# ---- colornet: where the colours go

def test_out(here, call):
    "--out is a file, a folder that exists, or a folder if it ends in a slash"
    Path('there').mkdir()
    for out,dst in [('c.png','c.png'), ('there','there/photo.jpg'), ('new/er/','new/er/photo.jpg'), ('sub/c.webp','sub/c.webp')]:
        r = call(colornet, 'photo.jpg', '--out', out, *fast)
        assert (r.status,r.out,r.err)==(0, f'{dst}\n', '')
        assert Image.open(dst).size==(48,32)
    assert [k for k,v in tree().items() if v!='folder']==['c.png','new/er/photo.jpg','photo.jpg','sub/c.webp','there/photo.jpg']

def test_several_into_a_folder(here, call):
    "Several photos go into a folder, with or without a slash"
    gray('coffee').save('b.png')
    assert call(colornet, 'photo.jpg', 'b.png', '--out', 'out', *fast).status==0
    assert set(tree('out'))=={'photo.jpg','b.png'}

def test_folder_is_mirrored(here, call):
    "A folder gives all its photos, not results or other files, and its subfolders are mirrored"
    for f in 'in/a.jpg in/sub/b.png in/sub/deep/C.JPG in/a-color.jpg in/sub/b-compare.png'.split():
        Path(f).parent.mkdir(parents=True, exist_ok=True)
        gray().save(f)
    Path('in/notes.txt').write_text('Dear diary')
    r = call(colornet, 'in', '--out', 'out', '--recursive', *fast)
    assert (r.status,r.err)==(0,'')
    assert sorted(r.out.split())==['out/a.jpg','out/sub/b.png','out/sub/deep/C.JPG']
    assert set(tree('out'))=={'a.jpg','sub','sub/b.png','sub/deep','sub/deep/C.JPG'}

def test_folder_beside(here, call):
    "Without --out each result lies beside its photo, and is no photo for the next run"
    Path('in/sub').mkdir(parents=True)
    for f in 'in/a.png in/sub/b.png'.split(): gray().save(f)
    assert call(colornet, 'in', '--recursive', *fast).status==0
    there = set(tree('in'))
    assert there=={'a.png','a-color.png','sub','sub/b.png','sub/b-color.png'}
    again = call(colornet, 'in', '--recursive', *fast)
    assert again.status==1 and '2 of 2 photos' in again.err.splitlines()[-1]
    assert set(tree('in'))==there

@pytest.mark.parametrize('bits', [8,16])
def test_compare(here, call, bits):
    "--compare adds before and after, side by side; where there was colour, the gray between the two"
    im = color(size=(300,200)) if bits==8 else Image.fromarray(np.linspace(0, 65535, 200*300).reshape(200,300).astype(np.uint16))
    im.save('a.png')
    assert call(colornet, 'a.png', '--compare', *fast).status==0
    assert set(tree())=={'photo.jpg','a.png','a-color.png','a-compare.jpg'}
    row = Image.open('a-compare.jpg')
    before,*gray,after = (row.crop((x,0,x+300,200)) for x in range(0, row.width, 308))
    assert row.height>200 and len(gray)==(bits==8)
    for part in (before,*gray,after): assert np.abs(luma(part)-luma(im)).mean()<2  # JPEG is not exact
    assert chroma(after)>2 and all(chroma(g)<1 for g in gray)
    assert np.abs(np.asarray(after, int)-np.asarray(Image.open('a-color.png'))).mean()<3
    if bits==8: assert np.abs(np.asarray(before, int)-np.asarray(im)).mean()<3
    before = tree()
    Path('a-color.png').unlink()
    one_line(call(colornet, 'a.png', '--compare', *fast), 'a-compare.jpg', '--force')  # neither result is replaced
    assert tree()=={k:v for k,v in before.items() if k!='a-color.png'}

def test_compare_goes_with_out(here, call):
    assert call(colornet, 'photo.jpg', '--compare', '--out', 'new/c.png', *fast).status==0
    assert set(tree('new'))=={'c.png','c-compare.jpg'}

def test_no_result_replaces_another(here, call):
    "Two results of one name are refused, as nobody asked to lose one"
    for f in ('a.png','a.jpg'): gray().save(f)
    before = tree()
    one_line(call(colornet, 'a.png', 'a.jpg', '--compare', *fast), 'a-compare.jpg')
    assert tree()==before

# ---- colornet: what cannot be done

def cut(name, keep):
    "Write the beginning of a whole photo: a share of its bytes, or all but so many"
    b = io.BytesIO()
    gray(size=(160,100)).save(b, Image.registered_extensions()[Path(name).suffix])
    put(name, b.getvalue()[:round(keep*len(b.getvalue())) if keep>0 else int(keep)])

def decoder(name, keep=1, drop=()):
    "Write the shipped decoder, cut or with some of its notes left out"
    from safetensors.torch import save
    from colornet.weights import find_weights, read_weights
    tens,notes = read_weights(find_weights('seed')[0])
    data = save({k:v for k,v in tens.items() if k not in drop}, {k:v for k,v in notes.items() if k not in drop})
    put(name, data[:round(keep*len(data))])

def mkdir(name): Path(name).mkdir()

def link(name, to): Path(name).symlink_to(to)

def fill(args):
    "Arguments with the CPU and a small size, unless they say otherwise"
    args = args.split() if isinstance(args, str) else args
    return [*args, *(a for i in (0,2) if fast[i] not in args for a in fast[i:i+2])]

bad = {  # what is put into the folder, arguments, what the line must name
    'missing':            (nothing, 'none.jpg', 'none.jpg'),
    'missing among':      (nothing, 'photo.jpg none.jpg', 'none.jpg'),
    'missing folder':     (nothing, 'none/a.jpg', 'none/a.jpg'),
    'text':               (lambda: put('text.jpg'), 'text.jpg', 'text.jpg'),
    'empty file':         (lambda: put('zero.jpg', b''), 'zero.jpg', 'zero.jpg'),
    'empty folder':       (lambda: mkdir('void'), 'void', 'void'),
    'folder of texts':    (lambda: [mkdir('void'), put('void/a.txt')], 'void', 'void'),
    'not a file':         (lambda: os.mkfifo('pipe.jpg'), 'pipe.jpg', 'pipe.jpg'),
    'broken link':        (lambda: link('link.jpg', 'gone.jpg'), 'link.jpg', 'link.jpg'),
    'circle of links':    (lambda: link('link.jpg', 'link.jpg'), 'link.jpg', 'link.jpg'),
    'newline, missing':   (nothing, ['two\nlines.jpg'], 'two lines.jpg'),
    'newline, text':      (lambda: put('two\nlines.jpg'), ['two\nlines.jpg'], 'two lines.jpg'),
    'newline, exists':    (lambda: [gray().save(f'a\nb{x}.jpg') for x in ('','-color')], ['a\nb.jpg'], 'a b-color.jpg'),
    'non-ASCII, missing': (nothing, 'Ärger-写真-🐈.jpg', 'Ärger-写真-🐈.jpg'),
    'non-ASCII, text':    (lambda: put('Ärger-写真-🐈.jpg'), 'Ärger-写真-🐈.jpg', 'Ärger-写真-🐈.jpg'),
    'name too long':      (lambda: gray().save('n'*248+'.jpg'), 'n'*248+'.jpg', 'n'*248),
    'result is folder':   (lambda: mkdir('photo-color.jpg'), 'photo.jpg', 'photo-color.jpg'),
    'out under file':     (lambda: put('file'), 'photo.jpg --out file/c.png', 'file/c.png'),
    'out is file/':       (lambda: put('file'), 'photo.jpg --out file/', 'file'),
    'many into a file':   (lambda: [put('file'), gray().save('b.jpg')], 'photo.jpg b.jpg --out file', 'file'),
    'one name twice':     (lambda: [mkdir('b'), gray().save('b/photo.jpg')], 'photo.jpg b/photo.jpg --out new', 'b/photo.jpg'),
    'unknown ending':     (nothing, 'photo.jpg --out c.xyz', 'c.xyz'),
    'no ending':          (nothing, 'photo.jpg --out c', 'c'),
    'format says no':     (lambda: gray(size=(20000,1)).save('wide.png'), 'wide.png --out c.webp', 'c.webp'),
    'out is in':          (nothing, 'photo.jpg --out photo.jpg --force', 'photo.jpg'),
    'out is in, folder':  (nothing, 'photo.jpg --out . --force', 'photo.jpg'),
    'out links to in':    (lambda: link('link.jpg', 'photo.jpg'), 'photo.jpg --out link.jpg --force', 'photo.jpg'),
    'in links to out':    (lambda: link('link.jpg', 'photo.jpg'), 'link.jpg --out photo.jpg --force', 'link.jpg'),
    'same folder linked': (lambda: link('d', '.'), 'photo.jpg --out d --force', 'photo.jpg'),
    'size 0':             (nothing, 'photo.jpg --size 0', '--size 0'),
    'size below 0':       (nothing, 'photo.jpg --size -5', '--size -5'),
    'saturation nan':     (nothing, 'photo.jpg --saturation nan', '--saturation nan'),
    'saturation inf':     (nothing, 'photo.jpg --saturation inf', '--saturation inf'),
    'flow 2':             (nothing, 'photo.jpg --flow 2', '--flow 2'),
    'guesses 0':          (nothing, 'photo.jpg --guesses 0', '--guesses 0'),
    'guesses, one head':  (nothing, 'photo.jpg --guesses 2 --weights seed', '--guesses'),
    'hints missing':      (nothing, 'photo.jpg --hints h.json', 'h.json'),
    'hints of text':      (lambda: put('h.json'), 'photo.jpg --hints h.json', 'h.json'),
    'hints of others':    (lambda: hints((1,1,'red'), mark='hints 2'), 'photo.jpg --hints h.json', 'h.json'),
    'hints outside':      (lambda: hints((1,1,'red'), (48,1,'red')), 'photo.jpg --hints h.json', 'hint 2 at 48'),
    'hints, no colour':   (lambda: hints((1,1,'reddish')), 'photo.jpg --hints h.json', 'hint 1'),
    'hints, too many':    (lambda: hints(*[(1,1,'red')]*10_000), 'photo.jpg --hints h.json', '10000'),
    'hints, other shape': (lambda: hints((1,1,'red'), size=(32,48)), 'photo.jpg --hints h.json', 'h.json'),
    'hints, no size':     (lambda: hints((1,1,'red'), size=None), 'photo.jpg --hints h.json', 'h.json'),
    'hints for a folder': (lambda: [hints((1,1,'red')), mkdir('d'), gray().save('d/a.png'), gray().save('d/b.png')], 'd --hints h.json', '--hints h.json'),
    'hints, half a flow': (lambda: hints((1,1,'red')), 'photo.jpg --hints h.json --flow .5', '--flow 0.5'),
    'hints are a photo':  (nothing, 'photo.jpg --hints photo.jpg', 'photo.jpg'),
    'force and not':      (nothing, 'photo.jpg --force --skip-existing', '--force'),
    'sheet and stdout':   (nothing, 'photo.jpg --out - --sheet s.html', '--sheet s.html'),
    'sheet nowhere':      (nothing, 'photo.jpg --sheet photo.jpg/s.html', '--sheet photo.jpg/s.html'),
    'an empty option':    (nothing, ['photo.jpg','--weights',''], '--weights'),
    'unknown device':     (nothing, 'photo.jpg --device abacus', 'abacus'),
    'absent device':      (nothing, 'photo.jpg --device cuda:99', 'cuda:99'),
    'device of others':   (nothing, 'photo.jpg --device hpu', 'hpu'),
    'device of no data':  (nothing, 'photo.jpg --device meta', 'meta'),
    'unknown weights':    (nothing, 'photo.jpg --weights best', 'best'),
    'missing weights':    (nothing, 'photo.jpg --weights w.safetensors', 'w.safetensors'),
    'text weights':       (lambda: put('w.safetensors'), 'photo.jpg --weights w.safetensors', 'w.safetensors'),
    'weights of text':    (lambda: put('w.txt'), 'photo.jpg --weights w.txt', 'w.txt'),
    'photo as weights':   (nothing, 'photo.jpg --weights photo.jpg', 'photo.jpg'),
    'folder as weights':  (lambda: mkdir('w'), 'photo.jpg --weights w', 'w:'),
    'taps as weights':    (nothing, 'photo.jpg --weights vgg16', 'vgg16'),
    'weights cut at 1/2': (lambda: decoder('w.safetensors', .5), 'photo.jpg --weights w.safetensors', 'w.safetensors'),
    'weights cut at 1%':  (lambda: decoder('w.safetensors', .001), 'photo.jpg --weights w.safetensors', 'w.safetensors'),
    'weights, no notes':  (lambda: decoder('w.safetensors', drop=['config']), 'photo.jpg --weights w.safetensors', 'w.safetensors'),
    'weights, a gap':     (lambda: decoder('gap.safetensors', drop=['end.0.weight']), 'photo.jpg --weights gap.safetensors', 'gap'),
    **{f'JPEG cut at {k:.0%}': (lambda k=k: cut('cut.jpg', k), 'cut.jpg', 'cut.jpg') for k in (.02,.3,.5,.8,.95,.99)},
    **{f'{x} cut': (lambda x=x: cut(f'cut.{x}', .6), f'cut.{x}', f'cut.{x}') for x in ('png','tif','webp','gif','bmp')},
    'TIFF cut in header': (lambda: cut('cut.tif', .001), 'cut.tif', 'cut.tif')}

@pytest.mark.parametrize('case', bad)
def test_bad(here, call, case):
    "What cannot be done is one line and leaves no trace"
    prepare,args,word = bad[case]
    prepare()
    before = tree()
    r = call(colornet, *fill(args))
    one_line(r, word)
    assert r.out=='' and tree()==before

@pytest.mark.parametrize('args,word', [('', 'photos'), ('photo.jpg --size big', '--size'),
                                       ('photo.jpg --saturation x', '--saturation'),
                                       ('photo.jpg --colour', '--colour'), ('photo.jpg --out', '--out')])
def test_usage(here, call, args, word):
    "What argparse refuses has its usage, and a last line that names the argument"
    before = tree()
    r = call(colornet, *args.split())
    assert r.status==2 and 'Traceback' not in r.err
    assert r.err.startswith('usage: colornet') and word in r.err.splitlines()[-1]
    assert tree()==before

@pytest.mark.parametrize('case', ['missing', 'text', 'non-ASCII, text', 'newline, text', 'out under file', 'weights cut at 1/2'])
def test_bad_script(here, case):
    "The installed command says the same, with its exit status"
    prepare,args,word = bad[case]
    prepare()
    before = tree()
    r = sh('colornet', *fill(args))
    one_line(r, word)
    assert (r.status,r.out)==(1,'') and tree()==before

@pytest.mark.parametrize('what', ['photo', 'folder of photo', 'folder of result'])
def test_permissions(here, what):
    "What may not be read or written is one line"
    if unprivileged and not shutil.which(unprivileged[0]): pytest.skip('root may read everything, and setpriv is missing')
    Path('d').mkdir()
    gray().save('d/a.jpg')
    path,mode = dict(photo=('d/a.jpg',0)).get(what, ('d', 0 if what=='folder of photo' else 0o555))
    before = tree()
    os.chmod(path, mode)
    r = sh('colornet', 'd/a.jpg', *fast, before=unprivileged)
    os.chmod(path, 0o755)
    one_line(r, 'd/a-color.jpg' if what=='folder of result' else 'd/a.jpg')
    assert tree()==before

def test_closed_subfolder(here):
    "A subfolder that may not be read is named, not passed over"
    if unprivileged and not shutil.which(unprivileged[0]): pytest.skip('root may read everything, and setpriv is missing')
    Path('in/closed').mkdir(parents=True)
    for f in ('in/a.jpg','in/closed/b.jpg'): gray().save(f)
    os.chmod('in/closed', 0)
    r,one = (sh('colornet', 'in', *more, *fast, before=unprivileged) for more in (['--recursive'],['--force']))
    os.chmod('in/closed', 0o755)
    assert r.status==1 and 'in/closed' in r.err and 'Traceback' not in r.err
    assert one.status==0, one.err  # nobody asked for it

def test_full_disk(here, call):
    "A result that cannot be written whole leaves the old one as it was"
    put('photo-color.jpg', b'old')
    before,limit = tree(),resource.getrlimit(resource.RLIMIT_FSIZE)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (200,limit[1]))  # Python turns the signal into an error, as a full disk gives
        r = call(colornet, 'photo.jpg', '--force', *fast)
    finally: resource.setrlimit(resource.RLIMIT_FSIZE, limit)
    one_line(r, 'photo-color.jpg')
    assert tree()==before and Path('photo-color.jpg').read_bytes()==b'old'

def test_folder_with_bad_photos(here, call):
    "The good ones are done, each bad one is named in a line, and a last line counts them"
    Path('in').mkdir()
    for f in ('a','z'): gray().save(f'in/{f}.png')
    cut('in/cut.jpg', .5)
    put('in/text.jpg')
    put('in/two\nlines.jpg')
    before = set(tree('in'))
    r = call(colornet, 'in', *fast)
    assert (r.status,r.out)==(1, 'in/a-color.png\nin/z-color.png\n')
    *lines,count = r.err.splitlines()
    assert len(lines)==3 and all(any(n in l and ';' in l for l in lines) for n in ('cut.jpg','text.jpg','two lines.jpg'))
    assert '3 of 5 photos' in count
    assert set(tree('in'))==before|{'a-color.png','z-color.png'}

def test_long_name_in_a_folder(here, call):
    "One name that leaves no room for -color does not stop the others"
    Path('in').mkdir()
    for f in ('a','n'*248): gray().save(f'in/{f}.jpg')
    r = call(colornet, 'in', *fast)
    assert (r.status,r.out)==(1, 'in/a-color.jpg\n')
    assert '1 of 2 photos' in r.err.splitlines()[-1]

def test_bad_size_in_a_folder(here, call):
    "A bad setting is one line, however many photos there are"
    gray().save('b.jpg')
    one_line(call(colornet, 'photo.jpg', 'b.jpg', '--device', 'cpu', '--size', '0'), '--size 0')

@pytest.mark.parametrize('name', [b'two\nlines.jpg', 'Ärger-写真-🐈.jpg'.encode(), b'caf\xe9.jpg', b'100% [a] *.jpg'])
def test_odd_names_work(here, name):
    "A photo of any name is coloured; old archives hold names that are no UTF-8"
    gray().save('gray.jpg')
    try: os.rename('gray.jpg', name)
    except OSError: pytest.skip('this file system takes no such name')
    r = sh('colornet', os.fsdecode(name), *fast, env=os.environ|{'PYTHONIOENCODING':'utf-8:strict'})  # as in en_US.UTF-8
    assert (r.status,r.err)==(0,'')
    assert Path(os.fsdecode(name.replace(b'.jpg', b'-color.jpg'))).exists()

# ---- help and version

@pytest.mark.parametrize('cmd', commands, ids=lambda c: c.__name__)
def test_help(cmd):
    "Help names every parameter, in a moment: PyTorch stays out"
    code = (f"import sys; from colornet.cli import {cmd.__name__} as f\ntry: f()\nexcept SystemExit as e: "
            "print(e.code, *[m for m in ('torch','torchvision','matplotlib','numpy') if m in sys.modules])")
    out = subprocess.run([sys.executable,'-c',code,'--help'], capture_output=True, text=True).stdout
    assert out.splitlines()[-1]=='0'
    real = sh(cmd.__name__, '--help')
    assert real.status==0 and real.out.splitlines()==out.splitlines()[:-1]
    for name,p in inspect.signature(cmd).parameters.items():
        option = r'(-\w( \w+)?, )?--'+name.replace('_','-')
        assert re.search(rf'^  {name if p.default is p.empty else option}\b', real.out, re.M), name

@pytest.mark.parametrize('cmd', commands, ids=lambda c: c.__name__)
def test_version(cmd, call):
    cfg = configparser.ConfigParser()
    cfg.read(root/'settings.ini')
    r = call(cmd, '--version')
    assert (r.status,r.out.split())==(0, [cmd.__name__, cfg['DEFAULT']['version']])

# ---- colornet_eval

@pytest.fixture
def two(here):
    Path('two').mkdir()
    for n in ('coffee','macaw'): color(n).save(f'two/{n}.png')
    return 'two'

def table(out):
    "The numbers of the printed table, row by row"
    lines = re.findall(r'^(gray|mean chroma|prediction|truth) +(.*)', out, flags=re.M)
    return {n:[float(x) for x in re.findall(r'[-+]?\d+(?:\.\d+)?', l)] for n,l in lines}

def test_eval(two):
    "The table, the file and the photos themselves say the same"
    from colornet.weights import find_weights
    r = sh('colornet_eval', two, '--json', 'n.json', *fast[:4])
    assert (r.status,r.err)==(0,'')
    assert r.out.startswith(f"2 photos, network at 32 px, weights release {find_weights('release')[1][:8]}\n")
    d = json.loads(Path('n.json').read_text())
    rows,photos,said = {x['name']:x for x in d['table']},d['photos'],table(r.out)
    assert rows.keys()==said.keys()=={'gray','mean chroma','prediction','truth'}
    for n,x in rows.items():
        if n=='truth': continue  # its PSNR is infinite
        shown = [*x['psnr'], *x['gain'], x['better']*100, *x['ciede2000'], *x['closer'], *x['ssim'], *x['color'], x['ratio'], x['auc'], x['auc_balanced']]
        assert np.allclose(said[n], shown, atol=[.006]*4+[.6]+[.006]*4+[6e-4]*2+[.06]*2+[.006]*3), n
    assert [Path(x['name']).name for x in photos['prediction']]==['coffee.png','macaw.png']
    for k in ('psnr','ciede2000','ssim','color'): assert math.isclose(rows['prediction'][k][0], np.mean([x[k] for x in photos['prediction']]))
    assert math.isclose(rows['prediction']['gain'][0], rows['prediction']['psnr'][0]-rows['gray']['psnr'][0], abs_tol=1e-9)
    for x in photos['gray']:  # an independent PSNR of the gray photo
        a = np.asarray(Image.open(x['name'])).astype(float)
        g = np.asarray(Image.open(x['name']).convert('L')).astype(float)[...,None]
        assert math.isclose(x['psnr'], 10*math.log10(255**2/((a-g)**2).mean()), abs_tol=1e-3)
    assert set(tree())=={'photo.jpg','n.json','two','two/coffee.png','two/macaw.png'}

def test_eval_no_colour_no_gain(two, call):
    row = lambda s: table(call(colornet_eval, two, '--saturation', s, *fast[:4]).out)['prediction']
    assert row(0)[2:5]==[0,0,0] and row(0)[11]==0
    assert row(1)[11]>0

def test_eval_measures_what_the_settings_ask_for(two):
    psnr = lambda **how: colornet_eval(two, size=32, device='cpu', **how)[2]['psnr'][0]
    assert len({psnr(), psnr(flow=0), psnr(vivid=1)})==3

@pytest.mark.parametrize('importing', [False,True])
def test_ctrl_c_is_one_line(here, call, monkeypatch, importing):
    "Also where it cuts an import short, which then says that something is missing"
    def stop(*args, **kwargs):
        try: signal.raise_signal(signal.SIGINT)
        except KeyboardInterrupt:
            if importing: raise ImportError('cut short') from None
            raise
    monkeypatch.setattr('colornet.metrics.evaluate', stop)
    before,r = signal.getsignal(signal.SIGINT),call(colornet_eval, '.', *fast[:4])
    assert (r.status,r.out,r.err)==(130,'','colornet_eval: stopped\n') and signal.getsignal(signal.SIGINT)==before

def test_eval_on_old_film(two, call):
    "The film is the same every time, and moves the guess but neither gray nor truth"
    clean,old,again = (table(call(colornet_eval, two, *o, *fast[:4]).out) for o in ([],['--old'],['--old']))
    assert old==again
    assert all(old[n]==clean[n] for n in ('gray','mean chroma','truth')) and old['prediction']!=clean['prediction']

def test_eval_names_any_file_of_weights(two, call):
    "An ONNX file colours as the decoder it was made of, and is named by its own digest"
    assert call(colornet_export, 'net.onnx', '--weights', 'seed').status==0
    runs = [call(colornet_eval, two, '--weights', w, *fast[:4]) for w in ('net.onnx','seed')]
    assert [r.status for r in runs]==[0,0], runs[0].err
    assert f"weights net {hashlib.sha256(Path('net.onnx').read_bytes()).hexdigest()[:8]}\n" in runs[0].out
    a,b = (table(r.out)['prediction'][0] for r in runs)
    assert abs(a-b)<.1

def test_eval_gray_truth(two, call):
    "A truth without colour is measured in numbers that other programs can read"
    gray().save('two/gray.png')
    assert call(colornet_eval, two, '--json', 'n.json', *fast[:4]).status==0
    json.loads(Path('n.json').read_text(), parse_constant=lambda c: pytest.fail(f'{c} is no JSON'))

bad_eval = {  # what is put into the folder, arguments, what the line must name
    'missing folder':  (nothing, 'none', 'none'),
    'empty folder':    (lambda: mkdir('void'), 'void', 'void'),
    'folder is photo': (nothing, 'photo.jpg', 'photo.jpg'),
    'cut photo':       (lambda: one_cut(Path('two')), 'two', 'macaw.png'),
    'text photo':      (lambda: put('two/text.png'), 'two', 'text.png'),
    'unknown weights': (nothing, 'two --weights best', 'best'),
    'size 0':          (nothing, 'two --size 0', '--size 0'),
    'json, no folder': (nothing, 'two --json none/n.json', 'none/n.json'),
    'json is folder':  (lambda: mkdir('n'), 'two --json n', 'n:'),
    'json is a photo': (nothing, 'two --json two/coffee.png', 'two/coffee.png')}

@pytest.mark.parametrize('args', ['--weights nope', '--device nope'])
def test_a_network_that_is_not_there_is_one_line_for_a_folder(two, call, args):
    "Not one for each photo"
    before = tree()
    one_line(call(colornet, 'two', '--size', 32, *args.split()), 'nope')
    assert tree()==before

def test_a_reader_who_goes_away_is_no_error(here):
    "As `colornet ... | head -0` is"
    p = subprocess.Popen(script('colornet', 'photo.jpg', *fast), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                         env={k: v for k,v in os.environ.items() if k!='PYTHONUNBUFFERED'})
    p.stdout.close()
    assert (p.wait(60),p.stderr.read())==(141,'') and Path('photo-color.jpg').exists()

@pytest.mark.parametrize('case', bad_eval)
def test_bad_eval(two, call, case):
    "What cannot be measured is one line and leaves no trace"
    prepare,args,word = bad_eval[case]
    prepare()
    before = tree()
    r = call(colornet_eval, *fill(args))
    one_line(r, word)
    assert tree()==before

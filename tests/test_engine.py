"The second engine: ONNX Runtime as the command uses it, its cache, and colornet_export"
import json, os, subprocess, sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from helpers import luma, one_line, put, sh, tree, typed

from colornet.cli import colornet, colornet_bench, colornet_export

pytestmark = pytest.mark.usefixtures('one_thread')
small = ['--weights','seed','--size','32']

@pytest.fixture(scope='module')
def cache(tmp_path_factory):
    "A cache of this module's own"
    with pytest.MonkeyPatch.context() as m:
        m.setenv('XDG_CACHE_HOME', str(tmp_path_factory.mktemp('cache')))
        yield Path(os.environ['XDG_CACHE_HOME'])/'colornet'

def pixels(name): return np.asarray(Image.open(name), int)

def imported(args):
    "The heavy modules that the command has imported, its status and what it said on errors"
    code = "import sys; from colornet.cli import colornet; s = colornet(); print(s, *[m for m in ('torch','onnx','matplotlib') if m in sys.modules])"
    p = subprocess.run([sys.executable,'-c',code,*args], capture_output=True, text=True, timeout=120)
    return p.stdout.split()[-1 if p.stdout.split()[-1]=='0' else -2:], p.stderr

def test_from_the_second_time_on_torch_stays_out(here, cache):
    "The first run makes the network's file; later ones start without PyTorch, and colour the same"
    assert not list(cache.glob('*'))
    first = sh('colornet', 'photo.jpg', *small)
    assert (first.status,first.err)==(0,''), first.err
    made, = cache.glob('*.onnx')
    stamp,once = made.stat().st_mtime_ns,Path('photo-color.jpg').read_bytes()
    heavy,err = imported(['photo.jpg', '--force', *small])
    assert (heavy,err)==(['0'],'')
    assert made.stat().st_mtime_ns==stamp and Path('photo-color.jpg').read_bytes()==once

@pytest.mark.parametrize('more', [[], ['--doubt','--weights','release','--vivid','.7']])
def test_engines_agree(here, cache, call, more):
    "PyTorch and ONNX Runtime give the same picture, to a step or two of 8 bits where bfloat16 is not in play"
    Image.open('photo.jpg').save('photo.png')
    got = {}
    for b in ('torch','onnx'):
        assert call(colornet, 'photo.png', '--backend', b, '--out', f'{b}/', *small, *more).status==0
        got[b] = [pixels(p) for p in sorted(Path(b).iterdir())]
    assert len(got['torch'])==len(got['onnx'])==(2 if more else 1)
    for a,b in zip(*got.values()): assert np.abs(a-b).mean()<1
    assert np.abs(luma(Image.open('onnx/photo.png'))-luma(Image.open('photo.png'))).max()<=1.01

def test_a_cache_that_cannot_be_written_is_no_fault(here, monkeypatch, call):
    "PyTorch does it then; whoever asked for ONNX Runtime is told"
    put('file')
    monkeypatch.setenv('XDG_CACHE_HOME', str(here/'file'))
    assert call(colornet, 'photo.jpg', *small).status==0
    r = call(colornet, 'photo.jpg', '--force', '--backend', 'onnx', *small)
    one_line(r, 'file', '--backend torch')

bad = {'no such engine': ('--backend numpy', '--backend numpy'), 'another device': ('--backend onnx --device cuda', '--device cuda'),
       'torch, onnx file': ('--backend torch --weights net.onnx', 'net.onnx'), 'missing file': ('--weights none.onnx', 'none.onnx'),
       'text': ('--weights text.onnx', 'text.onnx'), 'not ours': ('--weights other.onnx', 'other.onnx'),
       'unknown weights': ('--backend onnx --weights best', 'best'), 'no second head': ('--weights net.onnx --vivid .5', '--vivid 0.5')}

@pytest.fixture(scope='module')
def networks(tmp_path_factory):
    "An ONNX file of ours, and one of somebody else"
    import onnx
    from onnx import TensorProto, helper
    d = tmp_path_factory.mktemp('networks')
    assert typed(colornet_export, d/'net.onnx', '--weights', 'seed')==0
    x = [helper.make_tensor_value_info(n, TensorProto.FLOAT, [1]) for n in 'ab']
    graph = helper.make_graph([helper.make_node('Relu', ['a'], ['b'])], 'g', x[:1], x[1:])
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid('', 17)], ir_version=8), d/'other.onnx')
    return d

@pytest.mark.parametrize('case', bad)
def test_bad_engine(here, cache, networks, call, case):
    "One line, and nothing written"
    for f in networks.iterdir(): os.symlink(f, f.name)
    put('text.onnx')
    before = tree()
    args,word = bad[case]
    one_line(call(colornet, 'photo.jpg', '--size', 32, *args.split()), word)
    assert tree()==before

def test_export(here, networks, call):
    "Each kind of file is smaller than the one before, says what weights it holds, and colours nearly alike"
    sizes,got = [],[]
    for kind in ('fp32','fp16','int8'):
        r = call(colornet_export, f'{kind}.onnx', '--weights', 'seed', '--kind', kind)
        assert (r.status,r.err)==(0,'') and r.out.startswith(f'{kind}.onnx: ')
        sizes.append(Path(f'{kind}.onnx').stat().st_size)
        assert call(colornet, 'photo.jpg', '--weights', f'{kind}.onnx', '--out', f'{kind}.png', '--size', 32).status==0
        got.append(pixels(f'{kind}.png'))
    assert sizes[0]>1.9*sizes[1]>3.5*sizes[2]
    assert np.abs(got[0]-got[1]).mean()<np.abs(got[0]-got[2]).mean()<2
    before = tree()
    for args,word in [('int8.onnx','--force'), ('new.onnx --kind int4','--kind int4'), ('new.pt','new.pt'), ('none/new.onnx','none'),
                      ('new.onnx --weights best','best'), ('new.onnx --weights photo.jpg','photo.jpg')]:
        one_line(call(colornet_export, *args.split()), word)
    assert tree()==before

def test_few_photos_go_to_onnx_runtime_and_many_to_pytorch(cache):
    from colornet.export import engine
    assert [engine('auto', 'seed', device, n) for device,n in ((None,100), (None,101), ('cpu',1))]==['onnx','auto','auto']

def test_bench(here, cache, call):
    "Every way is timed or named with its reason; what is printed is what is written"
    args = '--weights seed --size 32 --seconds 0.02 --quick'.split()
    r = call(colornet_bench, *args, '--json', 'n.json')
    assert (r.status,r.err)==(0,'')
    d = json.loads(Path('n.json').read_text())
    assert d['size']==32 and {x['photos'] for x in d['rows'] if 'why' not in x}=={1,8}
    for x in d['rows']: assert x['way'] in r.out and ('why' in x or x['off']<.5 and np.isclose(x['ratio'], x['seconds']/x['roof']))
    before = tree()
    for more,word in [(['--json','n.json'],'n.json'), (['--json','none/n.json'],'none'), (['--size','33'],'--size 33'),
                      (['--seconds','0'],'--seconds'), (['--weights','best'],'best'), (['--device','nope'],'nope')]:
        one_line(call(colornet_bench, *args, *more), word)
    assert tree()==before

def test_bench_without_scikit_image(here, call, monkeypatch):
    "It is an extra; who has not got it is told so in a line"
    monkeypatch.setitem(sys.modules, 'skimage', None)
    one_line(call(colornet_bench, '--quick'), "'.[eval]'")

def test_two_make_the_same_file_at_once(here, tmp_path):
    "The ONNX file in the cache is whole, whoever makes it first, and nothing else lies there"
    env = dict(os.environ, XDG_CACHE_HOME=str(tmp_path/'c'), OMP_NUM_THREADS='1')
    code = "from colornet.export import *; print(OnnxNet(onnx_file('seed')).multiple)"
    both = [subprocess.Popen([sys.executable, '-c', code], env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    said = [p.communicate() for p in both]
    assert [p.returncode for p in both]==[0,0] and [out.strip() for out,_ in said]==['8','8'], said
    assert [p.suffix for p in (tmp_path/'c'/'colornet').iterdir()]==['.onnx']

def test_a_network_exported_before_there_were_answers_gives_one(here, call):
    "Without the colours of its second head it colours as ever, and says what other answers need"
    import onnx
    assert call(colornet_export, 'now.onnx', '--weights', 'release').status==0
    net = onnx.load('now.onnx')
    kept = [p for p in net.metadata_props if p.key!='bins']
    del net.metadata_props[:]
    net.metadata_props.extend(kept)
    onnx.save(net, 'old.onnx')
    for name in ('now','old'): assert call(colornet, 'photo.jpg', '--out', f'{name}.png', '--weights', f'{name}.onnx', '--size', '32').status==0
    assert (pixels('now.png')==pixels('old.png')).all()
    before = tree()
    one_line(call(colornet, 'photo.jpg', '--out', 'two.png', '--guesses', '2', '--weights', 'old.onnx', '--size', '32'), 'export')
    assert tree()==before

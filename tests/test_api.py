"The doors: what can be imported from the package's root, and commands called as functions"
import inspect, os, shutil, subprocess, sys
from pathlib import Path
import numpy as np
import pytest
from PIL import Image
import colornet
from colornet.cli import colornet as color, colornet_eval, colornet_export, colornet_train
from colornet.files import BadSetting
from colornet.weights import find_weights
from helpers import images, root, typed

pytestmark = pytest.mark.usefixtures('one_thread')

@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for n in ('chelsea','coffee'): Image.open(images/f'{n}.jpg').resize((48,32)).save(f'{n}.png')
    return tmp_path

def test_names_at_the_root():
    "Each is there, is the one of its module, and is told of; none has the name of a module"
    assert {*colornet._homes}=={*colornet.__all__, 'ColorizeApp'}
    for name in colornet._homes:
        home = colornet._homes[name]
        assert getattr(colornet, name) is getattr(sys.modules[f'colornet.{home}'], name)
        assert name in colornet.__doc__ and name in dir(colornet)
    modules = {p.stem for p in (root/'colornet').glob('*.py')}
    assert not modules&set(colornet.__all__) and 5<=len(colornet.__all__)<=7
    with pytest.raises(AttributeError, match='no attribute'): getattr(colornet, name+'s')

def test_help_tells_what_there_is():
    said = subprocess.run([sys.executable, '-c', 'import colornet; help(colornet)'], capture_output=True, text=True).stdout
    assert all(name in said for name in colornet._homes) and 'book that runs' in said

def test_help_of_a_function_tells_of_its_parameters():
    said = subprocess.run([sys.executable, '-c', 'import colornet; help(colornet.colorize)'], capture_output=True, text=True).stdout
    for name in inspect.signature(colornet.colorize).parameters: assert f'{name}: ' in said, name
    assert (root/'colornet'/'py.typed').exists()

def test_colorize_takes_what_people_have(here):
    path = colornet.colorize('coffee.png', size=32, device='cpu')
    for photo in (Path('coffee.png'), Image.open('coffee.png'), np.asarray(Image.open('coffee.png'))):
        assert np.abs(np.asarray(colornet.colorize(photo, size=32, device='cpu'), int)-np.asarray(path)).max()<=1
    with pytest.raises(BadSetting, match='^`size` 8: is no size for the network; use 16 to 4096$'): colornet.colorize('coffee.png', size=8)
    with pytest.raises(BadSetting, match='^`vivid` 2: '): colornet.colorize('coffee.png', vivid=2)

def test_a_command_is_a_function(here, capsys):
    "It returns the paths that it wrote, says nothing, and raises with the parameter's name"
    made = color(photos=['coffee.png'], size=32, device='cpu', doubt=True, recolor=True)
    assert made==[Path('coffee-color.png'), Path('coffee-doubt.jpg')] and all(p.exists() for p in made)
    assert color(photos='chelsea.png', out='c/', size=32, device='cpu', recolor=True)==[Path('c/chelsea.png')]  # one photo needs no list
    assert capsys.readouterr()==('','')
    with pytest.raises(FileExistsError, match='use `force` to replace it, or another `out`'): color(['coffee.png'], size=32, recolor=True)
    with pytest.raises(BadSetting, match='`quality` 0: '): color(['coffee.png'], quality=0)
    with pytest.raises(FileNotFoundError, match='none.png'): color(['none.png'])
    with pytest.raises(TypeError): color(['coffee.png'], colour=1)

def test_what_fails_among_many_is_raised_when_the_others_are_done(here):
    Path('text.png').write_text('Dear diary')
    with pytest.raises(ExceptionGroup, match='1 of 3 photos were not coloured') as e: color(['.'], out='made', size=32, device='cpu', recolor=True)
    assert 'text.png: is not a photo' in str(e.value.exceptions[0])
    assert sorted(p.name for p in Path('made').iterdir())==['chelsea.png','coffee.png']

def test_the_other_commands_are_functions_too(here, capsys):
    rows = colornet_eval('.', size=32, device='cpu')
    assert [r['name'] for r in rows]==['gray','mean chroma','prediction','truth'] and rows[2]['psnr'][0]>10
    assert colornet_export('net.onnx', weights='seed')==Path('net.onnx') and Path('net.onnx').stat().st_size>1e6
    made = colornet_train('.', out='run', steps=1, bs=2, crop=32, workers=0, device='cpu', dtype='fp32')
    assert [p.name for p in made]==['best.safetensors','last.safetensors'] and all(p.exists() for p in made)
    with pytest.raises(BadSetting, match='`crop_last` 8: '): colornet_train('.', out='new', crop_last=8)
    assert not Path('new').exists() and capsys.readouterr().out.startswith('run: begins')  # Training says what it does, here, too

def test_hints_that_all_lie_on_the_paper_are_refused():
    page = Image.new('RGB', (300,220), '#e8dcc0')
    page.paste(Image.open(images/'coffee.jpg').resize((200,140)), (50,40))
    size = dict(size=32, device='cpu')
    inside,plain = (colornet.colorize(page, hints=hints, **size) for hints in ([(150,110,'red')],None))
    assert inside.tobytes()!=plain.tobytes()
    with pytest.raises(ValueError, match='hints lie on the paper'): colornet.colorize(page, hints=[(5,5,'red')], **size)
    assert colornet.colorize(page, hints=[(5,5,'red')], frame=False, **size).tobytes()!=plain.tobytes()

def test_a_new_file_of_weights_is_a_new_network(here):
    def made(name, time):
        shutil.copyfile(find_weights(name)[0], 'w.safetensors')
        os.utime('w.safetensors', (time,time))
        return np.asarray(colornet.colorize('coffee.png', size=32, device='cpu', weights='w.safetensors'))
    assert (made('seed', 1)!=made('release', 2)).any()

def test_without_arguments_a_command_reads_the_command_line(here, capsys):
    assert typed(color, 'coffee.png', '--size', 32, '--device', 'cpu', '--recolor')==0
    assert typed(color, 'coffee.png', '--size', 8)==1
    said = capsys.readouterr()
    assert said.out=='coffee-color.png\n' and said.err=='colornet: --size 8: is no size for the network; use 16 to 4096\n'

def test_defaults_of_commands_are_those_of_the_library():
    "A parameter that a command shares with what it calls has the same default"
    from colornet.batch import Batch, Job
    from colornet.bench import bench
    from colornet.infer import Colorizer, check_guess
    from colornet.launch import launch
    from colornet.photo import read_pages
    from colornet.save import save_pages
    from colornet.state import Config
    defaults = lambda f: {n: p.default for n,p in inspect.signature(f).parameters.items() if p.default is not p.empty}
    pairs = [(color,(Batch,Job,Colorizer,check_guess,read_pages,save_pages)), (colornet_eval,(Colorizer,check_guess)),
             (colornet_train,(launch,Config)), (colornet.cli.colornet_bench,(bench,))]
    for command,called in pairs:
        own = defaults(command)
        for f in called:
            both = own.keys()&defaults(f).keys()-{'quick'}
            assert both, f
            for n in both: assert own[n]==defaults(f)[n], (command.__name__, f, n)

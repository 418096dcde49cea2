"""Automatic colorization of grayscale photographs: a book that runs, and a tool that works.

    from colornet import colorize
    colorize('photo.jpg').save('photo-color.png')

colorize        colour one photo: a path, a picture or an array
Colorizer       colour many photos with one network, loaded once
ColorizeApp     the same with sliders, in a notebook (needs the extra `app`)
find_photos     list the photos in a folder
samples         the photos that come with the package
load_colornet   the network as a PyTorch module

The commands are functions, too: `colornet.cli.colornet(['photo.jpg'])`. Every module is built in a chapter of the book.
"""
__version__ = "0.1.0"

_homes = dict(colorize='infer', Colorizer='infer', ColorizeApp='app', find_photos='files', samples='files', load_colornet='decoder')
__all__ = ['colorize','Colorizer','find_photos','samples','load_colornet']  # And ColorizeApp, where the extra is there

def _explained(obj):
    "Put the comments of a function's parameters where `help` shows them"
    from contextlib import suppress
    from inspect import signature
    with suppress(Exception):  # Without the source, as in a frozen program, there are no comments
        from fastcore.docments import docments
        notes = docments(obj)
        lines = [f'{n}: {notes[n]}' for n in signature(obj).parameters if notes.get(n)]
        if lines and lines[0] not in obj.__doc__: obj.__doc__ += '\n\n'+'\n'.join(lines)
    return obj

def __getattr__(name):
    "Import a name when it is first asked for (PEP 562), so that `import colornet` costs nothing"
    if name not in _homes: raise AttributeError(f'module {__name__!r} has no attribute {name!r}')
    from importlib import import_module
    try: return _explained(getattr(import_module(f'{__name__}.{_homes[name]}'), name))
    except ModuleNotFoundError as e:
        if e.name=='torch' or e.name.startswith(__name__): raise ImportError(f'{name} needs PyTorch; pip install colornet-book') from e
        raise ImportError(f"{name} needs {e.name}; get it with the extra: pip install '.[{_homes[name]}]'") from e

def __dir__():
    "What there is; without its extra, `ColorizeApp` is not"
    from importlib.util import find_spec
    return [*globals(), *__all__, *['ColorizeApp']*bool(find_spec('anywidget'))]

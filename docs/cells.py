"The cells of notebooks: their source, the directives that head them, and the module that they build"
import json, re
from pathlib import Path

def cells(path:Path): return json.loads(path.read_text(encoding='utf-8'))['cells']
def code_cells(path:Path): return [c for c in cells(path) if c['cell_type']=='code']
def src(cell): return ''.join(cell['source'])

def directives(
    source:str, # Source of a cell
)->tuple:       # What its directives say, by name, and the rest of the source
    "Take the directives that head a cell from it: `#| name`, `#| name value` or `#| name: value`"
    heads,lines = {},source.splitlines()
    while lines and (lines[0].startswith('#|') or not lines[0].strip()):
        name,value = re.match(r'(?:#\|)?\s*([\w-]*)\s*:?\s*(.*)', lines.pop(0)).groups()
        if name: heads[name] = value.strip()
    return heads,'\n'.join(lines).rstrip('\n')

def heads(cell): return directives(src(cell))[0]

def module(
    path:Path, # Notebook
)->str:        # Name of the module that it exports, empty if it exports none
    "Read what a notebook builds from its `#| default_exp`"
    return next((h['default_exp'] for h in map(heads, code_cells(path)) if 'default_exp' in h), '')

"The reference: what the modules of the package define, read from their source, and a page for each"
import ast, re
from pathlib import Path
from types import SimpleNamespace

def comment(line):
    "The comment that ends a line, if there is one"
    m = re.search(r'[\s,(]# (.*)$', line)
    return m[1].strip() if m else ''

def text(node, src): return ast.get_source_segment(src, node) if node else ''

def decorated(
    node:ast.AST, # Function or class
    name:str,     # Name of a decorator
)->bool:          # Whether that decorator stands above, with parameters or without
    "Look for a decorator"
    calls = (d.func if isinstance(d, ast.Call) else d for d in node.decorator_list)
    return any(ast.unparse(c).split('.')[-1]==name for c in calls)

def parameters(
    node:ast.FunctionDef, # Function or method
    src:str,              # Its file
)->list:                  # `(name, type, default, meaning)` of each, without `self`
    "Read the parameters of a function with their comments"
    lines,a = src.splitlines(),node.args
    pos = [*a.posonlyargs, *a.args]
    vals = [None]*(len(pos)-len(a.defaults))+a.defaults
    every = [*zip(pos, vals), (a.vararg, None), *zip(a.kwonlyargs, a.kw_defaults), (a.kwarg, None)]
    stars = {id(a.vararg): '*', id(a.kwarg): '**'}
    note = lambda p: comment(lines[p.end_lineno-1]) if p.lineno>node.lineno else ''
    res = [(stars.get(id(p), '')+p.arg, text(p.annotation, src), text(v, src), note(p)) for p,v in every if p]
    return res[1:] if res and res[0][0] in ('self','cls') else res

def returned(
    node:ast.FunctionDef, # Function or method
    src:str,              # Its file
)->tuple:                 # `(type, meaning)`
    "Read what a function gives back, with the comment behind it"
    end = node.body[0].lineno-1
    line = src.splitlines()[end-1]
    note = comment(line) if end>node.lineno and line.lstrip().startswith(')') else ''
    return ast.unparse(node.returns) if node.returns else '',note

def preset(
    value:ast.AST, # What a field of a dataclass is set to
    src:str,       # Its file
)->str:            # Its default as a reader writes it
    "Read a field's default, out of `field(...)` too"
    if not (isinstance(value, ast.Call) and ast.unparse(value.func).split('.')[-1]=='field'): return text(value, src)
    given = {k.arg: text(k.value, src) for k in value.keywords}
    return given['default_factory']+'()' if 'default_factory' in given else given.get('default', '')

def fields(
    node:ast.ClassDef, # Class
    src:str,           # Its file
)->list:               # `(name, type, default, meaning)` of each that it is made with; none unless it is a dataclass
    "Read the fields of a dataclass with their comments"
    if not decorated(node, 'dataclass'): return []
    lines = src.splitlines()
    given = [f for f in node.body if isinstance(f, ast.AnnAssign) and not re.search('ClassVar|KW_ONLY', text(f.annotation, src))]
    return [(f.target.id, text(f.annotation, src), preset(f.value, src), comment(lines[f.end_lineno-1])) for f in given]

def full_name(
    node:ast.AST, # Function or class
)->str:           # Its name, with the class in front that a function decorated with `patch` goes into
    "Tell what a definition is called from outside"
    patched = isinstance(node, ast.FunctionDef) and decorated(node, 'patch')
    return f'{ast.unparse(node.args.args[0].annotation)}.{node.name}' if patched else node.name

def entry(name, node, **more):
    "What the reference says of a definition"
    return SimpleNamespace(**dict(name=name, line=node.lineno, params=[], returns=('',''))|more)

def function(name, node, src):
    return entry(name, node, kind='function', doc=ast.get_docstring(node) or '',
                 params=parameters(node, src), returns=returned(node, src))

def methods(node): return [m for m in node.body if isinstance(m, ast.FunctionDef)]

def of_class(node, src):
    "A class, made by its `__init__` or with the fields of a dataclass, and its public methods that have a docstring"
    init = next((m for m in methods(node) if m.name=='__init__'), None)
    made = dict(params=parameters(init, src), returns=returned(init, src)) if init else dict(params=fields(node, src))
    shown = [m for m in methods(node) if is_public(m.name) and ast.get_docstring(m)]
    head = entry(node.name, node, kind='class', doc=ast.get_docstring(node) or '', **made)
    return [head, *(function(f'{node.name}.{m.name}', m, src) for m in shown)]

def of_value(node, src):
    line = src.splitlines()[node.lineno-1]
    return entry(node.targets[0].id, node, kind='value', doc=comment(line), value=ast.unparse(node.value))

def is_public(name): return name=='__call__' or name[0]!='_'
def is_value(node): return isinstance(node, ast.Assign) and len(node.targets)==1 and isinstance(node.targets[0], ast.Name)

def entries(
    node:ast.AST, # Statement of a module
    src:str,      # The module
)->list:          # What it defines for the reference
    "Read one statement of a module"
    if isinstance(node, ast.FunctionDef) and is_public(node.name): return [function(full_name(node), node, src)]
    if isinstance(node, ast.ClassDef): return of_class(node, src)
    return [of_value(node, src)] if is_value(node) else []

def definitions(
    path:Path,    # Module
)->list:          # What it defines for all to use, in its order: name, line, kind, doc, params, returns
    "Read what a module exports: functions, classes with their methods, values"
    src = path.read_text(encoding='utf-8')
    body = ast.parse(src).body
    exported = next((ast.literal_eval(n.value) for n in body if is_value(n) and n.targets[0].id=='__all__'), [])
    return [e for n in body for e in entries(n, src) if e.name.split('.')[0] in exported]

def docstring(path): return ast.get_docstring(ast.parse(path.read_text(encoding='utf-8'))) or ''

def signature(d):
    "How a definition is called, on one line or with a parameter a line"
    args = [n+('='+v if v else '') for n,_,v,_ in d.params]
    one = f"{d.name}({', '.join(args)})"
    return one if len(one)<=72 else f'{d.name}(\n'+''.join(f'    {a},\n' for a in args)+')'

def target(kind, module, name):
    "The anchor of a name, as docutils leaves it"
    return re.sub(r'[_.-]+', '-', f'{kind}-{module}-{name}'.lower()).strip('-')

def item(name, type, default, meaning):
    "A parameter as MyST's list of definitions has it"
    return name+(f' : `{type}`' if type else '')+(f', default `{default}`' if default else '')+f'\n: {meaning}'

def section(
    module:str,  # Name of the module
    d,           # One of `definitions`
    link,        # Makes names in backticks into links
    address:str, # Where its source can be read
)->list:         # Paragraphs of MyST markdown
    "Write what the reference says of one definition"
    code = f'{d.name} = {d.value}' if d.kind=='value' else signature(d)
    out = [f"({target('api', module, d.name)})=\n## {d.name.replace('_', chr(92)+'_')}",
           f'```{{raw}} html\n<p class="source"><a href="{address}">source</a></p>\n```', f'```python\n{code}\n```']
    if d.doc: out.append(link(d.doc.rstrip('.')+'.' if '\n' not in d.doc else d.doc))
    rows = [(f'`{n}`', t, v, link(c)) for n,t,v,c in d.params]
    typ,meaning = d.returns
    if typ!='None' and any(d.returns): rows.append(('returns', typ, '', link(meaning)))
    return out+[item(*r) for r in rows]

def page(
    module:str,   # Its name, without `colornet.`
    defs:list,    # As `definitions` gives them
    about:str,    # The module's docstring
    chapter:str,  # The notebook's page
    link,         # Makes names in backticks into links
    source,       # Address of a line of the module
)->str:           # MyST markdown
    "Write the reference page of a module"
    out = [f'# colornet.{module}', f'{about}. [Built in this chapter](../{chapter}.ipynb).']
    for d in defs: out += section(module, d, link, source(module, d.line))
    return '\n\n'.join(out)+'\n'

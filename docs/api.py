"The reference: what the modules of the package define, read from their source, and a page for each"
import ast, re
from pathlib import Path
from types import SimpleNamespace

def comment(line):
    "The comment that ends a line, if there is one"
    m = re.search(r'[\s,(]# (.*)$', line)
    return m[1].strip() if m else ''

def parameters(
    node:ast.FunctionDef, # Function or method
    src:str,              # Its file
)->list:                  # `(name, type, default, meaning)` of each, without `self`
    "Read the parameters of a function with their comments"
    lines,a = src.splitlines(),node.args
    text = lambda n: ast.get_source_segment(src, n) if n else ''
    pos = [*a.posonlyargs, *a.args]
    vals = [None]*(len(pos)-len(a.defaults))+a.defaults
    every = [*zip(pos, vals), (a.vararg, None), *zip(a.kwonlyargs, a.kw_defaults), (a.kwarg, None)]
    stars = {id(a.vararg): '*', id(a.kwarg): '**'}
    note = lambda p: comment(lines[p.end_lineno-1]) if p.lineno>node.lineno else ''
    res = [(stars.get(id(p), '')+p.arg, text(p.annotation), text(v), note(p)) for p,v in every if p]
    return res[1:] if res and res[0][0] in ('self','cls') else res

def fields(
    node:ast.ClassDef, # Class
    src:str,           # Its file
)->list:               # `(name, type, default, meaning)` of each; none unless it is a dataclass
    "Read the fields of a dataclass with their comments"
    if not any('dataclass' in ast.unparse(d) for d in node.decorator_list): return []
    text = lambda n: ast.get_source_segment(src, n) if n else ''
    return [(f.target.id, text(f.annotation), text(f.value), comment(src.splitlines()[f.end_lineno-1]))
            for f in node.body if isinstance(f, ast.AnnAssign)]

def full_name(
    node:ast.AST, # Function or class
)->str:           # Its name, with the class in front that a function decorated with `patch` goes into
    "Tell what a definition is called from outside"
    patched = isinstance(node, ast.FunctionDef) and any('patch' in ast.unparse(d) for d in node.decorator_list)
    return f'{ast.unparse(node.args.args[0].annotation)}.{node.name}' if patched else node.name

def definitions(
    path:Path,    # Module
)->list:          # What it defines for all to use, in its order: name, line, kind, text, params, returns
    "Read what a module exports: functions, classes with their methods, values"
    src = path.read_text(encoding='utf-8')
    lines,tree = src.splitlines(),ast.parse(src)
    shown = next((ast.literal_eval(n.value) for n in tree.body if isinstance(n, ast.Assign) and n.targets[0].id=='__all__'), [])
    res = []
    def add(name, node, init=None):
        f = init or node
        is_f = isinstance(f, ast.FunctionDef)
        end = f.body[0].lineno-1 if is_f else 0
        back = comment(lines[end-1]) if is_f and end>f.lineno and lines[end-1].lstrip().startswith(')') else ''
        res.append(SimpleNamespace(
            name=name, line=node.lineno, kind='class' if isinstance(node, ast.ClassDef) else 'function',
            doc=ast.get_docstring(node) or '', params=parameters(f, src) if is_f else fields(f, src),
            returns=(ast.unparse(f.returns) if is_f and f.returns else '', back)))
    for n in tree.body:
        if isinstance(n, ast.FunctionDef):
            name = full_name(n)
            if name.split('.')[0] in shown and n.name[0]!='_': add(name, n)
        elif isinstance(n, ast.ClassDef) and n.name in shown:
            methods = [m for m in n.body if isinstance(m, ast.FunctionDef)]
            add(n.name, n, next((m for m in methods if m.name=='__init__'), None))
            for m in methods:
                if (m.name[0]!='_' or m.name=='__call__') and ast.get_docstring(m): add(f'{n.name}.{m.name}', m)
        elif isinstance(n, ast.Assign) and len(n.targets)==1 and getattr(n.targets[0], 'id', '') in shown:
            res.append(SimpleNamespace(name=n.targets[0].id, line=n.lineno, kind='value', doc=comment(lines[n.lineno-1]),
                                       params=[], returns=('',''), value=ast.unparse(n.value)))
    return res

def docstring(path): return ast.get_docstring(ast.parse(path.read_text(encoding='utf-8'))) or ''

def signature(d):
    "How a definition is called, on one line or with a parameter a line"
    args = [n+('='+v if v else '') for n,_,v,_ in d.params]
    one = f"{d.name}({', '.join(args)})"
    return one if len(one)<=72 else f'{d.name}(\n'+''.join(f'    {a},\n' for a in args)+')'

def target(kind, module, name): return f'{kind}-{module}-{name}'.lower().replace('_','-').replace('.','-')

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
    for d in defs:
        out += [f"({target('api', module, d.name)})=\n## {d.name.replace('_', chr(92)+'_')}",
                f'```{{raw}} html\n<p class="source"><a href="{source(module, d.line)}">source</a></p>\n```']
        if d.kind=='value': out.append(f'```python\n{d.name} = {d.value}\n```')
        else: out.append(f'```python\n{signature(d)}\n```')
        if d.doc: out.append(link(d.doc.rstrip('.')+'.' if '\n' not in d.doc else d.doc))
        rows = [(f'`{n}`', t, v, c) for n,t,v,c in d.params]
        if any(d.returns) and d.returns[0]!='None': rows.append(('returns', d.returns[0], '', d.returns[1]))
        for n,t,v,c in rows:
            out.append(n+(f' : `{t}`' if t else '')+(f', default `{v}`' if v else '')+f'\n: {link(c)}')
    return '\n\n'.join(out)+'\n'

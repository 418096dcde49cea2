"From nbdev's processed notebooks to what MyST-NB reads"
import ast, re
from os.path import normpath
from pathlib import Path
from types import SimpleNamespace
import yaml
import api
from api import target
from cells import directives, src

class Book(SimpleNamespace):
    """What pages need to know of each other: `cfg`, the settings; `root`, the repository; `defs`, the definitions of each module;
    `pages`, the page that builds each module; `here`, the pages of this edition; `site`, where the English one lies; `words`, what
    pages say themselves; `still`, which finds the picture of a live figure; `faults`, a list of lines that say what is wrong"""
    def module(self, page): return next((m for m,p in self.pages.items() if p==page), '')
    def source(self, module, line): return f"{self.cfg['git_url']}/blob/{self.cfg['branch']}/colornet/{module}.py#L{line}"
    def find(self, module, name): return next((d for d in self.defs.get(module, []) if d.name==name), None)
    def file(self, path):
        path = path.relative_to(self.root)
        return f"{self.cfg['git_url']}/{'tree' if (self.root/path).is_dir() else 'blob'}/{self.cfg['branch']}/{path.as_posix()}"

def number(page): return m[0] if (m := re.match(r'\d+', page)) else ''
def unnumbered(page): return re.sub(r'^\d+_', '', page)

def prepare(
    nb:dict, # Notebook as it is
)->dict:     # The same for nbdev's processing
    "Let exported code be seen, and let nbdev run nothing: stored outputs are current, and the reference is read from the modules"
    for c in nb['cells']:
        if c['cell_type']!='code': continue
        c['source'] = re.sub(r'^#\| export$', '#| exports', src(c), flags=re.M)
        c['source'] = re.sub(r'^#\| folded$', '#| code-fold: true', c['source'], flags=re.M)  # nbdev would copy that into the module
    first = nb['cells'][0]
    first['source'] = src(first).rstrip()+'\n\n- skip_showdoc: true'
    return nb

def link_names(
    text:str,   # One markdown cell
    book:Book,
    kind:str='def', # `def`, to the chapter that builds the name, or `api`, to its reference
)->str:
    "Turn nbdev's links to names into links inside the book, and drop those that lead nowhere"
    site = re.escape(book.cfg['doc_host']+book.cfg['doc_baseurl'])
    built = {unnumbered(p): m for m,p in book.pages.items()}  # nbdev names pages so
    def one(m):
        name,url = m[1],m[2]
        inside = re.fullmatch(rf'{site}/(\w+)\.html#.*', url)
        if not inside: return m[0] if 'fastcore' in url else f'`{name}`'
        module = built.get(inside[1], '')
        plain = name.removesuffix('()').removeprefix(f'colornet.{module}.')
        d = book.find(module, plain) or book.find(module, plain.split('.')[0])
        page = book.pages.get(module)
        return f"[`{name}`]({'' if page in book.here else f'{book.site}{page}.html'}#{target(kind, module, d.name)})" if d else f'`{name}`'
    lines = []
    for l in text.split('\n'):
        new = re.sub(r'\[`([^`]+)`\]\((https?://[^)\s]+)\)', one, l)
        lines.append(re.sub(r'\[(`[^`]+`)\]\(#[^)]*\)', r'\1', new) if l.startswith('#') else new)  # a title holds no links
    return re.sub(r'\[\[([^\]]+)\]\([^)]*\)\]\(', r'[\1](', '\n'.join(lines))  # nor does the text of a link

def link_files(
    text:str,  # One markdown cell
    book:Book,
    where:str, # Name of the notebook, for complaints
)->str:
    "Lead links to notebooks and to `docs/*.md` to their pages, and links to other files to the repository"
    def one(m):
        to,_,at = m[2].partition('#')
        if not to or re.match(r'\w+:', to): return m[0]
        path = Path(normpath(book.root/'nbs'/to))
        if not path.exists(): book.faults.append(f'{where}: there is no {to}, to which "{m[1]}" leads')
        elif path.suffix in ('.md','.ipynb') and path.parent.name in ('docs','nbs') and path.stem not in book.here:
            return f"[{m[1]}]({book.site}{path.stem}.html{'#'+at if at else ''})"
        elif path.parent==book.root/'docs' and path.suffix=='.md': return f'[{m[1]}]({path.name})'
        elif path.parent!=book.root/'nbs' or path.suffix!='.ipynb': return f'[{m[1]}]({book.file(path)})'
        return m[0]
    return re.sub(r'(?<!!)\[([^\]]*)\]\(([^)\s]+)\)', one, text)

def pictures(
    text:str,  # One markdown cell
    book:Book,
    where:str, # Name of the notebook, for complaints
)->str:
    "Make figures of pictures: each stands alone in its paragraph, with an alt text, and its caption is the paragraph below"
    parts = re.split(r'\n\s*\n', text)
    res = []
    while parts:
        p = parts.pop(0)
        if '![' not in re.sub(r'`[^`]*`', '', p) or p.lstrip().startswith('```'): res.append(p); continue
        m = re.fullmatch(r'\s*!\[([^\]]*)\]\(([^)\s]+)\)\s*', p)
        fault = lambda what: book.faults.append(f'{where}: {what}')
        if not m or not m[1].strip(): fault(f'a picture must stand alone in its paragraph and have an alt text: {p.strip()[:80]}')
        elif not parts or re.match(r'\s*(#|!|```)', parts[0]): fault(f'{m[2]} has no caption; write it as the paragraph below')
        elif not (path := Path(normpath(book.root/'nbs'/m[2]))).exists(): fault(f'there is no picture {m[2]}')
        else:
            res.append(figure(m[1].strip(), parts.pop(0).strip(), book.picture(path), 'still'))
    return '\n\n'.join(res)

def figure(alt, caption, file, cls): return f'::::{{figure}} {file}\n:alt: {alt}\n:figclass: {cls}\n\n{caption}\n::::'

def defined(
    body:str, # Exported code
)->list:      # Names of functions and classes, and with each what can be looked up there: itself, and the methods of a class
    "Read which definitions a cell makes"
    res = []
    for n in ast.parse(body).body:
        if not isinstance(n, (ast.FunctionDef, ast.ClassDef)): continue
        name = api.full_name(n)
        inner = [m.name for m in n.body if isinstance(m, ast.FunctionDef)] if isinstance(n, ast.ClassDef) else []
        res.append((name, [name, *(f'{name}.{i}' for i in inner)]))
    return res

def bar(
    body:str,    # Exported code
    module:str,  # Module that it goes to
    book:Book,
)->str:          # MyST, empty if it defines nothing public
    "The line above exported code: each name, linked to its reference and its source; raw HTML, since there is nothing to translate"
    names = defined(body)
    defs = [d for d in (book.find(module, n) for n,_ in names) if d]
    if not defs: return ''
    every = [d for _,ns in names for d in (book.find(module, n) for n in ns) if d]
    at = lambda d: f'{"" if book.lang=="en" else "../"}api/{module}.html#{target("api", module, d.name)}'
    item = lambda d: (f'<span><a class="reference internal" href="{at(d)}"><code>{d.name}</code></a> '
                      f'<a class="source" href="{book.source(module, d.line)}" aria-label="{book.words["source"]}: {d.name}">{book.words["source"]}</a></span>')
    marks = '\n'.join(f'({target("def", module, d.name)})=' for d in every)
    return f'{marks}\n:::{{container}} definitions\n```{{raw}} html\n<div>'+'\n'.join(map(item, defs))+'</div>\n```\n:::'

def has(out, kind): return any(k.startswith(kind) for k in out.get('data', {}))
def is_widget(out): return has(out, 'application/vnd.jupyter.widget-view+json')
def drawn(outs): return sum(has(o, 'image/') for o in outs)

def visible(
    cell:dict,  # Code cell
    heads:dict, # Its directives
)->list:        # Its outputs but errors; none where `#| output: false` stands
    "Choose the outputs that a page has"
    return [] if heads.get('output')=='false' else [o for o in cell['outputs'] if o['output_type']!='error']

def said(outs):
    "The text that a cell prints"
    return '\n'.join(''.join(o.get('text') or o.get('data', {}).get('text/plain', '')) for o in outs)

def tags(heads, show, outs):
    "What MyST-NB shall hide or fold, which cells are exported, and which print sentences, whose lines may be broken"
    text = said(outs)
    asked = {'export': heads.get('code-summary')=='"Exported source"', 'remove-input': not show,
             'hide-input': heads.get('code-fold')=='true', 'said': text and not re.search(r'(?m)^ |\S {2,}\S', text)}
    return [t for t,on in asked.items() if on]

def words(
    heads:dict, # Directives of a cell
    n:int,      # Its pictures
)->dict:        # The picture's alt text and caption, as MyST-NB takes them
    "Give a figure its words"
    if not n: return {}
    alt,caption = heads.get('fig-alt') or 'No words yet',heads.get('fig-cap') or 'No caption yet'
    return dict(mystnb=dict(image=dict(alt=alt), figure=dict(caption=caption)))

def wordless(
    heads:dict, # Directives of a cell
    n:int,      # Its pictures
)->list:        # What is wrong and what to do, each to be followed by the cell
    "Tell what the figure of a cell lacks"
    if not n: return []
    lacks = ' and '.join(k for k in ('fig-alt','fig-cap') if not heads.get(k))
    res = [f'a picture without {lacks}; write `#| fig-alt: ...` on top of'] if lacks else []
    return res+([f'{n} pictures, one caption; split'] if n>1 else [])

def code_cell(
    cell:dict,  # Code cell as nbdev left it
    book:Book,
    where:str,  # Name of the notebook, for complaints
)->list:        # Cells for MyST-NB: none, or one, or one and a note
    "Turn directives into tags, and give the figure its alt text and caption"
    heads,body = directives(src(cell))
    outs = visible(cell, heads)
    still = [o for o in outs if not is_widget(o)]
    show = body and heads.get('echo')!='false'
    if heads.get('include')=='false' or not (show or still): return []
    n,start = drawn(still),body.split('\n')[0][:60]
    book.faults += [f"{where}: {what} {cell['id']}: {start}" for what in wordless(heads, n)]
    meta = dict(tags=tags(heads, show, still), **words(heads, n))
    page = dict(cell, source=body, outputs=still, metadata=meta, execution_count=None)
    note = f"{{.in-jupyter}}\n{book.words['jupyter']}"
    return [page] if len(still)==len(outs) else [page, markdown(note, f"{cell['id']}n")]

def live_figure(
    name:str,   # Name of a live figure
    cell:dict,  # The code cell that shows it
    book:Book,
    where:str,  # Name of the notebook, for complaints
)->list:        # Its still as a figure, which the page's script brings to life
    "Put a live figure in place of the call that shows it in Jupyter"
    heads,still = directives(src(cell))[0],book.still(name)
    lacks = wordless(heads, 1)+([] if still.exists() else ['a live figure without a still; run docs/stills.py for'])
    book.faults += [f"{where}: {what} {cell['id']}: live('{name}')" for what in lacks]
    if lacks: return []
    return [markdown(figure(heads['fig-alt'], heads['fig-cap'], book.picture(still), f'live live-{name}'), cell['id'])]

def markdown(text, id): return dict(cell_type='markdown', id=id, metadata={}, source=text)

def title_cell(
    cell:dict, # nbdev's front matter
    page:str,  # Name of the notebook, without ending
)->dict:       # Markdown cell
    "The chapter's number, title and subtitle"
    front = yaml.safe_load(src(cell).strip().strip('-'))
    title = ' · '.join(filter(None, [number(page), front['title']]))
    return markdown(f"# {title}\n\n{{.subtitle}}\n{front.get('description', '')}", cell.get('id') or 'title')

def lesson(
    cell:dict, # Code cell as nbdev left it
    page:str,  # Name of the notebook, without ending
    book:Book,
)->list:       # Cells for MyST-NB
    "A code cell, below the line that names what it defines if it is exported"
    heads,body = directives(src(cell))
    if re.search(r'^show_doc\(', body, re.M): return []  # the code itself is shown, and its tables are in the reference
    if m := re.fullmatch(r"live\('(\w+)'\)", body.strip()): return live_figure(m[1], cell, book, f'nbs/{page}.ipynb')
    line = bar(body, book.module(page), book) if heads.get('code-summary') else ''
    above = [markdown(line, f"{cell['id']}d")] if line else []
    return above+code_cell(cell, book, f'nbs/{page}.ipynb')

def prose(cell, page, book):
    "A markdown cell, but nbdev's warning"
    where,text = f'nbs/{page}.ipynb',src(cell)
    if text.startswith('<!-- WARNING'): return []
    return [markdown(pictures(link_files(link_names(text, book), book, where), book, where), cell['id'])]

def convert(
    nb:dict,    # Notebook as nbdev's processing gives it
    page:str,   # Its name, without ending
    book:Book,
    extra:tuple=(), # Markdown for the top and for the end of the page
)->dict:
    "Make a page of a notebook"
    cells = []
    for c in nb['cells']:
        if c['cell_type']=='raw': cells += [title_cell(c, page), *(markdown(t, 'top') for t in extra[:1])]
        elif c['cell_type']=='markdown': cells += prose(c, page, book)
        else: cells += lesson(c, page, book)
    cells += [markdown(t, 'end') for t in extra[1:]]
    meta = dict(kernelspec=dict(name='python3', display_name='Python 3', language='python'),
                language_info=dict(name='python', pygments_lexer='ipython3'))
    return dict(cells=cells, metadata=meta, nbformat=4, nbformat_minor=5)

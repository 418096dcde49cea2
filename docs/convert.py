"From nbdev's processed notebooks to what MyST-NB reads"
import ast, re
from os.path import normpath
from pathlib import Path
from types import SimpleNamespace
import yaml
import api
from api import target

chapter = re.compile(r'(\d+)_(\w+)$')

class Book(SimpleNamespace):
    """What pages need to know of each other: `cfg`, the settings; `root`, the repository; `defs`, the definitions of each module;
    `pages`, the page of each module; `faults`, a list of lines that say what is wrong"""
    def source(self, module, line): return f"{self.cfg['git_url']}/blob/{self.cfg['branch']}/colornet/{module}.py#L{line}"
    def find(self, module, name): return next((d for d in self.defs.get(module, []) if d.name==name), None)
    def file(self, path):
        path = path.relative_to(self.root)
        return f"{self.cfg['git_url']}/{'tree' if (self.root/path).is_dir() else 'blob'}/{self.cfg['branch']}/{path.as_posix()}"

def src(cell): return ''.join(cell['source'])

def prepare(
    nb:dict, # Notebook as it is
)->dict:     # The same for nbdev's processing
    "Let exported code be seen, and let nbdev run nothing: stored outputs are current, and the reference is read from the modules"
    for c in nb['cells']:
        if c['cell_type']=='code': c['source'] = re.sub(r'^#\| export$', '#| exports', src(c), flags=re.M)
    first = nb['cells'][0]
    first['source'] = src(first).rstrip()+'\n\n- skip_showdoc: true'
    return nb

def directives(
    text:str, # Code of a cell
)->tuple:     # Directives by name, and the rest
    "Take the directives that head a cell from it"
    heads,lines = {},text.splitlines()
    while lines and lines[0].startswith('#|'):
        k,_,v = lines.pop(0)[2:].strip().partition(':')
        heads[k.strip()] = v.strip()
    return heads,'\n'.join(lines).strip('\n')

def link_names(
    text:str,   # One markdown cell
    book:Book,
    kind:str='def', # `def`, to the chapter that builds the name, or `api`, to its reference
)->str:
    "Turn nbdev's links to names into links inside the book, and drop those that lead nowhere"
    site = re.escape(book.cfg['doc_host']+book.cfg['doc_baseurl'])
    def one(m):
        name,url = m[1],m[2]
        inside = re.fullmatch(rf'{site}/(\w+)\.html#.*', url)
        if not inside: return m[0] if 'fastcore' in url else f'`{name}`'
        module,plain = inside[1],name.removesuffix('()').removeprefix(f'colornet.{inside[1]}.')
        d = book.find(module, plain) or book.find(module, plain.split('.')[0])
        return f'[`{name}`](#{target(kind, module, d.name)})' if d else f'`{name}`'
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
            cls = f'live live-{path.stem}' if path.parent==book.root/'docs'/'live' else 'still'
            res.append(figure(m[1].strip(), parts.pop(0).strip(), book.picture(path), cls))
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
    at = lambda d: f'api/{module}.html#{target("api", module, d.name)}'
    item = lambda d: (f'<span><a class="reference internal" href="{at(d)}"><code>{d.name}</code></a> '
                      f'<a class="source" href="{book.source(module, d.line)}" aria-label="source of {d.name}">source</a></span>')
    marks = '\n'.join(f'({target("def", module, d.name)})=' for d in every)
    return f'{marks}\n:::{{container}} definitions\n```{{raw}} html\n<div>'+'\n'.join(map(item, defs))+'</div>\n```\n:::'

def code_cell(
    cell:dict,  # Code cell as nbdev left it
    book:Book,
    where:str,  # Name of the notebook, for complaints
)->list:        # Cells for MyST-NB: none, or one, or one and a note
    "Turn directives into tags, and give the figure its alt text and caption"
    heads,body = directives(src(cell))
    if heads.get('include')=='false': return []
    outs = [o for o in cell['outputs'] if o['output_type']!='error'] if heads.get('output')!='false' else []
    is_widget = lambda o: 'application/vnd.jupyter.widget-view+json' in o.get('data', {})
    note = any(map(is_widget, outs))
    outs = [o for o in outs if not is_widget(o)]
    show = heads.get('echo')!='false' and body
    if not show and not outs: return []
    tags = ['export'] if heads.get('code-summary')=='"Exported source"' else []
    if not show: tags.append('remove-input')
    if heads.get('code-fold')=='true': tags.append('hide-input')
    meta = dict(tags=tags)
    drawn = [o for o in outs if any(k.startswith('image/') for k in o.get('data', {}))]
    if drawn:
        alt,cap = heads.get('fig-alt'),heads.get('fig-cap')
        line = next((l for l in body.splitlines() if l.strip()), '')
        if lacks := ' and '.join(k for k,v in (('fig-alt',alt),('fig-cap',cap)) if not v):
            book.faults.append(f'{where}: a picture without {lacks}; write `#| fig-alt: ...` on top of {cell["id"]}: {line[:60]}')
        if len(drawn)>1: book.faults.append(f'{where}: {len(drawn)} pictures, one caption; split {cell["id"]}: {line[:60]}')
        meta['mystnb'] = dict(image=dict(alt=alt or 'No words yet'), figure=dict(caption=cap or 'No caption yet'))
    res = [dict(cell, source=body, outputs=outs, metadata=meta, execution_count=None)]
    text = '{.in-jupyter}\nWhat this cell shows answers to your hands in Jupyter only: open the notebook to try it.'
    if note: res.append(markdown(text, f"{cell['id']}n"))
    return res

def markdown(text, id): return dict(cell_type='markdown', id=id, metadata={}, source=text)

def convert(
    nb:dict,    # Notebook as nbdev's processing gives it
    name:str,   # Its name, without ending
    book:Book,
    extra:tuple=(), # Markdown for the top and for the end of the page
)->dict:
    "Make a page of a notebook"
    where = f'nbs/{name}.ipynb'
    number,module = chapter.match(name).groups() if chapter.match(name) else ('','')
    cells = []
    for c in nb['cells']:
        text = src(c)
        if c['cell_type']=='raw':
            front = yaml.safe_load(text.strip().strip('-'))
            title = f'{int(number)} · {front["title"]}' if number else front['title']
            about = front.get('description', '')
            cells.append(markdown(f'# {title}\n\n{{.subtitle}}\n{about}', c.get('id') or 'title'))
            if extra: cells.append(markdown(extra[0], 'top'))
        elif c['cell_type']=='markdown':
            if text.startswith('<!-- WARNING'): continue
            text = pictures(link_files(link_names(text, book), book, where), book, where)
            cells.append(markdown(text, c['id']))
        elif not re.search(r'^show_doc\(', text, re.M):  # the code itself is shown, and its tables are in the reference
            heads,body = directives(text)
            if heads.get('code-summary') and (b := bar(body, module, book)): cells.append(markdown(b, f"{c['id']}d"))
            cells += code_cell(c, book, where)
    if extra: cells.append(markdown(extra[1], 'end'))
    meta = dict(kernelspec=dict(name='python3', display_name='Python 3', language='python'),
                language_info=dict(name='python', pygments_lexer='ipython3'))
    return dict(cells=cells, metadata=meta, nbformat=4, nbformat_minor=5)

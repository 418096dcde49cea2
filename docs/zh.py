"""The Chinese edition: python docs/zh.py [--check]

`docs/zh/NAME.po` holds the paragraphs of a page and what they are in Chinese: gettext catalogues, which Poedit and its like open. This
brings them up to date with the English pages, and makes `nbs/zh/NAME.ipynb` and `README.zh.md` from them. Where the English of a
paragraph has changed, the catalogue keeps the old translation and marks it `fuzzy`, and the page says so. Paragraphs that are gone are
dropped. `--check` writes nothing: it prints how much is translated, and ends with 1 if anything is missing, stale or not current.
"""
import argparse, difflib, io, json, re, sys
from pathlib import Path
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po
from cells import directives, src
from first import first

root = Path(__file__).parent.parent
nbs,docs = root/'nbs',root/'docs'
catalogues,translated = docs/'zh',nbs/'zh'
pages = [*sorted(nbs.glob('[0-4]*.ipynb')), *sorted(nbs.glob('9[0-2]*.ipynb')), nbs/'index.ipynb',
         *(docs/f'{n}.md' for n in ('demo','using','teaching')), docs/'templates'/'home.md']
both = [p.stem for p in pages if p.stem!='home']  # pages of the site that both editions have
item,captions = re.compile(r'\s*(?:[-*] |\d+\. |\|)'),('fig-alt','fig-cap')
late = '（英文原文已改，此处译文尚未跟上）'

# ---- the paragraphs of a page

def blocks(
    text:str, # Markdown
)->list:      # Its blocks; joined by line ends they are the text again
    "Cut a text at blank lines outside fences, and lists and tables into their items"
    res,fence = [],''
    for line in text.split('\n'):
        more = res and (fence or res[-1].strip() and line.strip() and not item.match(line))
        res = [*res[:-1], f'{res[-1]}\n{line}'] if more else [*res, line]
        if m := re.match(r'\s*(```|~~~)', line): fence = '' if fence else m[1]
    return res

def worded(
    block:str, # Markdown
)->bool:       # Whether there is anything to translate
    "Find words outside code, formulas, tags and addresses"
    if re.match(r'\s*(```|~~~)', block): return bool(re.search(r'# \w|<\w+>', block))
    formula = lambda m: ' '.join(re.findall(r'\\text\{([^}]*)\}', m[0]))
    bare = re.sub(r'\$\$.*?\$\$|\$[^$]*\$', formula, re.sub(r'`[^`]*`', ' ', block), flags=re.S)
    return bool(re.search(r'[A-Za-z]{2}', re.sub(r'<[^>]*>|\]\([^)]*\)', ' ', bare)))

def paragraphs(
    path:Path, # Notebook or page
):             # Yields the text and the id of its cell, or the name of the page
    "The paragraphs and captions of a page that are to be translated"
    cells = json.loads(path.read_text(encoding='utf-8'))['cells'] if path.suffix=='.ipynb' else \
            [dict(cell_type='markdown', id=path.name, source=[path.read_text(encoding='utf-8')])]
    for c in cells:
        said = blocks(src(c)) if c['cell_type']=='markdown' else [directives(src(c))[0].get(k, '') for k in captions]
        yield from ((b, c['id']) for b in said if worded(b))

# ---- their catalogue

def catalogue(
    path:Path, # Notebook or page
)->Catalog:    # Translations by paragraph
    "Read the catalogue of a page, brought up to date in memory"
    po = catalogues/f'{path.stem}.po'
    old = read_po(io.BytesIO(po.read_bytes())) if po.exists() else Catalog()
    new,left = Catalog(locale='zh_CN', project='colornet', fuzzy=False),{m.id: m for m in old if m.id}
    for text,cell in paragraphs(path): new.add(text, locations=[(f'{path.name}:{cell}', None)])
    for m in new:
        if m.id and (same := left.get(m.id)): m.string,m.flags,m.previous_id = same.string,same.flags,same.previous_id
    gone = [k for k in left if k not in new and left[k].string]
    for m in new:
        if not m.id or m.string or not (near := difflib.get_close_matches(m.id, gone, 1)): continue
        m.string,m.previous_id = left[near[0]].string,[near[0]]
        m.flags.add('fuzzy')
    for m in new: m.flags &= {'fuzzy'}  # a percent sign in prose is no format
    return new

def text_of(
    cat:Catalog,
)->str: # As in a .po file
    "A catalogue as text, without dates"
    out = io.BytesIO()
    write_po(out, cat, width=120, omit_header=True, include_previous=True)
    return 'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\nLanguage: zh_CN\\n"\n\n'+out.getvalue().decode()

# ---- Chinese text

_han = '\u3400-\u4dbf\u4e00-\u9fff'
_parts = re.compile(r'(^(?:```|~~~).*?^(?:```|~~~)|`[^`]*`|\$\$.*?\$\$|\$[^$\n]*\$|\]\([^)]*\)|<[^>]*>|\*\*|\[)', re.S|re.M)

def _meet(a, b):
    "Whether a gap belongs between two characters: one Chinese, one not; code and formulas count as letters"
    return bool(re.match(f'[{_han}][A-Za-z0-9]|[A-Za-z0-9%][{_han}]', a+b))

def _inside(text): return ''.join(a+'\u2009'*_meet(a, b) for a,b in zip(text, text[1:]+' '))

def gaps(
    text:str, # Markdown
)->str:       # The same with thin spaces
    "Put a thin gap between Chinese and what is not: Latin words, numbers, code, formulas"
    res,last,held,bold = '','','',False
    for i,part in enumerate(_parts.split(text)):
        solid = i%2 and part[0] in '`$' and not part.startswith(('```','$$'))
        if part=='**': bold = not bold
        if part=='[' or part=='**' and bold: held += part  # what opens stands behind the gap
        elif i%2 and not solid: res,held = res+held+part,''
        elif part:
            first,end = ('a','a') if solid else (part[0], part[-1])
            res += '\u2009'*_meet(last, first)+held+(part if solid else _inside(part))
            last,held = end,''
        if part.startswith(('```','$$')): last = ''
    return res+held

def translation(
    text:str,    # English paragraph
    cat:Catalog, # Of its page
)->str:          # Chinese, or the English if there is none
    "Look a paragraph up; one whose English has changed says so"
    m = cat.get(text)
    if not m or not m.string: return text
    said = gaps(m.string)
    if not m.fuzzy: return said
    return f'{said[:-1]}{late}|' if said.startswith('|') else f'{said}{late}'

def put_caption(line, cat):
    "A line of a code cell; in Chinese if it is a caption"
    m = re.match(rf'(#\| (?:{"|".join(captions)}): )(.*)', line)
    return m[1]+translation(m[2], cat) if m else line

def aim(
    text:str, # Chinese Markdown of a notebook
)->str:       # The same for the folder `nbs/zh`
    "Lead links and pictures to where they lie from one folder deeper"
    here = {p.name for p in pages}
    def one(m):
        to = m[2].partition('#')[0]
        return m[0] if not to or to in here or re.match(r'\w+:', to) else f'{m[1]}../{m[2]})'
    return re.sub(r'(\]\()([^)\s]+)\)', one, text)

def chinese(
    path:Path,        # English notebook or page
    deeper:bool=True, # Whether its links are to lead from `nbs/zh`
):                    # Notebook without outputs, or Markdown
    "Translate a page"
    cat = catalogue(path)
    def say(text):
        new = '\n'.join(translation(b, cat) if worded(b) else b for b in blocks(text))
        return aim(new) if deeper else new
    if path.suffix!='.ipynb': return say(path.read_text(encoding='utf-8'))
    nb = json.loads(path.read_text(encoding='utf-8'))
    for i,c in enumerate(nb['cells']):
        if c['id']=='first': nb['cells'][i] = first('zh'); continue
        text = say(src(c)) if c['cell_type']=='markdown' else '\n'.join(put_caption(l, cat) for l in src(c).split('\n'))
        c['source'] = text.splitlines(True)
        if c['cell_type']=='code': c.update(outputs=[], execution_count=None)
    return nb

# ---- what the repository holds

def made():
    "What this makes: the text of each file, by its path"
    from readme import readme
    for p in pages:
        yield catalogues/f'{p.stem}.po',text_of(catalogue(p))
        if p.suffix=='.ipynb': yield translated/p.name,json.dumps(chinese(p), sort_keys=True, indent=1, ensure_ascii=False)+'\n'
    yield root/'README.zh.md',readme('zh')

def faults(
    path:Path, # Page
)->list:       # A line for each paragraph that is not translated, or not anew
    "Name what is missing or stale"
    where = lambda m: f"{m.locations[0][0]}: {'its translation is stale' if m.fuzzy else 'not translated'}: {m.id[:60]!r}"
    return [where(m) for m in catalogue(path) if m.id and (m.fuzzy or not m.string)]

def coverage():
    "Print how much is translated, and return what is not"
    every,bad = 0,[]
    for p in pages:
        n,f = sum(1 for m in catalogue(p) if m.id),faults(p)
        print(f'{p.stem:15} {n-len(f):4} of {n:4}')
        every,bad = every+n,bad+f
    print(f"{'all':15} {every-len(bad):4} of {every:4}, {100*(every-len(bad))/every:.1f} %")
    return bad

def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument('--check', action='store_true')
    check,bad = p.parse_args().check,coverage()
    for path,text in made():
        if path.exists() and path.read_text(encoding='utf-8')==text: continue
        if check: bad.append(f'{path.relative_to(root)}: is not current; run: make zh')
        else:
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding='utf-8')
    print(*bad[:40], *([f'... and {len(bad)-40} more'] if len(bad)>40 else []), sep='\n')
    return int(bool(check and bad))

if __name__=='__main__': sys.exit(main())

"The words of the glossary: each shows its meaning where a page first uses it"
import html, json, re
from functools import cache
from pathlib import Path
from cells import src

glossary = Path(__file__).parent.parent/'nbs'/'90_glossary.ipynb'
closed = 'a code pre h1 h2 h3 h4 h5 h6 figcaption summary button script style svg th strong'.split()  # here nothing is linked
open_ = 'p li td'.split()

def anchor(term): return 'term-'+re.sub(r'\W+', '-', term.lower())

@cache
def read(
    lang:str='en', # en or zh
)->dict:           # Meaning of each term, in plain text
    "Read the glossary: lines `- **term** (more): meaning`"
    from zh import chinese
    nb = json.loads(glossary.read_text(encoding='utf-8')) if lang=='en' else chinese(glossary)
    text = '\n'.join(src(c) for c in nb['cells'] if c['cell_type']=='markdown')
    return {t: re.sub(r'[`*]', '', m) for t,m in re.findall(r'^- \*\*(.+?)\*\*\u2009?(?: ?[(（].+?[)）])?(?:: |：)(.+)$', text, re.M)}

def link(
    body:str,   # HTML
    terms:dict, # As `read` gives them
    page:str,   # Address of the glossary
)->str:         # The same with links
    "Link the first use of each term in running text"
    left,depth = dict(terms),{t: 0 for t in [*closed, *open_]}
    latin = r'(?<![A-Za-z0-9_])(?:'+'|'.join(sorted((re.escape(t) for t in terms if t.isascii()), key=len, reverse=True))+r')(?=s?\b)'
    other = '|'.join(sorted((re.escape(t) for t in terms if not t.isascii()), key=len, reverse=True))
    find = re.compile(f"({latin}{'|'*bool(other)}{other})(s?)", re.I)
    known = {t.lower(): t for t in terms}
    def one(m):
        t = known[m[1].lower()]
        if not (meaning := left.pop(t, None)): return m[0]
        return f'<a class="term" href="{page}#{anchor(t)}" data-meaning="{html.escape(meaning)}">{m[0]}</a>'
    parts = re.split(r'(<span class="math.*?</span>|<div class="math.*?</div>|<[^>]*>)', body, flags=re.S)  # Formulas are left alone
    for i,p in enumerate(parts):
        if tag := re.match(r'<(/?)(\w+)', p):
            if tag[2] in depth and not p.endswith('/>'): depth[tag[2]] += -1 if tag[1] else 1
        elif any(depth[t] for t in open_) and not any(depth[t] for t in closed): parts[i] = find.sub(one, p)
    return ''.join(parts)

def mark(
    body:str,   # HTML of the glossary
    terms:dict, # As `read` gives them
)->str:         # The same with anchors
    "Give each entry of the glossary the anchor that links lead to"
    for t in terms: body = body.replace(f'<strong>{html.escape(t)}</strong>', f'<strong id="{anchor(t)}">{html.escape(t)}</strong>', 1)
    return body

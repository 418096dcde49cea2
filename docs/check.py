"Check a built site: every link and reference inside it leads somewhere, nothing is fetched from outside, every picture has words"
import re
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

fetched = dict.fromkeys('img script source video audio iframe'.split(), 'src')|dict(link='href', form='action')
unfetched = set('canonical alternate index search next prev author license'.split())  # of <link>: pages, not parts of this one
void = {'area','base','br','col','embed','hr','img','input','link','meta','source','track','wbr'}

class Page(HTMLParser):
    "Ids, links, parts and pictures of a page"
    def __init__(self, text):
        super().__init__()
        self.ids,self.links,self.parts,self.images,self.figures,self.open = set(),[],[],[],[],[]
        self.feed(text)
    def inside(self, tag): return tag in self.open
    def handle_starttag(self, tag, attrs):
        a = {k: v or '' for k,v in attrs}
        if 'id' in a: self.ids.add(a['id'])
        if tag=='a': self.anchor(a)
        if fetched.get(tag) in a: self.fetch(tag, a)
        if tag=='figure': self.figures.append(dict(words=''))
        if tag=='img' and self.inside('article'): self.image(a)
        if tag not in void: self.open.append(tag)
    def anchor(self, a):
        if 'name' in a: self.ids.add(a['name'])
        if 'href' in a: self.links.append(a['href'])
    def fetch(self, tag, a):
        pages = tag=='link' and set(a.get('rel', '').split())&unfetched
        (self.links if pages else self.parts).append(a[fetched[tag]])
    def image(self, a):
        figure = self.figures[-1] if self.inside('figure') else None
        self.images.append((a.get('src', ''), a.get('alt', '').strip(), figure))
    def handle_endtag(self, tag):
        while self.open and self.inside(tag):
            if self.open.pop()==tag: break
    def handle_data(self, data):
        if self.figures and self.inside('figcaption'): self.figures[-1]['words'] += data.strip()

def outside(
    url:str, # Address as it stands in a page
)->bool:     # Whether it leads out of the site
    "Tell addresses with a scheme or a host from paths"
    u = urlsplit(url)
    return bool(u.scheme or u.netloc)

def badly_formed(
    url:str, # Address outside the site
)->bool:
    "Whether an address cannot be right, judged without asking"
    u = urlsplit(url)
    if u.scheme=='mailto': return not re.fullmatch(r'[^@\s]+@[\w-]+(\.[\w-]+)+', u.path)
    return u.scheme not in ('http','https') or not re.fullmatch(r'[\w-]+(\.[\w-]+)+(:\d+)?', u.netloc) or ' ' in url

def aim(
    url:str,    # Path as it stands in a page
    page:Path,  # That page
    html:Path,  # Folder of the built site
    base:str,   # Path at which the site will lie
):              # File that it leads to, `None` if that lies outside the site
    "Follow a link inside the site"
    path = unquote(urlsplit(url).path)
    if path.startswith('/') and not path.startswith(base): return None
    to = html/path.removeprefix(base) if path.startswith('/') else page.parent/path if path else page
    return to.resolve()/'index.html' if to.is_dir() else to.resolve()

def astray(
    url:str,     # Path as it stands in a page
    page:Path,   # That page
    pages:dict,  # All pages by their file
    html:Path,   # Folder of the built site
    base:str,    # Path at which the site will lie
)->list:         # What is wrong with the link, if anything
    "Check a link inside the site"
    to,at = aim(url, page, html, base),unquote(urlsplit(url).fragment)
    if not to: return [f'{url} leads out of the site, which lies at {base}']
    if not to.exists(): return [f'{url} leads nowhere']
    return [f'there is no #{at} in {to.relative_to(html)}'] if at and to in pages and at not in pages[to].ids else []

def picture(url, alt, figure):
    "What words a picture lacks"
    return [f'the picture {url} has no {what}' for what,there in (('alt text', alt), ('caption', figure and figure['words'])) if not there]

def check_page(
    path:Path,   # A page
    pages:dict,  # All pages by their file
    html:Path,   # Folder of the built site
    base:str,    # Path at which the site will lie
)->list:         # What is wrong
    "Check the links, parts and pictures of a page"
    page,res = pages[path],[]
    for url in dict.fromkeys(page.links):
        if not outside(url): res += astray(url, path, pages, html, base)
        elif badly_formed(url): res.append(f'{url} is not an address')
    for url in dict.fromkeys(u for u in page.parts if not u.startswith('data:')):
        res += [f'{url} would be fetched from outside'] if outside(url) else astray(url, path, pages, html, base)
    return res+[f for im in page.images for f in picture(*im)]

def check_style(path):
    "What a style sheet would fetch from outside"
    text = path.read_text(encoding='utf-8', errors='ignore')
    urls = re.findall(r'(?:url\(|@import)\s*["\']?((?:https?:)?//[^"\')\s]+)', text)
    return [f'{url} would be fetched from outside' for url in urls]

def check(
    html:Path,     # Folder of the built site
    base:str='/',  # Path at which the site will lie, with a slash at both ends
)->list:           # A line for each fault
    "Find broken links, parts from outside, and pictures without words"
    html = Path(html).resolve()
    files = [p for p in sorted(html.rglob('*.html')) if '_static' not in p.relative_to(html).parts]
    pages = {p: Page(p.read_text(encoding='utf-8')) for p in files}
    faults = {p: check_page(p, pages, html, base) for p in files}|{p: check_style(p) for p in sorted(html.rglob('*.css'))}
    return [f'{p.relative_to(html).as_posix()}: {f}' for p,fs in faults.items() for f in fs]

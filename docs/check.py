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
    def inside(self, tag): return any(t==tag for t,_ in self.open)
    def handle_starttag(self, tag, attrs):
        a = dict(attrs)
        if 'id' in a: self.ids.add(a['id'])
        if tag=='a' and 'name' in a: self.ids.add(a['name'])
        if tag=='a' and 'href' in a: self.links.append(a['href'] or '')
        key = fetched.get(tag)
        if key and a.get(key) is not None:
            pages = tag=='link' and set((a.get('rel') or '').split())&unfetched
            (self.links if pages else self.parts).append(a[key])
        if tag=='figure': self.figures.append(dict(words='', at=len(self.open)))
        if tag=='img' and self.inside('article'):
            figure = self.figures[-1] if self.inside('figure') else None
            self.images.append((a.get('src') or '', (a.get('alt') or '').strip(), figure))
        if tag not in void: self.open.append((tag, a))
    def handle_endtag(self, tag):
        while self.open and self.inside(tag):
            if self.open.pop()[0]==tag: break
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

def check(
    html:Path,     # Folder of the built site
    base:str='/',  # Path at which the site will lie, with a slash at both ends
)->list:           # A line for each fault
    "Find broken links, parts from outside, and pictures without words"
    html = Path(html).resolve()
    files = [p for p in sorted(html.rglob('*.html')) if '_static' not in p.relative_to(html).parts]
    pages = {p: Page(p.read_text(encoding='utf-8')) for p in files}
    faults = []
    for p,page in pages.items():
        name = p.relative_to(html).as_posix()
        def lead(url):
            u = urlsplit(url)
            path = unquote(u.path)
            if path.startswith('/'):
                if not path.startswith(base): return faults.append(f'{name}: {url} leads out of the site, which lies at {base}')
                to = html/path.removeprefix(base)
            else: to = p if not path else p.parent/path
            to = to.resolve()
            if to.is_dir(): to = to/'index.html'
            if not to.exists(): faults.append(f'{name}: {url} leads nowhere')
            elif u.fragment and to in pages and unquote(u.fragment) not in pages[to].ids:
                faults.append(f'{name}: there is no #{u.fragment} in {to.relative_to(html)}')
        for url in dict.fromkeys(page.links):
            if not outside(url): lead(url)
            elif badly_formed(url): faults.append(f'{name}: {url} is not an address')
        for url in dict.fromkeys(page.parts):
            if url.startswith('data:'): continue
            if outside(url): faults.append(f'{name}: {url} would be fetched from outside')
            else: lead(url)
        for url,alt,fig in page.images:
            if not alt: faults.append(f'{name}: the picture {url} has no alt text')
            if not (fig and fig['words']): faults.append(f'{name}: the picture {url} has no caption')
    for p in sorted(html.rglob('*.css')):
        text = p.read_text(encoding='utf-8', errors='ignore')
        for url in re.findall(r'(?:url\(|@import)\s*["\']?((?:https?:)?//[^"\')\s]+)', text):
            faults.append(f'{p.relative_to(html).as_posix()}: {url} would be fetched from outside')
    return faults

"Sphinx's settings; `docs/build.py` makes the sources that it reads"
import re
import sys
from configparser import ConfigParser
from pathlib import Path
from PIL import Image

root = Path(__file__).parent.parent
sys.path.append(str(root/'docs'))
import terms

ini = ConfigParser(delimiters=['='])
ini.read(root/'settings.ini', encoding='utf-8')
cfg = ini['DEFAULT']

project = cfg['title']
author = cfg['author']
copyright = cfg['copyright']
version = release = cfg['version']
language = 'en'

extensions = ['myst_nb', 'sphinx_copybutton', 'sphinxext.opengraph']
templates_path = ['templates']
locale_dirs = ['locale']
gettext_compact = False

nb_execution_mode = 'off'  # outputs are stored in the notebooks and proven current by the build
nb_merge_streams = True
nb_mime_priority_overrides = [('gettext', 'image/png', 10)]  # or the alt texts would be lost
myst_enable_extensions = ['dollarmath', 'amsmath', 'colon_fence', 'deflist', 'attrs_block', 'attrs_inline', 'tasklist']
myst_heading_anchors = 4
mathjax_path = 'vendor/tex-svg.js'
mathjax3_config = {'options': {'enableMenu': False}}  # the menu would fetch parts that are not here
copybutton_selector = 'div.cell_input pre, div.highlight-bash pre, div.highlight-python pre'
copybutton_exclude = '.linenos, .gp, .go'

html_theme = 'sphinx_book_theme'
html_title = cfg['title']
html_baseurl = f"{cfg['doc_host']}{cfg['doc_baseurl']}/"
# What a link to a page shows where it is shared: its title, its first sentences, its first picture
ogp_site_url = html_baseurl
ogp_image = '_static/home/slider-colour.jpg'
ogp_use_first_image = True
ogp_social_cards = dict(enable=False)

html_favicon = 'site/favicon.svg'
html_css_files = ['site.css']
html_js_files = [('site.js', dict(type='module'))]
html_copy_source = html_show_sourcelink = False  # the real notebooks are offered, not what nbdev made of them
html_use_index = html_domain_indices = False  # the reference is the index
html_context = dict(default_mode='auto')  # dark where the reader's system is
html_theme_options = dict(
    repository_url=cfg['git_url'], repository_branch=cfg['branch'], use_repository_button=True,
    use_download_button=False, use_fullscreen_button=False, show_navbar_depth=1, max_navbar_depth=2, show_toc_level=2,
    footer_content_items=['copyright.html'], navbar_persistent=[])  # else a second search field stands in a bar on top

slider = 'horses.jpg'  # of `nbs/images`, on the home page

# Parts of the book by the first digit of a notebook's name
parts = {'0': 'Start', '1': 'Colour by hand', '2': 'The network', '3': 'Why brown, and what then', '4': 'Labs', '5': 'The tool',
         '6': 'Training for hours', '7': 'Scans, arrays and pipes', '9': 'The back of the book'}

# Words that stand in no notebook, by language
labels = dict(en=dict(colab='Open in Colab', download='Download notebook', github='View on GitHub'))

def links(page, pathto, labels):
    "The line below a chapter's title"
    nb = f"nbs/{page}.ipynb"
    repo = f"{cfg['user']}/{cfg['repo']}/blob/{cfg['branch']}/{nb}"
    to = [('colab', f'https://colab.research.google.com/github/{repo}', ''),
          ('download', pathto(f'_static/notebooks/{page}.ipynb', 1), ' download'),
          ('github', f'https://github.com/{repo}', '')]
    return '<p class="notebook-links">'+' '.join(f'<a class="{k}" href="{url}"{more}>{labels[k]}</a>' for k,url,more in to)+'</p>'

def size(app, name):
    "Width and height of a picture, so that the page keeps its place while it loads"
    path = next(p for p,n in app.builder.images.items() if n==name)
    w,h = Image.open(Path(app.srcdir)/path).size
    return f'width="{w}" height="{h}" '

def finish(app, page, template, context, doctree):
    "What Sphinx has no word for: the line of links, the names of live figures and their script, pictures that load in view"
    body = context.get('body')
    if not body: return
    words = labels.get(app.config.language, labels['en'])
    if (root/'nbs'/f'{page}.ipynb').exists():
        line = links(page, context['pathto'], words)
        body = re.sub(r'</h1>(\s*<p class="subtitle">.*?</p>)?', lambda m: f'{m[0]}\n{line}', body, count=1, flags=re.S)
    body,n = re.subn(r'<figure class="([^"]*\blive-(\w+)\b[^"]*)"', r'<figure class="\1" data-figure="\2"', body)
    if n and (root/'nbs'/'live'/'live.js').exists(): app.add_js_file('live/live.js', type='module')
    if page=='90_glossary': body = terms.mark(body, terms.read())
    elif page[0] in '01234' and page!='404': body = terms.link(body, terms.read(), context['pathto']('90_glossary'))
    context['body'] = re.sub(r'<img (?=[^>]*src="[^"]*_images/([^"]+)")', lambda m: f'<img loading="lazy" {size(app, m[1])}', body)

def setup(app): app.connect('html-page-context', finish)

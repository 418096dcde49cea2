"Sphinx's settings; `docs/build.py` makes the sources that it reads, and says the language: `COLORNET_SITE_LANG`"
import json
import os
import re
import sys
from configparser import ConfigParser
from pathlib import Path
from PIL import Image

root = Path(__file__).parent.parent
sys.path.append(str(root/'docs'))
import terms
from editions import Chinese, labels

ini = ConfigParser(delimiters=['='])
ini.read(root/'settings.ini', encoding='utf-8')
cfg = ini['DEFAULT']

project = cfg['title']
author = cfg['author']
copyright = cfg['copyright']
version = release = cfg['version']
lang = os.environ.get('COLORNET_SITE_LANG', 'en')
language = dict(en='en', zh='zh_CN')[lang]

extensions = ['myst_nb', 'sphinx_copybutton', 'sphinxext.opengraph']
templates_path = ['templates']

nb_execution_mode = 'off'  # outputs are stored in the notebooks and proven current by the build
nb_merge_streams = True
if lang=='zh': nb_code_prompt_show,nb_code_prompt_hide = '显示代码','隐藏代码'
myst_enable_extensions = ['dollarmath', 'amsmath', 'colon_fence', 'deflist', 'attrs_block', 'attrs_inline', 'tasklist']
myst_heading_anchors = 4
shared = '' if lang=='en' else '../../_static/'  # Large files lie in the English edition's folder only
mathjax_path = f'{shared}vendor/tex-svg.js'
mathjax3_config = {'options': {'enableMenu': False}}  # the menu would fetch parts that are not here
copybutton_selector = 'div.cell_input pre, div.highlight-bash pre, div.highlight-python pre'
copybutton_exclude = '.linenos, .gp, .go'

html_theme = 'sphinx_book_theme'
html_title = cfg['title']
site = f"{cfg['doc_host']}{cfg['doc_baseurl']}/"
html_baseurl = site if lang=='en' else f'{site}{lang}/'
# What a link to a page shows where it is shared: its title, its first sentences, its first picture
ogp_site_url = html_baseurl
ogp_image = f'{site}_static/home/slider-colour.jpg'
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
    article_header_end=['language.html', 'article-header-buttons.html'], footer_content_items=['copyright.html'], navbar_persistent=[])  # else a second search field stands in a bar on top

slider = 'horses.jpg'  # of `nbs/images`, on the home page

def links(page, pathto, words):
    "The line below a chapter's title"
    nb = f"{'' if lang=='en' else lang+'/'}{page}.ipynb"
    repo = f"{cfg['user']}/{cfg['repo']}/blob/{cfg['branch']}/nbs/{nb}"
    to = [('colab', f'https://colab.research.google.com/github/{repo}', ''),
          ('download', pathto(f'_static/notebooks/{page}.ipynb', 1), ' download'),
          ('github', f'https://github.com/{repo}', '')]
    return '<p class="notebook-links">'+' '.join(f'<a class="{k}" href="{url}"{more}>{words[k]}</a>' for k,url,more in to)+'</p>'

def size(app, name):
    "Width and height of a picture, so that the page keeps its place while it loads"
    path = next(p for p,n in app.builder.images.items() if n==name)
    w,h = Image.open(Path(app.srcdir)/path).size
    return f'width="{w}" height="{h}" '

def switch(page, context):
    "Where this page is in the other edition: the same page, or its first one"
    from zh import both as twins  # which asks this module for the settings
    to = f"{page if page in twins else 'index'}.html"
    context['other'] = context['content_root']+(f'zh/{to}' if lang=='en' else f'../{to}')
    context['other_lang'],context['other_name'] = ('zh-Hans','中文') if lang=='en' else ('en','English')
    context['twin'] = page in twins
    if page not in twins: return
    both = [('en', f'{site}{page}.html'), ('zh-Hans', f'{site}zh/{page}.html'), ('x-default', f'{site}{page}.html')]
    context['metatags'] += ''.join(f'<link rel="alternate" hreflang="{l}" href="{u}">\n' for l,u in both)

def finish(app, page, template, context, doctree):
    "What Sphinx has no word for: the line of links, the names of live figures and their script, pictures that load in view"
    switch(page, context)
    body = context.get('body')
    if not body: return
    if (root/'nbs'/f'{page}.ipynb').exists():
        line = links(page, context['pathto'], labels[lang])
        body = re.sub(r'</h1>(\s*<p class="subtitle">.*?</p>)?', lambda m: f'{m[0]}\n{line}', body, count=1, flags=re.S)
    body,n = re.subn(r'<figure class="([^"]*\blive-(\w+)\b[^"]*)"', r'<figure class="\1" data-figure="\2"', body)
    if n and (root/'nbs'/'live'/'live.js').exists(): app.add_js_file(f'{shared}live/live.js', type='module')
    if page=='90_glossary': body = terms.mark(body, terms.read(lang))
    elif page[0] in '01234' and page!='404': body = terms.link(body, terms.read(lang), context['pathto']('90_glossary'))
    context['body'] = re.sub(r'<img (?=[^>]*src="[^"]*_images/([^"]+)")', lambda m: f'<img loading="lazy" {size(app, m[1])}', body)

def same_names(app, doctree):
    "Give the sections of a translated page the names that they have in the English one, so that a link leads to the same place in both"
    page = app.env.docname
    if not (names := json.loads((Path(app.srcdir)/'sections.json').read_text()).get(page)): return
    from docutils.nodes import section
    found = list(doctree.findall(section))
    assert len(found)==len(names), f'{page}: {len(found)} sections, and {len(names)} in English'
    new = {s['ids'][0]: name for s,name in zip(found, names)}
    for s in found: s['ids'][0] = new[s['ids'][0]]
    slugs = app.env.metadata[page].get('myst_slugs', {})
    for slug,(line,id,text) in list(slugs.items()): slugs[slug] = slugs[new.get(id, id)] = (line, new.get(id, id), text)

def setup(app):
    app.connect('html-page-context', finish)
    if lang=='en': return
    app.connect('doctree-read', same_names, priority=100)  # Before the contents are made
    app.add_search_language(Chinese)

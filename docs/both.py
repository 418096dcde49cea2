"Draw each figure of a running notebook in Chinese, too; `docs/outputs.py` imports this into the kernel"
import time
from colornet.words import _word, local, speak, speak_in_figures

def draw(fig):
    "A figure as Jupyter shows it, and beside it the same figure in Chinese and the words that it holds"
    from IPython.core.pylabtools import print_figure
    from matplotlib.text import Text
    picture = lambda: print_figure(fig, fmt='png', base64=True, bbox_inches='tight')
    english,texts = picture(),[t for t in fig.findobj(Text) if t.get_visible()]  # drawn first, so that all ticks are there
    said = {t: t.get_text() for t in texts}
    words = list(dict.fromkeys(s for s in said.values() if _word.search(s)))
    if not words: return english
    was,start = speak('zh'),time.time()
    try:
        chinese = {s: local(s) for s in words}
        for t,s in said.items(): t.set_text(s)
        return english,dict(zh=picture(), words=chinese, seconds=time.time()-start)
    finally:
        speak(was)
        for t,s in said.items(): t.set_text(s)

def watch(ip):
    "Let every figure of a shell be drawn by `draw`"
    from matplotlib import pyplot as plt
    ip.run_line_magic('matplotlib', 'inline')
    assert speak_in_figures(), 'figures cannot be drawn in Chinese: install a font such as fonts-noto-cjk'
    ip.display_formatter.formatters['image/png'].for_type(plt.Figure, draw)

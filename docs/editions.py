"What the site says besides the book, in both languages, and how its search reads Chinese"
import re
from sphinx.search import SearchLanguage

# Parts of the book by the first digit of a notebook's name
parts = dict(
    en={'0': 'Start', '1': 'Colour by hand', '2': 'The network', '3': 'Why brown, and what then', '4': 'Labs', '5': 'The tool',
        '6': 'Training for hours', '7': 'Scans, arrays and pipes', '9': 'The back of the book'},
    zh={'0': '开始', '1': '动手认识颜色', '2': '网络', '3': '为什么发棕，怎么办', '4': '实验室', '9': '书末'})

labels = dict(
    en=dict(colab='Open in Colab', download='Download notebook', github='View on GitHub', source='source', beside='Beside the book',
            jupyter='What this cell shows answers to your hands in Jupyter only: open the notebook to try it.'),
    zh=dict(colab='在 Colab 中打开', download='下载笔记本', github='在 GitHub 上查看', source='源代码', beside='书外',
            jupyter='这个单元格显示的内容只在 Jupyter 里能动手操作：打开笔记本试试。',
            tool='工具的各章（英文）', reference='参考（英文）'))

class Chinese(SearchLanguage):
    "Chinese is cut into pairs of characters, with no dictionary; what a reader looks for is cut in the same way"
    lang,language_name = 'zh_CN','Chinese'
    js_stemmer_code = 'class Stemmer { stemWord(w) { return w } }'
    js_splitter_code = r"""function splitQuery(query) {
  return (query.match(/[\u3400-\u9fff]+|[A-Za-z0-9_]+/g) || []).flatMap(word =>
    /[\u3400-\u9fff]{2}/.test(word) ? [...word].slice(1).map((c, i) => word[i] + c) : [word])
}"""
    def split(self, text):
        res = []
        for w in re.findall(r'[\u3400-\u9fff]+|[A-Za-z0-9_]+', text):
            res += [a+b for a,b in zip(w, w[1:])] if re.match(r'[\u3400-\u9fff]{2}', w) else [w]
        return res
    def stem(self, word): return word.lower()
    def word_filter(self, word): return len(word)>1

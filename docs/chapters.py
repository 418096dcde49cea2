"""Measure the chapters: python docs/chapters.py [--write] [NOTEBOOK...]

Prints a table: code cells, median and longest cell in lines; words of prose; drawings and figures; assertions; exercises; the longest
stretch of code without a look, in lines (a look is a picture, drawing, widget or table); words for each line of code; the seconds of
the last run (`docs/outputs.py` notes them); and the minutes, which are reading at 200 words, 10 lines of code and a third of an
exercise a minute, and the run. Without names it takes parts 0 to 4. `--write` puts the minutes of all of
them, to full fives, into the chapters and into `nbs/experiments/minutes.csv`.
"""
import argparse, csv, json, re
from pathlib import Path
from statistics import median
from cells import cells, directives, heads, src

root = Path(__file__).parent.parent

def lines(cell):
    "Lines of code, without directives and empty ones"
    return [l for l in directives(src(cell))[1].splitlines() if l.strip()]

def looks(cell):
    "Pictures, widgets and tables that a cell shows"
    if cell['cell_type']=='markdown': return src(cell).count('![')+bool(re.search(r'^\|.*\n\|[ :|-]+\|$', src(cell), re.M))
    if heads(cell).get('output')=='false': return 0
    shown = [o.get('data', {}).keys() for o in cell['outputs']]
    return sum(any(k.startswith('image/') or 'widget' in k or k=='text/html' for k in ks) for ks in shown)

def stretch(
    cs:list, # Cells of a chapter
)->int:      # Lines
    "The longest stretch of code with nothing to look at; a folded or hidden cell is passed over"
    most = n = 0
    for c in cs:
        if c['cell_type']=='code' and not heads(c).keys()&{'hide','code-fold','folded'}:
            n += len(lines(c))
            most = max(most, n)
        if looks(c): n = 0
    return most

def measure(
    path:Path,    # Notebook
    seconds:float # Of its last run
)->dict:          # What the table shows, by heading
    "Measure one chapter"
    cs = cells(path)
    code,prose = [c for c in cs if c['cell_type']=='code'],[src(c) for c in cs if c['cell_type']=='markdown']
    sizes,words = [len(lines(c)) for c in code if lines(c)],sum(len(p.split()) for p in prose)
    tests = sum(bool(re.match(r'\s*(assert|test_\w+\(|with expect_fail)', l)) for c in code for l in lines(c))
    exercises,total = sum(p.count('### Exercise ') for p in prose),sum(sizes)
    minutes = words/200+total/10+3*exercises+seconds/60
    return dict(chapter=path.stem, cells=len(code), median=median(sizes or [0]), longest=max(sizes or [0]), words=words,
                figures=sum(map(looks, cs)), assertions=tests, exercises=exercises, stretch=stretch(cs),
                ratio=round(words/max(total, 1), 1), seconds=round(seconds), minutes=max(5, 5*round(minutes/5)))

def write_minutes(
    rows:list, # As `measure` gives them, of all chapters
):
    "Put the minutes into the openings of the chapters, and into a table"
    for r in rows:
        path = root/'nbs'/f"{r['chapter']}.ipynb"
        text = path.read_text(encoding='utf-8')
        path.write_text(re.sub(r'\*\*Minutes:\*\* \d+', f"**Minutes:** {r['minutes']}", text), encoding='utf-8')
    with open(root/'nbs'/'experiments'/'minutes.csv', 'w', newline='', encoding='utf-8') as f:
        out = csv.writer(f, lineterminator='\n')
        out.writerow(['chapter','title','minutes'])
        for r in rows: out.writerow([r['chapter'], title(root/'nbs'/f"{r['chapter']}.ipynb"), r['minutes']])

def title(path): return src(cells(path)[0]).split('\n')[0].removeprefix('# ')

def book():
    "Chapters of parts 0 to 4"
    return sorted(p for p in (root/'nbs').glob('[0-4]*.ipynb'))

def table(
    paths:list, # Notebooks
)->list:        # A dict each
    "Measure chapters"
    notes = json.loads((root/'docs'/'outputs.json').read_text())
    return [measure(p, notes.get(p.name, {}).get('seconds', 0)) for p in paths]

def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument('notebooks', nargs='*', type=lambda n: Path(n).resolve())
    p.add_argument('--write', action='store_true')
    args = p.parse_args()
    if args.write and args.notebooks: p.error('--write takes no names: it writes all')
    rows = table(args.notebooks or book())
    print('| '+' | '.join(rows[0])+' |', '|'.join(['']+['---']*len(rows[0])+['']), sep='\n')
    for r in rows: print('| '+' | '.join(map(str, r.values()))+' |')
    print(f"\n{len(rows)} chapters, {sum(r['exercises'] for r in rows)} exercises, {sum(r['words'] for r in rows)} words, "
          f"{sum(r['seconds'] for r in rows)} s to run, {sum(r['minutes'] for r in rows)} minutes in all")
    if args.write: write_minutes(rows)

if __name__=='__main__': main()

"""Test what a change touches: python docs/touched.py [COMMIT]

Runs the notebooks whose code is not that of COMMIT (`HEAD` if not given), and the fast tests that belong to modules which differ: test
files that name one at their top, of other files the tests that name one. Prose, comments and docstrings can break only the tests of
form, which always run. The rest is left to `bash .ci/run`.
"""
import ast, json, re, subprocess, sys
from pathlib import Path
from cells import src
from outputs import bare, imported, root

forms = [f'tests/test_{n}.py' for n in 'notebooks modules site ci'.split()]

def git(*args):
    done = subprocess.run(['git', *args], cwd=root, capture_output=True)
    if done.returncode and args[0]!='show': sys.exit(done.stderr.decode(errors='ignore'))  # A new file was not there to be shown
    return done.stdout.decode(errors='ignore')

def code(
    name:str, # Name of a file
    text:str, # What it holds, empty if it is not there
)->str:       # Its code: all of it but comments and docstrings, or the whole text if the file is neither a notebook nor Python
    "What of a file can break a test"
    if name.endswith('.py'): return bare(text)
    if not text or not name.endswith('.ipynb'): return text
    return '\n'.join(bare(src(c), cell=True) for c in json.loads(text)['cells'] if c['cell_type']=='code')

def changed(
    commit:str, # What to compare with
)->list:        # Names of files whose code differs, also new files and files that are gone
    "List the files that a change touches"
    names = (git('diff', '--name-only', '--no-renames', '-z', commit)+git('ls-files', '-oz', '--exclude-standard')).split('\0')
    now = lambda n: (root/n).read_text(encoding='utf-8', errors='ignore') if (root/n).exists() else ''
    return [n for n in dict.fromkeys(names) if n and code(n, now(n))!=code(n, git('show', f'{commit}:{n}'))]

def named(text):
    "Modules that a test names, those of this package without `colornet.`"
    found = re.findall(r'^\s*(?:from|import) +(\w[\w, ]*)|\bcolornet\.(\w+)', text, re.M)
    return imported(text)|set(re.findall(r'\w+', ' '.join(map(' '.join, found))))

def tests(
    path:Path,   # File of tests
    modules:set, # Names of modules
)->list:         # What of it to run: the whole file, or some of its tests, or nothing
    "Choose the tests that name one of `modules`"
    text,name = path.read_text(encoding='utf-8'),path.relative_to(root).as_posix()
    parts = [(n, named(ast.get_source_segment(text, n))&modules) for n in ast.parse(text).body]
    hit = [getattr(n, 'name', '') for n,ms in parts if ms]
    return [f'{name}::{h}' for h in hit] if all(h.startswith('test_') for h in hit) else [name]

def choose(
    files:list, # Names of changed files
)->list:        # Files of tests and single tests
    "Choose the tests of form, changed tests, and those of changed modules"
    modules = {Path(f).stem for f in files if re.fullmatch(r'(colornet|docs|tests)/\w+\.py', f)}-{'_modidx'}
    whole = forms+[f for f in files if re.fullmatch(r'tests/test_\w+\.py', f) and (root/f).exists()]
    chosen = [t for p in sorted((root/'tests').glob('test_*.py')) for t in tests(p, modules)]
    return sorted({*whole, *(t for t in chosen if t.split('::')[0] not in whole)})

def main(commit='HEAD'):
    files = changed(commit)
    notebooks = [f for f in files if re.fullmatch(r'nbs/\w+\.ipynb', f) and (root/f).exists()]
    for command in [*(['nbdev_test','--path',n] for n in notebooks), ['pytest','-q','-m','not slow',*choose(files)]]:
        print('==', *command, flush=True)
        if subprocess.run(command, cwd=root).returncode: sys.exit(1)

if __name__=='__main__': main(*sys.argv[1:])

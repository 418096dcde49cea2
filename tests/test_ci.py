"What runs elsewhere, checked here as far as it can be: workflows, `.ci/run`, the choice of tests by `make check`"
import json, os, re, subprocess, sys
from pathlib import Path
import pytest, yaml
import touched

root = Path(__file__).parent.parent
github = root/'.github'
workflows = {p.stem: yaml.safe_load(p.read_text(encoding='utf-8')) for p in sorted((github/'workflows').glob('*.yml'))}
script = (root/'.ci'/'run').read_text(encoding='utf-8')
changelog = (root/'CHANGELOG.md').read_text(encoding='utf-8')

def setting(name): return re.search(rf'^{name} = (.+)$', (root/'settings.ini').read_text(encoding='utf-8'), re.M)[1]

@pytest.mark.parametrize('schema,files', [
    ('github-workflows', 'workflows/*.yml'), ('github-issue-forms', 'ISSUE_TEMPLATE/[!c]*.yml'), ('github-issue-config', 'ISSUE_TEMPLATE/config.yml')])
def test_what_github_reads_has_its_form(schema, files):
    command = [sys.executable, '-m', 'check_jsonschema', '--builtin-schema', f'vendor.{schema}', *github.glob(files)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode==0, done.stdout+done.stderr

def test_ci_runs_every_check_and_no_version_of_python_is_forgotten():
    jobs = workflows['test']['jobs']
    steps = lambda job: ' '.join(s.get('run', s.get('uses', '')) for s in jobs[job]['steps'])
    assert 'ruff check' in steps('lint') and 'not slow' in steps('fast') and 'bash .ci/run' in steps('whole')
    matrix = jobs['fast']['strategy']['matrix']
    assert matrix['python'][0]==setting('min_python') and len(matrix['python'])==3
    assert [i['os'] for i in matrix['include']]==['macos-latest','windows-latest']
    assert all('timeout-minutes' in j for w in workflows.values() for j in w['jobs'].values())

def test_lint_is_the_same_everywhere():
    wanted = re.search(r'ruff\S+', setting('nbdev_requirements'))[0]
    assert any(wanted in s.get('run', '') for s in workflows['test']['jobs']['lint']['steps'])

def test_a_release_needs_a_tag_and_publishes_without_a_password():
    release = workflows['release']
    assert release[True]==dict(push=dict(tags=['v*']))  # YAML reads `on` as true
    publish = release['jobs']['publish']
    assert publish['environment'] and publish['permissions']=={'id-token': 'write'} and publish['needs']=='build'
    assert not re.search(r'secrets\.', (github/'workflows'/'release.yml').read_text(encoding='utf-8'))

@pytest.mark.skipif(os.name=='nt', reason='needs a POSIX shell')
@pytest.mark.parametrize('tag,status', [('v0.1.0',0), ('v0.1.1',1), ('0.1.0',1)])
def test_a_tag_that_names_another_version_ends_the_release(tmp_path, tag, status):
    (tmp_path/'settings.ini').write_text('min_python = 3.11\nversion = 0.1.0\n')
    (tmp_path/'CHANGELOG.md').write_text('# Changelog\n\n## [Unreleased]\n- x\n\n## [0.1.0] - 2026-01-01\n- one\n- two\n\n## [0.0.1] - 2025-01-01\n- y\n')
    steps = {s['name']: s['run'] for s in workflows['release']['jobs']['build']['steps'] if 'name' in s}
    run = lambda name: subprocess.run(['bash','-ec',steps[name]], cwd=tmp_path, env=dict(os.environ, GITHUB_REF_NAME=tag)).returncode
    assert run('the tag names the version')==status
    if status==0: assert run('the changelog tells what is new')==0 and (tmp_path/'notes.md').read_text()=='- one\n- two\n\n'

def test_the_changelog_has_the_version_that_is_set():
    versions = re.findall(r'^## \[([^\]]+)\]', changelog, re.M)
    assert versions[0]=='Unreleased' and setting('version') in versions
    kinds = {'Added','Changed','Deprecated','Removed','Fixed','Security'}
    assert set(re.findall(r'^### (.+)$', changelog, re.M))<=kinds

# .ci/run

@pytest.mark.skipif(os.name=='nt', reason='needs a POSIX shell')
def test_the_script_of_ci_runs_the_command_of_the_readme_last():
    assert subprocess.run(['bash','-n',root/'.ci'/'run']).returncode==0
    found, = re.findall(r"^(pip install -e .*nbdev_test.*pytest)$", (root/'README.md').read_text(encoding='utf-8'), re.M)
    assert script.rstrip().endswith('eval "$command"') and found.endswith('pytest')
    assert 'download.pytorch.org' not in script  # the workflows choose where PyTorch comes from

@pytest.mark.skipif(os.name=='nt', reason='needs a POSIX shell')
@pytest.mark.parametrize('fails', [False,True])
def test_ci_runs_the_demo_alone_and_all_else_a_file_a_core(tmp_path, fails):
    (tmp_path/'pytest').write_text(f'#!/bin/sh\necho "$@"\n{"exit 3"*fails}\n')
    (tmp_path/'pytest').chmod(0o755)
    two = script[script.index('pytest() {'):script.index('say "the README')]
    shell = f"set -e\n{two}\neval 'true && pytest'"
    r = subprocess.run(['bash','-c',shell], env=dict(os.environ, PATH=f'{tmp_path}:{os.environ["PATH"]}'), capture_output=True, text=True)
    alone,*rest = r.stdout.splitlines()
    assert alone=='tests/test_demo.py' and bool(r.returncode)==fails
    assert fails or '--ignore=tests/test_demo.py' in rest[0] and 'tests/' not in rest[0].replace('--ignore=tests/test_demo.py', '')

asks = script[script.index('    if [ -t 0 ]'):script.index('    as_root()')]

@pytest.mark.skipif(os.name=='nt', reason='needs a terminal of POSIX')
@pytest.mark.parametrize('terminal,ci,answer,goes_on', [
    (False,'','',True), (True,'true','',True), (True,'','y',True), (True,'','n',False), (True,'','',False)])
def test_the_script_asks_before_it_installs_where_somebody_can_answer(terminal, ci, answer, goes_on):
    import pty
    here,there = pty.openpty()
    p = subprocess.Popen(['bash','-euc',f'missing=npm\n{asks}\necho installs'], stdin=there if terminal else subprocess.DEVNULL,
                         stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=dict(os.environ, CI=ci))
    os.write(here, f'{answer}\n'.encode())
    said = p.communicate(timeout=30)[0]
    for f in (here, there): os.close(f)
    assert ('installs' in said)==goes_on and ('[y/N]' in said)==(terminal and not ci) and (p.returncode==0)==goes_on, said

# make check

def notebook(*cells): return json.dumps(dict(cells=[dict(cell_type=k, source=s.splitlines(True)) for k,s in cells]))

def test_prose_comments_and_docstrings_touch_no_code():
    old = notebook(('markdown','Words'), ('code','#| export\ndef f(x): # How\n    "What"\n    return x'))
    new = notebook(('markdown','More'), ('markdown','words'), ('code','#| export\ndef f(x): # Why\n    "That"\n    return x'))
    code = lambda text: touched.code('nbs/10_light.ipynb', text)
    assert code(old)==code(new)!=code(new.replace('return x', 'return 2*x')) and code('')==''
    assert touched.code('colornet/a.py', 'x = 1 # a')==touched.code('colornet/a.py', '"doc"\nx = 1')!=touched.code('colornet/a.py', 'x = 2')

def test_tests_are_chosen_by_the_modules_that_they_name(tmp_path, monkeypatch):
    monkeypatch.setattr(touched, 'root', tmp_path)
    (tmp_path/'tests').mkdir()
    text = {'test_a.py': 'from colornet.yuv import rgb2yuv\ndef test_a(): pass\n',
            'test_b.py': 'def test_b():\n    from colornet.yuv import rgb2yuv\ndef test_c(): "colornet.cli"\ndef test_d(): pass\n',
            'test_c.py': 'def helper():\n    from colornet.cli import colornet\ndef test_e(): helper()\n',
            'test_d.py': 'import os, stills\nfrom helpers import put\n'}
    for name,t in text.items(): (tmp_path/'tests'/name).write_text(t)
    chosen = lambda *files: [t for t in touched.choose(list(files)) if t not in touched.forms]
    assert chosen('colornet/yuv.py', 'README.md')==['tests/test_a.py','tests/test_b.py::test_b']
    assert chosen('colornet/cli.py')==['tests/test_b.py::test_c','tests/test_c.py']
    assert chosen('tests/test_b.py', 'colornet/yuv.py')==['tests/test_a.py','tests/test_b.py']
    assert chosen('tests/helpers.py')==chosen('docs/stills.py')==['tests/test_d.py'] and chosen('nbs/10_light.ipynb')==[]

def test_a_change_is_what_differs_in_code_from_a_commit(tmp_path, monkeypatch):
    monkeypatch.setattr(touched, 'root', tmp_path)
    git = lambda *args: subprocess.run(['git', '-c', 'user.name=a', '-c', 'user.email=a@b.org', *args], cwd=tmp_path, check=True, capture_output=True)
    git('init')
    for name in ('a','b','gone'): (tmp_path/f'{name}.py').write_text('x = 1\n')
    git('add', '.')
    git('commit', '-m', 'x')
    assert touched.changed('HEAD')==[]
    (tmp_path/'a.py').write_text('x = 1  # why\n')
    (tmp_path/'b.py').write_text('x = 2\n')
    (tmp_path/'gone.py').unlink()
    (tmp_path/'new é.py').write_text('y = 1\n')
    assert sorted(touched.changed('HEAD'))==['b.py','gone.py','new é.py']

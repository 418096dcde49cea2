import os, re, signal, sys, warnings
import pytest
from pathlib import Path
from types import SimpleNamespace

sys.path.insert(0, str(Path(__file__).parent.parent/'docs'))

def pytest_configure(config):
    config.addinivalue_line('markers', 'slow: takes more than a few seconds; `make check` leaves it out')
    os.environ['COLORNET_LANG'] = 'en'  # Whatever this system speaks
    if signal.getsignal(signal.SIGINT)==signal.SIG_IGN: signal.signal(signal.SIGINT, signal.default_int_handler)  # In a background job

def pytest_ignore_collect(collection_path):
    "Leave out on Windows what needs signals, limits and rights as only other systems have them"
    text = collection_path.read_text(encoding='utf-8') if collection_path.suffix=='.py' and os.name=='nt' else ''
    return bool(re.search(r'^(?:import|from) .*\b(?:resource|fcntl)\b', text, re.M)) or None

@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    "Where `.ci/run` has installed all tools, a test that skips has failed"
    report = (yield).get_result()
    if report.skipped and os.environ.get('COLORNET_CI') and not hasattr(report, 'wasxfail'):
        report.outcome, report.longrepr = 'failed', f'skipped in CI: {report.longrepr[-1]}'

@pytest.fixture(scope='module')
def one_thread():
    "One thread, here and in the processes that start here: the pictures are tiny, and sums come out the same everywhere"
    import torch
    n = torch.get_num_threads()
    torch.set_num_threads(1)
    with pytest.MonkeyPatch.context() as m:
        m.setenv('OMP_NUM_THREADS', '1')
        yield
    torch.set_num_threads(n)

@pytest.fixture(scope='module')
def browser():
    "Chromium without a window"
    import stills
    from playwright.sync_api import sync_playwright
    with sync_playwright() as p:
        if not (b := stills.chromium(p.chromium)): pytest.skip('no Chromium here')
        yield b
        b.close()

@pytest.fixture
def here(tmp_path, monkeypatch):
    "A folder of one's own, with a gray photo in it, to work in"
    from helpers import gray
    monkeypatch.chdir(tmp_path)
    gray().save('photo.jpg')
    return tmp_path

@pytest.fixture
def call(capsys):
    "Run a command in this process, as a user would type it"
    from helpers import typed
    hidden = [DeprecationWarning, PendingDeprecationWarning, ImportWarning, ResourceWarning]  # Python's own choice
    def run(cmd, *args):
        capsys.readouterr()
        with warnings.catch_warnings():  # pytest would keep warnings to itself; a user sees them
            warnings.simplefilter('default')
            for w in hidden: warnings.simplefilter('ignore', w)
            warnings.showwarning = lambda m, cat, *a, **k: print(f'{cat.__name__}: {m}', file=sys.stderr)
            status = typed(cmd, *args)
        return SimpleNamespace(status=status, **capsys.readouterr()._asdict())
    return run

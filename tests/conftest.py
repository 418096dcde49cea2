import os, sys
import pytest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent/'docs'))

def pytest_configure(config): config.addinivalue_line('markers', 'slow: takes more than a few seconds; `make check` leaves it out')

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

import os, shutil
import pytest

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
    "Chromium without a window, which asks nobody for anything"
    from playwright.sync_api import sync_playwright
    if not (path := shutil.which('chromium') or shutil.which('google-chrome')): pytest.skip('no Chromium here')
    off = [f'--disable-{x}' for x in 'gpu quic background-networking component-update sync'.split()]
    with sync_playwright() as p:
        b = p.chromium.launch(executable_path=path, args=['--no-sandbox', '--no-first-run', *off])
        yield b
        b.close()

import os
import pytest

def pytest_configure(config): config.addinivalue_line('markers', 'slow: takes more than a few seconds; `make check` leaves it out')

@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    "Where `.ci/run` has installed all tools, a test that skips has failed"
    report = (yield).get_result()
    if report.skipped and os.environ.get('COLORNET_CI') and not hasattr(report, 'wasxfail'):
        report.outcome, report.longrepr = 'failed', f'skipped in CI: {report.longrepr[-1]}'

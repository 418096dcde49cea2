"JupyterLab in Chromium, as a reader has it"
import os, socket, subprocess, sys, time, urllib.request
from contextlib import contextmanager

import nbformat
import pytest

def write_notebook(path, *cells):
    nb = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(c) for c in cells])
    nb.metadata['kernelspec'] = dict(name='python3', display_name='Python 3', language='python')
    nbformat.write(nb, path)

def free_port():
    with socket.socket() as s:
        s.bind(('127.0.0.1', 0))
        return s.getsockname()[1]

@contextmanager
def jupyterlab(d):
    "JupyterLab's address, for a folder that holds notebooks"
    port = free_port()
    env = dict(os.environ, JUPYTER_CONFIG_DIR=str(d/'config'), JUPYTER_RUNTIME_DIR=str(d/'run'), JUPYTERLAB_SETTINGS_DIR=str(d/'settings'))
    args = ['--no-browser', f'--port={port}', '--port-retries=0', '--IdentityProvider.token=', '--ServerApp.root_dir=.', '--allow-root']
    with (d/'log').open('w') as log:
        p = subprocess.Popen([sys.executable, '-m', 'jupyterlab', *args], cwd=d, env=env, stdout=log, stderr=log)
        try:
            for _ in range(120):
                try: urllib.request.urlopen(f'http://127.0.0.1:{port}/api').read()
                except OSError: time.sleep(.5)
                else: break
            else: pytest.fail((d/'log').read_text()[-2000:])
            yield f'http://127.0.0.1:{port}'
        finally:
            p.terminate()
            try: p.wait(10)
            except subprocess.TimeoutExpired: p.kill()  # Its kernels notice and end, too

def open_notebook(browser, url, name):
    "A notebook in a tab, its kernel ready"
    page = browser.new_page(viewport=dict(width=1280, height=1100))
    page.goto(f'{url}/lab/tree/{name}.ipynb')
    page.locator('.jp-Notebook').wait_for(timeout=60_000)
    page.locator('text=/Python 3.*Idle/i').first.wait_for(timeout=60_000)
    return page

"Reads everything from settings.ini, the one source of metadata"
import re
from configparser import ConfigParser
from pathlib import Path
from setuptools import find_packages, setup

here = Path(__file__).parent
ini = ConfigParser(delimiters=['='])
ini.read(here/'settings.ini', encoding='utf-8')
cfg = ini['DEFAULT']

def reqs(key): return cfg.get(f'{key}requirements', '').split()

def readme():
    "README.md with whole addresses, as it is read outside the repository, too"
    text = (here/'README.md').read_text(encoding='utf-8')
    whole = lambda kind, m: f"{m[1]}{cfg['git_url']}/{kind}/{cfg['branch']}/{m[2]}"
    text = re.sub(r'(!\[[^]]*\]\()(?!\w+:|#)([^)]+)', lambda m: whole('raw', m), text)
    return re.sub(r'(\]\()(?!\w+:|#)([^)]+)', lambda m: whole('blob', m), text)

extras = {k: reqs(f'{k}_') for k in 'train eval onnx app heic docs'.split()}
extras['dev'] = sorted({r for rs in extras.values() for r in rs}) + reqs('nbdev_')
statuses = ['1 - Planning', '2 - Pre-Alpha', '3 - Alpha', '4 - Beta', '5 - Production/Stable']

setup(
    name=cfg['lib_name'],
    version=cfg['version'],
    description=cfg['description'],
    keywords=cfg['keywords'].split(),
    author=cfg['author'],
    author_email=cfg['author_email'],
    license='Apache-2.0',
    license_files=['LICENSE', 'colornet/weights/NOTICE'],
    url=cfg['git_url'],
    long_description=readme(),
    long_description_content_type='text/markdown',
    classifiers=[
        f"Development Status :: {statuses[int(cfg['status'])-1]}",
        f"Intended Audience :: {cfg['audience']}",
        'License :: OSI Approved :: Apache Software License',
        f"Natural Language :: {cfg['language']}",
        'Programming Language :: Python :: 3',
        'Topic :: Scientific/Engineering :: Artificial Intelligence'],
    packages=find_packages(include=[f"{cfg['lib_path']}*"]),
    package_data={cfg['lib_path']: ['py.typed','weights/*','samples/*','static/*']},
    include_package_data=True,
    python_requires=f">={cfg['min_python']}",
    install_requires=reqs(''),
    extras_require=extras,
    entry_points={'console_scripts': cfg['console_scripts'].split(), 'nbdev': [f"{cfg['lib_path']}={cfg['lib_path']}._modidx:d"]},
    zip_safe=False)

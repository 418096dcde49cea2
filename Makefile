# Every check here is also a step of `.ci/run`.
.PHONY: check export outputs chapters readme test slow docs gettext

BASE ?= HEAD

check: export readme   ## before each commit: what differs from the last one (or from BASE), in about a minute
	ruff check --quiet
	python docs/touched.py $(BASE)

export:                ## write the first cell of the notebooks, clean them and export the modules
	python docs/first.py
	nbdev_clean
	nbdev_export

outputs:               ## run notebooks in a Jupyter kernel and store their outputs: those that are stale, or NB="nbs/10_light.ipynb"
	python docs/outputs.py $(NB)

chapters:              ## a table of the chapters: words, looks, exercises, minutes
	python docs/chapters.py

readme:                ## README.md from nbs/index.ipynb
	python docs/readme.py

test:                  ## all notebooks and all tests
	nbdev_test
	pytest

slow:                  ## the notebooks that have slow cells, with those
	set -e; for n in $$(grep -l '"#| slow' nbs/*.ipynb); do nbdev_test --path $$n --flags slow --n_workers 0; done

docs:                  ## the site, in _docs/html; needs the extra `docs` and Node's npm
	python docs/build.py

gettext:               ## the site's prose for translators, in _docs/gettext
	python docs/build.py --gettext

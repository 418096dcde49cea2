# Every check here is also a step of `.ci/run`.
.PHONY: check export outputs readme test slow

BASE ?= HEAD
touched = $(shell git diff --name-only $(BASE) -- nbs; git ls-files -o --exclude-standard nbs)
chapters = $(filter %.ipynb,$(touched))

export:                ## clean the notebooks and export the modules
	nbdev_clean
	nbdev_export

check: export readme   ## before each commit: the touched notebooks and the fast tests, under 3 minutes
	set -e; for n in $(chapters); do nbdev_test --path $$n --n_workers 0; done
	pytest -q -m "not slow"

outputs:               ## run notebooks in a Jupyter kernel and store their outputs: make outputs NB="nbs/01_yuv.ipynb"
	python docs/outputs.py $(NB)

readme:                ## README.md from nbs/index.ipynb
	python docs/readme.py

test:                  ## all notebooks and all tests
	nbdev_test
	pytest

slow:                  ## the notebooks that have slow cells, with those
	set -e; for n in $$(grep -l '"#| slow' nbs/*.ipynb); do nbdev_test --path $$n --flags slow --n_workers 0; done

.PHONY: docs gettext
docs:                  ## the site, in _docs/html; needs the extra `docs` and Node's npm
	python docs/build.py

gettext:               ## the site's prose for translators, in _docs/gettext
	python docs/build.py --gettext

# Every check here is also a step of `.ci/run`.
.PHONY: check export outputs chapters readme test slow gpu docs zh lite

BASE ?= HEAD
DEVICE ?= cuda
OUT ?= runs/gpu
LEARN ?= --init release --learn-taps conv4 --taps-lr .03 --vivid --film .3 --crop 224 --bs 32 --lr .001 --steps 10000 --save-every 100 --workers 8

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

readme:                ## README.md from nbs/index.ipynb, and the model card from what was measured
	python docs/readme.py
	python docs/card.py

test:                  ## all notebooks and all tests
	nbdev_test
	pytest

slow:                  ## the notebooks that have slow cells, with those
	set -e; for n in $$(grep -l '"#| slow' nbs/*.ipynb); do nbdev_test --path $$n --flags slow --n_workers 0; done

gpu: $(OUT)/cells $(OUT)/bench.json  ## with PHOTOS/train and PHOTOS/val: the cells for a GPU, the bench, a training, what it won; stopped, it goes on
	colornet_train "$(PHOTOS)/train" --out $(OUT) --valid "$(PHOTOS)/val" --device $(DEVICE) $(LEARN)
	rm -f $(OUT)/eval-*.json
	for w in release $(OUT)/best.safetensors; do colornet_eval "$(PHOTOS)/val" --weights $$w --device $(DEVICE) $(EVAL) --json $(OUT)/eval-$$(basename $$w .safetensors).json || exit 1; done

$(OUT)/cells:
	@test -d "$(PHOTOS)/train" -a -d "$(PHOTOS)/val" || { echo 'make gpu PHOTOS=FOLDER: give a folder with train and val in it'; exit 1; }
	test $(DEVICE) != cuda || nbdev_test --flags cuda
	mkdir -p $(OUT)
	touch $@

$(OUT)/bench.json: $(OUT)/cells
	colornet_bench --device $(DEVICE) $(BENCH) --json $@

docs:                  ## the site, in _docs/html; needs the extra `docs` and Node's npm
	python docs/build.py

zh:                    ## the Chinese edition: catalogues brought up to date, and what is made from them
	python docs/zh.py

lite:                  ## the wheel of the command without PyTorch, in dist
	python docs/lite.py

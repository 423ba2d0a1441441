# `make run` and `make test` need Python 3.11 or later and make, nothing else.

PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	command -v $$p >/dev/null 2>&1 && $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$p; break; }; done)
VENV := .venv
BIN := $(VENV)/bin
# What the commands in $(BIN) were installed for: a changed lock or pyproject.toml installs anew.
SOURCES := pyproject.toml desk/__init__.py
PIP := PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore $(BIN)/python -m pip install --quiet

.PHONY: run test test-server torture check style fix lock translations wheel clean help
.DEFAULT_GOAL := help

help:
	@echo "make run           set everything up and open the console"
	@echo "make test          set everything up and run every check and test"
	@echo "make test-server   the whole suite once more, on a PostgreSQL server instead of files"
	@echo "make torture       kill it, cut its power, fill its disk: every trial in full (an hour)"
	@echo "make check         the checks alone: style, types, imports, translations"
	@echo "make fix           format the code and apply safe fixes"
	@echo "make translations  bring the catalogues up to date with the code"
	@echo "make lock          choose newer versions of what desk depends on"
	@echo "make wheel         build the wheel into dist/"
	@echo "make clean         remove everything these commands made"

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "desk needs Python 3.11 or later: install it, or name it: make run PYTHON=/path/to/python3" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
		echo "This Python cannot make virtual environments: on Debian or Ubuntu, 'sudo apt install python3-venv', then try again." >&2; exit 1; }
	@echo "Setting up in $(VENV) (first time only) ..."
	@$(PYTHON) -m venv --clear $(VENV) || { rm -rf $(VENV); exit 1; }

$(VENV)/run.stamp: requirements/run.txt $(SOURCES) | $(BIN)/python
	@echo "Installing what desk needs ..."
	@$(PIP) --require-hashes -r requirements/run.txt
	@$(PIP) --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/dev.stamp: requirements/dev.txt $(SOURCES) | $(BIN)/python
	@echo "Installing what the checks and tests need ..."
	@$(PIP) --require-hashes -r requirements/dev.txt
	@$(PIP) --no-deps --no-build-isolation --editable .
	@touch $@ $(VENV)/run.stamp

run: $(VENV)/run.stamp
	@$(BIN)/desk

check: style
	$(BIN)/mypy

style: $(VENV)/dev.stamp
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports --no-logo
	$(BIN)/python tools/translations.py check

# The same tests on the other engine: what records, reckons and lists. The whole suite: make test-server
ON_A_SERVER := $(addprefix tests/test_,ledger.py dispatch.py corrections.py queries_due.py)

# Every worker compiles the tests it finds, a sixth of its time, unless it may keep what it compiled.
unexport PYTHONDONTWRITEBYTECODE

# What is quickly said is said first; the types, twenty seconds of one core, are checked while the tests that wait go on.
test: style
	@echo "$(BIN)/mypy, beside the tests"; \
	$(BIN)/mypy > $(VENV)/types.txt 2>&1 & types=$$!; \
	$(BIN)/python -m pytest -n 3 --dist loadgroup --no-loadscope-reorder; failed=$$?; \
	wait $$types || failed=1; \
	cat $(VENV)/types.txt; exit $$failed
	$(BIN)/python -m pytest -n 2 --engine postgresql $(ON_A_SERVER)

test-server: $(VENV)/dev.stamp
	$(BIN)/python -m pytest -n 3 --dist loadgroup --no-loadscope-reorder --engine postgresql -m "not terminal"

torture: $(VENV)/dev.stamp
	@$(PIP) --require-hashes -r requirements/torture.txt || echo "Without the fuzzer that learns." >&2
	@$(BIN)/python -m tests.torture

fix: $(VENV)/dev.stamp
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

translations: $(VENV)/dev.stamp
	$(BIN)/python tools/translations.py update

wheel: $(VENV)/dev.stamp
	$(BIN)/python -m build --no-isolation --wheel

# uv only chooses the versions; installing needs pip alone. One lock serves Linux, macOS and every Python from 3.11.
UV := $(VENV)/uv/bin/uv
COMPILE := $(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --upgrade pyproject.toml

$(UV): | $(BIN)/python
	@$(BIN)/python -m venv $(VENV)/uv
	@$(VENV)/uv/bin/python -m pip install --quiet uv

lock: $(UV)
	$(COMPILE) --group build --output-file requirements/run.txt
	$(COMPILE) --group dev --constraint requirements/run.txt --output-file requirements/dev.txt

clean:
	rm -rf $(VENV) build dist *.egg-info .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Every target does its own set-up. Needed on the machine: Python 3.11+, make, and a package registry.
#
#   make demo      a sandbox Ghost and a sample blog, synced before your eyes
#   make test      lint, types, layers and the everyday test suite (on a real Ghost 6, too, where npm is)
#   make test-all  the whole suite, with real Ghosts of every supported major version (npm; some minutes)
#   make fidelity  what a real Ghost 6 makes of every Markdown and Lexical construct, in figures (some minutes)
#   make torture   long runs of faults, crashes and random stories (about an hour)
#   make bench     the measurements in benchmarks/ (some hours)
#   make soak      half an hour of bad weather on a real Ghost; draws docs/soak.svg
#   make lock      resolve requirements-dev.lock anew
#   make clean     remove everything that make made

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
GHOSTS := 6.65.0,5.130.6,4.48.9,3.42.9,2.38.3
PYTEST := $(BIN)/pytest -n auto

# Where this is set, each process of the tests would compile everything anew.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help setup demo lint format test test-all fidelity torture bench soak lock clean

help:
	@sed -n 's/^#   //p' Makefile

setup: $(VENV)/.installed

# A half-made environment has no stamp and is made anew: the stamps are touched last.
$(VENV)/.python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo "ghostsync needs Python 3.11 or newer, and '$(PYTHON)' is" \
	    "$$($(PYTHON) -V 2>&1 || true). Name another one: make PYTHON=/path/to/python3.11" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/.locked: requirements-dev.lock $(VENV)/.python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@

$(VENV)/.installed: pyproject.toml $(VENV)/.locked
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

demo: setup
	@$(BIN)/ghostsync demo

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: setup
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# What is marked slow looks for rare faults at great length: `make torture`.
test: lint
	$(PYTEST) -m "not slow"

test-all: export GHOSTSYNC_TEST_GHOST_VERSIONS ?= $(GHOSTS)
test-all: lint
	$(PYTEST) -m "not slow"

# docs/fidelity.md says what is measured. GHOSTSYNC_EXAMPLES=10000 looks long for documents that break a law.
fidelity: export GHOSTSYNC_TEST_GHOST_VERSIONS = 6.65.0
fidelity: setup
	$(PYTEST) tests/fidelity $(if $(GHOSTSYNC_EXAMPLES),tests/property/test_markdown_*.py)

# All fault schedules, crash points and long stories; what was tried is told at the end. GHOSTSYNC_FAULT_SCHEDULES sets another number.
torture: setup
	$(PYTEST) -m slow --ignore=tests/fidelity

bench: setup
	@set -e; for script in benchmarks/bench_*.py; do echo "== $$script"; $(BIN)/python "$$script"; done

soak: setup
	$(BIN)/python benchmarks/soak.py

# uv lives in its own environment: it resolves for every platform at once, which pip cannot.
lock:
	test -x build/uv/bin/uv || { $(PYTHON) -m venv build/uv && build/uv/bin/python -m pip install --quiet uv; }
	build/uv/bin/uv pip compile pyproject.toml --quiet --group dev --universal --python-version 3.11 \
	  --generate-hashes --no-header --upgrade --output-file requirements-dev.lock

clean:
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

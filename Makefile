# `make demo` and `make test` work in a fresh checkout that has nothing but GNU make and
# a Python from 3.11 to 3.13: PYTHON=python3.12 chooses one, WORKERS=4 sets the number
# of test processes.

PYTHON ?= python3
WORKERS ?= 2

VENV := .venv
BIN := $(VENV)/bin
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check
# loadfile: tests of one file share a process, and so its compiled networks. The order of
# files is that of tests/conftest.py, not that of the number of their tests.
PARALLEL := -n $(WORKERS) --dist loadfile --no-loadscope-reorder -q
PYTEST := $(BIN)/python -m pytest $(PARALLEL)
EVERY_CHANGE := -m "not slow and not network and not benchmark"
# One thread of NumPy's for each worker: more of them wait for one another, and double
# the processor time of a small fit. `make test-slow` lets NumPy choose.
test test-fast test-times test-lowest: export OPENBLAS_NUM_THREADS = 1

# A stamp is named after the content of pyproject.toml, not its date, so that switching
# branches back and forth installs nothing.
HASH := $(shell cksum < pyproject.toml | cut -d ' ' -f 1)
LOWEST_HASH := $(shell cat pyproject.toml requirements-lowest.txt | cksum | cut -d ' ' -f 1)
PLOT := $(VENV)/.installed-plot-$(HASH)
DEV := $(VENV)/.installed-dev-$(HASH)
DOCS := $(VENV)/.installed-docs-$(HASH)
LOWEST_VENV := .venv-lowest
LOWEST := $(LOWEST_VENV)/.installed-$(LOWEST_HASH)
PEERS_HASH := $(shell cat pyproject.toml benchmarks/requirements-peers.txt | cksum | cut -d ' ' -f 1)
PEERS := .venv-peers/.installed-$(PEERS_HASH)

.PHONY: help demo test test-fast test-times test-slow test-lowest lint audit format bench
.PHONY: docs docs-check
.PHONY: bench-peers bench-quick dist dist-check clean
# Both stamps install into one environment.
.NOTPARALLEL:

help:
	@echo "make demo       run examples/demo.py"
	@echo "make test       the tests that every change must pass"
	@echo "make test-fast  the tests of a first change: no conformance, no processes"
	@echo "make test-times make test, and the 30 tests that take most processor time"
	@echo "make test-slow  tests of learning quality, and what make test has samples of"
	@echo "make test-lowest  make test with the oldest versions allowed (Python 3.11, 3.12)"
	@echo "make lint       ruff, with its security rules, and mypy"
	@echo "make audit      look the installed versions up among known vulnerabilities"
	@echo "make format     format and repair the code"
	@echo "make bench      measure the speed of fits and forecasts, ours beside others"
	@echo "make bench-quick  hashes of forecasts, speed and accuracy on airline, in minutes"
	@echo "make bench-peers  install the others (several GB) for make bench"
	@echo "make docs       build the site in docs/_build/html, examples executed"
	@echo "make docs-check look at every page of it in a headless Chromium"
	@echo "make dist       build wheel and sdist in dist/"
	@echo "make dist-check install them in fresh environments and run the quick start"
	@echo "make clean      remove caches, build products and the demo's output"

demo: $(PLOT)
	$(BIN)/python examples/demo.py

test: $(DEV)
	$(PYTEST) $(EVERY_CHANGE)

test-fast: $(DEV)
	$(PYTEST) -m "not slow and not network and not benchmark and not thorough"

# Where the time of `make test` goes, whatever else the machine does meanwhile.
test-times: $(DEV)
	$(PYTEST) $(EVERY_CHANGE) --processor-time --durations 30

test-slow: $(DEV)
	$(PYTEST) -m "slow and not network" --timeout 1800

test-lowest: $(LOWEST)
	$(LOWEST_VENV)/bin/python -m pytest $(PARALLEL) $(EVERY_CHANGE)

lint: $(DEV)
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy skl_lstm tests/typed_usage.py

# Needs the vulnerability service of PyPI, which not every machine reaches.
audit: $(DEV)
	$(INSTALL) pip-audit
	$(BIN)/python -m pip_audit --local --skip-editable

format: $(DEV)
	$(BIN)/ruff format
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

# With torch and the peers where `make bench-peers` has installed them.
bench: $(DEV)
	$(if $(wildcard $(PEERS)),.venv-peers,$(VENV))/bin/python -m benchmarks.speed
	$(if $(wildcard $(PEERS)),.venv-peers/bin/python -m benchmarks.peers)

# Before a change and after it: two minutes, without any file of data.
bench-quick: $(DEV)
	$(BIN)/python -m benchmarks.hashes
	$(BIN)/python -m benchmarks.speed --only refit --only import --way ours
	$(BIN)/python -m benchmarks.accuracy --only airline --method LSTM --method GRU

bench-peers: $(PEERS)

# Warnings are errors, and all of them are shown.
docs: $(DOCS)
	$(BIN)/python -m sphinx -W --keep-going -q -b html docs docs/_build/html
	@echo "Open docs/_build/html/index.html"

# Needs a Chromium: CHROMIUM=/path/to/it names one that is not found by itself.
docs-check: docs
	$(BIN)/python docs/check_site.py docs/_build/html --shots docs/_build/shots

dist: $(DEV)
	rm -rf dist
	$(BIN)/python -m build

dist-check: $(DEV)
	$(BIN)/python -m pytest -q tests/test_distribution.py --timeout 1800

clean:
	rm -rf build dist out docs/_build docs/generated docs/gallery *.egg-info
	rm -rf .pytest_cache .mypy_cache .ruff_cache .hypothesis .benchmarks
	find . -path "./.venv*" -prune -o -type d -name __pycache__ -exec rm -rf {} +

$(BIN)/python:
	@command -v $(PYTHON) > /dev/null || { \
	  echo "No '$(PYTHON)' found. Choose a Python: make PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' \
	|| { echo "skl_lstm needs Python 3.11, 3.12 or 3.13. Got $$($(PYTHON) --version 2>&1)" \
	  "instead. Choose another: make PYTHON=python3.12" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(PLOT): | $(BIN)/python
	$(INSTALL) -e ".[plot]"
	@rm -f $(VENV)/.installed-plot-*
	@touch $@

$(DOCS): $(DEV)
	$(INSTALL) -e ".[docs]"
	@rm -f $(VENV)/.installed-docs-*
	@touch $@

$(PEERS): | $(BIN)/python
	$(BIN)/python -m venv .venv-peers
	.venv-peers/bin/python -m pip install --quiet --disable-pip-version-check \
	  -e . -r benchmarks/requirements-peers.txt
	@rm -f .venv-peers/.installed-*
	@touch $@

$(LOWEST): | $(BIN)/python
	$(BIN)/python -m venv $(LOWEST_VENV)
	$(LOWEST_VENV)/bin/python -m pip install --quiet --disable-pip-version-check \
	  -e ".[dev]" -c requirements-lowest.txt
	@rm -f $(LOWEST_VENV)/.installed-*
	@touch $@

$(DEV): | $(BIN)/python
	$(INSTALL) -e ".[dev]"
	@rm -f $(VENV)/.installed-*
	@touch $(PLOT) $@

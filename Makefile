# Every target works from a fresh clone: it makes .venv first.
.DEFAULT_GOAL := help
.PHONY: help setup audit test corpus soak bench update check lint format dist lock clean picture

PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready

help:  ## list the targets
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-8s %s\n", $$1, $$2}'

setup: $(READY)  ## make .venv and install what requirements.lock pins

$(READY): requirements.lock pyproject.toml
	@echo "Setting up .venv (about a minute the first time) ..."
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "netcover needs Python 3.11 or newer; name one with: make PYTHON=/path/to/python3.11 $(MAKECMDGOALS)"; exit 1; }
	@$(PYTHON) -m venv .venv \
	  || { echo "Python's venv module is missing; on Debian: apt-get install python3-venv"; exit 1; }
	@$(BIN)/pip install -qq --disable-pip-version-check --require-hashes --no-deps -r requirements.lock
	@$(BIN)/pip install -qq --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $(READY)

audit: $(READY)  ## the demonstration: audit a simulated fleet on loopback into demo/
	@$(BIN)/python -m tests.lab.demo demo

corpus: $(READY)  ## read every recording of real devices and write the score into collectors/README.md
	@$(BIN)/python -m tests.corpus.score

test: $(READY)  ## the whole test suite
	@$(BIN)/pytest -q -n 3 --dist loadfile --no-loadscope-reorder

lint: $(READY)  ## format, lint, strict types and the direction of imports
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

soak: $(READY)  ## the slow tests (hours): every cut at every octet, a whole /16, a thousand kills, 500 refusals, a year
	NETCOVER_SOAK=1 $(BIN)/pytest -q -n 3 --dist loadfile --no-loadscope-reorder --timeout 0 tests/devices tests/captures tests/collectors/discover \
	  tests/agent/test_killed.py tests/agent/test_logins.py tests/agent/test_spans.py
	$(BIN)/python -m tests.corpus.cuts --bytes
	$(BIN)/python -m tests.year

bench: $(READY)  ## measure speed beside other programs and print which promise holds (under 25 minutes)
	@$(BIN)/python -m tests.benchmarks

update: $(READY)  ## write the expected files of recordings and stories anew; read what changed before you keep it
	$(BIN)/python -m tests.devices.update
	$(BIN)/python -m tests.audits.update

check: lint  ## lint, and the tests with branch coverage of at least 90 %
	$(BIN)/pytest -q -n 3 --dist loadfile --no-loadscope-reorder --cov --cov-report=term

format: $(READY)  ## format the code
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

lock:  ## resolve requirements.lock anew (needs uv)
	uv pip compile pyproject.toml --all-extras --python-version 3.11 --generate-hashes \
	  --no-emit-index-url --no-header --no-annotate -q -o requirements.lock

dist: $(READY)  ## build the wheel into dist/
	$(BIN)/python -m hatchling build -t wheel

clean:  ## remove what the other targets made
	rm -rf .venv demo dist .coverage* .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

picture: $(READY)  ## draw the README's picture anew from a demonstration
	@FORCE_COLOR=1 COLUMNS=112 $(BIN)/python -m tests.lab.demo $$(mktemp -d) 2>/dev/null \
	  | sed -n '/Read .* devices in full/,/^.*The files are in/p' | sed '$$d' | $(BIN)/python -m tests.lab.picture .github/summary.svg

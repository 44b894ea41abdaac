# Needs nothing but make and Python 3.11 or newer. Everything else goes into $(VENV).

VENV ?= .venv
PYTHON ?= $(firstword $(foreach name,python3 python3.14 python3.13 python3.12 python3.11,$(shell \
	$(name) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $(name))))
BIN := $(VENV)/bin
READY := $(VENV)/.ready
# What pytest gets beside its settings, such as: make test ARGS="-k brake"
ARGS ?=
# Runs the tests: `make cover` puts coverage before them.
WITH ?=
# Rules that decide what is on a menu, what is sent and what is sold: no line and no branch without a test.
PURE := alleaves_sync/rules/*

export PIP_DISABLE_PIP_VERSION_CHECK := 1

.DEFAULT_GOAL := help

.PHONY: help
help:  ## Show this list
	@grep -hE '^[a-z-]+:.*  ## ' $(MAKEFILE_LIST) | awk -F ':.*  ## ' '{printf "  make %-10s %s\n", $$1, $$2}'

.PHONY: setup
setup: $(READY)  ## Make a fresh virtual environment with everything in it
	@echo "Ready: $(BIN)/alleaves-sync"

# The environment is made anew when what has to be in it changes, and after a try that was cut off.
$(READY): pyproject.toml
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed; name it: make setup PYTHON=..." >&2; exit 1; }
	$(PYTHON) -m venv --clear $(VENV)
	$(BIN)/python -m pip install --quiet --editable '.[dev]'
	@touch $@

.PHONY: demo
demo: $(READY)  ## Try everything against a store of its own; nothing leaves this machine
	@$(BIN)/python scripts/demo.py

.PHONY: test
test: $(READY)  ## Run the tests
	$(BIN)/python $(WITH) -m pytest $(ARGS)

.PHONY: check
check: lint types layers cover  ## Everything that has to hold before a change goes in

# What is as low as pyproject.toml allows lies beside the usual environment.
LOWEST := $(VENV)-lowest
UNIT_TESTS := tests/aiq tests/alleaves tests/config tests/mapping tests/state tests/transport \
	tests/cli/test_completion.py tests/cli/test_run.py

.PHONY: lowest
lowest: $(READY)  ## Run the unit tests with the lowest versions that pyproject.toml allows
	$(BIN)/uv venv --quiet --clear --python $(BIN)/python $(LOWEST)
	$(BIN)/uv pip install --quiet --python $(LOWEST) --resolution lowest-direct --editable '.[dev]'
	$(LOWEST)/bin/python -m pytest --quiet $(UNIT_TESTS)

.PHONY: lint
lint: $(READY)  ## Look for mistakes and untidy code
	$(BIN)/ruff check
	$(BIN)/ruff format --check

.PHONY: format
format: $(READY)  ## Tidy the code
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

.PHONY: types
types: $(READY)  ## Check the types
	$(BIN)/mypy

.PHONY: layers
layers: $(READY)  ## Check who imports whom
	$(BIN)/lint-imports --no-logo

.PHONY: cover
cover: $(READY)  ## Run the tests and measure what they reach
	@$(BIN)/coverage erase
	@$(MAKE) --no-print-directory test WITH='-m coverage run'
	@$(MAKE) --no-print-directory gates

.PHONY: gates
gates: $(READY)  ## Check the last measurement: 95 % of all, 100 % of the rules
	$(BIN)/coverage report --fail-under=95
	$(BIN)/coverage report --include='$(PURE)' --fail-under=100

.PHONY: faults
faults: $(READY)  ## Tell histories of faults for FAULTS_MINUTES (10), from FAULTS_SEED on
	$(BIN)/python scripts/faults.py

.PHONY: docs
docs: $(READY)  ## Write docs/cli.md anew from the commands
	$(BIN)/python scripts/cli_reference.py

.PHONY: fuzz
fuzz: $(READY)  ## Feed bad input to everything that reads (ARGS="--seconds 60")
	$(BIN)/python benchmarks/real/fuzz.py $(ARGS)

.PHONY: bench-setup
bench-setup: $(READY)  ## Install what `make bench` compares with, each in an environment of its own (.bench/)
	$(BIN)/python benchmarks/bench.py --setup

.PHONY: bench
bench: $(READY)  ## Measure speed and memory beside a floor and peers (ARGS="--quick": two minutes)
	$(BIN)/python benchmarks/bench.py $(ARGS)

.PHONY: clean
clean:  ## Remove what was made here, the environment included
	rm -rf $(VENV) $(LOWEST) .coverage .coverage.* .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis

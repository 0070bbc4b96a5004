# Everything runs in .venv, which make sets up by itself: `make train` and `make test` need only Python 3.11 or newer.
PYTHON ?= $(firstword $(foreach name,python3.11 python3.12 python3.13 python3,$(shell command -v $(name))))
BIN := .venv/bin
PYTEST := $(BIN)/python -m pytest
# Goes to the command as it stands: make train ARGS="connect-four --seed 3"
ARGS ?=

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help train test slow gpu bench lint types format clean

help: ## this list
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## (.*)/  make \1\t\2/' | expand -t 16

train: .venv/train.stamp ## set up, then train the main job (ARGS="..." to change it)
	@$(BIN)/xueba train $(ARGS)

test: .venv/test.stamp ## set up, then run the fast tests
	@$(PYTEST) -n 2 $(ARGS)

# Two cores are filled, one thread each (tests/conftest.py).
slow: .venv/slow.stamp ## the tests that take longer
	@$(PYTEST) -n 2 -m "slow and not gpu" --timeout 1800 $(ARGS) || [ $$? -eq 5 ] # 5: there is none

gpu: .venv/test.stamp ## the tests that need a CUDA device
	@$(PYTEST) -m gpu --timeout 1800 $(ARGS) || [ $$? -eq 5 ]

bench: .venv/bench.stamp ## speed beside that of other libraries, as ratios
	@$(BIN)/xueba bench $(ARGS)

lint: .venv/dev.stamp ## ruff: rules and format
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

types: .venv/dev.stamp ## mypy --strict
	@$(BIN)/mypy

format: .venv/dev.stamp ## rewrite the code in house style
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

clean: ## remove .venv and caches; runs/ stays
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis build dist *.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# A stamp is made when its installation has succeeded, so a second call does nothing and a broken one starts again.
.venv/made.stamp:
	@$(or $(PYTHON),false) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Xueba needs Python 3.11 or newer: install it, or name it: make PYTHON=/path/to/python3"; exit 1; }
	@echo "Setting up .venv with $$($(PYTHON) --version)"
	@$(PYTHON) -m venv --clear .venv
	@touch $@

.venv/train.stamp: extra =
.venv/test.stamp: extra = [test]
.venv/slow.stamp: extra = [slow]
.venv/dev.stamp: extra = [dev]
.venv/bench.stamp: extra = [bench]
.venv/%.stamp: pyproject.toml constraints.txt | .venv/made.stamp
	@echo "Installing xueba$(extra) into .venv (the first time takes a few minutes)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.$(extra)'
	@touch $@

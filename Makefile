# Everything a user or contributor does, one command each. `make` alone lists them.
# Another Python: make run PYTHON=python3.13. More arguments: make test ARGS="-k dates".

PYTHON ?= python3
ARGS ?=
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL:
.PHONY: help run test lint check bench clean

help: ## show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-7s %s\n", $$1, $$2}' Makefile

run: $(STAMP) ## start the coach in this terminal
	@$(BIN)/opschaalcoach $(ARGS)

test: $(STAMP) ## run all tests
	@$(BIN)/python -m pytest -q -n auto $(ARGS)

lint: $(STAMP) ## check style, format and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy --strict

check: lint test ## lint and test

bench: $(STAMP) ## run the measurements
	@$(BIN)/python -m bench $(ARGS)

clean: ## remove the environment and the caches; databases stay
	rm -rf $(VENV) build dist *.egg-info .hypothesis .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The environment: made when it is not there, brought up to date when the lock or the project file is newer than the stamp.
# requirements.lock is `pip freeze --all` (without pip itself) of a fresh environment after `pip install '.[dev]'`.
$(STAMP): requirements.lock pyproject.toml
	@command -v "$(PYTHON)" >/dev/null || \
	  { echo "Opschaalcoach needs Python 3.11 or newer; '$(PYTHON)' was not found." >&2; exit 1; }
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Opschaalcoach needs Python 3.11 or newer; '$(PYTHON)' is older. Name another: make PYTHON=python3.12" >&2; exit 1; }
	@"$(PYTHON)" -c 'import ensurepip, venv' 2>/dev/null || \
	  { echo "Python's venv module is missing. Install it (Debian, Ubuntu: apt install python3-venv) and try again." >&2; exit 1; }
	@echo "Setting up $(VENV) (this can take a minute)"
	@"$(PYTHON)" -m venv $(VENV)
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --no-input -r requirements.lock
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --no-input --no-deps --no-build-isolation -e .
	@touch $@

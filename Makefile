# Everything a user or contributor does, one command each. `make` alone lists them.
# Another Python: make run PYTHON=python3.13. More arguments: make test ARGS="-k dates".

PYTHON ?= python3
ARGS ?=
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
# The homeserver that the tests talk to, with an environment of its own; and the independent clients, under node.
SYNAPSE := .venv-synapse
SYNAPSE_STAMP := $(SYNAPSE)/.installed
# The frameworks that the benches compare with, with an environment of their own.
PEERS := .venv-peers
PEERS_STAMP := $(PEERS)/.installed
JS := tests/transports/js
JS_STAMP := $(JS)/node_modules/.installed
FUZZ_STAMP := $(VENV)/.installed-fuzz
AUDIT := .venv-audit
AUDIT_STAMP := $(AUDIT)/.installed

# What is started many times (tests, benches) would be compiled anew by each process.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL:
.PHONY: help run test simulate lint check audit fuzz guide bench bench-matrix bench-teams homeserver synapse js peers clean

help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' Makefile

run: $(STAMP) ## start the coach in this terminal
	@$(BIN)/opschaalcoach $(ARGS)

test: $(STAMP) $(SYNAPSE_STAMP) $(JS_STAMP) ## run the tests, all but the few that take longest
	@$(BIN)/python -m pytest -q -n auto --dist worksteal $(ARGS)

simulate: $(STAMP) ## play 200 seeds of trouble, the deliberate faults, a week with 200 rooms, and 100 real kills
	@$(BIN)/python -m tests.simulation $(ARGS)

lint: $(STAMP) ## check style, format and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy --strict

check: lint test ## lint and test

audit: $(STAMP) $(AUDIT_STAMP) ## look up the packages that it is installed with for known vulnerabilities
	@$(BIN)/python -m tests.audit

fuzz: $(STAMP) $(FUZZ_STAMP) ## look for inputs that break what reads them: ARGS="teams --seconds 600"
	@$(BIN)/python -m tests.fuzz $(ARGS)

guide: $(STAMP) ## draw the pictures of the guide for teams anew (docs/pictures)
	@$(BIN)/python -m tests.guide $(ARGS)

bench: $(STAMP) ## run the measurements
	@$(BIN)/python -m bench $(ARGS)

bench-matrix: $(STAMP) $(SYNAPSE_STAMP) ## measure the coach in Matrix beside other bots (`make peers` first, for maubot's)
	@$(BIN)/python -m bench.matrix $(ARGS)

bench-teams: $(STAMP) ## measure the coach in Teams beside a bare bot on the same SDK
	@$(BIN)/python -m bench.teams $(ARGS)

homeserver: $(STAMP) $(SYNAPSE_STAMP) ## a throw-away homeserver with a team and the coach, to try in Element
	@$(BIN)/python -m tests.homeserver $(ARGS)

synapse: $(SYNAPSE_STAMP) ## set up the homeserver that the tests use

peers: $(PEERS_STAMP) ## set up the frameworks that the benches compare with

js: $(JS_STAMP) ## set up the independent clients that the tests use

clean: ## remove the environments and the caches; databases stay
	rm -rf $(VENV) $(SYNAPSE) $(PEERS) $(AUDIT) $(JS)/node_modules build dist *.egg-info
	rm -rf .hypothesis .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The environment: made when it is not there, brought up to date when the lock or the project file is newer than the stamp.
# requirements.lock is `pip freeze --all` (without pip itself) of a fresh environment after `pip install '.[dev,matrix,documents,teams]'`.
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

# Without an index there is no stamp and no fault: the audit says that it was skipped. It never waits for long.
$(AUDIT_STAMP): requirements-audit.lock
	@"$(PYTHON)" -m venv $(AUDIT) && \
	  timeout 180 $(AUDIT)/bin/python -m pip install -qq --disable-pip-version-check --no-input --retries 1 --timeout 15 \
	  --only-binary :all: --no-deps -r requirements-audit.lock 2>/dev/null && touch $@ || rm -rf $(AUDIT)

# Without a ready-made package for this Python there is no stamp and no fault: inputs are made without a guide.
$(FUZZ_STAMP): requirements-fuzz.lock $(STAMP)
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --no-input --no-deps --only-binary :all: \
	  -r requirements-fuzz.lock 2>/dev/null && touch $@ || echo "no atheris for this Python"

# requirements-synapse.lock is `pip freeze --all` (without pip itself) of a fresh environment after `pip install matrix-synapse`.
# Ready-made packages only: building Synapse would take a Rust compiler.
$(SYNAPSE_STAMP): requirements-synapse.lock
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Synapse needs Python 3.11 or newer here. Name one: make synapse PYTHON=python3.12" >&2; exit 1; }
	@echo "Setting up $(SYNAPSE), the homeserver for the tests (about 250 MB, a minute)"
	@"$(PYTHON)" -m venv $(SYNAPSE)
	@$(SYNAPSE)/bin/python -m pip install -qq --disable-pip-version-check --no-input --only-binary :all: -r requirements-synapse.lock || \
	  { echo "Synapse could not be installed: no network, or no ready-made packages for $$(uname -sm) with $$($(SYNAPSE)/bin/python -V)." >&2; exit 1; }
	@touch $@

# requirements-peers.lock is `pip freeze --all` (without pip itself) of a fresh environment after
# `pip install 'maubot[encryption]' 'matrix-nio[e2e]' simplematrixbotlib`. Encryption in maubot is built here: it takes cmake and a compiler.
$(PEERS_STAMP): requirements-peers.lock
	@echo "Setting up $(PEERS), the frameworks to compare with (a minute or two)"
	@"$(PYTHON)" -m venv $(PEERS)
	@$(PEERS)/bin/python -m pip install -qq --disable-pip-version-check --no-input -r requirements-peers.lock
	@touch $@

# Without node there is no stamp and no fault: the tests that need the client skip, and say why.
$(JS_STAMP): $(JS)/package.json $(JS)/package-lock.json
	@if ! command -v node >/dev/null || ! command -v npm >/dev/null; then \
	  echo "node and npm are not here: the tests with the independent clients are skipped"; \
	elif ! node -e 'process.exit(parseInt(process.versions.node) < 20 ? 1 : 0)'; then \
	  echo "node is older than 20: the tests with the independent clients are skipped"; \
	else \
	  npm ci --prefix $(JS) --ignore-scripts --no-audit --no-fund --loglevel=error >/dev/null && touch $@; \
	fi

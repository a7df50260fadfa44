# `make run` starts IS-Messenger, `make test` tests it; both install what they need. `make help` lists the rest.
# Only relative paths here, so that a checkout in a folder with spaces works; what needs more is in scripts/prepare.py.

.DEFAULT_GOAL := help
.PHONY: run test check build bench lock help clean
MAKEFLAGS += --no-print-directory

# The first Python that is new enough. Another: make PYTHON=/path/to/python3.11 …
PYTHON ?= $(shell for python in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	"$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo "$$python" && break; done || true)
PREPARE = @"$(or $(PYTHON),python3)" scripts/prepare.py
PYTEST_ARGS ?= -n 2 --maxfail 25
# Tests start many processes: each would compile all of our code again.
unexport PYTHONDONTWRITEBYTECODE

run: ## Install what is needed, then start everything; Ctrl-C stops it. Options: make run ARGS="--port 9000"
	$(PREPARE) run front
	@exec .venv/bin/python -m ismessenger.cli up $(ARGS)

test: ## Install what tests need, then run them all. Some: make test PYTEST_ARGS="tests/kit -x"
	$(PREPARE) dev front chromium
	@ISMESSENGER_CHROMIUM="$$(.venv/bin/python scripts/prepare.py which-chromium)" exec .venv/bin/python -m pytest $(PYTEST_ARGS)

check: ## Format, lint, types, import contracts, templates
	$(PREPARE) dev
	@.venv/bin/python -m ruff format --check --output-format concise .
	@.venv/bin/python -m ruff check --output-format concise .
	@.venv/bin/python -m mypy
	@.venv/bin/python -c "from importlinter.cli import lint_imports_command; lint_imports_command()"
	@.venv/bin/python scripts/check_templates.py

build: ## Build the front end into src/ismessenger/static
	$(PREPARE) front

bench: ## Measure against the targets. Some: make bench ONLY=B1,B2; a minute long: make bench QUICK=1
	$(PREPARE) dev front
	@exec .venv/bin/python -m benchmarks $(if $(ONLY),--only $(ONLY)) $(if $(QUICK),--quick)

lock: ## Renew the lock files in requirements/ from pyproject.toml
	$(PREPARE) dev
	@.venv/bin/python scripts/lock.py $(ARGS)

help: ## Show this list
	@awk 'BEGIN { FS = ":.*## " } /^[a-z]+:.*## / { printf "make %-7s %s\n", $$1, $$2 }' Makefile

clean: ## Remove what can be made again; data in var/ stays
	@rm -rf .venv frontend/node_modules build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	@find src/ismessenger/static -mindepth 1 -delete 2>/dev/null || true
	@find . -name __pycache__ -not -path './var/*' -prune -exec rm -rf {} +

# Argus. `make help` lists the targets.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# Processes that share the tests; most of their time is waiting.
JOBS ?= 4
STAMP := $(VENV)/.synced
SYNC := $(BIN)/uv sync --quiet --frozen --inexact --python $(BIN)/python

# Kept bytecode: without it every process that a test starts compiles the project anew.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help setup run test check format bench faults lock clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(STAMP) ## Create .venv with the locked dependencies

$(STAMP): pyproject.toml uv.lock
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@test -x $(BIN)/uv || $(BIN)/python -m pip --version >/dev/null 2>&1 || $(BIN)/python -m ensurepip >/dev/null
	@test -x $(BIN)/uv || $(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	@# The machine's own certificates first: networks with a proxy of their own need them.
	@VIRTUAL_ENV=$(CURDIR)/$(VENV) $(SYNC) --system-certs || VIRTUAL_ENV=$(CURDIR)/$(VENV) $(SYNC)
	@touch $@

run: $(STAMP) ## Start Argus: the playground, or the real bot with credentials in .env
	@exec $(BIN)/python -m bot run

test: $(STAMP) ## Run all tests
	@$(BIN)/python -m pytest -n $(JOBS) --dist loadfile

check: $(STAMP) ## Format, lint, types, architecture
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/python -m pytest -q tests/test_architecture.py

format: $(STAMP) ## Format the code and mend what lint can mend
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

bench: $(STAMP) ## Measure speed and memory; prints ratios
	@$(BIN)/python -m tests.bench

faults: $(STAMP) ## Play the fault matrix, N runs (100), into docs/reliability.md
	@$(BIN)/python -m tests.faults --runs $(or $(N),100) --write

lock: $(STAMP) ## Lock the dependencies against the public index
	@env -u UV_DEFAULT_INDEX -u UV_INDEX_URL -u UV_INDEX $(BIN)/uv lock --quiet
	@$(BIN)/uv export --quiet --frozen --no-dev --no-annotate --no-header --format requirements-txt -o deploy/requirements.txt

clean: ## Remove .venv and caches
	@rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis

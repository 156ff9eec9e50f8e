# Everything runs in .venv, installed by uv from locks with hashes; see `make help`.
# PYTHON=python3.12 selects another interpreter; ARGS="--rate 1000" passes options on.

PYTHON ?= python3
ARGS ?=
VENV := .venv
BIN := $(VENV)/bin
UV := $(BIN)/uv

# Stamp files: the environment, the locked packages (each set includes the one before), the project.
CREATED := $(VENV)/.created
LOCKED := $(VENV)/.locked
LOCKED_DEV := $(VENV)/.locked-dev
LOCKED_SUITES := $(VENV)/.locked-suites
INSTALLED := $(VENV)/.installed
COMPILED := $(VENV)/.compiled
LOWEST := .venv-lowest
KERNELS := generator/gerador/kernel_compiler.py $(wildcard generator/gerador/*/kernels/*.py)

# `make run` starts a local Kafka, unless a broker, or none, is specified.
LOCAL_KAFKA := $(if $(KAFKA_BOOTSTRAP_SERVERS)$(GERADOR_NO_KAFKA)$(findstring --no-kafka,$(ARGS))$(findstring \
	--bootstrap-servers,$(ARGS)),,--embedded)

# uv uses the package index that pip is configured with by PIP_INDEX_URL.
ifdef PIP_INDEX_URL
export UV_DEFAULT_INDEX ?= $(PIP_INDEX_URL)
endif
# Each command starts Python again: keep its bytecode, regardless of the shell's environment.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL:
SUITES := test-release test-replicas test-stack test-engines test-browser test-observability
.PHONY: help run test test-lowest lint bench docs release lock clean $(SUITES)

help: ## List the commands.
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-18s %s\n", $$1, $$2}' Makefile

run: $(LOCKED) $(INSTALLED) ## Start a local Kafka, the producer and the API on 127.0.0.1:8000; Ctrl-C stops all.
	@exec $(BIN)/gerador run $(LOCAL_KAFKA) $(ARGS)

# Three processes even on two cores: a third of the tests' time is waiting for Kafka.
test: $(LOCKED_DEV) $(INSTALLED) $(COMPILED) ## Run all tests; they start a real Kafka.
	@exec $(BIN)/python -m pytest --numprocesses 3 --dist loadfile --no-loadscope-reorder $(ARGS)

test-lowest: $(LOWEST)/.installed ## Run all tests with the lowest version of each direct dependency.
	@exec $(LOWEST)/bin/python -m pytest --numprocesses 3 --dist loadfile --no-loadscope-reorder $(ARGS)

test-release: ## Test the wheel: metadata, installation into an empty environment, use.
test-replicas: ## Test three Kafka nodes whose followers and leaders stop or are killed.
test-stack: ## Test the containers, where a Docker engine runs (root: sh tests/stack/install-debian.sh).
test-engines: ## Test the Flink and Spark jobs of deploy/ against the rows that they should read.
test-browser: ## Test the page in Debian's Chromium.
test-observability: ## Test every panel and alert against a real Prometheus.
$(SUITES): $(LOCKED_SUITES) $(INSTALLED) $(COMPILED)
	@exec $(BIN)/python -m pytest tests/$(@:test-%=%) $(ARGS)

lint: $(LOCKED_DEV) $(INSTALLED) ## Check style, types, and the direction of imports.
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

bench: $(LOCKED) $(INSTALLED) $(COMPILED) ## Measure throughput with a local Kafka, side by side with Java's load tool.
	@exec $(BIN)/gerador bench --against-java $(ARGS)

docs: $(LOCKED_DEV) ## Build the documentation site into build/docs/site.
	@$(BIN)/python deploy/docs/build.py

release: $(LOCKED_DEV) $(INSTALLED) ## Build the distribution into dist/, check it, and try it in an empty environment.
	@rm -rf dist
	@$(UV) build --quiet --no-build-isolation --python $(BIN)/python --out-dir dist
	@GERADOR_DIST=$(CURDIR)/dist $(BIN)/python -m pytest tests/release $(ARGS)
	@ls -l dist

COMPILE := $(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
	--no-annotate --no-emit-index-url
LOCK := $(COMPILE) pyproject.toml --extra all --group build

lock: $(UV) ## Write the locks from pyproject.toml; UPGRADE=--upgrade takes newer versions.
	$(COMPILE) $(UPGRADE) --group uv --output-file requirements-uv.lock
	$(LOCK) $(UPGRADE) --group dev --group suites --output-file requirements-suites.lock
	$(LOCK) --constraint requirements-suites.lock --group dev --output-file requirements-dev.lock
	$(LOCK) --constraint requirements-suites.lock --output-file requirements.lock
	$(LOCK) --upgrade --resolution lowest-direct --group dev --output-file requirements-lowest.lock

clean: ## Remove the environment, the local Kafka's data and all caches (downloaded jars stay).
	rm -rf $(VENV) $(LOWEST) .gerador build dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find generator tests -name __pycache__ -prune -exec rm -rf {} +

$(CREATED):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
		echo "Python 3.11 or newer is required; $(PYTHON) is $$($(PYTHON) -V 2>/dev/null || echo missing)." \
			"Select another one: make PYTHON=python3.12 run" >&2; exit 2; }
	@echo "Creating $(VENV) with $$($(PYTHON) -V) ..." >&2
	@$(PYTHON) -m venv $(VENV) || { \
		echo "$(PYTHON) cannot create virtual environments: install python3-venv" >&2; exit 2; }
	@touch $@

$(UV): requirements-uv.lock $(CREATED)
	@$(BIN)/python -m pip --quiet --disable-pip-version-check --no-input install --require-hashes --requirement $<
	@touch $@

INSTALL = $(UV) pip install --quiet --python $(BIN)/python

$(LOCKED): requirements.lock $(UV)
	@test -e $(LOCKED_DEV) -a ! requirements-dev.lock -nt $(LOCKED_DEV) || { \
		echo "Installing packages from $< ..." >&2; $(INSTALL) --require-hashes --requirement $<; }
	@touch $@

$(LOCKED_SUITES): requirements-suites.lock $(LOCKED_DEV)
	@echo "Installing packages from $< (half a gigabyte) ..." >&2
	@$(INSTALL) --require-hashes --requirement $<
	@touch $@

$(LOCKED_DEV): requirements-dev.lock $(UV)
	@echo "Installing packages from $< ..." >&2
	@$(INSTALL) --require-hashes --requirement $<
	@touch $@

$(INSTALLED): pyproject.toml requirements.lock | $(UV)
	@$(INSTALL) --no-deps --no-build-isolation --editable .
	@touch $@

# Its own kernel cache: numba keeps the code of one version only.
$(LOWEST)/.installed: requirements-lowest.lock pyproject.toml $(KERNELS) | $(UV)
	@echo "Installing packages from $< into $(LOWEST) ..." >&2
	@$(UV) venv --quiet --allow-existing --python $(BIN)/python $(LOWEST)
	@$(UV) pip install --quiet --python $(LOWEST)/bin/python --require-hashes --requirement $<
	@$(UV) pip install --quiet --python $(LOWEST)/bin/python --no-deps --no-build-isolation --editable .
	@$(LOWEST)/bin/python -m gerador.encoding.compile_kernels
	@touch $@
test-lowest $(LOWEST)/.installed: export NUMBA_CACHE_DIR = $(CURDIR)/$(LOWEST)/numba

$(COMPILED): $(KERNELS) requirements.lock | $(INSTALLED)
	@echo "Compiling kernels (once) ..." >&2
	@$(BIN)/python -m gerador.encoding.compile_kernels
	@touch $@

# Everything here runs in .venv, installed from a lock with hashes; see `make help`.
# PYTHON=python3.12 chooses another interpreter; ARGS="--rate 1000" passes options on.

PYTHON ?= python3
UV ?= uv
ARGS ?=
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check --no-input

# Stamps: the environment, the locked packages (each set holds the one before), the project.
CREATED := $(VENV)/.created
LOCKED := $(VENV)/.locked
LOCKED_DEV := $(VENV)/.locked-dev
LOCKED_SUITES := $(VENV)/.locked-suites
INSTALLED := $(VENV)/.installed
COMPILED := $(VENV)/.compiled
KERNELS := $(wildcard generator/gerador/*/kernels/*.py)

# A Kafka of its own, unless another broker or none is asked for.
OWN_KAFKA := $(if $(KAFKA_BOOTSTRAP_SERVERS)$(GERADOR_NO_KAFKA)$(findstring --no-kafka,$(ARGS))$(findstring \
	--bootstrap-servers,$(ARGS)),,--embedded)

# Each command here starts Python again: what is compiled is kept, whatever the shell says of it.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL:
SUITES := test-replicas test-stack test-engines test-browser test-observability
.PHONY: help run test lint bench lock clean $(SUITES)

help: ## Say what can be made.
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-18s %s\n", $$1, $$2}' Makefile

run: $(LOCKED) $(INSTALLED) $(COMPILED) ## Start Kafka, the generator and the API on 127.0.0.1:8000; Ctrl-C ends all.
	@exec $(BIN)/gerador run $(OWN_KAFKA) $(ARGS)

# Three processes even on two processors: a third of the tests' time is waiting for Kafka.
test: $(LOCKED_DEV) $(INSTALLED) $(COMPILED) ## Run all tests; they start a real Kafka.
	@exec $(BIN)/python -m pytest --numprocesses 3 --dist loadfile --no-loadscope-reorder $(ARGS)

test-replicas: ## Run three Kafka nodes whose followers and leaders stop and die.
test-stack: ## Run the containers, for real where a Docker engine answers (root: sh tests/stack/install-debian.sh).
test-engines: ## Run the Flink and Spark jobs of deploy/ against the rows they should see.
test-browser: ## Run the page in Debian's Chromium.
test-observability: ## Run every panel and alert against a real Prometheus.
$(SUITES): $(LOCKED_SUITES) $(INSTALLED) $(COMPILED)
	@exec $(BIN)/python -m pytest tests/$(@:test-%=%) $(ARGS)

lint: $(LOCKED_DEV) $(INSTALLED) ## Check style, types, and the direction of imports.
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

bench: $(LOCKED) $(INSTALLED) $(COMPILED) ## Measure the speed against a Kafka of its own, and against Java's producer.
	@exec $(BIN)/gerador bench --against-java $(ARGS)

LOCK := $(UV) pip compile pyproject.toml --extra embedded --extra page --group build --quiet --universal \
	--python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url

lock: ## Write the locks anew from pyproject.toml (needs uv; UPGRADE=--upgrade takes newer versions).
	$(LOCK) $(UPGRADE) --group dev --group suites --output-file requirements-suites.lock
	$(LOCK) --constraint requirements-suites.lock --group dev --output-file requirements-dev.lock
	$(LOCK) --constraint requirements-suites.lock --output-file requirements.lock

clean: ## Remove the environment, the local Kafka's data and all caches here (downloaded jars stay).
	rm -rf $(VENV) .gerador build dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find generator tests -name __pycache__ -prune -exec rm -rf {} +

$(CREATED):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
		echo "Python 3.11 or newer is needed; $(PYTHON) is $$($(PYTHON) -V 2>/dev/null || echo not there)." \
			"Name another one: make PYTHON=python3.12 run" >&2; exit 2; }
	@echo "Creating $(VENV) with $$($(PYTHON) -V) ..." >&2
	@$(PYTHON) -m venv $(VENV) || { \
		echo "$(PYTHON) cannot make environments: install python3-venv" >&2; exit 2; }
	@touch $@

$(LOCKED): requirements.lock $(CREATED)
	@test -e $(LOCKED_DEV) -a ! requirements-dev.lock -nt $(LOCKED_DEV) || { \
		echo "Installing the packages of $< (a minute at the first time) ..." >&2; \
		$(PIP) install --require-hashes --requirement $<; }
	@touch $@

$(LOCKED_SUITES): requirements-suites.lock $(LOCKED_DEV)
	@echo "Installing the packages of $< (half a gigabyte at the first time) ..." >&2
	@$(PIP) install --require-hashes --requirement $<
	@touch $@

$(LOCKED_DEV): requirements-dev.lock $(CREATED)
	@echo "Installing the packages of $< (a minute at the first time) ..." >&2
	@$(PIP) install --require-hashes --requirement $<
	@touch $@

$(INSTALLED): pyproject.toml | $(CREATED)
	@echo "Installing gerador itself ..." >&2
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

# All anew when one has changed: numba's cache does not see that a kernel's inlined parts have.
$(COMPILED): $(KERNELS) requirements.lock | $(INSTALLED)
	@echo "Compiling the kernels (some seconds, once) ..." >&2
	@rm -f $(addsuffix __pycache__/*.nb?,$(sort $(dir $(KERNELS))))
	@$(BIN)/python -m gerador.encoding.compile_kernels
	@touch $@

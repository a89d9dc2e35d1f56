# What one does here; `make help` lists it. Everything happens in .venv, made at first need.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help demo serve test test-fast soak chaos lint format bench pictures translations lock audit

# The first Python of 3.11 or newer on the path.
PYTHON ?= $(shell for name in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	"$$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo "$$name"; break; }; done)
BIN := .venv/bin
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-input

help: ## list what can be made
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 20

demo: $(BIN)/installed-demo ## a running Twinbook with a sandbox HubSpot, sample data and mail; Ctrl-C stops it
	@$(BIN)/python -m webapp.launch demo

serve: $(BIN)/installed ## Twinbook against the real HubSpot, with everything embedded; Ctrl-C stops it
	@$(BIN)/python -m webapp.launch serve

test: $(BIN)/installed-dev ## the whole test suite: SQLite, PostgreSQL, browser
	@bash tests/run.sh

# The branch against which a change is taken for one.
BASE ?= main

test-fast: $(BIN)/installed-dev ## the rules, the guards and the areas that differ from BASE (main); no browser, nothing long
	@$(BIN)/python -m pytest -q -n 3 --dist worksteal -m "not browser and not long" $$($(BIN)/python -m tests.support.suite.changed $(BASE))

# How many examples a soak tries; each is forty steps.
EXAMPLES ?= 200

soak: $(BIN)/installed-dev ## edits, syncs, faults and kills in random order, for as long as EXAMPLES says
	@SOAK_EXAMPLES=$(EXAMPLES) $(BIN)/python -m pytest -q tests/invariants

chaos: $(BIN)/installed-dev ## every flow under every fault, workers killed behind every step; writes docs/reliability.md
	@$(BIN)/python -m tests.chaos --keep

lint: $(BIN)/installed-dev ## style, types and import contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(BIN)/installed-dev ## bring the code into the one form, and mend what ruff can mend
	$(BIN)/ruff check --fix-only .
	$(BIN)/ruff format .

bench: $(BIN)/installed-dev ## measure speed and memory, keep the raw result and write docs/benchmarks.md
	@$(BIN)/python -m bench
	@$(BIN)/python -m bench.report

pictures: $(BIN)/installed-dev ## make the pictures of the documents anew, from the demo
	@$(BIN)/python -m tests.pictures

# What pybabel finds of the texts, and where the catalogues are.
BABEL := $(BIN)/python -m babel.messages.frontend
CATALOGUES := webapp/translations

translations: $(BIN)/installed-dev ## take new texts into the catalogues of translations, and compile these
	@$(BABEL) -q extract -F babel.cfg -k mark -k lazy_gettext --no-location --sort-output -o $(CATALOGUES)/messages.pot .
	@$(BABEL) -q update -d $(CATALOGUES) -i $(CATALOGUES)/messages.pot -w 110 --no-fuzzy-matching --ignore-obsolete
	@rm $(CATALOGUES)/messages.pot
	@$(BABEL) -q compile -d $(CATALOGUES) --statistics

lock: ## choose the versions of all libraries anew, as pyproject.toml allows, with their hashes (needs uv)
	uv pip compile $(LOCK) pyproject.toml -o requirements.lock
	uv pip compile $(LOCK) --extra demo -c requirements.lock pyproject.toml -o requirements-demo.lock
	uv pip compile $(LOCK) --extra demo --extra dev -c requirements-demo.lock pyproject.toml -o requirements-dev.lock
	uv pip compile $(LOCK) --group audit -o requirements-audit.lock
LOCK := --quiet --upgrade --universal --python-version 3.11 --prerelease if-necessary-or-explicit \
	--generate-hashes --no-emit-index-url --no-annotate --no-header

# What looks for weaknesses has libraries of its own, in an environment of its own.
AUDIT := .venv-audit

audit: $(AUDIT)/installed ## look for known weaknesses in the libraries and in the code; writes a bill of materials, sbom.json
	$(AUDIT)/bin/bandit --quiet --recursive --configfile pyproject.toml webapp worker.py gunicorn.conf.py
	$(AUDIT)/bin/cyclonedx-py requirements requirements.lock --pyproject pyproject.toml --of JSON -o sbom.json
	@$(AUDIT)/bin/python -m tests.support.suite.audit $(AUDIT)/bin/pip-audit

$(AUDIT)/installed: requirements-audit.lock
	@test -d $(AUDIT) || $(PYTHON) -m venv $(AUDIT)
	@$(AUDIT)/bin/python -m pip install --quiet --disable-pip-version-check --no-input -r $<
	@touch $@

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "Twinbook needs Python 3.11 or newer; none was found on the path." >&2; exit 1; }
	@echo "Making .venv ..."
	@$(PYTHON) -m venv .venv || { rm -rf .venv; \
		echo "Python could not make .venv. On Debian or Ubuntu: sudo apt-get install python3-venv" >&2; exit 1; }

# A stamp for each lock, so that libraries are installed only when their lock has changed.
$(BIN)/installed: requirements.lock | $(BIN)/python
$(BIN)/installed-demo: requirements-demo.lock | $(BIN)/python
$(BIN)/installed-dev: requirements-dev.lock | $(BIN)/python
$(BIN)/installed $(BIN)/installed-demo $(BIN)/installed-dev:
	@echo "Installing $< ..."
	@$(INSTALL) -r $<
	@touch $@

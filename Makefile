# make demo    set everything up and run the main job on the embedded seeds
# make test    set everything up and run all tests
# make lint    ruff, mypy, import contracts, generated pages
# make docs    write the generated pages and build the site into site/
# make bench   install the peers at pinned versions and run every script of bench/ with its
#              defaults, hours in all; what stands in the records is not measured again
#
# PYTHON=…     the interpreter to make .venv with (3.11 or newer; else found by name)
# TESTS=…      arguments to pytest instead of its default ones

BIN := .venv/bin
TESTS ?= -n 2 -q
export PYTHON

.DEFAULT_GOAL := help
.PHONY: help demo test lint format docs bench sandbox toolchains clean

help:
	@sed -n '/^#/!q;s/^# \{0,1\}//p' Makefile

demo: .venv/.cab sandbox
	@$(BIN)/cab-tasks demo

test: .venv/.cab-dev sandbox toolchains
	@$(BIN)/python -m pytest $(TESTS)

lint: .venv/.cab-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/cab-tasks docs --check

format: .venv/.cab-dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

docs: .venv/.cab-docs
	$(BIN)/cab-tasks docs
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --quiet --strict --config-file .ci/mkdocs.yml

BENCHES := $(filter-out bench/peers.py bench/chart.py,$(wildcard bench/[a-z]*.py))

bench: .venv/.cab-dev sandbox
	@$(BIN)/python bench/peers.py
	@for script in $(BENCHES); do echo "== $$script"; $(BIN)/python $$script || exit 1; done
	@$(BIN)/python bench/chart.py

sandbox:
	@.ci/bubblewrap

toolchains:
	@.ci/toolchains

clean:
	rm -rf .venv site .mypy_cache .ruff_cache .pytest_cache .import_linter_cache

# One stamp for each set of groups: a demo needs neither linters nor the site's builder.
.venv/.cab: pyproject.toml
	@.ci/venv
	@touch $@

.venv/.cab-dev: pyproject.toml
	@.ci/venv dev
	@touch $@ .venv/.cab

.venv/.cab-docs: pyproject.toml
	@.ci/venv dev docs
	@touch $@ .venv/.cab .venv/.cab-dev

# `make help` lists what can be made. `make demo` and `make test` do everything on a fresh machine:
# they need Python 3.11 to 3.13, nothing else. PYTHON chooses the interpreter, VENV the place of the
# virtual environment. The demo installs what users need, the tests what developers need as well.
PYTHON ?= python3
VENV ?= .venv
BIN = $(VENV)/bin
INSTALLED = $(VENV)/.installed
INSTALLED_FOR_DEMO = $(VENV)/.installed-for-demo
INSTALLED_FOR_DOCS = $(VENV)/.installed-for-docs
# Each process takes a file of tests at a time, in their order: the long ones stand at the front.
# More than four would need too much memory for their TensorFlow.
IN_PROCESSES = --numprocesses logical --maxprocesses 4 --dist loadfile --no-loadscope-reorder

define install
@echo "Installing $(2), into $(VENV)"
@$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable $(1)
endef

.PHONY: help demo docs test test-lowest test-newest lint fuzz dist release-check sbom clean

help:  # this list
	@sed -n 's/^\([a-z-]*\):.*  # \(.*\)/\1\t\2/p' Makefile | expand -t 16

demo: $(INSTALLED_FOR_DEMO)  # the product, as a user sees it
	$(BIN)/ferclassifier demo --output demo-output

test: $(INSTALLED) lint  # linters, types and tests: what CI runs
	$(BIN)/python -m pytest $(IN_PROCESSES)

# Warnings are errors, and only the installation needs a network.
docs: $(INSTALLED_FOR_DOCS)  # the site, at build/site/index.html
	EXAMPLES=$(EXAMPLES) $(BIN)/python -m sphinx --fail-on-warning --keep-going -d build/doctrees docs build/site
	$(BIN)/python docs/_pages/check_site.py build/site

# For hours: `make fuzz FUZZ="--seconds 28800 --jobs 4 --seed 1"`; see python tests/fuzz --help.
FUZZ ?= --inputs 1000000 --jobs 2
fuzz: $(INSTALLED)  # damaged input, for hours
	$(BIN)/python tests/fuzz $(FUZZ)

lint: $(INSTALLED)  # linters and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

# The tests with the oldest versions that pyproject.toml allows, on the oldest Python, and with the
# newest that there are, each in an environment of its own.
test-lowest: $(VENV)-lowest/.installed  # the tests with the oldest versions that are allowed
	$(VENV)-lowest/bin/python -m pytest $(IN_PROCESSES)

test-newest: $(VENV)-newest/.installed  # the tests with the newest versions that there are
	$(VENV)-newest/bin/python -m pip list
	$(VENV)-newest/bin/python -m pytest $(IN_PROCESSES)

$(VENV)-lowest/.installed: pyproject.toml constraints-lowest.txt
	python3.11 -m venv --clear $(VENV)-lowest
	$(VENV)-lowest/bin/python -m pip install --quiet --constraint constraints-lowest.txt --editable ".[dev]"
	touch $@

# Newest means those of now: nothing is kept from one time to the next.
.PHONY: $(VENV)-newest/.installed
$(VENV)-newest/.installed:
	$(PYTHON) -m venv --clear $(VENV)-newest
	$(VENV)-newest/bin/python -m pip install --quiet --editable ".[dev]"

dist: $(INSTALLED)  # wheel and source distribution, each built twice: the sums have to be equal
	$(BIN)/python tools/distributions.py dist

# RELEASE=--publish asks for what a package index needs. It takes half an hour and 3 GB of disk.
release-check: $(INSTALLED)  # what a release would be, installed and tried on each Python
	$(BIN)/python tools/check_release.py dist $(RELEASE)

sbom: dist  # what is in the wheel and what it needs, with sums and licences, as CycloneDX
	$(BIN)/python tools/sbom.py dist/*.whl dist/ferclassifier.cdx.json

$(INSTALLED): $(INSTALLED_FOR_DEMO)
	$(call install,".[dev]",what the tests need)
	touch $@

$(INSTALLED_FOR_DEMO): pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13) and "ferclassifier needs Python 3.11 to 3.13; this is " + sys.version.split()[0] + ". Try: make PYTHON=python3.12 demo")'
	$(PYTHON) -m venv $(VENV)
	$(call install,".",ferclassifier and TensorFlow: 2.6 GB)
	touch $@

$(INSTALLED_FOR_DOCS): $(INSTALLED)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable ".[dev,docs]"
	touch $@

clean:  # remove all that was made
	rm -rf $(VENV) $(VENV)-lowest $(VENV)-newest demo-output build dist docs/generated .mypy_cache .pytest_cache .ruff_cache

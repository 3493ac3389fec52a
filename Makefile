# `make demo` and `make test` do everything on a fresh machine: they need Python 3.11 to 3.13,
# nothing else. PYTHON chooses the interpreter, VENV the place of the virtual environment. The demo
# installs what users need, the tests what developers need as well.
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

.PHONY: demo docs test lint fuzz wheel sbom clean

demo: $(INSTALLED_FOR_DEMO)
	$(BIN)/ferclassifier demo --output demo-output

test: $(INSTALLED) lint
	$(BIN)/python -m pytest $(IN_PROCESSES)

# The site, at build/site/index.html: warnings are errors, and only the installation needs a network.
docs: $(INSTALLED_FOR_DOCS)
	EXAMPLES=$(EXAMPLES) $(BIN)/python -m sphinx --fail-on-warning --keep-going -d build/doctrees docs build/site
	$(BIN)/python docs/_pages/check_site.py build/site

# For hours: `make fuzz FUZZ="--seconds 28800 --jobs 4 --seed 1"`; see python tests/fuzz --help.
FUZZ ?= --inputs 1000000 --jobs 2
fuzz: $(INSTALLED)
	$(BIN)/python tests/fuzz $(FUZZ)

lint: $(INSTALLED)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

# Built twice: the sums have to be equal.
wheel: $(INSTALLED)
	$(BIN)/python tools/wheel.py dist

# What is in the wheel and what it needs, with sums and licences, as CycloneDX.
sbom: wheel
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

clean:
	rm -rf $(VENV) demo-output build dist docs/generated .mypy_cache .pytest_cache .ruff_cache

# The two commands are `make demo` and `make test`; each does all its own set-up.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
SOURCES := resolver graph api
CHECKED := $(SOURCES) tests benchmarks

.PHONY: demo test lint format soak lock clean

demo: $(INSTALLED)  ## a made-up city of 20,000 persons: received, resolved, checked, published, then served (ARGS=--no-serve ends there)
	$(BIN)/guiyi demo $(ARGS)

test: $(INSTALLED)  ## all tests but those that take long (`make soak`)
	$(BIN)/pytest -m "not soak" -n logical --maxprocesses 6 $(ARGS)

soak: $(INSTALLED)  ## what takes longer than fifteen minutes: larger cities, hundreds of kills, more random cases
	GUIYI_SOAK=1 $(BIN)/pytest -m soak $(ARGS)

lint: $(INSTALLED)  ## format, lint, types, import contracts
	$(BIN)/ruff format --check $(CHECKED)
	$(BIN)/ruff check $(CHECKED)
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(INSTALLED)
	$(BIN)/ruff format $(CHECKED)
	$(BIN)/ruff check --fix $(CHECKED)

$(INSTALLED): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Guiyi needs Python 3.11 or newer; try: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then apt-get update && apt-get install -y python3-venv; else echo "Python lacks venv; run: sudo apt-get install python3-venv"; exit 1; fi
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	touch $@

lock: $(INSTALLED)  ## exact versions, with hashes, of everything the two commands install
	$(BIN)/python -m pip install --quiet pip-tools
	$(BIN)/pip-compile --quiet --strip-extras --generate-hashes --allow-unsafe --no-emit-index-url --no-emit-trusted-host --no-emit-find-links --extra dev \
		--build-deps-for editable --output-file requirements.lock pyproject.toml

clean:
	rm -rf $(VENV) demo build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis

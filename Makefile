# The two commands are `make demo` and `make test`; each does all its own set-up.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
SOURCES := resolver graph api
CHECKED := $(SOURCES) tests benchmarks
STORE ?= embedded
SERVER := .neo4j

.PHONY: demo test lint format soak lock clean java neo4j neo4j-stop

demo: $(INSTALLED) $(if $(filter neo4j,$(STORE)),neo4j)  ## a made-up city of 20,000 persons: received, resolved, checked, published, then served (ARGS=--no-serve ends there); STORE=neo4j keeps its graph in Neo4j
	$(BIN)/guiyi demo $(if $(filter neo4j,$(STORE)),--graph-server $(SERVER)) $(ARGS)

neo4j: $(INSTALLED) java  ## fetch and start a local Neo4j server in .neo4j, and say what to write into guiyi.toml
	$(BIN)/guiyi neo4j start --directory $(SERVER)

neo4j-stop: $(INSTALLED)  ## stop it; its data stay
	$(BIN)/guiyi neo4j stop --directory $(SERVER)

test: $(INSTALLED) java  ## all tests but those that take long (`make soak`)
	$(BIN)/pytest -m "not soak" -n logical --maxprocesses 6 $(ARGS)

soak: $(INSTALLED) java  ## what takes longer than fifteen minutes: larger cities, hundreds of kills, more random cases
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

java:  # what the Neo4j server needs, and Maven to fetch it
	@{ command -v java && command -v mvn; } >/dev/null || if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then apt-get update && apt-get install -y --no-install-recommends default-jre-headless maven; else echo "Neo4j needs Java and Maven; run: sudo apt-get install default-jre-headless maven"; exit 1; fi

lock: $(INSTALLED)  ## exact versions, with hashes, of everything the two commands install
	$(BIN)/python -m pip install --quiet pip-tools
	$(BIN)/pip-compile --quiet --strip-extras --generate-hashes --allow-unsafe --no-emit-index-url --no-emit-trusted-host --no-emit-find-links --extra dev \
		--build-deps-for editable --output-file requirements.lock pyproject.toml

clean:
	rm -rf $(VENV) demo build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis

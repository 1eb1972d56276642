# kubmap: `make run` serves the app, `make test` proves it. Needs Python 3.11+ and make; see README.md.

PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
PIP    := $(BIN)/pip install --quiet --disable-pip-version-check
JOBS   ?= 2

.PHONY: run test check format bench data lock wheel clean

run: $(VENV)/run.stamp  ## install and serve http://localhost:8501 with the seed's items
	$(BIN)/kubmap serve --seed

test: $(VENV)/test.stamp check  ## install what tests need, then check and test everything
	KUBMAP_TEST_POSTGRES=1 $(BIN)/python -m pytest -n $(JOBS) --dist loadgroup

check: $(VENV)/test.stamp  ## lint, format, types, layers
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(VENV)/test.stamp  ## let ruff mend what it can
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(VENV)/bench.stamp  ## measure ratios, write bench/RESULTS.md; BENCH="--without million" or "--only serving"
	$(BIN)/python -m bench $(BENCH)

data: $(VENV)/test.stamp  ## build data/geo again from the pinned packages
	$(BIN)/python -m kubmap.atlas.build

wheel: $(VENV)/test.stamp  ## dist/kubmap-*.whl
	$(BIN)/python -m build --no-isolation --outdir dist .

lock:  ## pin the dependencies again (needs uv); names no registry host
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links \
	  --no-annotate --no-header --quiet --extra build pyproject.toml -o requirements.lock
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links \
	  --no-annotate --no-header --quiet --extra build --extra data --extra dev -c requirements.lock \
	  pyproject.toml -o requirements-dev.lock
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links \
	  --no-annotate --no-header --quiet --extra build --extra data --extra dev --extra bench -c requirements.lock \
	  pyproject.toml -o requirements-bench.lock

clean:
	rm -rf $(VENV) dist build .mypy_cache .ruff_cache .pytest_cache .import_linter_cache

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "kubmap needs Python 3.11 or newer: make PYTHON=python3.12 …"; exit 1; }
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || { echo "Python has no venv here: apt-get install python3-venv"; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/run.stamp: $(BIN)/python requirements.lock pyproject.toml
	$(PIP) --require-hashes -r requirements.lock
	$(PIP) --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/test.stamp: $(BIN)/python requirements-dev.lock pyproject.toml tests/packages.sh
	bash tests/packages.sh
	$(PIP) --require-hashes -r requirements-dev.lock
	$(PIP) --no-deps --no-build-isolation -e .
	@touch $@ $(VENV)/run.stamp

$(VENV)/bench.stamp: $(VENV)/test.stamp requirements-bench.lock
	$(PIP) --require-hashes -r requirements-bench.lock
	@touch $@

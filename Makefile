# Four verbs: demo, check, test, docs. Each sets up what it needs on a fresh machine.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
export OMP_NUM_THREADS ?= 1

.PHONY: demo check test docs duckdb15 clean

demo: $(READY)  ## run the main job on the input the project makes itself
	$(BIN)/cleartitle demo --out demo-workspace

check: $(READY)  ## style, types, import contract, documents
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

test: $(READY)  ## every test, with coverage
	rm -f .coverage .coverage.*
	$(BIN)/python -m coverage run -m pytest -n 2 --dist loadfile
	$(BIN)/python -m coverage combine -q
	$(BIN)/python -m coverage report

duckdb15: .venv-duckdb15/.ready  ## put a duckdb 1.5 beside ours, then ask it every question too
	$(BIN)/python -m pytest tests/catalog/test_other_duckdb.py

.venv-duckdb15/.ready:
	$(PYTHON) -m venv .venv-duckdb15
	.venv-duckdb15/bin/python -m pip install --disable-pip-version-check -q "duckdb>=1.5.5,<1.6"
	touch $@

docs: $(READY)  ## write the generated reference pages anew
	$(BIN)/python -m curation.reference

$(READY): pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --disable-pip-version-check -q -c constraints.txt -e ".[train,image,dev]"
	touch $@

clean:  ## remove what make made
	rm -rf $(VENV) .venv-duckdb15 demo-workspace .coverage .coverage.* .mypy_cache .ruff_cache .pytest_cache .import_linter_cache

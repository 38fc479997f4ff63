# The two commands are `make run` and `make test`; the rest regenerate what the docs show.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: run test validate benchmark mutation screens clean

run: .venv/run
	$(BIN)/streamlit run app.py

test: .venv/test
	sh tests/system_packages.sh
	$(BIN)/lint-imports
	$(BIN)/ruff check .
	$(BIN)/python -m pytest -n 2 tests

validate: .venv/test
	$(BIN)/python -m docs.validate

benchmark: .venv/test
	$(BIN)/python -m benchmarks

mutation: .venv/test
	$(BIN)/python -m tests.mutation

screens: .venv/test
	sh tests/system_packages.sh
	$(BIN)/python -m docs.screens

.venv/run: requirements.txt
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet -r requirements.txt
	touch $@

.venv/test: requirements-dev.txt .venv/run
	$(BIN)/python -m pip install --quiet -r requirements-dev.txt
	touch $@

clean:
	rm -rf .venv

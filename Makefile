# `make run` opens the dashboard and `make test` runs all tests. The other targets measure, or regenerate docs.
# Python 3.11 or later is found automatically; set PYTHON=... to use another one.
BIN := .venv/bin
export PYTHON
# Without compiled files, every worker and every server of the tests compiles all modules again.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: run test quick validate benchmark mutation fuzz load screens clean

run: .venv/run
	$(BIN)/python -m streamlit run app.py

test: .venv/test
	PYTHON=$(BIN)/python sh tests/system_packages.sh
	$(BIN)/python -m ruff check .
	$(BIN)/python -m ruff format --check .
	$(BIN)/python -m mypy
	$(BIN)/python -m pytest -n 3 --no-loadscope-reorder tests

# For use while writing: no browser, no server, and laws with fewer examples.
quick: .venv/test
	$(BIN)/python -m ruff check .
	$(BIN)/python -m ruff format --check .
	$(BIN)/python -m mypy
	HYPOTHESIS_PROFILE=quick $(BIN)/python -m pytest -n 2 --no-loadscope-reorder -m "not slow and not browser and not postgresql" tests

validate: .venv/test
	$(BIN)/python -m benchmarks.validate

benchmark: .venv/test
	$(BIN)/python -m benchmarks
	$(BIN)/python -m benchmarks.pages
	$(BIN)/python -m benchmarks.importing

mutation: .venv/test
	$(BIN)/python -m benchmarks.mutation

fuzz: .venv/test
	$(BIN)/python -m benchmarks.fuzz --minutes 10
	HYPOTHESIS_PROFILE=fuzz $(BIN)/python -m pytest -n 2 --timeout 0 -m hypothesis tests

load: .venv/test
	$(BIN)/python -m tests.load

screens: .venv/test
	PYTHON=$(BIN)/python sh tests/system_packages.sh
	$(BIN)/python -m benchmarks.screens

# Touched only after a complete installation, so that an interrupted one is resumed.
.venv/run: requirements.txt constraints.txt
	@sh environment.sh
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

.venv/test: requirements-dev.txt .venv/run
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@

clean:
	rm -rf .venv

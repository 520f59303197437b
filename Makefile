# simkcc: `make run` compares the shipped Antwerp scenarios, `make test` runs every test.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.PHONY: run test check lint bench clean

run: $(READY)
	$(BIN)/simkcc compare scenarios/antwerp.toml:ivr80,ivr13,ivr13_same_sl

test: $(READY)
	$(BIN)/python -m simkcc check scenarios/*.toml
	$(BIN)/python -m pytest -n 2 --dist worksteal -q

check: $(READY)
	$(BIN)/python -m pytest -n 2 --dist worksteal -q -m "not slow"

lint: $(READY)
	$(BIN)/ruff format --check simkcc tests bench
	$(BIN)/ruff check simkcc tests bench
	$(BIN)/mypy

bench: $(READY)
	$(BIN)/python -m bench

$(READY): pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable ".[test,dev]"
	touch $(READY)

clean:
	rm -rf $(VENV) out

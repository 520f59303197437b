# simkcc: `make run` compares the shipped Antwerp scenarios and writes the report, `make test` runs every test.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.PHONY: run wallboard test check lint bench clean browser brokers

run: $(READY)
	$(BIN)/simkcc compare scenarios/antwerp.toml:ivr80,ivr13,ivr13_same_sl --report out/antwerp.html

wallboard: $(READY)
	$(BIN)/simkcc wallboard scenarios/antwerp.toml --date 2022-03-09 --speed 60 --port 5006

test: $(READY) browser brokers
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

browser:
	@command -v chromium chromium-browser google-chrome >/dev/null || \
	{ [ "$$(id -u)" = 0 ] && apt-get update -qq && \
	  apt-get install -y -qq --no-install-recommends chromium >/dev/null; } || \
	echo "No Chromium: the browser tests are skipped. As root: apt-get install chromium"

brokers:
	@PATH="$$PATH:/usr/sbin"; for broker in nats-server mosquitto; do \
	  command -v $$broker >/dev/null || \
	  { [ "$$(id -u)" = 0 ] && apt-get update -qq && \
	    apt-get install -y -qq --no-install-recommends $$broker >/dev/null; } || \
	  echo "No $$broker: its tests are skipped. As root: apt-get install $$broker"; \
	done

clean:
	rm -rf $(VENV) out

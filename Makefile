# simkcc: `make run` compares the shipped Antwerp scenarios and writes the report, `make test` runs every test.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

# What Python keeps of files it has read makes every start quicker, also where the shell forbids it.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: run wallboard test check lint bench clean kernel tools

run: $(READY)
	$(BIN)/simkcc compare scenarios/antwerp.toml:ivr80,ivr13,ivr13_same_sl --report out/antwerp.html

wallboard: $(READY)
	$(BIN)/simkcc wallboard scenarios/antwerp.toml --date 2022-03-09 --speed 60 --port 5006

test:
	$(MAKE) --jobs 2 kernel tools
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

# Compiles what else every worker of the tests would compile for itself, all at the same time.
kernel: $(READY)
	$(BIN)/python -m simkcc run scenarios/ocmw-reception.toml --replications 1 --weeks 1 >/dev/null

# A browser and the brokers: all at once, or one by one where apt-get does not know them all.
tools:
	@PATH="$$PATH:/usr/sbin"; \
	has() { command -v $$1 >/dev/null; }; \
	missing() { \
	  has chromium || has chromium-browser || has google-chrome || echo chromium; \
	  for broker in nats-server mosquitto; do has $$broker || echo $$broker; done; \
	}; \
	if [ -n "$$(missing)" ] && [ "$$(id -u)" = 0 ] && apt-get update -qq; then \
	  install="env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends"; \
	  $$install $$(missing) >/dev/null || \
	  for one in $$(missing); do $$install $$one >/dev/null || true; done; \
	fi; \
	for one in $$(missing); do \
	  echo "No $$one: its tests are skipped. As root: apt-get install $$one"; \
	done

clean:
	rm -rf $(VENV) out

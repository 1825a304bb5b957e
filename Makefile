# Latchkey. `make` lists the commands; local/ holds what they run, .local/ all that they create.
PYTHON ?= python3
RUN := .local/venvs/ministack/bin/python

.PHONY: help
help:
	@sed -n 's/^\([a-z0-9-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 18

.PHONY: python tools
python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10))' || \
	  { echo "latchkey: Python 3.10 or newer is needed; choose one: make PYTHON=python3.12 ..." >&2; exit 1; }
tools: python
	@$(PYTHON) local/venvs.py go

.PHONY: start stop logs reset
start: tools ## build, deploy on this machine, and say where it is
	@$(RUN) local/start.py
stop: python ## end it; the data is kept
	@$(PYTHON) local/control.py stop
logs: python ## follow what the functions and the emulator print
	@$(PYTHON) local/control.py logs
reset: python ## end it and forget its data
	@$(PYTHON) local/control.py reset

.PHONY: example
example: tools ## an API of somebody else's, guarded by what `make start` runs
	@$(RUN) local/example.py

.PHONY: sam-local
sam-local: tools ## the same in Docker: sam local and DynamoDB Local
	@$(RUN) local/sam_local.py

.PHONY: test test-sam-local test-everywhere unit e2e aws-rows bench
test: tools ## every test, the black-box suite against a stack of its own
	@$(RUN) local/test.py all
test-sam-local: tools ## the black-box suite under sam local, which needs Docker
	@$(RUN) local/test.py sam-local
test-everywhere: tools ## both, counted together
	@$(RUN) local/test.py everywhere
unit: tools ## vet, unit tests, and the packages that need DynamoDB Local
	@$(RUN) local/test.py unit
e2e: tools ## the black-box suite against what `make start` runs
	@$(RUN) local/test.py e2e
aws-rows: tools ## what AWS does and emulators do not, against what `make start` runs
	@$(RUN) local/aws_rows.py
bench: tools ## the benchmarks
	@$(RUN) local/test.py bench

.PHONY: check
check: tools ## the linters
	@$(RUN) local/check.py

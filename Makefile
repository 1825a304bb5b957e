# Latchkey. `make` lists the commands; local/ holds what they run, .local/ all that they create.
PYTHON ?= python3
SETUP := $(PYTHON) local/setup.py
RUN := .local/venvs/ministack/bin/python

# Python keeps what it compiles. Without that, a tool such as sam takes two more seconds each time that it starts.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help
help:
	@sed -n 's/^\([a-z0-9-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 18

.PHONY: python
python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "latchkey: Python 3.11 or newer is needed; choose one: make PYTHON=python3.12 ..." >&2; exit 1; }

# Each command checks and sets up what it needs (local/setup.py), then runs with the tools that are now there.
.PHONY: setup
setup: python ## check this machine, and fetch all that the other commands need
	@$(SETUP) setup

.PHONY: start stop logs reset
start: python ## build, deploy on this machine, and say where it is
	@$(SETUP) start
	@$(RUN) local/start.py
stop: python ## end it; the data is kept
	@$(PYTHON) local/control.py stop
logs: python ## follow what the functions print, readable; make logs RAW=1 for all of it
	@RAW=$(RAW) $(PYTHON) local/logs.py
reset: python ## end it and forget its data
	@$(PYTHON) local/control.py reset

.PHONY: example
example: python ## an API of somebody else's, guarded by what `make start` runs
	@$(SETUP) example
	@$(RUN) local/example.py

.PHONY: local
local: python ## your own API, guarded, under sam local or without Docker: make local TEMPLATE=../yours/template.yaml
	@$(SETUP) local
	@$(RUN) local/guarded.py

.PHONY: sam-local
sam-local: python ## the same in Docker: sam local and DynamoDB Local
	@$(SETUP) sam-local
	@$(RUN) local/sam_local.py

.PHONY: test test-sam-local test-everywhere unit fuzz verify e2e aws-rows upgrade requests soak bench scaling scaling-sizes
test: python ## the tests, the black-box suite against a stack of its own; make check and make fuzz have the rest
	@$(SETUP) test
	@$(RUN) local/test.py all
test-sam-local: python ## the black-box suite under sam local, which needs Docker
	@$(SETUP) test-sam-local
	@$(RUN) local/test.py sam-local
test-everywhere: python ## both, counted together
	@$(SETUP) test-everywhere
	@$(RUN) local/test.py everywhere
unit: python ## the unit tests, and the packages that need DynamoDB Local
	@$(SETUP) unit
	@$(RUN) local/test.py unit
fuzz: python ## made-up inputs: each of Go's fuzz tests for a minute, or make fuzz SECONDS=600, and the API by its own document
	@$(SETUP) fuzz
	@failed=0; $(RUN) local/gofuzz.py $(or $(SECONDS),60) || failed=1; $(RUN) local/fuzz.py || failed=1; exit $$failed
verify: python ## the same against any deployment, with a report: make verify URL=https://…
	@$(PYTHON) local/verify.py
e2e: python ## the same against what `make start` runs
	@$(PYTHON) local/verify.py here
aws-rows: python ## what AWS does and emulators do not, against what `make start` runs
	@$(SETUP) aws-rows
	@$(RUN) local/aws_rows.py
upgrade: python ## this tree, deployed over the landed release in place and under load
	@$(SETUP) upgrade
	@$(RUN) local/upgrade.py
requests: python ## generated requests over all routes: make requests COUNT=2000 SEED=7, 100,000 of a new seed otherwise
	@$(SETUP) requests
	@COUNT=$(COUNT) SEED=$(SEED) $(RUN) local/generated.py
soak: python ## mixed load with a fault each minute, then an audit of the table: make soak MINUTES=5, 30 otherwise
	@$(SETUP) soak
	@$(RUN) local/soak.py $(MINUTES)
bench: python ## the benchmarks
	@$(SETUP) bench
	@$(RUN) local/test.py bench
scaling: python ## measure what the functions cost, and write the tables of docs/scaling.md
	@$(SETUP) scaling
	@$(RUN) local/scaling.py scaling
scaling-sizes: python ## the same for tables of up to a million items, which takes minutes
	@$(SETUP) scaling
	@$(RUN) local/scaling.py sizes

.PHONY: licences sbom pins release
licences: python ## list the licences of all that ships, in docs/licences.md
	@$(SETUP) check
	@$(RUN) local/licences.py
sbom: python ## list all modules of the programs, as CycloneDX JSON in .local/sbom.json
	@$(SETUP) check
	@$(RUN) local/sbom.py

release: python ## all that is published of this commit, in .local/release/; VERIFY=1 makes it twice and compares
	@$(SETUP) release
	@VERIFY=$(VERIFY) $(RUN) local/release.py

pins: python ## pin the Python tools anew, with hashes, after an edit of local/requirements-*.in
	@$(PYTHON) local/pins.py

.PHONY: site
site: python ## the documents as one site, searchable, to read offline: .local/site
	@$(SETUP) check
	@$(RUN) local/website.py

.PHONY: check
check: python ## the linters
	@$(SETUP) check
	@$(RUN) local/check.py

# Octroi. Bare `make` prints what there is.
# Asked for once, and only where it is needed.
PYTHON ?= $(eval PYTHON := $(shell sh infra/local/python.sh))$(PYTHON)
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
# What runs goes on with the environment it was started in, whatever has come since.
AS_IT_IS := $(if $(wildcard $(READY)),,$(READY))
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
CRD_SCHEMAS ?= https://raw.githubusercontent.com/datreeio/CRDs-catalog/main/{{.Group}}/{{.ResourceKind}}_{{.ResourceAPIVersion}}.json

##@ See it work
.PHONY: run
run: $(READY) ## Start everything and decide applications (DATA=folder, ONCE=1 stops after the summary)
	@$(BIN)/python -m infra.local run $(if $(DATA),--data "$(DATA)") $(if $(ONCE),--once)

.PHONY: up
up: $(READY) ## Start everything, without applications
	@$(BIN)/python -m infra.local up $(if $(DATA),--data "$(DATA)")

.PHONY: down
down: $(AS_IT_IS) ## Stop everything
	@$(BIN)/python -m infra.local down

.PHONY: status
status: $(AS_IT_IS) ## Say what runs, and where
	@$(BIN)/python -m infra.local status

.PHONY: clean-state
clean-state: $(AS_IT_IS) ## Stop everything and delete databases, topics, models and keys
	@$(BIN)/python -m infra.local clean

##@ In containers
.PHONY: env
env: ## Write .env with random secrets for Docker, unless there is one
	@if [[ -e .env ]]; then echo ".env is there: left as it is"; exit; fi; umask 077; \
	for name in OCTROI_POSTGRES_ADMIN_PASSWORD OCTROI_POSTGRES_PASSWORD OCTROI_MLFLOW_PASSWORD \
		OCTROI_GRAFANA_PASSWORD; do \
		echo "$$name=$$($(PYTHON) -c 'import secrets; print(secrets.token_hex(24))')"; \
	done > .env.part; mv .env.part .env; echo "secrets: in .env"

##@ Use it
.PHONY: replay
replay: $(READY) ## Send a file's applications to the running engine (FILE=, RATE= per second)
	@$(BIN)/python -m infra.local replay --file "$(FILE)" $(if $(RATE),--rate $(RATE))

.PHONY: outcomes
outcomes: $(READY) ## Tell what the loans of a replayed file did, by its TARGET (FILE=, RATE= per second)
	@$(BIN)/python -m infra.local outcomes --file "$(FILE)" $(if $(RATE),--rate $(RATE))

.PHONY: score
score: $(READY) ## Score a file with the champion, without Kafka (IN=, OUT=)
	@$(BIN)/python -m infra.local score --in "$(IN)" --out "$(OUT)"

.PHONY: train
train: $(READY) ## Train and register a champion (DATA=folder; the sample without it)
	@$(BIN)/python -m infra.local train $(if $(DATA),--data "$(DATA)") $(if $(QUICK),--quick)

.PHONY: promote
promote: $(READY) ## Make a registered version the champion (VERSION=)
	@$(BIN)/python -m infra.local promote --version "$(VERSION)"

.PHONY: rollback
rollback: $(READY) ## Go back to the former champion
	@$(BIN)/python -m infra.local rollback

.PHONY: backup
backup: $(READY) ## Save databases and registry of the running engine (TO=new folder)
	@$(BIN)/python -m infra.local backup --to "$(TO)"

.PHONY: restore
restore: $(READY) ## Put databases and registry of the stopped engine back (FROM=folder)
	@$(BIN)/python -m infra.local restore --from "$(FROM)"

.PHONY: sample
sample: $(READY) ## Write a seeded sample of applications (OUT=folder, ROWS=, SEED=)
	@$(BIN)/python -m services.sample --out "$(or $(OUT),sample)" \
		$(if $(ROWS),--rows $(ROWS)) $(if $(SEED),--seed $(SEED))

##@ Work on it
.PHONY: test
test: $(READY) ## Run all tests that this machine can run (TESTS=path, WORKERS=2)
	@$(BIN)/python -m pytest --numprocesses $(or $(WORKERS),2) --dist loadscope --no-loadscope-reorder \
		--durations 25 $(TESTS)

.PHONY: test-compose
test-compose: $(READY) ## Build the images, start the compose file on free ports, and test it (needs Docker)
	@$(BIN)/python -m pytest -m compose $(or $(TESTS),tests/compose)

.PHONY: bench
bench: $(READY) ## Measure speed on this machine (RUNS=3, JSON=file, CHART=file.png, DATA=folder, CASE=, COUNT=50000)
	@$(BIN)/python -m tests.benchmarks $(if $(RUNS),--runs $(RUNS)) $(if $(JSON),--json "$(JSON)") \
		$(if $(CHART),--chart "$(CHART)") $(if $(DATA),--data "$(DATA)") $(if $(CASE),--case "$(CASE)") \
		$(if $(COUNT),--count $(COUNT))

CONTESTANTS := $(patsubst tests/benchmarks/contestants/%.txt,.octroi/contestants/%/.ready, \
	$(wildcard tests/benchmarks/contestants/*.txt))

.PHONY: bench-environments
bench-environments: $(CONTESTANTS) ## Install what `make bench` compares with, each apart (2 GB)

# Everything that is needed is pinned in the file, so nothing is resolved.
.octroi/contestants/%/.ready: tests/benchmarks/contestants/%.txt
	@rm -rf $(@D)
	@$(PYTHON) -m venv $(@D)
	@$(@D)/bin/pip install --quiet --disable-pip-version-check --no-deps --requirement $<
	@touch $@

.PHONY: chaos
chaos: $(READY) ## Break a running engine again and again (FAULTS=200, SEED=, DATA=folder, ONLY=, PARTITIONS=6, CLUSTER=1, BACKLOG=, SOAK=minutes, SOAK_RATE=, RATE=100, JSON=file)
	@$(BIN)/python -m tests.chaos $(if $(FAULTS),--faults $(FAULTS)) $(if $(SEED),--seed $(SEED)) \
		$(if $(DATA),--data "$(DATA)") $(if $(ONLY),--only "$(ONLY)") $(if $(JSON),--json "$(JSON)") \
		$(if $(PARTITIONS),--partitions $(PARTITIONS)) $(if $(BACKLOG),--backlog $(BACKLOG)) $(if $(SOAK),--soak $(SOAK)) $(if $(SOAK_RATE),--soak-rate $(SOAK_RATE)) $(if $(RATE),--rate $(RATE)) $(if $(CLUSTER),--cluster)

.PHONY: fuzz
fuzz: $(READY) ## Send bad input for half an hour (SEED=, CASES=10000 an interface, MESSAGES=1000000)
	@$(BIN)/python -m tests.fuzz $(if $(SEED),--seed $(SEED)) $(if $(CASES),--cases $(CASES)) \
		$(if $(MESSAGES),--messages $(MESSAGES))

.PHONY: pictures
pictures: $(READY) ## Take the README's pictures anew, of a sample
	@rm -rf .octroi/pictures && mkdir -p .octroi/pictures
	@OCTROI_PICTURES=.octroi/pictures $(BIN)/python -m pytest --quiet tests/e2e/test_tour.py
	@$(BIN)/python -m tests.e2e.pictures .octroi/pictures docs/images

.PHONY: lint
lint: $(READY) ## Check style and types
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/mypy

.PHONY: format
format: $(READY) ## Put code into form
	@$(BIN)/ruff check --fix
	@$(BIN)/ruff format

.PHONY: contracts
contracts: $(READY) ## Write the contracts' documents anew
	@$(BIN)/python -m services.contracts.documents
	@$(BIN)/python -m tests.contract.openapi
	@$(BIN)/python -m infra.kafka.strimzi

.PHONY: docs
docs: $(READY) ## Build the documentation's site into site/
	@$(BIN)/python -m infra.documents
	@NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --quiet --strict

.PHONY: validate-kubernetes
validate-kubernetes: ## Check the Kubernetes resources against their schemas (needs kustomize, kubeconform and a network)
	@kustomize build infra/kubernetes/overlays/example | kubeconform -strict -summary \
		-schema-location default -schema-location '$(CRD_SCHEMAS)'

.PHONY: release
release: $(READY) ## Prepare a release and say what it is (VERSION=, TAG=1 makes the tag)
	@$(BIN)/python -m infra.release "$(VERSION)" $(if $(TAG),--tag)

.PHONY: lock
lock: ## Resolve the dependencies anew (needs uv)
	@uv pip compile --quiet --universal --python-version 3.11 --all-extras \
		--group test --group lint --group docs --group build --generate-hashes --no-emit-index-url \
		--no-annotate --no-header pyproject.toml --output-file requirements.lock

.PHONY: audit
audit: ## Look for known faults in the locked dependencies (needs pip-audit)
	@pip-audit --requirement requirements.lock --require-hashes --disable-pip

.PHONY: sbom
sbom: ## Write the dependencies' bill of materials (needs cyclonedx-py; OUT=octroi.cdx.json)
	@cyclonedx-py requirements --pyproject pyproject.toml --output-reproducible \
		--output-file "$(or $(OUT),octroi.cdx.json)" requirements.lock

.PHONY: clean
clean: clean-state ## Delete the state and the environment
	@rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache

.PHONY: help
help: ## Print this
	@awk 'BEGIN {FS = ":.*## "; print "Octroi decides loan applications.\n\nUsage: make <target>"} \
		/^##@/ {printf "\n%s\n", substr($$0, 5)} \
		/^[a-z-]+:.*## / {printf "  %-19s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# The environment: what the lock says, byte for byte, and this project on top.
$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; (3, 11) <= sys.version_info[:2] < (3, 14) or sys.exit( \
		f"Octroi needs Python 3.11 to 3.13, {sys.executable} is {sys.version.split()[0]}: set PYTHON=")'
	@if [[ -x $(BIN)/python ]] && $(BIN)/python -m infra.local status >/dev/null 2>&1; then \
		echo "the engine runs in the environment that would be replaced: make down first" >&2; exit 2; fi
	@echo "making the environment in $(VENV) with $(PYTHON) (about two minutes, once)"
	@rm -rf $(VENV)
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements.lock
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

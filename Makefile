# The single door. `make help` lists what there is.
PYTHON ?= python3
VENV := .local/venv/bin
STACK := $(VENV)/python -m stack

.DEFAULT_GOAL := help
.PHONY: help setup up down demo with-stack

help: ## list these commands
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

setup: ## the environment, if something changed
	@$(PYTHON) stack/bootstrap.py

up: setup ## the portal and the federal side, until Ctrl-C
	@$(STACK) up

down: setup ## end what `make up` or `make demo` left running
	@$(STACK) down

demo: setup ## the main job, end to end; ONCE=1 ends afterwards
	@$(STACK) demo $(if $(ONCE),--once)

.PHONY: backup restore
backup: setup ## a backup of the kept portal, running or not; TO=folder
	@$(STACK) backup $(if $(TO),--to "$(TO)")

restore: setup ## FROM=folder of a backup, into an empty kept portal; `make up` shows it
	@$(if $(FROM),,echo "edomex: falta la carpeta: make restore FROM=carpeta." >&2; exit 1;) $(STACK) restore "$(FROM)"

# Taken as written: make would read the dollar signs of a shell command as its own. The stack reads it from the environment.
override CMD := $(value CMD)
export CMD
with-stack: setup ## CMD="…" beside a fresh stack; FEDERAL=1 MUNICIPIO=1 PEER=1 SEED=demo
	@$(STACK) with $(if $(FEDERAL),--federal) $(if $(MUNICIPIO),--municipio) $(if $(PEER),--peer) $(if $(TEST),--test) \
		$(if $(SEED),--seed $(SEED)) $(if $(KEEP),--keep)

.PHONY: bench
bench: setup ## B=ROOM: figures against the vanilla peer; CASE="…" for some of them
	@$(VENV)/python -m bench $(or $(B),$(error say which room: make bench B=release)) $(CASE)

.PHONY: test test-all soak lint types lock
test: setup ## what CI runs: lint, types, contracts, unit and integration tests, one pass of each fault and browser test
	@$(VENV)/python -m stack.testing

test-all: setup ## the same and the long ones
	@$(VENV)/python -m stack.testing --all

soak: setup ## 30 minutes of edits, releases and reads: memory flat, no error; MINUTES=5 is shorter
	@EDOMEX_SOAK_MINUTES=$(MINUTES) $(STACK) with --command "$(VENV)/python -m stack.testing --soak"

lint: setup ## ruff and the import contracts
	@$(VENV)/ruff check . && $(VENV)/python -m stack.contracts

types: setup ## pyright
	@$(VENV)/pyright

lock: setup ## resolve the pinned packages of the stack anew
	@$(VENV)/uv pip compile --quiet --universal --python-version 3.11 --no-header --upgrade \
		--override stack/overrides.txt stack/requirements.in --output-file stack/requirements.lock

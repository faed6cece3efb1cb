# Every command installs what it needs: python3 >= 3.11, git and make are enough. `make help` lists them.

PYTHON ?= python3
VENV   := .venv/bin
SHELL  := /bin/bash
.DEFAULT_GOAL := help
# With it, every process of the engine would compile Pulumi, its provider and Twilio's client again.
unexport PYTHONDONTWRITEBYTECODE
.PHONY: help demo test stories test-browser check audit figures campaign mutation baselines setup lock clean install pulumi format

help: ## list these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  \033[1mmake %-12s\033[0m %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: pulumi ## run the whole product on this machine; KEEP=1 leaves it running, CHATS=FILE replays real chats
	@$(VENV)/python -m laptop demo $(if $(KEEP),--keep) $(if $(CHATS),--chats "$(CHATS)") $(DEMO)

test: pulumi ## run the tests, but for the stories; T=path or T="-k name" for some of them
	@$(VENV)/python -m pytest $(if $(T),$(T),-q -m "not story" -n 3 --dist loadgroup --no-loadscope-reorder)

stories: pulumi ## run whole stories of a stack under the real engine: upgrades, rollbacks, restored settings, changed regions
	@$(VENV)/python -m pytest -q -m story -n 2

test-browser: install ## use the simulator's page in Chromium as a person does; PICTURES=1 makes those of the docs
	@$(VENV)/python -m dev.browser
	@$(if $(PICTURES),PICTURES=1) $(VENV)/python -m pytest -q -n 2 --dist loadgroup tests/browser

check: install ## check style, types, imports, locks, scripts and workflows
	@$(VENV)/ruff check .
	@$(VENV)/ruff format --check .
	@$(VENV)/mypy
	@$(VENV)/lint-imports --no-logo
	@$(VENV)/python -m dev.lock --check
	@$(VENV)/shellcheck ci/stack bin/inactivity .ci/run
	@$(VENV)/check-jsonschema --builtin-schema vendor.github-workflows .github/workflows/*.yml ci/github/*.yml
	@$(VENV)/check-jsonschema --builtin-schema vendor.dependabot .github/dependabot.yml
	@$(VENV)/zizmor --quiet --offline --config .github/zizmor.yml .github ci/github/*.yml

audit: install ## ask whether a vulnerability is known in what the locks name; needs the internet
	@$(VENV)/pip-audit --require-hashes --disable-pip --progress-spinner off -r requirements/dev.txt

figures: install ## measure on an idle machine, and write docs/figures.md
	@$(VENV)/python -m benchmarks.simulator_figures $(if $(ANYWAY),--anyway)
	@$(VENV)/python -m benchmarks.deployment_figures $(if $(ANYWAY),--anyway)

campaign: install ## try every fault, crash, race, order and history, and write docs/figures.md; C="races" SCALE=0.01 for less, RESUME=1 to go on
	@$(VENV)/python -m benchmarks.campaigns $(C) --scale $(or $(SCALE),1) --write $(if $(RESUME),--resume)

mutation: install ## count changed lines that no test notices; M="function.chat.decisions*" for some of them
	@$(VENV)/mutmut run $(if $(M),"$(M)") && $(VENV)/mutmut results

baselines: install ## compare what the product does with what is recorded; WRITE=1 records it
	@$(VENV)/python -m tests.baselines $(if $(WRITE),--write)

setup: install ## check this machine for a real deployment, and print the next commands
	@$(VENV)/python -m laptop.setup

format: install ## format the code, and fix what ruff can fix
	@$(VENV)/ruff check --fix --quiet . ; $(VENV)/ruff format .

lock: install ## make the hashed locks from the dependency groups of pyproject.toml
	@$(VENV)/python -m dev.lock

clean: ## remove what these commands made in this folder; the cached Pulumi CLI stays
	@rm -rf mutants .venv .local .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

install:
	@$(PYTHON) dev/install.py

pulumi: install
	@$(VENV)/python -m laptop.pulumi_cli >/dev/null

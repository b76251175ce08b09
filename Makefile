# The ways into the project; `make` alone lists them.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.PHONY: help run build test fuzz crash bench bench-peers format lint clean

# What `make run` passes on: make run ARGS="--port 9000 --data-dir ./data"
ARGS ?=
# The one parser that `make fuzz` is to try: token, json, uuid, authorization, base64url, cursor or forwarded-for
TARGET ?=

# How often `make crash` kills the server, and the seed of an earlier run to repeat its choices.
crash: ROUNDS ?= 100
SEED ?=

# What `make bench` measures, and how long each run takes: make bench ONLY=current,refresh DURATION=2 ROUNDS=1
ONLY ?=
DURATION ?= 5
bench bench-peers: ROUNDS ?= 5

# Swift's own libraries go into the executable: it then runs where no Swift is, and calls them quicker.
RELEASE := swift build -c release --static-swift-stdlib
SOURCES := Package.swift Sources Tests Fuzzing Benchmarks
SAY := @printf '\n== %s\n'

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: build ## Build FinHub and start its sandbox on http://127.0.0.1:8080 (ARGS="--port 9000" passes options)
	$(SAY) "Starting finhub sandbox; Ctrl-C stops it"
	@exec "$$(swift build -c release --show-bin-path)/finhub" sandbox $(ARGS)

build: ## Build the finhub executable, optimised
	@scripts/bootstrap
	$(SAY) "Building finhub (the first build fetches and compiles all libraries: about 5 minutes)"
	@$(RELEASE) --product finhub

test: ## Run everything there is to test
	@scripts/bootstrap test
	$(SAY) "1 of 5: format"
	@swift format lint --strict --recursive $(SOURCES)
	$(SAY) "2 of 5: build, every import declared, no warnings (the first build takes about 5 minutes)"
	@swift build --build-tests --explicit-target-dependency-import-check error
	$(SAY) "3 of 5: Swift tests"
	@swift test --skip-build
	$(SAY) "4 of 5: openapi.yaml against the running server"
	@scripts/api-check
	$(SAY) "5 of 5: the SDK's documentation against its symbols"
	@scripts/docs-check
	$(SAY) "All passed: format, build, Swift tests, openapi.yaml, the SDK's documentation"

fuzz: ## Look for inputs that break a parser until stopped (TARGET=json for one of them)
	@scripts/bootstrap
	@exec scripts/fuzz $(TARGET)

crash: ## Kill the server ROUNDS times (100) amid traffic and look for what was lost (SEED=n repeats the choices)
	@scripts/bootstrap test
	$(SAY) "1 of 2: build the server, optimised, and the tests"
	@$(RELEASE) --product finhub
	@swift build --build-tests
	$(SAY) "2 of 2: $(ROUNDS) rounds of kill -9, and a failing disk"
	@EXECUTABLE_UNDER_TEST="$$(swift build -c release --show-bin-path)/finhub" CRASH_ROUNDS=$(ROUNDS) CRASH_SEED=$(SEED) \
	  swift test --skip-build --filter 'EndToEndTests.EndToEnd/(CrashTests|DiskTests)'

bench: ## Measure speed, memory and growth beside the machine's limits (ONLY=current,refresh DURATION=2 ROUNDS=1)
	@scripts/bootstrap bench
	$(SAY) "Building, optimised"
	@for product in finhub bench-hello bench-micro; do $(RELEASE) --product "$$product"; done
	$(SAY) "Measuring (about 15 minutes; other work on this machine spoils the figures)"
	@Benchmarks/bench --only "$(ONLY)" --seconds "$(DURATION)" --rounds "$(ROUNDS)"

bench-peers: ## Measure refreshes, token checks and the refresh race beside Glewlwyd and Django simplejwt
	@scripts/bootstrap bench-peers
	$(SAY) "Building, optimised"
	@$(RELEASE) --product finhub
	$(SAY) "Measuring (about 5 minutes; other work on this machine spoils the figures)"
	@Benchmarks/bench-peers --seconds "$(DURATION)" --rounds "$(ROUNDS)"

format: ## Format the Swift sources in place
	@swift format --in-place --recursive $(SOURCES)

lint: ## Check the format and the lint rules
	@swift format lint --strict --recursive $(SOURCES)

clean: ## Remove everything that was built
	@rm -rf .build .build-fuzz

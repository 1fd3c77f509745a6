# The front door. Every target is one line that a person could type; `make help` lists them.
.DEFAULT_GOAL := help
.NOTPARALLEL:
MAKEFLAGS += --no-print-directory
JOBS ?= 2
# The thread sanitizer of GCC 12 wants fewer random address bits than newer kernels give.
FIXED_ADDRESSES := $(shell setarch -R true 2> /dev/null && echo setarch -R)

PROGRAMS := $(patsubst src/tools/%_main.cc,%,$(wildcard src/tools/*_main.cc)) \
            $(if $(wildcard bench/*.cc),bench)

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-18s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: run
run: build ## build, then run the main job on real data (installs what is missing)
	@scripts/main-job

.PHONY: build
build: ## build the programs, optimised, into bin/
	@scripts/install-packages run
	@scripts/build release $(PROGRAMS)

.PHONY: install
install: ## install the libraries, headers and programs into PREFIX=/usr/local
	@scripts/install-packages run
	@scripts/build package
	@cmake --install build/package --prefix $(or $(PREFIX),/usr/local)

.PHONY: deb
deb: ## make the Debian packages, judged by lintian, in build/deb
	@scripts/install-packages package
	@scripts/build package
	@scripts/build-deb build/package build/deb

.PHONY: test
test: ## all tests under the address and undefined-behaviour sanitizers
	@scripts/install-packages test
	@scripts/install-npm-packages
	@scripts/build asan-ubsan
	@ctest --preset asan-ubsan -j $(JOBS)

.PHONY: check
check: ## format, scripts, instruction counts, lint, the tests under the thread sanitizer
	@scripts/install-packages check
	@scripts/check-format
	@scripts/check-scripts
	@scripts/check-the-checks
	@scripts/check-mutants --apply-only
	@scripts/bench-instructions --self-test
	@$(MAKE) bench-instructions
	@$(MAKE) lint
	@$(MAKE) tsan
	@echo "make check: all passed"

.PHONY: lint
lint: ## clang-tidy, clang's thread-safety analysis, every header alone
	@scripts/install-packages check
	@scripts/build clang lint all_verify_interface_header_sets

.PHONY: tsan
tsan: ## the tests under the thread sanitizer
	@scripts/install-packages test
	@scripts/build tsan
	@$(FIXED_ADDRESSES) ctest --preset tsan -j $(JOBS)

.PHONY: bench
bench: ## every workload beside the peers, 15 minutes; report and charts in build/bench
	@scripts/install-packages bench
	@scripts/build --configure release bench
	@scripts/bench $(if $(OUT),--out $(OUT))

.PHONY: bench-full
bench-full: ## all sizes, key shapes and sustained runs, hours, into bench/results: PASS=name OUT=folder
	@scripts/install-packages bench
	@scripts/build --configure release bench
	@scripts/bench --full $(if $(OUT),--out $(OUT)) $(PASS)

.PHONY: bench-micro
bench-micro: ## the speed of each structure on its hot path: FILTER=regex for some of them
	@scripts/install-packages bench
	@scripts/build --configure release bench_micro
	@bin/bench_micro $(if $(FILTER),--benchmark_filter='$(FILTER)')

.PHONY: bench-instructions
bench-instructions: ## count the instructions of the hot paths; fail beyond 5% over the baseline
	@scripts/install-packages bench
	@scripts/build --configure instructions instructions
	@scripts/bench-instructions

.PHONY: crash-check
crash-check: ## kill processes at every failpoint and at random moments: three minutes
	@scripts/install-packages run
	@scripts/build release crash
	@bin/crash run --dir build/crash-check

.PHONY: proof-programs
proof-programs: ## build what the proof runs
	@scripts/install-packages check
	@scripts/build asan-ubsan
	@scripts/build tsan tests_concurrency
	@scripts/build fuzz fuzzers
	@scripts/build release crash

.PHONY: proof
proof: proof-programs ## every campaign of docs/testing.md at length: MINUTES=30, after the builds
	@scripts/proof --minutes $(or $(MINUTES),30)

.PHONY: proof-long
proof-long: proof-programs ## the same, round after round with new seeds: HOURS=8; goes on where it stopped
	@scripts/proof --hours $(or $(HOURS),8)

.PHONY: mutants
mutants: ## put known bugs in, one at a time: the tests must find each
	@scripts/install-packages test
	@scripts/check-mutants

.PHONY: scale
scale: ## load 10 million records, verify and scan them; checks memory and stalls
	@scripts/install-packages test
	@cmake -S . -B build/scale -G Ninja -DCMAKE_BUILD_TYPE=Release -DBEACHDB_INVARIANTS=OFF \
	  -DBEACHDB_BENCH=OFF > /dev/null
	@cmake --build build/scale --target tests_scale -j $(JOBS) > /dev/null
	@BEACHDB_SCALE_RECORDS=10000000 build/scale/tests_scale

.PHONY: fuzz
fuzz: ## run one fuzz target, T=table SECONDS=60; without T each of them
	@scripts/install-packages check
	@scripts/build fuzz $(if $(T),$(T:_fuzz=)_fuzz,fuzzers)
	@scripts/fuzz $(or $(SECONDS),60) $(T)

.PHONY: format
format: ## rewrite the sources in the house format
	@scripts/install-packages check
	@scripts/check-format --fix

.PHONY: clean
clean: ## remove everything that a build has made
	rm -rf build bin

# SPDX-License-Identifier: Apache-2.0
# A thin front to scripts/ and Meson. `make demo` and `make test` work on a fresh Debian 12/13 or
# Ubuntu 24.04: they install what is missing first.

BUILD ?= build

.PHONY: all build demo test lint bench bench-accept install clean

all: build

build:
	@scripts/bootstrap build
	@scripts/build $(BUILD)

demo: build
	@scripts/demo $(BUILD)

test:
	@scripts/bootstrap test
	@scripts/run-tests $(BUILD)

lint:
	@scripts/bootstrap test
	@scripts/build $(BUILD)
	@meson test -C $(BUILD) --suite lint --print-errorlogs

bench: build
	@scripts/bench $(BUILD)

# Instructions per record, counted anew and kept as what the tests compare with (docs/performance.md).
bench-accept: build
	@scripts/bootstrap test
	@scripts/build $(BUILD)
	@python3 test/bench/instructions.py $(BUILD) . --accept

install: build
	@meson install -C $(BUILD)

clean:
	rm -rf build build-asan out

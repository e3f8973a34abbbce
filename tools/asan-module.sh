#!/bin/sh
# Builds everything with ASan and UBSan into build/asan and runs the suites that drive nginx and the daemon with it. Leaks are the unit
# tests' and fuzzers' business: nginx leaves its pools to the system. The last line is pytest's count.
set -eu
cd "$(dirname "$0")/.."
make -s -j2 BUILD=build/asan SAN="-fsanitize=address,undefined -fno-sanitize-recover=all" CFLAGS="-O1 -g" all build/asan/bin/edge-load
suites=
for name in gateway control; do [ ! -d test/$name ] || suites="$suites test/$name"; done
export COUNTERSIGN_BUILD=build/asan ASAN_OPTIONS=detect_leaks=0
# shellcheck disable=SC2086  # one word per suite
exec build/venv/bin/python -m pytest -q -p no:cacheprovider --color=no $suites

#!/bin/sh
# make soak: traffic, changes, rebuilds and sudden deaths of the daemon at the same time, SOAK_SECONDS long (600). Ends non-zero as soon as
# a request is lost, a change is not effective, or a worker's memory grows. Before it, requests of unclear ends, SMUGGLING_SECONDS long (60).
set -eu
cd "$(dirname "$0")/.."
tools/setup.sh tests
make -s all
build/venv/bin/python test/soak/wire.py "${SMUGGLING_SECONDS:-60}"
exec build/venv/bin/python test/soak/soak.py "${SOAK_SECONDS:-600}"

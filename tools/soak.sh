#!/bin/sh
# make soak: every scenario of test/soak/run.py, or those named in SCENARIOS, at their usual lengths (NAME=LENGTH in the environment: another).
# Ends non-zero when one did not hold. docs/reference/soak.md says what each shows, and holds the figures of the last whole run.
set -eu
cd "$(dirname "$0")/.."
tools/setup.sh soak
make -s all build/bin/edge-load
# shellcheck disable=SC2086  # one word per scenario
exec tools/with-postgres.sh build/venv/bin/python test/soak/run.py ${SCENARIOS:-}

#!/bin/sh
# make bench: CPU per request against plain nginx, with 1 000 and 1 000 000 credentials, and how fast a change is effective.
# Options: --rounds N (24), --rows A,B, --credentials N,N (1000,1000000), --no-propagation. Writes build/bench.json.
set -eu
cd "$(dirname "$0")/.."
for tool in wrk taskset nginx; do
    PATH=$PATH:/usr/sbin command -v $tool >/dev/null || { echo "$tool is missing: tools/setup.sh tests" >&2; exit 1; }
done
make -s all build/bin/edge-load build/bench/populate build/bench/ngx_http_primitive_module.so
python=build/venv/bin/python; [ -x $python ] || python=python3
exec $python bench/run.py "$@"

#!/bin/bash
# run-tests.sh [SUITE...]: runs every suite of tests, or those named, after a build. A folder test/<name> with test_*.py is a suite of
# pytest; the others stand in the table below. Two suites run at a time, the long ones first. A line for each suite, its whole output in build/test/<suite>.log, the end of it on the screen when something failed. The last
# line is the sum: "N passed, N failed".
set -u
cd "$(dirname "$0")/.."
logs=build/test
counts=$logs/counts # a file for each suite: how many passed, how many failed
mkdir -p $logs
rm -rf $counts
mkdir $counts

# A suite prints its own count in the last line that has one.
unit() { make -s -j2 unit; }
corpus() { tools/fuzz-corpus.sh; }
purity() { if tools/purity.sh; then echo "1 passed, 0 failed"; else echo "0 passed, 1 failed"; return 1; fi; }
python_suite() { build/venv/bin/python -m pytest -q -p no:cacheprovider --color=no "test/$1" "${@:2}"; }
# A suite again, with all of it built to watch its own memory (test/harness/tree.py). Leaks are the unit tests' and fuzzers' business:
# nginx leaves its pools to the system. What is run again on PostgreSQL is the same code once more.
sanitized_suite() {
    flock build/asan.lock make -s -j2 BUILD=build/asan SAN="-fsanitize=address,undefined -fno-sanitize-recover=all" CFLAGS="-O1 -g" all build/asan/bin/edge-load &&
        COUNTERSIGN_BUILD=build/asan ASAN_OPTIONS=detect_leaks=0 python_suite "$1" --ignore=test/control/test_postgresql.py
}

# A line for each: the longest first, so that none of them is left at the end.
suites() {
    long='control asan-gateway asan-control console'
    for name in $long unit corpus purity; do echo $name; done
    for file in test/*/test_*.py; do basename "$(dirname "$file")"; done | sort -u | grep -vxF "$(printf '%s\n' $long)"
}

count() { # log word: the number before `word` in the last line that counts
    grep -aE '[0-9]+ (passed|failed|errors?)\b' "$1" | tail -n 1 | grep -oE "[0-9]+ $2\b" | grep -oE '[0-9]+' || echo 0
}

run_suite() {
    name=$1 log=$logs/$1.log began=$SECONDS
    case $name in
        unit | corpus | purity) $name >"$log" 2>&1 ;;
        asan-*) sanitized_suite "${name#asan-}" >"$log" 2>&1 ;;
        *) python_suite "$name" >"$log" 2>&1 ;;
    esac
    status=$?
    good=$(count "$log" passed)
    bad=$(($(count "$log" failed) + $(count "$log" 'errors?')))
    # A suite that dies without a count, or in which nothing ran, has failed.
    if [ $status -ne 0 ] && [ "$bad" -eq 0 ]; then bad=1; fi
    if [ "$good" -eq 0 ] && [ "$bad" -eq 0 ]; then bad=1; echo "no test ran" >>"$log"; fi
    echo "$good $bad" >"$counts/$name"
    printf '%-12s %5d passed  %3d failed  %4d s\n' "$name" "$good" "$bad" $((SECONDS - began))
    if [ "$bad" -ne 0 ]; then
        tail -n 60 "$log" | sed 's/^/    /'
        echo "    (all of it: $log)"
    fi
}

queue=$logs/queue # the suites that nobody has begun
printf '%s\n' ${*:-$(suites)} >$queue
take() { flock $queue.lock sh -c "head -n 1 $queue; sed -i 1d $queue"; }
work() { while suite=$(take) && [ -n "$suite" ]; do run_suite "$suite"; done; }

work &
work
wait
read -r passed failed < <(cat $counts/* | awk '{passed += $1; failed += $2} END {print passed + 0, failed + 0}')
echo "$passed passed, $failed failed"
[ $failed -eq 0 ]

#!/bin/sh
# Runs each unit test program; prints failures whole, and a last line "unit: N passed, N failed" (programs' own tests counted).
set -u
passed=0; failed=0
for program in "$@"; do
    out=$(timeout -k 5 300 "$program" 2>&1); status=$? # one that hangs has failed
    n=$(printf '%s\n' "$out" | grep -c '^\[       OK')
    f=$(printf '%s\n' "$out" | grep -c '^\[  FAILED  \].*[^:]$' || true)
    if [ $status -ne 0 ]; then
        printf '%s\n' "--- $program (exit $status)" "$out"
        [ "$f" -gt 0 ] || f=1
        failed=$((failed + f))
    fi
    passed=$((passed + n))
done
echo "unit: $passed passed, $failed failed"
[ $failed -eq 0 ]

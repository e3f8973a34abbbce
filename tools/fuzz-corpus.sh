#!/bin/sh
# Builds each fuzzer with gcc, ASan and UBSan and a plain driver, and runs its corpus once. Last line "corpus: N passed, N failed".
set -u
cd "$(dirname "$0")/.."
SAN="-fsanitize=address,undefined -fno-sanitize-recover=all"
out=build/corpus
make -s BUILD=build/asan SAN="$SAN" CFLAGS="-O1 -g" build/asan/lib/libcountersign.a build/asan/lib/libcountersign-edge.a build/asan/lib/libcountersign-mapped.a \
    build/asan/lib/libcountersign-store.a build/asan/lib/libcountersign-control.a build/asan/lib/libcountersign-random.a || exit 1
mkdir -p $out
passed=0; failed=0
for source in test/fuzz/*_fuzz.c; do
    name=$(basename "$source" _fuzz.c)
    if ! gcc -std=gnu11 -D_GNU_SOURCE -g -O1 $SAN -Isrc -Itest/fuzz "$source" test/fuzz/driver.c -o "$out/$name" \
        build/asan/lib/libcountersign-control.a build/asan/lib/libcountersign-store.a build/asan/lib/libcountersign-edge.a build/asan/lib/libcountersign-mapped.a \
        build/asan/lib/libcountersign-random.a build/asan/lib/libcountersign.a -lsqlite3 -lpq -lmicrohttpd -ljansson -lcurl -lcares -llmdb -lcrypto -lpthread; then
        failed=$((failed + 1)); continue
    fi
    if [ -z "$(ls -A "test/fuzz/corpus/$name" 2>/dev/null)" ]; then
        echo "$name: no corpus"; failed=$((failed + 1)); continue
    fi
    if "$out/$name" "test/fuzz/corpus/$name"; then passed=$((passed + 1)); else echo "$name: FAILED"; failed=$((failed + 1)); fi
done
echo "corpus: $passed passed, $failed failed"
[ $failed -eq 0 ]

#!/bin/sh
# Runs every fuzzer under clang's libFuzzer, $1 seconds each (default 30), starting from the committed corpus. New inputs go to
# build/fuzz/<name>.new; what is worth keeping is copied to test/fuzz/corpus by hand.
set -eu
cd "$(dirname "$0")/.."
seconds=${1:-30}
SAN="-fsanitize=address,undefined,fuzzer-no-link -fno-sanitize-recover=all"
make -s CC=clang BUILD=build/fuzz WARN=-Wall SAN="$SAN" CFLAGS="-O1 -g" build/fuzz/lib/libcountersign.a build/fuzz/lib/libcountersign-edge.a build/fuzz/lib/libcountersign-mapped.a \
    build/fuzz/lib/libcountersign-store.a build/fuzz/lib/libcountersign-control.a build/fuzz/lib/libcountersign-random.a
for source in test/fuzz/*_fuzz.c; do
    name=$(basename "$source" _fuzz.c)
    clang -std=gnu11 -D_GNU_SOURCE -g -O1 -fsanitize=address,undefined,fuzzer -fno-sanitize-recover=all -Isrc -Itest/fuzz "$source" -o "build/fuzz/$name" \
        build/fuzz/lib/libcountersign-control.a build/fuzz/lib/libcountersign-store.a build/fuzz/lib/libcountersign-edge.a build/fuzz/lib/libcountersign-mapped.a \
        build/fuzz/lib/libcountersign-random.a build/fuzz/lib/libcountersign.a -lsqlite3 -lpq -lmicrohttpd -ljansson -lcurl -lcares -llmdb -lcrypto -lpthread
    mkdir -p "build/fuzz/$name.new"
    "build/fuzz/$name" -max_total_time="$seconds" -print_final_stats=1 -artifact_prefix="build/fuzz/$name-" "build/fuzz/$name.new" "test/fuzz/corpus/$name"
done

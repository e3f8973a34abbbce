#!/bin/sh
# make check: what a machine can see without running the product. Prints every violation; last line "check: N passed, N failed".
set -u
cd "$(dirname "$0")/.."
passed=0; failed=0
gate() { # name command...
    name=$1; shift
    if out=$("$@" 2>&1); then passed=$((passed + 1)); else failed=$((failed + 1)); printf '%s\n' "--- $name" "$out"; fi
}

sources() { git ls-files -co --exclude-standard "$@"; }

format() { sources 'src/*.c' 'src/*.h' 'test/*.c' 'test/*.h' 'bench/*.c' | xargs -r clang-format --dry-run -Werror; }

build() { make -s -j2 all; }

banned() {
    words='strcpy|strcat|sprintf|vsprintf|gets|strtok|atoi|atol|atoll|strncpy|strncat|alloca|gmtime|localtime|mktime|asctime|ctime|rand|random|system|popen|tmpnam|mktemp'
    ! sources 'src/*.c' 'src/*.h' | xargs grep -nE "(^|[^A-Za-z0-9_>.])($words)[[:space:]]*\(" /dev/null
}

# One constant-time comparison exists: secret_equal. memcmp and strcmp are for public bytes, and stand only in the files named here.
comparisons() {
    ! sources 'src/*.c' | xargs grep -nE '(^|[^a-z_])(memcmp|bcmp|CRYPTO_memcmp)[[:space:]]*\(' /dev/null |
        grep -vE '^src/(base/bytes|crypto/secret)\.c:' |
        grep -vE '^src/(edge|gateway)/[a-z_]+\.c:.*/\* public bytes \*/'
}

relative_includes() { ! sources 'src/*' | xargs grep -nE '#[[:space:]]*include[[:space:]]+"\.\.?/' /dev/null; }

# Third-party headers stand in one folder each (openssl also in the module's TLS file, nginx's types force it).
foreign_headers() {
    bad=$(sources 'src/*.c' 'src/*.h' | xargs grep -nE '#[[:space:]]*include[[:space:]]+<(openssl/|lmdb|sqlite3|libpq|microhttpd|jansson|curl/|ares|ngx_)' /dev/null |
        grep -vE '^src/crypto/[^:]+:[0-9]+:.*<openssl/' | grep -vE '^src/edge/[^:]+:[0-9]+:.*<lmdb' |
        grep -vE '^src/store/[^:]+:[0-9]+:.*<(sqlite3|libpq)' | grep -vE '^src/control/[^:]+:[0-9]+:.*<(microhttpd|jansson|curl/|ares)' |
        grep -vE '^src/cli/[^:]+:[0-9]+:.*<jansson' |
        grep -vE '^src/gateway/[^:]+:[0-9]+:.*<ngx_' | grep -vE '^src/gateway/tls\.c:[0-9]+:.*<openssl/')
    [ -z "$bad" ] || { echo "$bad"; return 1; }
}

# A forbidden include does not compile; an allowed one does.
layering_probe() { # folder header expected(yes|no)
    mkdir -p build/probe
    printf '#include "%s"\n' "$2" | sed 's/"\(<.*>\)"/\1/' > build/probe/probe.c
    if gcc -std=gnu11 -D_GNU_SOURCE -fsyntax-only -Ibuild/view/"$1" build/probe/probe.c 2>build/probe/out; then got=yes; else got=no; fi
    [ "$got" = "$3" ] || { echo "$1 includes $2: compiles=$got, expected $3"; return 1; }
}
layering() {
    make -s views || return 1
    bad=0
    while read -r folder header expected; do layering_probe "$folder" "$header" "$expected" || bad=1; done <<'EOF'
base crypto/digest.h no
base http/request.h no
crypto base/bytes.h yes
crypto scheme/scheme.h no
http crypto/hmac.h no
scheme admit/admit.h no
jwt http/request.h no
jwt crypto/verify_key.h yes
scheme crypto/digest.h yes
admit edge/reader.h no
explain edge/reader.h no
explain admit/admit.h yes
directory store/store.h no
gateway explain/diagnosis.h no
admit scheme/scheme.h yes
edge store/store.h no
edge scheme/scheme.h no
gateway store/store.h no
gateway edge/reader.h yes
admit replay/replay.h no
replay edge/edge.h no
replay mapped/mapped.h yes
store edge/writer.h no
control gateway/gateway.h no
control store/store.h yes
cli gateway/gateway.h no
admit <openssl/sha.h> no
crypto <openssl/sha.h> yes
gateway <lmdb.h> no
edge <lmdb.h> yes
control <sqlite3.h> no
store <sqlite3.h> yes
cli <curl/curl.h> no
cli <ares.h> no
EOF
    return $bad
}

pages() { # our own rule: no sentence about the machine it was written on, no registry host
    ! git grep -nIE '(^|[^A-Za-z0-9_./-])/(work|root|home)/|registry\.npmjs|pypi\.org|deb\.debian\.org|proxy\.golang|repo1?\.maven|crates\.io' -- . ':!tools/check.sh'
}

gate "format (clang-format -i mends it)" format
gate "build without a warning" build
gate "banned functions" banned
gate "comparisons of secrets" comparisons
gate "relative includes" relative_includes
gate "third-party headers" foreign_headers
gate "layering" layering
gate "budgets" python3 tools/budgets.py
gate "console: types, rules, form (npm run mend mends the form)" make -s console-check
gate "purity of libcountersign" tools/purity.sh
gate "npm packages: digests, known advisories" python3 tools/npm-packages.py
gate "paths and hosts" pages
echo "check: $passed passed, $failed failed"
[ $failed -eq 0 ]

#!/bin/sh
# layering.sh VIEW "folder:allowed folders"... : one include directory per folder, holding links to the folders it may use and
# headers that stop the build for the libraries that belong to another folder (docs/decisions/0001).
set -eu
view=$1; shift
src=$(cd "$(dirname "$0")/../src" && pwd)
rm -rf "$view"; mkdir -p "$view"

owner_of() { # header -> folders that may use it
    case $1 in
        openssl/*) echo "crypto gateway" ;;   # gateway: nginx's own headers include it; the rule for our files is in check.sh
        lmdb.h) echo edge ;;
        sqlite3.h|libpq-fe.h) echo store ;;
        microhttpd.h|curl/*|ares.h) echo control ;;
        jansson.h) echo "control cli" ;;     # the command line is a client that reads and writes documents
    esac
}

headers="lmdb.h sqlite3.h libpq-fe.h microhttpd.h jansson.h curl/curl.h ares.h"
for h in /usr/include/openssl/*.h; do [ -e "$h" ] && headers="$headers openssl/$(basename "$h")"; done

for spec in "$@"; do
    folder=${spec%%:*}; allowed=${spec#*:}
    mkdir -p "$view/$folder"
    for f in $folder $allowed; do ln -s "$src/$f" "$view/$folder/$f"; done
    for h in $headers; do
        case " $(owner_of "$h") " in *" $folder "*) continue ;; esac
        mkdir -p "$view/$folder/$(dirname "$h")"
        printf '#error "<%s> belongs to src/%s only (docs/decisions/0001)"\n' "$h" "$(owner_of "$h" | cut -d' ' -f1)" > "$view/$folder/$h"
    done
done

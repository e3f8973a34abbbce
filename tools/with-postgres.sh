#!/bin/sh
# with-postgres.sh COMMAND [ARGUMENT...]: runs COMMAND with COUNTERSIGN_TEST_STORES naming a SQLite file and a database of a private
# PostgreSQL (a temporary directory, a Unix socket only, no listener, fsync on), which is stopped and removed whatever happens. The system's
# own PostgreSQL is never touched. As root the server runs as user postgres, or nobody.
set -u
bin=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -1)
[ -n "$bin" ] || { echo "with-postgres: no PostgreSQL is installed (package postgresql-15)" >&2; exit 1; }

directory=$(mktemp -d /tmp/countersign-pg-XXXXXX)
sqlite=$(mktemp -d /tmp/countersign-sqlite-XXXXXX)
as=""
if [ "$(id -u)" = 0 ]; then
    user=postgres; id "$user" >/dev/null 2>&1 || user=nobody
    chown "$user" "$directory"
    as="setpriv --reuid=$user --regid=$(id -g "$user") --clear-groups env HOME=$directory"
fi
server() { (cd "$directory" && $as "$bin/$@"); }

stop() {
    [ -f "$directory/data/postmaster.pid" ] && server pg_ctl -D "$directory/data" -m fast -w -t 20 stop >/dev/null 2>&1
    [ -f "$directory/data/postmaster.pid" ] && server pg_ctl -D "$directory/data" -m immediate -w -t 10 stop >/dev/null 2>&1
    rm -rf "$directory" "$sqlite"
}
child=""
trap 'stop' EXIT
trap '[ -n "$child" ] && kill "$child" 2>/dev/null; exit 130' INT TERM HUP

start() {
    server initdb -D "$directory/data" -U countersign -A trust -E UTF8 --locale=C --no-instructions --no-sync &&
        server pg_ctl -D "$directory/data" -w -t 60 -l "$directory/log" \
            -o "-c listen_addresses= -c unix_socket_directories=$directory -c max_connections=200 -c shared_buffers=64MB" start &&
        server createdb -h "$directory" -U countersign countersign
}
if ! out=$(start 2>&1); then
    printf '%s\n' "with-postgres: cannot start PostgreSQL" "$out" >&2
    cat "$directory/log" >&2 2>/dev/null
    exit 1
fi

export COUNTERSIGN_TEST_STORES="sqlite:$sqlite/store.db postgresql:///countersign?host=$directory&user=countersign"
export COUNTERSIGN_TEST_POSTGRES="$directory" # for tests that stop and start the server: pg_ctl -D $COUNTERSIGN_TEST_POSTGRES/data
"$@" &
child=$!
wait "$child"
status=$?
exit $status

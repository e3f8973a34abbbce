#!/bin/sh
# apt-quiet.sh PACKAGE...: apt-get install as root, such that nothing starts: no service (policy-rc.d), no nginx at the next boot,
# no PostgreSQL cluster. What was there before is put back as it was.
set -eu
export DEBIAN_FRONTEND=noninteractive
policy=/usr/sbin/policy-rc.d
cluster=/etc/postgresql-common/createcluster.conf
made_policy=
saved_cluster=

put_back() {
    if [ -n "$made_policy" ]; then rm -f "$policy"; fi
    if [ -n "$saved_cluster" ]; then cat "$saved_cluster" > "$cluster"; rm -f "$saved_cluster"; fi
}
trap put_back EXIT
trap 'exit 130' INT TERM HUP

fetch() { apt-get install -y -q --no-install-recommends "$@" >/dev/null; }
installed() { [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]; }
wants() { wanted=$1; shift; for name in "$@"; do [ "$name" != "$wanted" ] || return 0; done; return 1; }

# A policy that someone else has put there is his, and stays.
if [ ! -e "$policy" ]; then
    made_policy=yes
    printf '#!/bin/sh\nexit 101\n' > "$policy"
    chmod 755 "$policy"
fi

apt-get update -q >/dev/null
if wants postgresql "$@"; then
    # postgresql-common brings the file that says whether a server package makes a cluster of its own: first this package, then "no".
    fetch postgresql-common
    saved_cluster=$(mktemp)
    cat "$cluster" > "$saved_cluster"
    echo "create_main_cluster = false" >> "$cluster"
fi
new_nginx=
if wants nginx "$@" && ! installed nginx; then new_nginx=yes; fi
fetch "$@"
# The package would start it on port 80 at the next boot; we only want the program.
if [ -n "$new_nginx" ]; then DPKG_MAINTSCRIPT_PACKAGE=nginx deb-systemd-helper disable nginx.service >/dev/null; fi

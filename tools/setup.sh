#!/bin/sh
# setup.sh [build|tests|soak]: installs what is missing to build and run (default), or also to test, or also for make soak. Made for Debian 12; asks nothing;
# does nothing and needs no rights when everything is there. No service is started, no database cluster is made, and what the
# system already runs is left alone.
set -eu
cd "$(dirname "$0")/.."
what=${1:-build}
case $what in build | tests | soak) ;; *) echo "usage: tools/setup.sh [build|tests|soak]" >&2; exit 2 ;; esac

wanted() { sed -e 's/[[:space:]]*#.*//' -e '/^$/d' "$@"; }

have() { [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]; }

# Any Node.js of version 18 or later will do, also one that is no Debian package.
have_node() {
    command -v npm >/dev/null 2>&1 && node -e 'process.exit(parseInt(process.versions.node) >= 18 ? 0 : 1)' 2>/dev/null
}

missing() {
    if [ "$what" = build ]; then names=$(wanted packaging/packages-build.txt)
    else names=$(wanted packaging/packages-build.txt packaging/packages-test.txt); fi
    for name in $names; do have "$name" || echo "$name"; done
    have_node || echo "nodejs npm" # the console
}

# The command that gives us root's rights, empty when we have them.
become_root() {
    if [ "$(id -u)" -eq 0 ]; then echo ""
    elif sudo -n true 2>/dev/null || { command -v sudo >/dev/null && [ -t 0 ]; }; then echo sudo
    else
        echo "These packages are missing, and only root may install them:" >&2
        echo "    apt-get install --no-install-recommends $*" >&2
        return 1
    fi
}

install_packages() {
    command -v apt-get >/dev/null || { echo "No apt-get here. Please install: $*" >&2; return 1; }
    root=$(become_root "$@") || return 1
    echo "Installing: $*"
    $root sh tools/apt-quiet.sh "$@"
}

# The tests' Python and npm packages stay in the tree. A stamp holds what was installed: when it is the same, nothing is done.
unchanged() { [ -f "$1" ] && cat "$2" | cmp -s - "$1"; }

python_packages() {
    unchanged build/venv/installed.txt test/requirements.txt && return 0
    echo "Python packages into build/venv"
    [ -x build/venv/bin/python ] || python3 -m venv build/venv
    build/venv/bin/python -m pip install -q --disable-pip-version-check -r test/requirements.txt
    cp test/requirements.txt build/venv/installed.txt
}

npm_packages() {
    folder=test/conformance/node
    unchanged $folder/node_modules/installed.json $folder/package-lock.json && return 0
    echo "npm packages into $folder/node_modules"
    (cd $folder && npm ci --silent --no-audit --no-fund --ignore-scripts)
    cp $folder/package-lock.json $folder/node_modules/installed.json
}

java_packages() {
    unchanged build/java-packages/installed.xml test/conformance/java/pom.xml && return 0
    echo "Java packages into build/java-packages"
    rm -rf build/java-packages
    mvn -q -B -f test/conformance/java/pom.xml dependency:copy-dependencies -DoutputDirectory="$PWD/build/java-packages"
    cp test/conformance/java/pom.xml build/java-packages/installed.xml
}

# For whoever of the conformance tests is written in Go; they build it themselves, without the network.
go_packages() {
    folder=test/conformance/go
    unchanged build/go-packages/installed.sum $folder/go.sum && return 0
    echo "Go packages into build/go-packages"
    (modules=$PWD/build/go-packages && cd $folder && GOFLAGS=-modcacherw GOTOOLCHAIN=local GOMODCACHE=$modules go mod download)
    cp $folder/go.sum build/go-packages/installed.sum
}

packages=$(missing)
# shellcheck disable=SC2086  # one word per package
[ -z "$packages" ] || install_packages $packages
if [ "$what" != build ]; then
    mkdir -p build
    python_packages
    npm_packages
    java_packages
    go_packages
fi
if [ "$what" = soak ]; then
    [ -x build/go/h2spec ] || (cd test/soak/h2spec && echo "h2spec into build/go" && GOTOOLCHAIN=local GOBIN="$OLDPWD/build/go" go install github.com/summerwind/h2spec/cmd/h2spec)
fi

#!/bin/sh
# build.sh OUTPUT [SERVLET_API_JAR]: compiles the package, its tools and, given the API, the servlet filter and its check into OUTPUT.
# The filter is written for javax.servlet; for a jar of jakarta.servlet its imports are changed on the way.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
output=$1
api=${2:-}
mkdir -p "$output"
sources="$here/src/countersign/*.java $here/tools/*.java"
if [ -n "$api" ]; then
    rm -rf "$output/servlet-source"
    mkdir -p "$output/servlet-source"
    for file in "$here"/src/countersign/servlet/*.java "$here"/tools/servlet/*.java; do
        if jar tf "$api" | grep -q '^jakarta/servlet/Filter.class'; then sed 's/^import javax\.servlet/import jakarta.servlet/' "$file"
        else cat "$file"; fi > "$output/servlet-source/$(basename "$file")"
    done
    sources="$sources $output/servlet-source/*.java"
fi
# shellcheck disable=SC2086  # the patterns are to be expanded
javac --release 17 -Xlint:all -Werror -cp "$output${api:+:$api}" -d "$output" $sources

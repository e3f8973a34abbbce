#!/bin/sh
# build.sh FOLDER: the library, the sample, the runner of the vectors and the checks, with Mono's compiler, into FOLDER.
set -eu
: "${1:?usage: build.sh FOLDER}"
mkdir -p "$1"
out=$(cd "$1" && pwd)
cd "$(dirname "$0")"
compile() { mcs -langversion:7 -warnaserror -optimize+ -r:System.Core "$@"; }
compile -target:library -r:System.Numerics -out:"$out/Countersign.dll" src/*.cs
compile -r:"$out/Countersign.dll" -out:"$out/sample.exe" sample/*.cs
compile -r:"$out/Countersign.dll" -out:"$out/run-vectors.exe" run-vectors/*.cs
compile -r:System.Numerics -out:"$out/check.exe" check/*.cs src/*.cs

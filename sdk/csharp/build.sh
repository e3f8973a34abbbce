#!/bin/sh
# build.sh FOLDER: the library, the sample, the runner of the vectors and the checks, with Mono's compiler, into FOLDER.
set -eu
cd "$(dirname "$0")"
out=${1:?usage: build.sh FOLDER}
mkdir -p "$out"
mcs -langversion:7 -warnaserror -optimize+ -target:library -r:System.Core -r:System.Numerics -out:"$out/Countersign.dll" src/*.cs
mcs -langversion:7 -warnaserror -optimize+ -r:"$out/Countersign.dll" -r:System.Core -out:"$out/sample.exe" sample/*.cs
mcs -langversion:7 -warnaserror -optimize+ -r:"$out/Countersign.dll" -r:System.Core -out:"$out/run-vectors.exe" run-vectors/*.cs
mcs -langversion:7 -warnaserror -optimize+ -r:System.Core -r:System.Numerics -out:"$out/check.exe" check/*.cs src/*.cs

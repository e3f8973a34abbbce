"""Those who issue tokens elsewhere: each makes a list of wishes {alg, pem | secret, kid, claims} into tokens."""
import base64
import json
import os
import pathlib
import shutil
import subprocess

import jwt
from authlib.jose import jwt as authlib_jwt
from clients import run_node

GO = pathlib.Path(__file__).parent / "go"
ROOT = GO.parents[2]
# Debian's Go goes first, and what it compiled for the SDK is of use here too. Nothing is fetched.
PROGRAM = shutil.which("go", path="/usr/bin" + os.pathsep + os.environ["PATH"])
GO_ENVIRONMENT = {**os.environ, "GOFLAGS": "-mod=mod", "GOPROXY": "off", "GOTOOLCHAIN": "local", "GOMODCACHE": str(ROOT / "build/go-packages"),
                  "GOCACHE": str(ROOT / "build/sdk/go-cache")}


def key_of(wish):
    return base64.b64decode(wish["secret"]) if wish["alg"].startswith("HS") else wish["pem"]


def jose(wishes):
    return run_node("jose.mjs", wishes)


def pyjwt(wishes):
    return [jwt.encode(wish["claims"], key_of(wish), wish["alg"], {"kid": wish["kid"]}) for wish in wishes]


def authlib(wishes):
    return [authlib_jwt.encode({"alg": wish["alg"], "kid": wish["kid"]}, wish["claims"], key_of(wish)).decode() for wish in wishes]


def golang_jwt(wishes):
    done = subprocess.run([PROGRAM, "run", "."], cwd=GO, input=json.dumps(wishes), capture_output=True, text=True, timeout=300, env=GO_ENVIRONMENT)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


ISSUERS = {"jose": jose, "PyJWT": pyjwt, "Authlib": authlib, "golang-jwt": golang_jwt}

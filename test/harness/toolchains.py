"""How the tests start what the SDKs and the examples are written in."""
import os
import shutil

from harness.tree import TREE

# A short life needs neither the second compiler nor threads that collect garbage.
JAVA = ["java", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"]
JAVAC = ["javac", "-J-XX:TieredStopAtLevel=1", "-J-XX:+UseSerialGC", "-encoding", "UTF-8", "-proc:none"]
# Debian's Go goes first: it is the oldest that the SDK is made for. Nothing is fetched.
GO = shutil.which("go", path="/usr/bin" + os.pathsep + os.environ["PATH"])
GO_ENVIRONMENT = {"GOFLAGS": "-mod=mod", "GOPROXY": "off", "GOTOOLCHAIN": "local", "GOCACHE": str(TREE / "build/sdk/go-cache")}

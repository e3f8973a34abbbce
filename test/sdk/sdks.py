"""The SDKs, a row each: how one is built, and what runs its check of the vectors and its sample backend."""
import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

from harness.toolchains import GO, GO_ENVIRONMENT, JAVA

TREE = Path(__file__).resolve().parents[2]
SDK = TREE / "sdk"
OUTPUT = TREE / "build/sdk"
SERVLET_APIS = [Path("/usr/share/java") / name for name in ("servlet-api.jar", "jakarta-servlet-api.jar")]


@dataclass(frozen=True)
class Language:
    """`build`: commands, run in sdk/`folder`; `vectors`: the runner, which takes the folder; `sample`: the backend, which takes the port."""
    name: str
    vectors: list
    sample: list
    build: list = field(default_factory=list)
    environment: dict = field(default_factory=dict)
    folder: str = ""


LANGUAGES = [
    Language("python", [sys.executable, SDK / "python/run_vectors.py"], [sys.executable, SDK / "python/sample.py"],
             environment={"PYTHONDONTWRITEBYTECODE": "1"}),
    Language("javascript", ["node", SDK / "javascript/run-vectors.js"], ["node", SDK / "javascript/sample.js"]),
    Language("go", [OUTPUT / "go/runvectors"], [OUTPUT / "go/sample"],
             [[GO, "build", "-o", f"{OUTPUT}/go/", "./..."]], GO_ENVIRONMENT, "go"),
    Language("java", [*JAVA, "-cp", OUTPUT / SERVLET_APIS[0].stem, "RunVectors"], [*JAVA, "-cp", OUTPUT / SERVLET_APIS[0].stem, "Sample"],
             [[SDK / "java/build.sh", OUTPUT / api.stem, api] for api in SERVLET_APIS]),
    Language("c", [OUTPUT / "c/run-vectors"], [OUTPUT / "c/sample"], [["make", "-s", f"BUILD={OUTPUT}/c"]], folder="c"),
    Language("cpp", [OUTPUT / "cpp/run-vectors"], [OUTPUT / "cpp/sample"], [["make", "-s", f"BUILD={OUTPUT}/cpp"]],
             folder="cpp"),
    Language("csharp", ["mono", OUTPUT / "csharp/run-vectors.exe"], ["mono", OUTPUT / "csharp/sample.exe"],
             [[SDK / "csharp/build.sh", OUTPUT / "csharp"]]),
    Language("php", ["php", SDK / "php/run-vectors.php"], ["php", SDK / "php/sample.php"]),
]


def build(language):
    OUTPUT.mkdir(parents=True, exist_ok=True)
    for command in language.build:
        done = subprocess.run([str(word) for word in command], cwd=SDK / language.folder, env={**os.environ, **language.environment},
                              capture_output=True, text=True, timeout=300, check=False)
        assert done.returncode == 0, done.stdout + done.stderr


def check_vectors(language, folder):
    """(passed, failed, lines of the failures)"""
    done = subprocess.run([*map(str, language.vectors), str(folder)], env={**os.environ, **language.environment}, capture_output=True, text=True,
                          timeout=60, check=False)
    lines = done.stdout.splitlines()
    assert lines, done.stderr
    passed, word, failed, _ = lines[-1].split()
    assert (word, done.returncode) == ("passed,", 1 if int(failed) else 0), done.stdout[-2000:] + done.stderr[-2000:]
    return int(passed), int(failed), lines[:-1]

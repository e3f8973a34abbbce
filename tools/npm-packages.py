#!/usr/bin/env python3
"""What the lock files of npm hold: every package with its digest and without the name of a host, and none of a version that a known advisory
(packaging/npm-advisories.txt) is about, unless it is explained, or that asks for a newer Node.js than Debian 12's. Works without the
network; prints every violation.

    tools/npm-packages.py [LOCK-FILE...]    those of the tree
    tools/npm-packages.py --list            every package and version, and whether it reaches a browser"""
import json
import operator
import re
import subprocess
import sys
from pathlib import Path

ADVISORIES = Path("packaging/npm-advisories.txt")
NODE = (18, 19, 0)  # the oldest that Debian 12 had
COMPARE = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge, "=": operator.eq}


def number(version):
    """A version before a release counts as the release: an alarm too many, not one too few."""
    return tuple(int(part) for part in re.split(r"[-+]", version)[0].split("."))


def is_affected(version, ranges):
    def fits(condition):
        sign, limit = re.fullmatch(r"([<>=]+)(.+)", condition).groups()
        return COMPARE[sign](number(version), number(limit))
    return any(all(fits(condition) for condition in part.split()) for part in ranges.split("|"))


def takes_node(asked):
    """Of what packages write: alternatives (||) of >= and ^."""
    def fits(sign, version):
        return number(version) <= NODE and (sign != "^" or number(version)[0] == NODE[0])
    return any(all(fits(*condition) for condition in re.findall(r"(>=|\^)\s*([\d.]+)", part)) for part in asked.split("||"))


def advisories():
    """([(id, severity, package, ranges)], {(id, folder): why})"""
    found, explained = [], {}
    for line in ADVISORIES.read_text(encoding="utf-8").splitlines():
        words = line.split(None, 3)
        if not words or line.startswith("#"):
            continue
        if words[0] == "explained":
            explained[words[1], words[2]] = words[3]
        else:
            found.append(tuple(words))
    return found, explained


def packages(lock):
    """(name, what the lock file says) of each package."""
    for path, entry in json.loads(lock.read_text(encoding="utf-8"))["packages"].items():
        if path:
            yield entry.get("name") or path.rpartition("node_modules/")[2], entry


def violations(lock, known, explained):
    for name, entry in packages(lock):
        what = f"{lock}: {name} {entry['version']}"
        if not entry.get("integrity", "").startswith("sha512-"):
            yield f"{what} has no digest"
        if "resolved" in entry:
            yield f"{what} names a host"
        asked = entry.get("engines", {}).get("node", "*")
        if not takes_node(asked):
            yield f"{what} asks for Node.js {asked}"
        for advisory, severity, package, ranges in known:
            if package == name and is_affected(entry["version"], ranges) and (advisory, str(lock.parent)) not in explained:
                yield f"{what}: {advisory} ({severity})"


def locks():
    listed = subprocess.run(["git", "ls-files", "-co", "--exclude-standard", "*package-lock.json"], capture_output=True, text=True, check=True).stdout
    return [Path(line) for line in listed.splitlines()]


def main(arguments):
    if arguments == ["--list"]:
        for lock in locks():
            for name, entry in sorted(packages(lock), key=lambda item: item[0]):
                print(f"{lock.parent}\t{name}\t{entry['version']}\t{'build or test' if entry.get('dev') or lock.parent.parts[0] == 'test' else 'browser'}")
        return 0
    known, explained = advisories()
    found = [problem for lock in (map(Path, arguments) if arguments else locks()) for problem in violations(lock, known, explained)]
    print(*found, sep="\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

#!/usr/bin/env python3
"""Sizes that keep the code readable (architecture: budgets). Function ranges come from universal-ctags. There is no allow-list.

Function: at most 60 lines, 12 decisions, 5 parameters; median of all at most 12 lines. File: 600 lines; header: 150. Python and shell files: 600."""
import json
import re
import statistics
import subprocess
import sys

MAX_LINES, MAX_MEDIAN, MAX_DECISIONS, MAX_PARAMETERS = 60, 12, 12, 5
MAX_FILE, MAX_HEADER = 600, 150


def tracked(*patterns):
    out = subprocess.run(["git", "ls-files", "-co", "--exclude-standard", *patterns], capture_output=True, text=True, check=True)
    return sorted(set(out.stdout.split()))


def without_comments_and_strings(text):
    pattern = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.S)
    return pattern.sub(lambda m: "\n" * m.group().count("\n") or " ", text)


def dictated(tag):
    """A callback of libmicrohttpd: its parameters are the library's choice, not ours."""
    return tag.get("typeref", "").startswith("enum:MHD_Result")


def functions(path):
    out = subprocess.run(["ctags", "--output-format=json", "--languages=C", "--kinds-C=f", "--fields=+neSt", "-o", "-", path],
                         capture_output=True, text=True, check=True)
    for line in out.stdout.splitlines():
        tag = json.loads(line)
        if tag.get("_type") == "tag" and "end" in tag:
            yield tag["name"], tag["line"], tag["end"], "()" if dictated(tag) else tag.get("signature", "()")


def parameter_count(signature):
    inner = signature.strip()[1:-1].strip()
    if inner in ("", "void"):
        return 0
    depth, count = 0, 1
    for char in inner:
        depth += char in "([" 
        depth -= char in ")]"
        count += char == "," and depth == 0
    return count


def check_function(path, lines, tag, problems):
    name, start, end, signature = tag
    body = "\n".join(lines[start - 1:end])
    decisions = 1 + len(re.findall(r"\b(?:if|for|while|case)\b|&&|\|\||\?", body))
    size = end - start + 1
    if size > MAX_LINES:
        problems.append(f"{path}:{start}: {name} has {size} lines (at most {MAX_LINES})")
    if decisions > MAX_DECISIONS:
        problems.append(f"{path}:{start}: {name} has {decisions} decisions (at most {MAX_DECISIONS})")
    if parameter_count(signature) > MAX_PARAMETERS:
        problems.append(f"{path}:{start}: {name} has {parameter_count(signature)} parameters (at most {MAX_PARAMETERS})")
    return size


def main():
    problems, sizes = [], []
    for path in tracked("src/*.c", "src/*.h"):
        lines = without_comments_and_strings(open(path, encoding="utf-8").read()).split("\n")
        for tag in functions(path):
            sizes.append(check_function(path, lines, tag, problems))
    for path in tracked("src/*.c", "src/*.h", "test/*.c", "test/*.py", "bench/*", "tools/*"):
        limit = MAX_HEADER if path.endswith(".h") and path.startswith("src/") else MAX_FILE
        count = sum(1 for _ in open(path, encoding="utf-8", errors="replace"))
        if count > limit and not path.startswith("test/fuzz/corpus/"):
            problems.append(f"{path}: {count} lines (at most {limit})")
    median = statistics.median(sizes) if sizes else 0
    if median > MAX_MEDIAN:
        problems.append(f"median function: {median} lines (at most {MAX_MEDIAN})")
    print("\n".join(problems) or f"{len(sizes)} functions, median {median} lines, longest {max(sizes, default=0)}")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())

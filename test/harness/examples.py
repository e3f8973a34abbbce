"""Runs examples of the signature debugger: all of a language in one process (of curl in one shell), each as it is but for its name and that of
its secret, with the file "body" beside them. Each language prints a line "example N" before what the N-th example prints."""
import os
import re
import subprocess
import sys

from harness.toolchains import GO, GO_ENVIRONMENT, JAVA, JAVAC
from harness.tree import TREE

SECRET = re.compile(r"\b(APP_SECRET|API_KEY|APP_CODE|TOKEN)\b")

RUN_PYTHON = """
import sys
sys.path.insert(0, sys.argv[1])
for number in range(int(sys.argv[2])):
    print("example", number)
    try:
        exec(compile(open(f"{number}.py", encoding="utf-8").read(), str(number), "exec"), {})
    except Exception as problem:
        print(repr(problem))
"""

RUN_JAVASCRIPT = """
const fs = require('node:fs'), vm = require('node:vm'), {createRequire} = require('node:module');
const countersign = require(process.argv[2]), find = createRequire(process.cwd() + '/');
(async () => {
  for (let number = 0; number < Number(process.argv[3]); number++) {
    console.log('example', number);
    await new Promise((resolve) => {
      const end = (...words) => { console.log(...words); resolve(); };
      process.once('unhandledRejection', end);
      const world = {...globalThis, fetch, Headers, Buffer, process, console: {log: end}, require: (name) => name === 'countersign' ? countersign : find(name)};
      try { vm.runInNewContext(fs.readFileSync(number + '.js', 'utf8'), world); } catch (problem) { end(problem); }
      process.removeListener('unhandledRejection', resolve);
    });
    process.removeAllListeners('unhandledRejection');
  }
})();
"""

RUN_JAVA = """
public class Run {
    public static void main(String[] arguments) throws Exception {
        for (int number = 0; number < Integer.parseInt(arguments[0]); number++) {
            System.out.println("example " + number);
            try {
                Class.forName("Example" + number).getMethod("main", String[].class).invoke(null, (Object) new String[0]);
            } catch (ReflectiveOperationException problem) {
                System.out.println(problem.getCause());
            }
        }
    }
}
"""


def ran(command, folder, environment, seconds=240):
    done = subprocess.run([str(word) for word in command], cwd=folder, env={**os.environ, **environment}, capture_output=True, timeout=seconds, check=False)
    output = done.stdout.decode("utf-8", "replace")
    assert done.returncode == 0, output + done.stderr.decode("utf-8", "replace")
    return output


def run_curl(codes, folder, environment):
    """What is in angle brackets is for people to replace."""
    lines = []
    for number, code in enumerate(codes):
        code = re.sub(r"<(\w+)>", lambda found: environment[found[1]], code)
        lines += [f"echo example {number}", code.replace("curl ", "curl -s -w ' %{http_code}' "), "echo"]
    (folder / "all.sh").write_text("\n".join(lines), encoding="utf-8")
    return ran(["sh", "all.sh"], folder, {})


def run_python(codes, folder, environment):
    for number, code in enumerate(codes):
        (folder / f"{number}.py").write_text(code, encoding="utf-8")
    return ran([sys.executable, "-B", "-c", RUN_PYTHON, TREE / "sdk/python", len(codes)], folder, environment)


def run_javascript(codes, folder, environment):
    for number, code in enumerate(codes):
        (folder / f"{number}.js").write_text(code, encoding="utf-8")
    (folder / "run.js").write_text(RUN_JAVASCRIPT)
    return ran(["node", "run.js", TREE / "sdk/javascript", len(codes)], folder, environment)


def run_java(codes, folder, environment):
    for number, code in enumerate(codes):
        (folder / f"Example{number}.java").write_text(code.replace("public class Example ", f"public class Example{number} "), encoding="utf-8")
    (folder / "Run.java").write_text(RUN_JAVA)
    sources = [*folder.glob("*.java"), *(TREE / "sdk/java/src/countersign").glob("*.java")]
    ran([*JAVAC, "-d", folder / "classes", *sources], folder, {})
    return ran([*JAVA, "-cp", folder / "classes", "Run", len(codes)], folder, environment)


def run_go(codes, folder, environment):
    calls = []
    for number, code in enumerate(codes):
        (folder / f"example{number}").mkdir()
        code = code.replace("package main\n", f"package example{number}\n", 1).replace("func main() {", "func Main() {", 1)
        (folder / f"example{number}/example.go").write_text(code, encoding="utf-8")
        calls.append(f'\tfmt.Println("example", {number})\n\texample{number}.Main()\n')
    (folder / "go.mod").write_text(f"module examples\n\ngo 1.19\n\nrequire countersign v0.0.0\n\nreplace countersign => {TREE}/sdk/go\n")
    imports = "".join(f'\t"examples/example{number}"\n' for number in range(len(codes)))
    (folder / "main.go").write_text(f'package main\n\nimport (\n\t"fmt"\n{imports})\n\nfunc main() {{\n{"".join(calls)}}}\n')
    ran([GO, "build", "-o", "all", "."], folder, GO_ENVIRONMENT)
    return ran([folder / "all"], folder, environment)


RUNNERS = {"curl": run_curl, "python": run_python, "java": run_java, "javascript": run_javascript, "go": run_go}


def run_examples(language, examples, folder, body_file):
    """What each of `examples`, pairs of code and secret, prints."""
    codes, environment = [], {}
    for number, (code, secret) in enumerate(examples):
        [name] = set(SECRET.findall(code))
        environment[f"{name}_{number}"] = secret
        codes.append(SECRET.sub(f"{name}_{number}", code))
    (folder / "body").write_bytes(body_file)
    output = RUNNERS[language](codes, folder, environment)
    printed = re.split(r"^example \d+\n", output, flags=re.M)[1:]
    assert len(printed) == len(codes), output
    return printed

"""What the READMEs show is what works: each block of code, as it stands there, in the least program that gives it what it speaks of."""
import os
import re
import subprocess

import sdks

# The programs: a block stands where they say BLOCK, in the order of the README.
JAVA_HEAD = "import countersign.*; import countersign.servlet.*; import java.util.*; import javax.servlet.*;\nclass Shown { "
JAVA = [JAVA_HEAD + "void shown(String secret, ServletContext servletContext, ServletRequest request) throws Exception {\nBLOCK\n} }",
        JAVA_HEAD + "void shown(String appKey, String appSecret, byte[] body, java.net.HttpURLConnection connection) throws Exception {\nBLOCK\n} }"]
C_HEAD = """#include "countersign.h"
int answer(int); void set_header(const char *, const char *);
extern const char *secret, *method, *raw_target, *app_key, *app_secret; extern const void *body; extern size_t header_count, body_size;
extern countersign_key *old_key, *new_key; extern long end;
"""
C = [C_HEAD + "int shown(const countersign_header *headers) { countersign_error error;\nBLOCK\nreturn 0; }",
     C_HEAD + "void *shown(void) { countersign_error error;\nBLOCK\nreturn verifier; }",
     C_HEAD + "void shown(void) { countersign_error error;\nBLOCK\n}"]
CPP_HEAD = """#include "countersign.hpp"
void handle(const std::string &); void log(const char *); void answer(int); void set_header(const std::string &, const std::string &);
extern std::string secret, method, raw_target, body, app_key, app_secret; extern std::vector<countersign::Header> headers;
"""
CPP = [CPP_HEAD + "void shown() {\nBLOCK\n}"] * 2
CSHARP_HEAD = "using System.Collections.Generic; using Countersign;\nclass Shown { static void Handle(string c) {} static void Log(string m) {} static void Answer(int s) {}\n"
CSHARP = [CSHARP_HEAD + "void Do(string secret, string method, string rawTarget, IEnumerable<KeyValuePair<string, string>> headers, byte[] body) {\nBLOCK\n} }",
          CSHARP_HEAD + "class Headers { public void TryAddWithoutValidation(string a, string b) {} } class Message { public Headers Headers = new Headers(); }\n"
          "void Do(byte[] body, string appKey, string appSecret, Message message) {\nBLOCK\n} }"]
GO = ['package main\nimport ("countersign"; "net/http")\nfunc shown(secret string, handler http.Handler, request *http.Request) {\nBLOCK\n_, _ = caller, err\n}\n'
      'func main() {}',
      'package main\nimport ("countersign"; "net/http")\nfunc shown(body []byte, appKey, appSecret string, request *http.Request) {\nBLOCK\n_ = err\n}\n'
      'func main() {}']
PYTHON = ["import types\nsecret, app = 'a secret', types.SimpleNamespace(wsgi_app=None)\nBLOCK\nassert isinstance(app.wsgi_app, Countersigned)",
          "from countersign import Key, Verifier\nverifier, said = Verifier([Key.hmac('k', 's')]), []\n"
          "method, raw_target, header_pairs, body, log = 'GET', '/', [], b'', lambda *w: said.append(w)\nBLOCK\nassert said",
          "body, app_key, app_secret, headers = b'{}', 'k', 's', {}\nBLOCK\nassert headers['Authorization'].startswith('SDK-HMAC-SHA256 Access=k, ')"]
JS_HEAD = "const load = require; require = (name) => load(name === 'countersign' ? SDK : name);\n"
JAVASCRIPT = [JS_HEAD + "const secret = 'a secret', used = [], app = {use: (f) => used.push(f), get: () => used.push('get')};\nBLOCK\nif (used.length !== 2) throw 1;",
              JS_HEAD + "globalThis.fetch = async (request, init) => ({request, init});\nconst appKey = 'k', appSecret = 's', body = '{}';\n"
              "(async () => {\nBLOCK\nif (!JSON.stringify([...new Headers(response.init?.headers ?? response.request.headers)]).includes('SDK-HMAC')) process.exit(3);\n})();"]
PHP = ["<?php require SDK; $secret = 'a secret'; $_SERVER = ['REQUEST_METHOD' => 'GET', 'REQUEST_URI' => '/'];\n"
       "if (!function_exists('getallheaders')) { function getallheaders() { return ['Host' => 'h']; } }\n"
       "register_shutdown_function(static fn () => http_response_code() === 401 || exit(3));\nBLOCK",
       "<?php require SDK; use Countersign\\Request; $body = '{}'; $appKey = 'k'; $appSecret = 's'; $headers = [];\nBLOCK\n"
       "exit(str_contains(implode($headers), 'SDK-HMAC-SHA256 Access=k') ? 0 : 3);"]

OUT = sdks.OUTPUT
SERVLETS = sdks.SERVLET_APIS[0]
# language: (tag of its blocks, the programs, name of the file, the command that checks or runs it)
CHECKS = {
    "python": ("python", PYTHON, "shown.py", ["python3", "FILE"]),
    "javascript": ("js", JAVASCRIPT, "shown.js", ["node", "FILE"]),
    "go": ("go", GO, "main.go", [sdks.GO, "vet", "."]),
    "java": ("java", JAVA, "Shown.java", ["javac", "-d", "FOLDER", "-cp", f"{OUT / SERVLETS.stem}:{SERVLETS}", "FILE"]),
    "c": ("c", C, "shown.c", ["gcc", "-std=c11", "-Wall", "-Werror", "-fsyntax-only", f"-I{sdks.SDK / 'c'}", "FILE"]),
    "cpp": ("cpp", CPP, "shown.cpp", ["g++", "-std=c++17", "-Wall", "-Werror", "-fsyntax-only", f"-I{sdks.SDK / 'cpp'}", f"-I{sdks.SDK / 'c'}", "FILE"]),
    "csharp": ("csharp", CSHARP, "Shown.cs", ["mcs", "-target:library", "-out:FOLDER/Shown.dll", f"-r:{OUT / 'csharp/Countersign.dll'}", "FILE"]),
    "php": ("php", PHP, "shown.php", ["php", "-d", "display_errors=stderr", "FILE"]),
}


def test_every_block_of_the_readme_works(language, tmp_path):
    tag, programs, name, command = CHECKS[language.name]
    blocks = re.findall(rf"^```{tag}\n(.*?)^```", (sdks.SDK / language.name / "README.md").read_text(), re.M | re.S)
    assert len(blocks) == len(programs)
    for number, (block, program) in enumerate(zip(blocks, programs)):
        folder = tmp_path / str(number)
        folder.mkdir()
        text = program.replace("BLOCK", block).replace("load(name === 'countersign' ? SDK", f"load(name === 'countersign' ? '{sdks.SDK}/javascript'")
        (folder / name).write_text(text.replace("require SDK;", f"require '{sdks.SDK}/php/autoload.php';"))
        (folder / "go.mod").write_text(f"module shown\n\ngo 1.19\n\nrequire countersign v0.0.0\n\nreplace countersign => {sdks.SDK}/go\n")
        words = [word.replace("FILE", name).replace("FOLDER", str(folder)) for word in map(str, command)]
        environment = {**os.environ, **language.environment, "PYTHONPATH": str(sdks.SDK / "python")}
        done = subprocess.run(words, cwd=folder, env=environment, capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, (block, done.stdout, done.stderr)

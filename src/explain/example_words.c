/* Programs with the SDKs of sdk/, and, where nothing is signed, with what the language brings itself. */
#include "explain/example_words.h"

static const char python_signed[] = "import os\n"
                                    "import urllib.request\n"
                                    "\n"
                                    "from countersign import Request, @signer@\n"
                                    "\n"
                                    "body = @body@\n"
                                    "request = Request(@method@, @target@, [(\"Host\", @host@)@list@], body)\n"
                                    "signed = @signer@(request, @key@, @secret@@names@@carrier@)\n"
                                    "headers = dict([*request.headers, *signed.headers])\n"
                                    "call = urllib.request.Request(@url@, data=body or None, method=@method@, headers=headers)\n"
                                    "with urllib.request.urlopen(call) as answer:\n"
                                    "    print(answer.status, answer.read().decode())\n";

static const char python_sent[] = "import os\n"
                                  "import urllib.request\n"
                                  "@import@"
                                  "\n"
                                  "body = @body@\n"
                                  "call = urllib.request.Request(@address@, data=body or None, method=@method@)\n"
                                  "@fields@"
                                  "@proof@"
                                  "with urllib.request.urlopen(call) as answer:\n"
                                  "    print(answer.status, answer.read().decode())\n";

#define JAVA_IMPORTS                                                                                                                       \
    "import java.net.URI;\n"                                                                                                               \
    "import java.net.http.HttpClient;\n"                                                                                                   \
    "import java.net.http.HttpRequest;\n"                                                                                                  \
    "import java.net.http.HttpResponse;\n"                                                                                                 \
    "import java.nio.charset.StandardCharsets;\n"                                                                                          \
    "import java.nio.file.Files;\n"                                                                                                        \
    "import java.nio.file.Path;\n"
#define JAVA_SEND                                                                                                                          \
    "        var answer = HttpClient.newHttpClient().send(call.build(), HttpResponse.BodyHandlers.ofString());\n"                          \
    "        System.out.println(answer.statusCode() + \" \" + answer.body());\n"                                                           \
    "    }\n"                                                                                                                              \
    "}\n"

static const char java_signed[] =
    "import countersign.Header;\n"
    "import countersign.Request;\n"
    "import countersign.Signing;\n" JAVA_IMPORTS "import java.util.List;\n"
    "\n"
    "public class Example {\n"
    "    public static void main(String[] arguments) throws Exception {\n"
    "        byte[] body = @body@;\n"
    "        var headers = List.of(new Header(\"Host\", @host@)@list@);\n"
    "        var signing = new Signing(@key@, @secret@)@names@;\n"
    "        var signed = signing.@signer@(new Request(@method@, @target@, headers, body)@carrier@);\n"
    "        var call = HttpRequest.newBuilder(URI.create(@url@)).version(HttpClient.Version.HTTP_1_1)\n"
    "            .method(@method@, HttpRequest.BodyPublishers.ofByteArray(body));\n"
    "        for (var header : headers) if (!header.name().equals(\"Host\")) call.setHeader(header.name(), header.value());\n"
    "        for (var header : signed.headers()) call.setHeader(header.name(), header.value());\n" JAVA_SEND;

static const char java_sent[] =
    JAVA_IMPORTS "@import@"
                 "\n"
                 "public class Example {\n"
                 "    public static void main(String[] arguments) throws Exception {\n"
                 "        byte[] body = @body@;\n"
                 "        var call = HttpRequest.newBuilder(URI.create(@address@)).version(HttpClient.Version.HTTP_1_1)\n"
                 "            .method(@method@, HttpRequest.BodyPublishers.ofByteArray(body));\n"
                 "@fields@"
                 "@proof@" JAVA_SEND;

static const char javascript_signed[] = "const {signedFetch, @signer@} = require('countersign');\n"
                                        "\n"
                                        "const body = @body@;\n"
                                        "const call = signedFetch(@signer@, @key@, @secret@, {@names@@carrier@});\n"
                                        "call(@url@, {method: @method@, headers: [@list@], body: body.length > 0 ? body : undefined})\n"
                                        "  .then(async (answer) => console.log(answer.status, await answer.text()));\n";

static const char javascript_sent[] = "const body = @body@;\n"
                                      "const headers = new Headers();\n"
                                      "@fields@"
                                      "@proof@"
                                      "fetch(@address@, {method: @method@, headers, body: body.length > 0 ? body : undefined})\n"
                                      "  .then(async (answer) => console.log(answer.status, await answer.text()));\n";

#define GO_SEND                                                                                                                            \
    "\tanswer, err := http.DefaultClient.Do(call)\n"                                                                                       \
    "\tif err != nil {\n"                                                                                                                  \
    "\t\tpanic(err)\n"                                                                                                                     \
    "\t}\n"                                                                                                                                \
    "\ttext, _ := io.ReadAll(answer.Body)\n"                                                                                               \
    "\tfmt.Println(answer.StatusCode, string(text))\n"                                                                                     \
    "}\n"

static const char go_signed[] = "package main\n"
                                "\n"
                                "import (\n"
                                "\t\"bytes\"\n"
                                "\t\"fmt\"\n"
                                "\t\"io\"\n"
                                "\t\"net/http\"\n"
                                "\t\"os\"\n"
                                "\n"
                                "\t\"countersign\"\n"
                                ")\n"
                                "@reader@"
                                "\n"
                                "func main() {\n"
                                "\tbody := @body@\n"
                                "\tunsigned := &countersign.Request{Method: @method@, Target: @target@, Body: body,\n"
                                "\t\tHeaders: []countersign.Header{{Name: \"Host\", Value: @host@}@list@}}\n"
                                "\toptions := countersign.SigningOptions{@names@@carrier@}\n"
                                "\tsigned, err := countersign.@signer@(unsigned, @key@, @secret@, options)\n"
                                "\tif err != nil {\n"
                                "\t\tpanic(err)\n"
                                "\t}\n"
                                "\tcall, err := http.NewRequest(@method@, @url@, bytes.NewReader(body))\n"
                                "\tif err != nil {\n"
                                "\t\tpanic(err)\n"
                                "\t}\n"
                                "\tfor _, header := range append(unsigned.Headers, signed.Headers...) {\n"
                                "\t\tcall.Header.Set(header.Name, header.Value)\n"
                                "\t}\n" GO_SEND;

static const char go_sent[] = "package main\n"
                              "\n"
                              "import (\n"
                              "\t\"bytes\"\n"
                              "@import@"
                              "\t\"fmt\"\n"
                              "\t\"io\"\n"
                              "\t\"net/http\"\n"
                              "\t\"os\"\n"
                              ")\n"
                              "@reader@"
                              "\n"
                              "func main() {\n"
                              "\tbody := @body@\n"
                              "\tcall, err := http.NewRequest(@method@, @address@, bytes.NewReader(body))\n"
                              "\tif err != nil {\n"
                              "\t\tpanic(err)\n"
                              "\t}\n"
                              "@fields@"
                              "@proof@" GO_SEND;

static const char go_reader[] = "\n"
                                "func fileBody() []byte {\n"
                                "\tbody, err := os.ReadFile(\"body\")\n"
                                "\tif err != nil {\n"
                                "\t\tpanic(err)\n"
                                "\t}\n"
                                "\treturn body\n"
                                "}\n";

const struct example_words example_words[EXAMPLE_LANGUAGES] = {
    [EXAMPLE_PYTHON] =
        {
            .signers = {"sign_aliyun_ca", "sign_sdk_hmac", "sign_bce"},
            .listed = {", (", ", ", ")"},
            .set = {"call.add_header(", ", ", ")\n"},
            .names = {", signed_headers=[", "]"},
            .carrier = {", header=", ""},
            .body = {"", ".encode()"},
            .body_of_file = "open(\"body\", \"rb\").read()",
            .file_reader = "",
            .secret = {"os.environ[\"", "\"]"},
            .base64 = {"base64.b64encode((", ").encode()).decode()"},
            .escaped = {"urllib.parse.quote(", ", safe=\"\")"},
            .base64_import = "import base64\n",
            .escaped_import = "import urllib.parse\n",
            .signed_program = python_signed,
            .sent_program = python_sent,
        },
    [EXAMPLE_JAVA] =
        {
            .signers = {"aliyunCa", "sdkHmac", "bce"},
            .listed = {", new Header(", ", ", ")"},
            .set = {"        call.setHeader(", ", ", ");\n"},
            .names = {".signing(List.of(", "))"},
            .carrier = {", ", ", 1800"},
            .body = {"", ".getBytes(StandardCharsets.UTF_8)"},
            .body_of_file = "Files.readAllBytes(Path.of(\"body\"))",
            .file_reader = "",
            .secret = {"System.getenv(\"", "\")"},
            .base64 = {"Base64.getEncoder().encodeToString((", ").getBytes(StandardCharsets.UTF_8))"},
            .escaped = {"URLEncoder.encode(", ", StandardCharsets.UTF_8)"},
            .base64_import = "import java.util.Base64;\n",
            .escaped_import = "import java.net.URLEncoder;\n",
            .signed_program = java_signed,
            .sent_program = java_sent,
        },
    [EXAMPLE_JAVASCRIPT] =
        {
            .signers = {"signAliyunCa", "signSdkHmac", "signBce"},
            .listed = {"[", ", ", "], "},
            .set = {"headers.set(", ", ", ");\n"},
            .names = {"signedHeaders: [", "], "},
            .carrier = {"header: ", ""},
            .body = {"Buffer.from(", ")"},
            .body_of_file = "require('node:fs').readFileSync('body')",
            .file_reader = "",
            .secret = {"process.env.", ""},
            .base64 = {"Buffer.from(", ").toString('base64')"},
            .escaped = {"encodeURIComponent(", ")"},
            .base64_import = "",
            .escaped_import = "",
            .get_has_no_body = true,
            .signed_program = javascript_signed,
            .sent_program = javascript_sent,
        },
    [EXAMPLE_GO] =
        {
            .signers = {"SignAliyunCA", "SignSDKHMAC", "SignBCE"},
            .listed = {", {Name: ", ", Value: ", "}"},
            .set = {"\tcall.Header.Set(", ", ", ")\n"},
            .names = {"SignedHeaders: []string{", "}, "},
            .carrier = {"Header: ", ""},
            .body = {"[]byte(", ")"},
            .body_of_file = "fileBody()",
            .file_reader = go_reader,
            .secret = {"os.Getenv(\"", "\")"},
            .base64 = {"base64.StdEncoding.EncodeToString([]byte(", "))"},
            .escaped = {"url.QueryEscape(", ")"},
            .base64_import = "\t\"encoding/base64\"\n",
            .escaped_import = "\t\"net/url\"\n",
            .signed_program = go_signed,
            .sent_program = go_sent,
        },
};

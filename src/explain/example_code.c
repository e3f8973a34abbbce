/* Programs with the SDKs of sdk/. */
#include "explain/examples.h"

struct words {
    const char *aliyun, *sdk, *bce; /* the signers, as the language names them */
};

static const struct words words[EXAMPLE_LANGUAGES] = {
    [EXAMPLE_PYTHON] = {"sign_aliyun_ca", "sign_sdk_hmac", "sign_bce"},
    [EXAMPLE_JAVA] = {"aliyunCa", "sdkHmac", "bce"},
    [EXAMPLE_JAVASCRIPT] = {"signAliyunCa", "signSdkHmac", "signBce"},
    [EXAMPLE_GO] = {"SignAliyunCA", "SignSDKHMAC", "SignBCE"},
};

static const char *signer(const struct example *example, enum example_language language)
{
    if (example->scheme->id == SCHEME_ALIYUN_CA) return words[language].aliyun;
    return example->scheme->id == SCHEME_BCE_AUTH_V1 ? words[language].bce : words[language].sdk;
}

static void add_escaped(struct buffer *out, uint8_t byte)
{
    static const char digits[] = "0123456789abcdef";
    if (byte == '\n') {
        buffer_add_text(out, "\\n");
    } else if (byte == '\t') {
        buffer_add_text(out, "\\t");
    } else if (byte < 0x20 || byte == 0x7f) {
        buffer_add_text(out, "\\u00");
        buffer_add_byte(out, (uint8_t)digits[byte >> 4]);
        buffer_add_byte(out, (uint8_t)digits[byte & 15]);
    } else {
        if (byte == '"' || byte == '\\') buffer_add_byte(out, '\\');
        buffer_add_byte(out, byte);
    }
}

/* All these languages read "…" with backslashes alike, as far as this goes. */
static void add_literal(struct buffer *out, struct bytes text)
{
    buffer_add_byte(out, '"');
    for (size_t i = 0; i < text.length; i++) add_escaped(out, text.data[i]);
    buffer_add_byte(out, '"');
}

/* The fields, each between `before` and `after`, with `between` name and value. */
struct list {
    const char *before, *between, *after;
};

static void add_item(struct buffer *out, const struct list *list, struct http_field field)
{
    buffer_add_text(out, list->before);
    add_literal(out, field.name);
    buffer_add_text(out, list->between);
    add_literal(out, field.value);
    buffer_add_text(out, list->after);
}

static void add_fields(struct buffer *out, const struct example *example, const struct list *list)
{
    for (size_t i = 0; i < example->field_count; i++) add_item(out, list, example->fields[i]);
}

/* Names that are signed beside the scheme's own, in brackets of the language; nothing when there are none. */
static void add_names(struct buffer *out, const struct example *example, const char *before, const char *after)
{
    if (example->name_count == 0) return;
    buffer_add_text(out, before);
    for (size_t i = 0; i < example->name_count; i++) {
        if (i > 0) buffer_add_text(out, ", ");
        add_literal(out, example->names[i]);
    }
    buffer_add_text(out, after);
}

/* Text that holds names in braces: what stands for them differs by example. */
struct fill {
    const struct example *example;
    enum example_language language;
    struct buffer *out;
};

static void add_carrier(const struct fill *fill, const char *before, const char *after)
{
    if (fill->example->scheme->id != SCHEME_BCE_AUTH_V1) return;
    buffer_add_text(fill->out, before);
    add_literal(fill->out, fill->example->place->name);
    buffer_add_text(fill->out, after);
}

static void add_options(const struct fill *fill)
{
    switch (fill->language) {
    case EXAMPLE_PYTHON:
        add_names(fill->out, fill->example, ", signed_headers=[", "]");
        return add_carrier(fill, ", header=", "");
    case EXAMPLE_JAVASCRIPT:
        buffer_add_text(fill->out, ", {");
        add_names(fill->out, fill->example, "signedHeaders: [", "], ");
        add_carrier(fill, "header: ", "");
        return buffer_add_text(fill->out, "}");
    case EXAMPLE_GO:
        buffer_add_text(fill->out, "countersign.SigningOptions{");
        add_names(fill->out, fill->example, "SignedHeaders: []string{", "}, ");
        add_carrier(fill, "Header: ", "");
        return buffer_add_text(fill->out, "}");
    case EXAMPLE_JAVA:
        return add_names(fill->out, fill->example, ".signing(List.of(", "))");
    case EXAMPLE_CURL:
    case EXAMPLE_LANGUAGES:
        break;
    }
}

static void add_body(const struct fill *fill)
{
    static const char *const files[EXAMPLE_LANGUAGES] = {[EXAMPLE_PYTHON] = "open(\"body\", \"rb\").read()",
                                                         [EXAMPLE_JAVA] = "Files.readAllBytes(Path.of(\"body\"))",
                                                         [EXAMPLE_JAVASCRIPT] = "require('node:fs').readFileSync('body')",
                                                         [EXAMPLE_GO] = "fileBody()"};
    static const char *const before[EXAMPLE_LANGUAGES] = {
        [EXAMPLE_PYTHON] = "", [EXAMPLE_JAVA] = "", [EXAMPLE_JAVASCRIPT] = "Buffer.from(", [EXAMPLE_GO] = "[]byte("};
    static const char *const after[EXAMPLE_LANGUAGES] = {[EXAMPLE_PYTHON] = ".encode()",
                                                         [EXAMPLE_JAVA] = ".getBytes(StandardCharsets.UTF_8)",
                                                         [EXAMPLE_JAVASCRIPT] = ")",
                                                         [EXAMPLE_GO] = ")"};
    if (fill->example->body.length > 0 && fill->example->body_in_file) return buffer_add_text(fill->out, files[fill->language]);
    buffer_add_text(fill->out, before[fill->language]);
    add_literal(fill->out, fill->example->body);
    buffer_add_text(fill->out, after[fill->language]);
}

static void add_headers(const struct fill *fill)
{
    static const struct list lists[EXAMPLE_LANGUAGES] = {[EXAMPLE_PYTHON] = {", (", ", ", ")"},
                                                         [EXAMPLE_JAVA] = {", new Header(", ", ", ")"},
                                                         [EXAMPLE_JAVASCRIPT] = {"", ": ", ", "},
                                                         [EXAMPLE_GO] = {", {Name: ", ", Value: ", "}"}};
    add_fields(fill->out, fill->example, &lists[fill->language]);
}

static void add_named(const struct fill *fill, struct bytes name)
{
    const struct example *example = fill->example;
    if (bytes_equal(name, BYTES("method"))) return add_literal(fill->out, example->method);
    if (bytes_equal(name, BYTES("target"))) return add_literal(fill->out, example->target);
    if (bytes_equal(name, BYTES("url"))) return add_literal(fill->out, example->url);
    if (bytes_equal(name, BYTES("host"))) return add_literal(fill->out, example->host);
    if (bytes_equal(name, BYTES("key"))) return add_literal(fill->out, example->key_id);
    if (bytes_equal(name, BYTES("signer"))) return buffer_add_text(fill->out, signer(example, fill->language));
    if (bytes_equal(name, BYTES("secret"))) return buffer_add_text(fill->out, example_secret(example));
    if (bytes_equal(name, BYTES("place"))) return add_literal(fill->out, example->place->name);
    if (bytes_equal(name, BYTES("prefix"))) return add_literal(fill->out, example->place->prefix);
    if (bytes_equal(name, BYTES("options"))) return add_options(fill);
    if (bytes_equal(name, BYTES("body"))) return add_body(fill);
    add_headers(fill);
}

/* "«name»" is filled in, all else stands. */
static void add_template(const struct fill *fill, const char *text)
{
    for (struct bytes rest = bytes_of_text(text), part; rest.length > 0;) {
        size_t at = bytes_find(rest, '\x01');
        buffer_add(fill->out, bytes_slice(rest, 0, at));
        if (at == rest.length) return;
        rest = bytes_from(rest, at + 1);
        if (!bytes_next_part(&rest, '\x02', &part)) return;
        add_named(fill, part);
    }
}

#define FILL(name) "\x01" name "\x02"

static const char *const signed_templates[EXAMPLE_LANGUAGES] = {
    [EXAMPLE_PYTHON] =
        "import os\n"
        "import urllib.request\n"
        "\n"
        "from countersign import Request, " FILL(
            "signer") "\n"
                      "\n"
                      "body = " FILL(
                          "body") "\n"
                                  "request = Request(" FILL("method") ", " FILL("target") ", [(\"Host\", " FILL("host") ")" FILL(
                                      "headers") "], body)\n"
                                                 "signed = " FILL("signer") "(request, " FILL("key") ", os.environ[\"" FILL(
                                                     "secre"
                                                     "t") "\"]" FILL("options") ")\n"
                                                                                "headers = dict([*request.headers, *signed.headers])\n"
                                                                                "call = urllib.request.Request(" FILL(
                                                                                    "url") ", data=body or None, method=" FILL("method") ","
                                                                                                                                         " "
                                                                                                                                         "h"
                                                                                                                                         "e"
                                                                                                                                         "a"
                                                                                                                                         "d"
                                                                                                                                         "e"
                                                                                                                                         "r"
                                                                                                                                         "s"
                                                                                                                                         "="
                                                                                                                                         "h"
                                                                                                                                         "e"
                                                                                                                                         "a"
                                                                                                                                         "d"
                                                                                                                                         "e"
                                                                                                                                         "r"
                                                                                                                                         "s"
                                                                                                                                         ")"
                                                                                                                                         "\n"
                                                                                                                                         "w"
                                                                                                                                         "i"
                                                                                                                                         "t"
                                                                                                                                         "h"
                                                                                                                                         " "
                                                                                                                                         "u"
                                                                                                                                         "r"
                                                                                                                                         "l"
                                                                                                                                         "l"
                                                                                                                                         "i"
                                                                                                                                         "b"
                                                                                                                                         "."
                                                                                                                                         "r"
                                                                                                                                         "e"
                                                                                                                                         "q"
                                                                                                                                         "u"
                                                                                                                                         "e"
                                                                                                                                         "s"
                                                                                                                                         "t"
                                                                                                                                         "."
                                                                                                                                         "u"
                                                                                                                                         "r"
                                                                                                                                         "l"
                                                                                                                                         "o"
                                                                                                                                         "p"
                                                                                                                                         "e"
                                                                                                                                         "n"
                                                                                                                                         "("
                                                                                                                                         "c"
                                                                                                                                         "a"
                                                                                                                                         "l"
                                                                                                                                         "l"
                                                                                                                                         ")"
                                                                                                                                         " "
                                                                                                                                         "a"
                                                                                                                                         "s"
                                                                                                                                         " "
                                                                                                                                         "a"
                                                                                                                                         "n"
                                                                                                                                         "s"
                                                                                                                                         "w"
                                                                                                                                         "e"
                                                                                                                                         "r"
                                                                                                                                         ":"
                                                                                                                                         "\n"
                                                                                                                                         " "
                                                                                                                                         " "
                                                                                                                                         " "
                                                                                                                                         " "
                                                                                                                                         "p"
                                                                                                                                         "r"
                                                                                                                                         "i"
                                                                                                                                         "n"
                                                                                                                                         "t"
                                                                                                                                         "("
                                                                                                                                         "a"
                                                                                                                                         "n"
                                                                                                                                         "s"
                                                                                                                                         "w"
                                                                                                                                         "e"
                                                                                                                                         "r"
                                                                                                                                         "."
                                                                                                                                         "s"
                                                                                                                                         "t"
                                                                                                                                         "a"
                                                                                                                                         "t"
                                                                                                                                         "u"
                                                                                                                                         "s"
                                                                                                                                         ","
                                                                                                                                         " "
                                                                                                                                         "a"
                                                                                                                                         "n"
                                                                                                                                         "s"
                                                                                                                                         "w"
                                                                                                                                         "e"
                                                                                                                                         "r"
                                                                                                                                         "."
                                                                                                                                         "r"
                                                                                                                                         "e"
                                                                                                                                         "a"
                                                                                                                                         "d"
                                                                                                                                         "("
                                                                                                                                         ")"
                                                                                                                                         "."
                                                                                                                                         "d"
                                                                                                                                         "e"
                                                                                                                                         "c"
                                                                                                                                         "o"
                                                                                                                                         "d"
                                                                                                                                         "e"
                                                                                                                                         "("
                                                                                                                                         ")"
                                                                                                                                         ")"
                                                                                                                                         "\n",
    [EXAMPLE_JAVA] =
        "import countersign.Header;\n"
        "import countersign.Request;\n"
        "import countersign.Signing;\n"
        "import java.net.URI;\n"
        "import java.net.http.HttpClient;\n"
        "import java.net.http.HttpRequest;\n"
        "import java.net.http.HttpResponse;\n"
        "import java.nio.charset.StandardCharsets;\n"
        "import java.nio.file.Files;\n"
        "import java.nio.file.Path;\n"
        "import java.util.List;\n"
        "\n"
        "public class Example {\n"
        "    public static void main(String[] arguments) throws Exception {\n"
        "        byte[] body = " FILL(
            "body") ";\n"
                    "        var headers = List.of(new Header(\"Host\", " FILL("host") ")" FILL(
                        "headers") ");\n"
                                   "        var signing = new Signing(" FILL("key") ", System.getenv(\"" FILL("secret") "\"))" FILL(
                                       "options") ";\n"
                                                  "        var signed = signing." FILL("signer") "(new Request(" FILL("method") ", " FILL(
                                                      "target") ", headers, body));\n"
                                                                "        var call = "
                                                                "HttpRequest.newBuilder(URI.create(" FILL(
                                                                    "url") ")).version(HttpClient.Version.HTTP_"
                                                                           "1_1)\n"
                                                                           "            .method(" FILL("method") ", "
                                                                                                                 "HttpRequest."
                                                                                                                 "BodyPublishers."
                                                                                                                 "ofByteArray(body));\n"
                                                                                                                 "        for (var "
                                                                                                                 "header : headers) if "
                                                                                                                 "(!header.name()."
                                                                                                                 "equals(\"Host\")) "
                                                                                                                 "call.setHeader("
                                                                                                                 "header.name(), "
                                                                                                                 "header.value());\n"
                                                                                                                 "        for (var "
                                                                                                                 "header : "
                                                                                                                 "signed.headers()) "
                                                                                                                 "call.setHeader("
                                                                                                                 "header.name(), "
                                                                                                                 "header.value());\n"
                                                                                                                 "        var answer = "
                                                                                                                 "HttpClient."
                                                                                                                 "newHttpClient().send("
                                                                                                                 "call.build(), "
                                                                                                                 "HttpResponse."
                                                                                                                 "BodyHandlers."
                                                                                                                 "ofString());\n"
                                                                                                                 "        "
                                                                                                                 "System.out.println("
                                                                                                                 "answer.statusCode() "
                                                                                                                 "+ \" \" + "
                                                                                                                 "answer.body());\n"
                                                                                                                 "    }\n"
                                                                                                                 "}\n",
    [EXAMPLE_JAVASCRIPT] = "const {signedFetch, " FILL(
        "signer") "} = require('countersign');\n"
                  "\n"
                  "const body = " FILL(
                      "body") ";\n"
                              "const call = signedFetch(" FILL("signer") ", " FILL("key") ", process.env." FILL("secret")
                                  FILL("options") ");\n"
                                                  "call(" FILL("url") ", {method: " FILL("method") ", headers: {" FILL(
                                                      "headers") "}, body: body.length > 0 ? body : undefined})\n"
                                                                 "  .then(async (answer) => console.log(answer.status, await "
                                                                 "answer.text()));\n",
    [EXAMPLE_GO] =
        "package main\n"
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
        "\n"
        "func fileBody() []byte {\n"
        "\tbody, _ := os.ReadFile(\"body\")\n"
        "\treturn body\n"
        "}\n"
        "\n"
        "func main() {\n"
        "\tbody := " FILL(
            "body") "\n"
                    "\tunsigned := &countersign.Request{Method: " FILL("method") ", Target: " FILL(
                        "target") ", Body: body,\n"
                                  "\t\tHeaders: []countersign.Header{{Name: \"Host\", Value: " FILL(
                                      "host") "}" FILL("headers") "}}\n"
                                                                  "\tsigned, err := countersign." FILL("signer") "(unsigned, " FILL("key") ", os.Getenv(\"" FILL(
                                                                      "secret") "\"), " FILL("options") ")\n"
                                                                                                        "\tif err != "
                                                                                                        "nil {\n"
                                                                                                        "\t\tpanic(err)"
                                                                                                        "\n"
                                                                                                        "\t}\n"
                                                                                                        "\tcall, err "
                                                                                                        ":= "
                                                                                                        "http."
                                                                                                        "NewRequest"
                                                                                                        "(" FILL("metho"
                                                                                                                 "d") ", " FILL("url") ", "
                                                                                                                                       "byt"
                                                                                                                                       "es."
                                                                                                                                       "New"
                                                                                                                                       "Rea"
                                                                                                                                       "der"
                                                                                                                                       "(bo"
                                                                                                                                       "dy)"
                                                                                                                                       ")\n"
                                                                                                                                       "\ti"
                                                                                                                                       "f "
                                                                                                                                       "err"
                                                                                                                                       " !="
                                                                                                                                       " ni"
                                                                                                                                       "l "
                                                                                                                                       "{\n"
                                                                                                                                       "\t"
                                                                                                                                       "\tp"
                                                                                                                                       "ani"
                                                                                                                                       "c("
                                                                                                                                       "err"
                                                                                                                                       ")\n"
                                                                                                                                       "\t}"
                                                                                                                                       "\n"
                                                                                                                                       "\tf"
                                                                                                                                       "or "
                                                                                                                                       "_, "
                                                                                                                                       "hea"
                                                                                                                                       "der"
                                                                                                                                       " :="
                                                                                                                                       " ra"
                                                                                                                                       "nge"
                                                                                                                                       " ap"
                                                                                                                                       "pen"
                                                                                                                                       "d("
                                                                                                                                       "uns"
                                                                                                                                       "ign"
                                                                                                                                       "ed."
                                                                                                                                       "Hea"
                                                                                                                                       "der"
                                                                                                                                       "s, "
                                                                                                                                       "sig"
                                                                                                                                       "ned"
                                                                                                                                       ".He"
                                                                                                                                       "ade"
                                                                                                                                       "rs."
                                                                                                                                       "..)"
                                                                                                                                       " {"
                                                                                                                                       "\n"
                                                                                                                                       "\t"
                                                                                                                                       "\tc"
                                                                                                                                       "all"
                                                                                                                                       ".He"
                                                                                                                                       "ade"
                                                                                                                                       "r."
                                                                                                                                       "Set"
                                                                                                                                       "(he"
                                                                                                                                       "ade"
                                                                                                                                       "r."
                                                                                                                                       "Nam"
                                                                                                                                       "e, "
                                                                                                                                       "hea"
                                                                                                                                       "der"
                                                                                                                                       ".Va"
                                                                                                                                       "lue"
                                                                                                                                       ")\n"
                                                                                                                                       "\t}"
                                                                                                                                       "\n"
                                                                                                                                       "\ta"
                                                                                                                                       "nsw"
                                                                                                                                       "er,"
                                                                                                                                       " er"
                                                                                                                                       "r "
                                                                                                                                       ":= "
                                                                                                                                       "htt"
                                                                                                                                       "p."
                                                                                                                                       "Def"
                                                                                                                                       "aul"
                                                                                                                                       "tCl"
                                                                                                                                       "ien"
                                                                                                                                       "t."
                                                                                                                                       "Do("
                                                                                                                                       "cal"
                                                                                                                                       "l)"
                                                                                                                                       "\n"
                                                                                                                                       "\ti"
                                                                                                                                       "f "
                                                                                                                                       "err"
                                                                                                                                       " !="
                                                                                                                                       " ni"
                                                                                                                                       "l "
                                                                                                                                       "{\n"
                                                                                                                                       "\t"
                                                                                                                                       "\tp"
                                                                                                                                       "ani"
                                                                                                                                       "c("
                                                                                                                                       "err"
                                                                                                                                       ")\n"
                                                                                                                                       "\t}"
                                                                                                                                       "\n"
                                                                                                                                       "\tt"
                                                                                                                                       "ext"
                                                                                                                                       ", "
                                                                                                                                       "_ "
                                                                                                                                       ":= "
                                                                                                                                       "io."
                                                                                                                                       "Rea"
                                                                                                                                       "dAl"
                                                                                                                                       "l("
                                                                                                                                       "ans"
                                                                                                                                       "wer"
                                                                                                                                       ".Bo"
                                                                                                                                       "dy)"
                                                                                                                                       "\n"
                                                                                                                                       "\tf"
                                                                                                                                       "mt."
                                                                                                                                       "Pri"
                                                                                                                                       "ntl"
                                                                                                                                       "n("
                                                                                                                                       "ans"
                                                                                                                                       "wer"
                                                                                                                                       ".St"
                                                                                                                                       "atu"
                                                                                                                                       "sCo"
                                                                                                                                       "de,"
                                                                                                                                       " st"
                                                                                                                                       "rin"
                                                                                                                                       "g("
                                                                                                                                       "tex"
                                                                                                                                       "t))"
                                                                                                                                       "\n"
                                                                                                                                       "}"
                                                                                                                                       "\n",
};

static const char *const sent_templates[EXAMPLE_LANGUAGES] = {
    [EXAMPLE_PYTHON] =
        "import os\n"
        "import urllib.request\n"
        "\n"
        "body = " FILL("body") "\n"
                               "headers = dict([(" FILL("place") ", " FILL("prefix") " + os.environ[\"" FILL("secret") "\"])" FILL(
                                   "headers") "])\n"
                                              "call = urllib.request.Request(" FILL("url") ", data=body or None, method=" FILL(
                                                  "method") ", headers=headers)\n"
                                                            "with urllib.request.urlopen(call) as answer:\n"
                                                            "    print(answer.status, answer.read().decode())\n",
    [EXAMPLE_JAVASCRIPT] = "const body = " FILL(
        "body") ";\n"
                "const headers = {" FILL("headers") "[" FILL("place") "]: " FILL("prefix") " + process.env." FILL(
                    "secret") "};\n"
                              "fetch(" FILL("url") ", {method: " FILL(
                                  "method") ", headers, body: body.length > 0 ? body : undefined})\n"
                                            "  .then(async (answer) => console.log(answer.status, await answer.text()));\n",
};

bool example_write_code(const struct example *example, enum example_language language, struct buffer *out)
{
    bool is_signed = example->scheme->proof_kind == PROOF_MAC;
    const char *const *templates = is_signed ? signed_templates : sent_templates;
    const struct fill fill = {example, language, out};
    if (templates[language] == NULL || (!is_signed && example->place->location != PLACE_HEADER)) return false;
    add_template(&fill, templates[language]);
    return true;
}

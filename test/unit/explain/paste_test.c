#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "explain/paste.h"

#include <stdio.h>

static _Alignas(16) uint8_t memory[1024 * 1024];

static void write_request(const struct pasted *pasted, char *text, size_t size)
{
    int at =
        snprintf(text, size, "%s%.*s %.*s", pasted->https ? "https " : "", (int)pasted->request.method.length,
                 (const char *)pasted->request.method.data, (int)pasted->request.target.length, (const char *)pasted->request.target.data);
    for (size_t i = 0; i < pasted->request.field_count; i++) {
        const struct http_field *field = &pasted->request.fields[i];
        at += snprintf(text + at, size - (size_t)at, "|%.*s=%.*s", (int)field->name.length, (const char *)field->name.data,
                       (int)field->value.length, (const char *)field->value.data);
    }
    (void)snprintf(text + at, size - (size_t)at, "|%.*s", (int)pasted->body.length, (const char *)pasted->body.data);
}

#define FORM "|Content-Type=application/x-www-form-urlencoded"

/* What is pasted, and the request that it is: method, target, fields and body between bars. */
static const struct {
    const char *text, *request;
} readable[] = {
    {"curl http://h/a?b=1", "GET /a?b=1|Host=h|Accept=*/*|"},
    {"  $ curl 'https://h:8443/a b'", NULL},
    {"curl https://h:8443", "https GET /|Host=h:8443|Accept=*/*|"},
    {"curl h?x", "GET /?x|Host=h|Accept=*/*|"},
    {"curl 'http://u:p@h/a#frag'", "GET /a|Host=h|Accept=*/*|"},
    {"curl -H 'Accept:' -H 'X-A: 1' -H \"X-B: it's\" h/", "GET /|Host=h|X-A=1|X-B=it's|"},
    {"curl -H 'X-Empty;' -H 'Host: other' h/", "GET /|Accept=*/*|X-Empty=|Host=other|"},
    {"curl -XPUT -sSd 'a=1' -d b=2 h/", "PUT /|Host=h|Accept=*/*" FORM "|a=1&b=2"},
    {"curl --data-raw '@x' h/", "POST /|Host=h|Accept=*/*" FORM "|@x"},
    {"curl --data-binary $'a\\nb\\x21\\u00e9\\'' h/", "POST /|Host=h|Accept=*/*" FORM "|a\nb!\xc3\xa9'"},
    {"curl --json '{}' h/", "POST /|Host=h|Content-Type=application/json|Accept=application/json|{}"},
    {"curl -d x -H 'content-type: text/plain' h/", "POST /|Host=h|Accept=*/*|content-type=text/plain|x"},
    {"curl -G -d a=1 --data-urlencode 'q=a b&c' 'h/p?x=1'", "GET /p?x=1&a=1&q=a%20b%26c|Host=h|Accept=*/*|"},
    {"curl --data-urlencode =a/b h/", "POST /|Host=h|Accept=*/*" FORM "|a%2Fb"},
    {"curl -I h/", "HEAD /|Host=h|Accept=*/*|"},
    {"curl -u user:pass h/", "GET /|Host=h|Accept=*/*|Authorization=Basic dXNlcjpwYXNz|"},
    {"curl --oauth2-bearer t -A me -e there -b a=b --compressed h/",
     "GET /|Host=h|Accept=*/*|Authorization=Bearer t|User-Agent=me|Referer=there|Cookie=a=b|Accept-Encoding=deflate, gzip|"},
    {"curl -H \"X-A: \\\"\\$1\\\\ \" \\\n  --url h/ -o out --max-time 5", "GET /|Host=h|Accept=*/*|X-A=\"$1\\|"},
    {"curl h/ | sh; rm x", "GET /|Host=h|Accept=*/*|"},
    {"GET /a?b HTTP/1.1\r\nHost: h\r\n\r\n", "GET /a?b|Host=h|"},
    {"GET /a HTTP/2\nhost: h", "GET /a|host=h|"},
    {"POST /a\nHost: h\nContent-Length: 3\n\nabc\r\n\n", "POST /a|Host=h|Content-Length=3|abc"},
    {"GET https://h:1/a HTTP/1.1\n\n", "GET /a|Host=h:1|"},
    {"> GET /a HTTP/1.1\n> Host: h\n> \n", "GET /a|Host=h|"},
    {"\n\nGET /a HTTP/1.1\nHost: h\n", "GET /a|Host=h|"},
};

static void is_read_as_it_would_be_sent(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof readable / sizeof readable[0]; i++) {
        struct arena arena = arena_over(memory, sizeof memory);
        struct pasted pasted;
        struct curl_problem problem;
        char text[1024];
        bool read = paste_read(&arena, bytes_of_text(readable[i].text), &pasted, &problem);
        if (read != (readable[i].request != NULL)) fail_msg("%s: %s", readable[i].text, read ? "read" : problem.words);
        if (!read) continue;
        write_request(&pasted, text, sizeof text);
        assert_string_equal(text, readable[i].request);
    }
}

/* What is pasted, and a word of why it cannot be read. */
static const struct {
    const char *text, *word, *about;
} unreadable[] = {
    {"curl", "target", ""},
    {"curl -v", "no URL", ""},
    {"curl 'http://h/", "single quote", ""},
    {"curl \"http://h/", "double quote", ""},
    {"curl $'http://h/", "quote", ""},
    {"curl h/ -H", "lacks its value", "header"},
    {"curl --frobnicate h/", "not known", "--frobnicate"},
    {"curl -sJ h/", "not known", "-sJ"},
    {"curl a b", "two URLs", "b"},
    {"curl -d @file h/", "in a file", "@file"},
    {"curl --data-urlencode x@file h/", "in a file", "x@file"},
    {"curl -F a=b h/", "raw request", "-F or -T"},
    {"curl ftp://h/", "neither", "ftp://h/"},
    {"curl http:///a", "no host", "http:///a"},
    {"curl -H @file h/", "in a file", "@file"},
    {"curl $'\\xzz' h/", "two hex digits", ""},
    {"GET /a%zz HTTP/1.1\nHost: h\n", "target", ""},
    {"GET /a HTTP/1.1\nno colon\n", "colon", ""},
    {"GET /a HTTP/1.1\nTransfer-Encoding: chunked\n\n0\n", "Transfer-Encoding", ""},
    {"POST /a HTTP/1.1\nContent-Length: 9\n\nabc", "Content-Length", ""},
    {"", "first line", ""},
};

static void says_why_it_cannot_be_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof unreadable / sizeof unreadable[0]; i++) {
        struct arena arena = arena_over(memory, sizeof memory);
        struct pasted pasted;
        struct curl_problem problem;
        if (paste_read(&arena, bytes_of_text(unreadable[i].text), &pasted, &problem)) fail_msg("%s: read", unreadable[i].text);
        if (strstr(problem.words, unreadable[i].word) == NULL) fail_msg("%s: %s", unreadable[i].text, problem.words);
        if (unreadable[i].about[0] != '\0') assert_true(bytes_equal(problem.about, bytes_of_text(unreadable[i].about)));
    }
}

static void has_bounds(void **state)
{
    (void)state;
    static char text[CURL_MAX_LENGTH + 2];
    struct arena arena = arena_over(memory, sizeof memory);
    struct pasted pasted;
    struct curl_problem problem;
    memset(text, 'a', sizeof text - 1);
    memcpy(text, "curl ", 5);
    assert_false(paste_read(&arena, bytes_of_text(text), &pasted, &problem));
    assert_string_equal(problem.words, "it is too long");
    memcpy(text, "curl", 4);
    for (size_t i = 4; i + 1 < sizeof text; i += 2) memcpy(text + i, " b", 2);
    assert_false(paste_read(&arena, bytes_of(text, CURL_MAX_LENGTH), &pasted, &problem));
    assert_string_equal(problem.words, "it has more than 512 words");
    for (size_t i = 4; i + 6 < sizeof text; i += 6) memcpy(text + i, " -H:a ", 6);
    assert_false(paste_read(&arena, bytes_of(text, 3000), &pasted, &problem));
    struct arena small = arena_over(memory, 1000);
    assert_false(paste_read(&small, BYTES("curl http://h/"), &pasted, &problem));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(is_read_as_it_would_be_sent),
        cmocka_unit_test(says_why_it_cannot_be_read),
        cmocka_unit_test(has_bounds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

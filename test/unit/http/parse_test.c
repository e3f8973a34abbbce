#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "http/parse.h"

#include <stdio.h>

#define assert_bytes(actual, expected) assert_true(bytes_equal((actual), BYTES(expected)))

static uint8_t memory[16384];

static bool parse(struct bytes text, struct http_request *request, struct bytes *body, const char **problem)
{
    struct arena arena = arena_over(memory, sizeof memory);
    return http_parse(&arena, text, request, body, problem);
}

static void a_request_with_a_body(void **state)
{
    (void)state;
    struct http_request request;
    struct bytes body;
    const char *problem = NULL;
    assert_true(
        parse(BYTES("POST /a?b=c HTTP/1.1\r\nHost: example.com\r\nX-Empty:\r\nx-padded: \t a  b \t\r\nContent-Length: 4\r\n\r\n\r\nxy"),
              &request, &body, &problem));
    assert_null(problem);
    assert_bytes(request.method, "POST");
    assert_bytes(request.target, "/a?b=c");
    assert_bytes(request.path, "/a");
    assert_bytes(request.query, "b=c");
    assert_int_equal(request.field_count, 4);
    assert_bytes(request.fields[0].name, "Host");
    assert_bytes(request.fields[0].value, "example.com");
    assert_bytes(request.fields[1].name, "X-Empty");
    assert_bytes(request.fields[1].value, "");
    assert_bytes(request.fields[2].value, "a  b");
    assert_bytes(body, "\r\nxy");
}

static void bare_line_feeds_and_no_fields(void **state)
{
    (void)state;
    struct http_request request;
    struct bytes body;
    const char *problem = NULL;
    assert_true(parse(BYTES("GET / HTTP/1.0\n\n"), &request, &body, &problem));
    assert_int_equal(request.field_count, 0);
    assert_int_equal(body.length, 0);
    assert_true(parse(BYTES("PUT / HTTP/1.1\na: \xe4\xb8\xad\n\nbody\0bytes"), &request, &body, &problem));
    assert_bytes(request.fields[0].value, "\xe4\xb8\xad");
    assert_bytes(body, "body\0bytes");
}

static void refusals_say_what_is_wrong(void **state)
{
    (void)state;
    static const struct {
        const char *text, *words;
    } rows[] = {
        {"", "first line"},
        {"GET / HTTP/1.1", "first line"},
        {"\r\n\r\n", "first line"},
        {"GET\r\n\r\n", "first line"},
        {"GET /\r\n\r\n", "version"},
        {"GET  / HTTP/1.1\r\n\r\n", "version"},
        {" GET / HTTP/1.1\r\n\r\n", "method"},
        {"G(T / HTTP/1.1\r\n\r\n", "method"},
        {"GET / HTTP/2\r\n\r\n", "version"},
        {"GET / HTTP/1.1 \r\n\r\n", "version"},
        {"GET / http/1.1\r\n\r\n", "version"},
        {"GET http://a/ HTTP/1.1\r\n\r\n", "target"},
        {"GET /%zz HTTP/1.1\r\n\r\n", "target"},
        {"GET / HTTP/1.1\r\nHost: a\r\n", "no empty line"},
        {"GET / HTTP/1.1\r\nHost: a", "no empty line"},
        {"GET / HTTP/1.1\r\nHost\r\n\r\n", "colon"},
        {"GET / HTTP/1.1\r\nHost : a\r\n\r\n", "name"},
        {"GET / HTTP/1.1\r\n: a\r\n\r\n", "name"},
        {"GET / HTTP/1.1\r\na: b\r\n c: d\r\n\r\n", "name"},
        {"GET / HTTP/1.1\r\na: b\rc\r\n\r\n", "control"},
        {"GET / HTTP/1.1\r\na: b\x7f\r\n\r\n", "control"},
        {"GET / HTTP/1.1\r\na: b\x01\r\n\r\n", "control"},
        {"GET / HTTP/1.1\r\nContent-Length: 1\r\n\r\n", "Content-Length"},
        {"GET / HTTP/1.1\r\nContent-Length: 1\r\n\r\nab", "Content-Length"},
        {"GET / HTTP/1.1\r\nContent-Length: 1\r\ncontent-length: 2\r\n\r\na", "Content-Length"},
        {"GET / HTTP/1.1\r\nContent-Length: +1\r\n\r\na", "Content-Length"},
        {"GET / HTTP/1.1\r\nContent-Length:\r\n\r\n", "Content-Length"},
        {"GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "Transfer-Encoding"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct http_request request;
        struct bytes body;
        const char *problem = "none";
        assert_false(parse(bytes_of_text(rows[i].text), &request, &body, &problem));
        if (strstr(problem, rows[i].words) == NULL) fail_msg("row %zu: \"%s\" does not speak of \"%s\"", i, problem, rows[i].words);
    }
}

static void a_nul_in_a_value_is_refused(void **state)
{
    (void)state;
    struct http_request request;
    struct bytes body;
    const char *problem = NULL;
    assert_false(parse(BYTES("GET / HTTP/1.1\na: b\0c\n\n"), &request, &body, &problem));
    assert_non_null(strstr(problem, "control"));
}

static void fields_are_limited(void **state)
{
    (void)state;
    static char text[8192];
    for (int count = HTTP_MAX_FIELDS; count <= HTTP_MAX_FIELDS + 1; count++) {
        struct http_request request;
        struct bytes body;
        const char *problem = NULL;
        int length = snprintf(text, sizeof text, "GET / HTTP/1.1\r\n");
        for (int i = 0; i < count; i++) length += snprintf(text + length, sizeof text - (size_t)length, "n%d: v%d\r\n", i, i);
        length += snprintf(text + length, sizeof text - (size_t)length, "\r\n");
        assert_int_equal(parse(bytes_of(text, (size_t)length), &request, &body, &problem), count == HTTP_MAX_FIELDS);
        if (count == HTTP_MAX_FIELDS) assert_bytes(request.fields[199].value, "v199");
        if (count > HTTP_MAX_FIELDS) assert_non_null(strstr(problem, "200"));
    }
}

static void memory_is_taken_for_the_fields_only(void **state)
{
    (void)state;
    struct arena arena = arena_over(memory, sizeof memory), small = arena_over(memory, 100);
    struct http_request request;
    struct bytes body;
    const char *problem = NULL;
    assert_true(http_parse(&arena, BYTES("GET / HTTP/1.1\na: b\n\n"), &request, &body, &problem));
    assert_true(arena.used <= sizeof(struct http_field) + 16);
    size_t used = arena.used;
    assert_false(http_parse(&arena, BYTES("GET / HTTP/1.1\na b\n\n"), &request, &body, &problem));
    assert_int_equal(arena.used, used);
    assert_false(http_parse(&small, BYTES("GET / HTTP/1.1\na: b\n\n"), &request, &body, &problem));
    assert_non_null(strstr(problem, "memory"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_request_with_a_body),      cmocka_unit_test(bare_line_feeds_and_no_fields),
        cmocka_unit_test(refusals_say_what_is_wrong), cmocka_unit_test(a_nul_in_a_value_is_refused),
        cmocka_unit_test(fields_are_limited),         cmocka_unit_test(memory_is_taken_for_the_fields_only),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "explain/guess.h"

static _Alignas(16) uint8_t memory[64 * 1024];

static void nothing_differs(void **state)
{
    (void)state;
    struct difference difference;
    texts_compare(BYTES("a\nb"), BYTES("a\nb"), &difference);
    assert_false(difference.differs);
    texts_compare(BYTES("a\nb"), BYTES("a\nb\n"), &difference);
    assert_false(difference.differs);
    texts_compare(BYTES(""), BYTES(""), &difference);
    assert_false(difference.differs);
}

static void line_and_byte(void **state)
{
    (void)state;
    struct difference difference;
    texts_compare(BYTES("GET\nab\nx"), BYTES("GET\nac\nx"), &difference);
    assert_true(difference.differs);
    assert_int_equal(difference.line, 2);
    assert_int_equal(difference.column, 2);
    assert_int_equal(difference.offset, 5);
    assert_true(bytes_equal(difference.gateway_line, BYTES("ab")) && bytes_equal(difference.client_line, BYTES("ac")));
    texts_compare(BYTES("a\nb"), BYTES("a"), &difference);
    assert_int_equal(difference.line, 1);
    assert_int_equal(difference.column, 2);
    texts_compare(BYTES(""), BYTES("x"), &difference);
    assert_int_equal(difference.line, 1);
    assert_int_equal(difference.column, 1);
}

static void assert_alike(const char *gateway, const char *client, const char *expected)
{
    struct arena arena = arena_over(memory, sizeof memory);
    struct bytes text = texts_mask_alike(&arena, bytes_of_text(gateway), bytes_of_text(client));
    if (!bytes_equal(text, bytes_of_text(expected))) fail_msg("%.*s", (int)text.length, (const char *)text.data);
}

static void what_is_masked_is_masked_in_both(void **state)
{
    (void)state;
    assert_alike("GET\ncookie:***\nhost:h", "GET\ncookie:a=b\nhost:h", "GET\ncookie:***\nhost:h");
    assert_alike("GET\ncookie:***\nhost:h", "GET\ncookie:a=b\nhost:h\n", "GET\ncookie:***\nhost:h\n");
    assert_alike("GET\ncookie:***", "GET\nhost:h\ncookie:a=b", "GET\nhost:h\ncookie:a=b");
    assert_alike("GET\ncookie:***x", "GET\ncookie:a", "GET\ncookie:a");
    assert_alike("GET\n\n***", "GET\n\nx", "GET\n\nx");
    assert_alike("", "x\n\ny", "x\n\ny");
    assert_alike("cookie:***", "", "");
}

#define CA  "GET\n*/*\nmd5\napplication/json\n\nx-ca-key:k\nx-ca-timestamp:1\n/a%20b?x=1&y=2"
#define SDK "GET\n/a/\nx=1&y=a%20b\nhost:h\nx-sdk-date:d\n\nhost;x-sdk-date\nabc0"
#define BCE "GET\n/a\nx=1\ncontent-type:text%2Fplain\nhost:h"

/* The gateway's text, a piece of it, what the client has in its place, and the cause. */
static const struct {
    const struct scheme *scheme;
    const char *text, *old, *new;
    enum cause cause;
} cases[] = {
    {&scheme_aliyun_ca, CA, "GET", "POST", CAUSE_METHOD},
    {&scheme_aliyun_ca, CA, "GET", "get", CAUSE_CASE},
    {&scheme_aliyun_ca, CA, "*/*", "", CAUSE_ACCEPT},
    {&scheme_aliyun_ca, CA, "md5", "", CAUSE_DIGEST},
    {&scheme_aliyun_ca, CA, "json", "json; charset=utf-8", CAUSE_CHARSET},
    {&scheme_aliyun_ca, CA, "application/json", "text/xml", CAUSE_CONTENT_TYPE},
    {&scheme_aliyun_ca, CA, "json\n\n", "json\nMon\n", CAUSE_DATE},
    {&scheme_aliyun_ca, CA, "x-ca-key:k", "X-Ca-Key:k", CAUSE_CASE},
    {&scheme_aliyun_ca, CA, "x-ca-key:k", "x-ca-key:l", CAUSE_HEADER_VALUE},
    {&scheme_aliyun_ca, CA, "x-ca-key:k\n", "", CAUSE_HEADER_NAMES},
    {&scheme_aliyun_ca, CA, "timestamp:1", "timestamp:2", CAUSE_DATE},
    {&scheme_aliyun_ca, CA, "x=1&y=2", "y=2&x=1", CAUSE_QUERY_ORDER},
    {&scheme_aliyun_ca, CA, "x=1&y=2", "x=1", CAUSE_QUERY},
    {&scheme_aliyun_ca, CA, "%20", " ", CAUSE_ENCODING},
    {&scheme_aliyun_ca, CA, "/a%20b", "/c", CAUSE_PATH},
    {&scheme_aliyun_ca, CA, "/a%20b", "/a%20b/", CAUSE_PATH_SLASH},
    {&scheme_aliyun_ca, CA, "GET\n", "GET\r\n", CAUSE_LINE_END},
    {&scheme_sdk_hmac_sha256, SDK, "/a/", "/a", CAUSE_PATH_SLASH},
    {&scheme_sdk_hmac_sha256, SDK, "%20", "+", CAUSE_ENCODING},
    {&scheme_sdk_hmac_sha256, SDK, "x=1&y=a%20b", "", CAUSE_QUERY},
    {&scheme_sdk_hmac_sha256, SDK, "x=1&y=a%20b", "y=a%20b&x=1", CAUSE_QUERY_ORDER},
    {&scheme_sdk_hmac_sha256, SDK, "host:h", "host:h:80", CAUSE_HOST},
    {&scheme_sdk_hmac_sha256, SDK, "host;x", "accept;host;x", CAUSE_HEADER_NAMES},
    {&scheme_sdk_hmac_sha256, SDK, "abc0", "abd0", CAUSE_BODY},
    {&scheme_sdk_hmac_sha256, SDK, "abc0", "ABC0", CAUSE_CASE},
    {&scheme_bce_auth_v1, BCE, "content-type:text%2Fplain\n", "", CAUSE_HEADER_NAMES},
    {&scheme_bce_auth_v1, BCE, "text%2Fplain", "text%2Fxml", CAUSE_CONTENT_TYPE},
    {&scheme_bce_auth_v1, BCE, "x=1", "x=2", CAUSE_QUERY},
};

static void the_cause_is_guessed_from_where_they_part(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct arena arena = arena_over(memory, sizeof memory);
        struct bytes gateway = bytes_of_text(cases[i].text);
        size_t at = (size_t)(strstr(cases[i].text, cases[i].old) - cases[i].text);
        struct buffer client = buffer_in(&arena, 1000);
        struct difference difference;
        buffer_add(&client, bytes_slice(gateway, 0, at));
        buffer_add_text(&client, cases[i].new);
        buffer_add(&client, bytes_from(gateway, at + strlen(cases[i].old)));
        texts_compare(gateway, buffer_bytes(&client), &difference);
        enum cause cause = guess_cause(cases[i].scheme, gateway, &difference, &arena);
        if (cause != cases[i].cause) fail_msg("%s -> %s: %s", cases[i].old, cases[i].new, cause_name(cause));
    }
}

static void every_cause_has_name_and_words(void **state)
{
    (void)state;
    for (int i = CAUSE_NONE + 1; i < CAUSE_COUNT; i++) {
        assert_true(strlen(cause_name((enum cause)i)) > 0);
        assert_true(strlen(cause_words((enum cause)i)) >= 20);
        for (int j = CAUSE_NONE; j < i; j++) assert_string_not_equal(cause_name((enum cause)i), cause_name((enum cause)j));
    }
    for (int i = REFUSAL_NONE + 1; i < REFUSAL_COUNT; i++)
        assert_int_equal(cause_of_refusal((enum refusal)i) == CAUSE_NONE, i == REFUSAL_SIGNATURE_MISMATCH);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_differs),
        cmocka_unit_test(line_and_byte),
        cmocka_unit_test(what_is_masked_is_masked_in_both),
        cmocka_unit_test(the_cause_is_guessed_from_where_they_part),
        cmocka_unit_test(every_cause_has_name_and_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

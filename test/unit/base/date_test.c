#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/date.h"

#include <time.h>

typedef bool parser(struct bytes text, int64_t *seconds);

static void expect(parser *parse, const char *text, int64_t expected)
{
    int64_t seconds = -1;
    if (!parse(bytes_of_text(text), &seconds)) fail_msg("\"%s\" is refused", text);
    if (seconds != expected) fail_msg("\"%s\" is read as %lld", text, (long long)seconds);
}

static void expect_refused(parser *parse, const char *const *texts)
{
    int64_t seconds = 0;
    for (; *texts != NULL; texts++) {
        if (parse(bytes_of_text(*texts), &seconds)) fail_msg("\"%s\" is read as %lld", *texts, (long long)seconds);
    }
}

static void basic(void **state)
{
    (void)state;
    expect(date_parse_basic, "20191115T033655Z", 1573789015);
    expect(date_parse_basic, "19700101T000000Z", 0);
    expect(date_parse_basic, "20000229T235959Z", 951868799);
    expect(date_parse_basic, "99991231T235959Z", 253402300799);
    static const char *const refused[] = {"",
                                          "20191115T033655",
                                          "20191115t033655Z",
                                          "20191115T033655z",
                                          "20191115T033655Z ",
                                          " 20191115T033655Z",
                                          "20191115T033655ZZ",
                                          "20191115 033655Z",
                                          "2019-11-15T03:36:55Z",
                                          "20190229T000000Z",
                                          "21000229T000000Z",
                                          "20191131T000000Z",
                                          "20191100T000000Z",
                                          "20190015T000000Z",
                                          "20191315T000000Z",
                                          "20191115T240000Z",
                                          "20191115T006000Z",
                                          "20191115T000060Z",
                                          "19691231T235959Z",
                                          "00000101T000000Z",
                                          "2019111aT033655Z",
                                          "+0191115T033655Z",
                                          "20191115T0336-5Z",
                                          NULL};
    expect_refused(date_parse_basic, refused);
    assert_false(date_parse_basic(BYTES("20191115T033655\0"), &(int64_t){0}));
}

static void rfc3339(void **state)
{
    (void)state;
    expect(date_parse_rfc3339, "2019-11-15T03:36:55Z", 1573789015);
    expect(date_parse_rfc3339, "2019-11-15T03:36:55.1Z", 1573789015);
    expect(date_parse_rfc3339, "2019-11-15T03:36:55.999999999Z", 1573789015);
    static const char *const refused[] = {"",
                                          "2019-11-15T03:36:55",
                                          "2019-11-15T03:36:55.Z",
                                          "2019-11-15T03:36:55.1",
                                          "2019-11-15T03:36:55.1234567890Z",
                                          "2019-11-15T03:36:55.1aZ",
                                          "2019-11-15T03:36:55,1Z",
                                          "2019-11-15T03:36:55+00:00",
                                          "2019-11-15 03:36:55Z",
                                          "2019-11-15T03:36:55Z ",
                                          "2019-11-15T03:36:60Z",
                                          "2019-02-29T03:36:55Z",
                                          "19-11-15T03:36:55Z",
                                          "20191115T033655Z",
                                          NULL};
    expect_refused(date_parse_rfc3339, refused);
}

/* RFC 9110, 5.6.7: its three examples are one moment. */
static void http(void **state)
{
    (void)state;
    expect(date_parse_http, "Sun, 06 Nov 1994 08:49:37 GMT", 784111777);
    expect(date_parse_http, "Sun, 06 Nov 1994 08:49:37 GMT+00:00", 784111777);
    expect(date_parse_http, "Sunday, 06-Nov-94 08:49:37 GMT", 784111777);
    expect(date_parse_http, "Sun Nov  6 08:49:37 1994", 784111777);
    expect(date_parse_http, "Fri Nov 15 03:36:55 2019", 1573789015);
    expect(date_parse_http, "Friday, 15-Nov-19 03:36:55 GMT", 1573789015);
    expect(date_parse_http, "Thursday, 01-Jan-70 00:00:00 GMT", 0);
    expect(date_parse_http, "Sunday, 01-Dec-69 00:00:00 GMT", 3153081600);
    static const char *const refused[] = {"",
                                          "GMT",
                                          " GMT",
                                          "Sun, 06 Nov 1994 08:49:37",
                                          "Sun, 06 Nov 1994 08:49:37 UTC",
                                          "Sun, 06 Nov 1994 08:49:37 GMT+01:00",
                                          "Sun, 06 Nov 1994 08:49:37 GMT+00:00+00:00",
                                          "Sun, 06 Nov 1994 08:49:37 +0000",
                                          "Sun, 06 Nov 1994 08:49:37 gmt",
                                          "sun, 06 Nov 1994 08:49:37 GMT",
                                          "Sun, 06 nov 1994 08:49:37 GMT",
                                          "Sun, 6 Nov 1994 08:49:37 GMT",
                                          "Sun,  6 Nov 1994 08:49:37 GMT",
                                          "Xyz, 06 Nov 1994 08:49:37 GMT",
                                          "Sun, 06 Xyz 1994 08:49:37 GMT",
                                          "Sun, 31 Nov 1994 08:49:37 GMT",
                                          "Sun, 00 Nov 1994 08:49:37 GMT",
                                          "Sun, 06 Nov 94 08:49:37 GMT",
                                          "Sun, 06 Nov 1994 24:00:00 GMT",
                                          "06 Nov 1994 08:49:37 GMT",
                                          "Sun, 06-Nov-94 08:49:37 GMT",
                                          "Sunday, 06-Nov-1994 08:49:37 GMT",
                                          "Sunday 06-Nov-94 08:49:37 GMT",
                                          "Sun Nov 6 08:49:37 1994",
                                          "Sun Nov  6 08:49:37 1994 GMT",
                                          "Sun Nov 06 08:49:37 94",
                                          "Sun Nov    08:49:37 1994",
                                          NULL};
    expect_refused(date_parse_http, refused);
}

static void expect_formatted(int64_t seconds, const char *in_basic, const char *in_rfc3339)
{
    uint8_t memory[32];
    struct buffer out = buffer_over(memory, sizeof memory);
    date_format_basic(&out, seconds);
    assert_true(bytes_equal(buffer_bytes(&out), bytes_of_text(in_basic)));
    buffer_clear(&out);
    date_format_rfc3339(&out, seconds);
    assert_true(bytes_equal(buffer_bytes(&out), bytes_of_text(in_rfc3339)));
}

static void formats(void **state)
{
    (void)state;
    expect_formatted(0, "19700101T000000Z", "1970-01-01T00:00:00Z");
    expect_formatted(1573789015, "20191115T033655Z", "2019-11-15T03:36:55Z");
    expect_formatted(253402300799, "99991231T235959Z", "9999-12-31T23:59:59Z");
    static const int64_t outside[] = {-1, 253402300800, INT64_MIN, INT64_MAX};
    for (size_t i = 0; i < sizeof outside / sizeof outside[0]; i++) {
        uint8_t memory[32];
        struct buffer out = buffer_over(memory, sizeof memory);
        date_format_basic(&out, outside[i]);
        assert_true(out.overflow);
    }
    uint8_t memory[16];
    struct buffer narrow = buffer_over(memory, 15);
    date_format_basic(&narrow, 0);
    assert_true(narrow.overflow);
}

/* Every day of the calendar against the system's own, there and back. */
static void every_day(void **state)
{
    (void)state;
    for (int64_t seconds = 43200; seconds < 253402300800; seconds += 86400) {
        char expected[32];
        uint8_t memory[32];
        struct tm parts;
        time_t now = (time_t)seconds;
        assert_non_null(gmtime_r(&now, &parts));
        size_t length = strftime(expected, sizeof expected, "%Y%m%dT%H%M%SZ", &parts);
        struct buffer out = buffer_over(memory, sizeof memory);
        date_format_basic(&out, seconds);
        int64_t back = -1;
        if (!bytes_equal(buffer_bytes(&out), bytes_of(expected, length))) fail_msg("%lld is not %s", (long long)seconds, expected);
        if (!date_parse_basic(buffer_bytes(&out), &back) || back != seconds) fail_msg("%s does not come back", expected);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(basic), cmocka_unit_test(rfc3339), cmocka_unit_test(http), cmocka_unit_test(formats), cmocka_unit_test(every_day),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

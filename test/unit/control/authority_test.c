#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "control/authority.h"

#include <string.h>

static void assert_reads(const char *text, const char *host, uint16_t port)
{
    struct authority authority;
    const char *rule = authority_read(bytes_of_text(text), &authority);
    if (rule != NULL) fail_msg("%s: %s", text, rule);
    assert_true(bytes_equal(authority.host, bytes_of_text(host)));
    assert_int_equal(authority.port, port);
}

static void reads_hosts_and_ports(void **state)
{
    (void)state;
    assert_reads("backend.example.com:8080", "backend.example.com", 8080);
    assert_reads("backend", "backend", 0);
    assert_reads("Back_end-1.example.com", "Back_end-1.example.com", 0);
    assert_reads("127.0.0.1:1", "127.0.0.1", 1);
    assert_reads("10.0.0.1:65535", "10.0.0.1", 65535);
    assert_reads("[::1]:80", "::1", 80);
    assert_reads("[2001:db8::1]", "2001:db8::1", 0);
    assert_reads("[fd00::1]:443", "fd00::1", 443);
    assert_reads("3com.example:80", "3com.example", 80);
}

static void assert_refuses(const char *text, const char *word)
{
    struct authority authority;
    const char *rule = authority_read(bytes_of_text(text), &authority);
    if (rule == NULL || strstr(rule, word) == NULL) fail_msg("%s: %s", text, rule);
}

static void refuses_malformed(void **state)
{
    (void)state;
    static const char *const texts[] = {"",   ":80",   "a b:80", "http://a", "a/b",     "user@a",    "a..b",   ".a",
                                        "a.", "-a:80", "a-.b:1", "[::1",     "[::1]80", "[1.2.3.4]", "[g::1]", "::1",
                                        "[]", "a,b",   "a\n",    "%61:80",   "[::1]:",  "[fe80::1%]"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct authority unused;
        if (authority_read(bytes_of_text(texts[i]), &unused) == NULL) fail_msg("accepted: %s", texts[i]);
    }
    struct authority authority;
    assert_non_null(authority_read(BYTES("[::1\0]:80"), &authority));
    assert_non_null(authority_read(BYTES("127.0.0.1\0:80"), &authority));
    static const char *const ports[] = {"a:", "a:0", "a:65536", "a:-1", "a:8x", "a:000080", "a:80:80"};
    for (size_t i = 0; i < sizeof ports / sizeof *ports; i++) assert_refuses(ports[i], "port");
}

static void refuses_link_local_in_every_spelling(void **state)
{
    (void)state;
    static const char *const literal[] = {"169.254.169.254:80",          "169.254.0.1",           "[fe80::1]:80",    "[febf::1]",
                                          "[::ffff:169.254.169.254]:80", "[::ffff:a9fe:a9fe]",    "[::169.254.1.1]", "[64:ff9b::a9fe:a9fe]",
                                          "[2002:a9fe:a9fe::1]",         "[64:ff9b:1::a9fe:a9fe]"};
    for (size_t i = 0; i < sizeof literal / sizeof *literal; i++) assert_refuses(literal[i], "link-local");
    static const char *const other[] = {"0.0.0.0:80",        "100.100.100.200:80", "[fd00:ec2::254]:80", "[::]:80",     "168.63.129.16:80",
                                        "[fd20:ce::254]:80", "224.0.0.1",          "255.255.255.255",    "[ff02::1]:80"};
    for (size_t i = 0; i < sizeof other / sizeof *other; i++) assert_refuses(other[i], "no link-local");
    /* What a resolver would read as an address although it does not look like one. */
    static const char *const disguised[] = {
        "2852039166:80", "0xa9fea9fe", "0xa9.0xfe.0xa9.0xfe", "169.254.43518", "0251.0376.0251.0376", "99999999999999999999999",
        "1.2.3.4.5",     "127.1"};
    for (size_t i = 0; i < sizeof disguised / sizeof *disguised; i++) assert_refuses(disguised[i], "four numbers");
}

static void bounds(void **state)
{
    (void)state;
    char text[AUTHORITY_MAX_LENGTH + 2];
    memset(text, 'a', sizeof text);
    text[64] = '\0'; /* a label of 64 */
    assert_refuses(text, "host name");
    text[63] = '\0';
    assert_reads(text, text, 0);
    memset(text, 'a', sizeof text);
    for (size_t i = 50; i < sizeof text; i += 51) text[i] = '.';
    text[AUTHORITY_MAX_LENGTH - 1] = 'a';
    text[AUTHORITY_MAX_LENGTH] = '\0'; /* a name of 255 */
    assert_refuses(text, "host name");
    text[253] = '\0';
    assert_reads(text, text, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_hosts_and_ports),
        cmocka_unit_test(refuses_malformed),
        cmocka_unit_test(refuses_link_local_in_every_spelling),
        cmocka_unit_test(bounds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

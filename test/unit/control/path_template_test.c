#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "control/path_template.h"

#include <string.h>

static const char *broken(const char *path)
{
    struct path_template found;
    return path_template_read(bytes_of_text(path), &found);
}

static void accepts_what_an_api_may_have(void **state)
{
    (void)state;
    static const char *const paths[] = {"/",          "/a",       "/a/",        "/a/b-c_d.e~f", "/{id}",        "/a/{id}/b",
                                        "/{a}/{b.c}", "/v1/x:do", "/caf%C3%A9", "/a@b+c,d=e",   "/{a}/{A}/end/"};
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) assert_null(broken(paths[i]));
}

static void names_the_broken_rule(void **state)
{
    (void)state;
    static const struct {
        const char *path;
        const char *word; /* of the rule */
    } cases[] = {
        {"", "begins with /"},
        {"a", "begins with /"},
        {"//", "empty segment"},
        {"/a//b", "empty segment"},
        {"/a//", "empty segment"},
        {"/.", ". or .."},
        {"/a/../b", ". or .."},
        {"/*", "SWA"},
        {"/a/*", "SWA"},
        {"/a b", "letters"},
        {"/a?b", "letters"},
        {"/a#b", "letters"},
        {"/caf\xc3\xa9", "letters"},
        {"/%4", "hex"},
        {"/%zz", "hex"},
        {"/a%2fb", "%2F"},
        {"/a%2Fb", "%2F"},
        {"/a%00", "%00"},
        {"/a%5Cb", "%5C"},
        {"/caf%c3%A9", "upper case"},
        {"/%61dmin", "stand for itself"},
        {"/a%3Ab", "stand for itself"},
        {"/{", "whole segment"},
        {"/{a", "whole segment"},
        {"/a}", "whole segment"},
        {"/x{a}", "whole segment"},
        {"/{a}x", "whole segment"},
        {"/{}", "1 to 32"},
        {"/{1a}", "first a letter"},
        {"/{a}{b}", "1 to 32"},
        {"/{a b}", "1 to 32"},
        {"/{a}/b/{a}", "once"},
        {"/a\\b", "letters"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *rule = broken(cases[i].path);
        if (rule == NULL || strstr(rule, cases[i].word) == NULL) fail_msg("%s: %s", cases[i].path, rule);
    }
}

static void has_bounds(void **state)
{
    (void)state;
    char path[PATH_TEMPLATE_MAX_LENGTH + 2];
    memset(path, 'a', sizeof path);
    path[0] = '/';
    path[PATH_TEMPLATE_MAX_LENGTH] = '\0';
    assert_null(broken(path));
    path[PATH_TEMPLATE_MAX_LENGTH] = 'a';
    path[PATH_TEMPLATE_MAX_LENGTH + 1] = '\0';
    assert_non_null(strstr(broken(path), "512"));

    assert_null(broken("/{a2345678901234567890123456789012}"));
    assert_non_null(broken("/{a23456789012345678901234567890123}"));
    assert_null(broken("/{a}/{b}/{c}/{d}/{e}/{f}/{g}/{h}/{i}/{j}/{k}/{l}/{m}/{n}/{o}/{p}"));
    assert_non_null(strstr(broken("/{a}/{b}/{c}/{d}/{e}/{f}/{g}/{h}/{i}/{j}/{k}/{l}/{m}/{n}/{o}/{p}/{q}"), "16"));
}

static void knows_its_parameters(void **state)
{
    (void)state;
    struct path_template found;
    assert_null(path_template_read(BYTES("/a/{id}/{x.y}"), &found));
    assert_int_equal(found.count, 2);
    assert_true(path_template_has(&found, BYTES("id")));
    assert_true(path_template_has(&found, BYTES("x.y")));
    assert_false(path_template_has(&found, BYTES("ID")));
    assert_false(path_template_has(&found, BYTES("a")));
}

static void assert_key(const char *method, const char *path, const char *expected)
{
    char memory[600];
    struct buffer out = buffer_over(memory, sizeof memory);
    path_template_route_key(&out, bytes_of_text(method), bytes_of_text(path));
    assert_true(bytes_equal(buffer_bytes(&out), bytes_of_text(expected)));
}

static void route_key_forgets_names(void **state)
{
    (void)state;
    assert_key("GET", "/", "GET /");
    assert_key("GET", "/a/{id}/b", "GET /a/{}/b");
    assert_key("ANY", "/{a}/{b}", "ANY /{}/{}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(accepts_what_an_api_may_have), cmocka_unit_test(names_the_broken_rule),   cmocka_unit_test(has_bounds),
        cmocka_unit_test(knows_its_parameters),         cmocka_unit_test(route_key_forgets_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "fixture.h"
#include "routes.h"

#include "edge/route.h"

static uint8_t memory[1u << 20];

static struct bytes compile(const struct route_table *table)
{
    const char *problem;
    struct buffer out = buffer_over(memory, sizeof memory);
    assert_true(route_compile(&out, table, &problem));
    return buffer_bytes(&out);
}

#define ENTRIES(list)                                                                                                                      \
    (struct route_table)                                                                                                                   \
    {                                                                                                                                      \
        BYTES("group"), BYTES("RELEASE"), RELEASE_ID, list, sizeof list / sizeof *list                                                     \
    }
#define EXACT(method, path, api)                                                                                                           \
    {                                                                                                                                      \
        BYTES(method), BYTES(path), false, BYTES(api)                                                                                      \
    }
#define PREFIX(method, path, api)                                                                                                          \
    {                                                                                                                                      \
        BYTES(method), BYTES(path), true, BYTES(api)                                                                                       \
    }

struct expected {
    const char *method, *path, *api, *rest; /* api NULL: nothing */
};

static void expect(const struct route_table *table, const struct expected *cases, size_t count)
{
    struct bytes compiled = compile(table);
    for (size_t i = 0; i < count; i++) {
        struct route route;
        enum edge_result result = route_match(compiled, bytes_of_text(cases[i].method), bytes_of_text(cases[i].path), &route);
        enum edge_result wanted = cases[i].api ? EDGE_OK : EDGE_NOTHING;
        if (result != wanted || (cases[i].api && !bytes_equal(route.api_id, bytes_of_text(cases[i].api))))
            fail_msg("%s %s: %d %.*s", cases[i].method, cases[i].path, result, result ? 0 : (int)route.api_id.length, route.api_id.data);
        if (cases[i].rest && !bytes_equal(route.rest, bytes_of_text(cases[i].rest)))
            fail_msg("%s: rest %.*s", cases[i].path, (int)route.rest.length, route.rest.data);
    }
}

#define EXPECT(table, ...)                                                                                                                 \
    do {                                                                                                                                   \
        const struct expected cases[] = {__VA_ARGS__};                                                                                     \
        expect(table, cases, sizeof cases / sizeof *cases);                                                                                \
    } while (0)

static void static_goes_before_param_before_prefix(void **state)
{
    (void)state;
    const struct route_entry entries[] = {EXACT("GET", "/a/b", "static"), EXACT("GET", "/a/{x}", "param"), PREFIX("GET", "/a", "prefix"),
                                          PREFIX("GET", "/", "root")};
    EXPECT(&ENTRIES(entries), {"GET", "/a/b", "static", ""}, {"GET", "/a/c", "param", ""}, {"GET", "/a/c/d", "prefix", "/c/d"},
           {"GET", "/a", "prefix", ""}, {"GET", "/a/", "prefix", "/"}, {"GET", "/b", "root", "/b"}, {"GET", "/", "root", "/"},
           {"GET", "/ab", "root", "/ab"});
}

static void a_dead_end_is_left_again(void **state)
{
    (void)state;
    const struct route_entry entries[] = {EXACT("GET", "/a/{x}/c", "param"), EXACT("GET", "/a/b/d", "static"),
                                          EXACT("POST", "/a/b/c", "post"), EXACT("GET", "/{p}/{q}/{r}/s", "deep")};
    EXPECT(&ENTRIES(entries), {"GET", "/a/b/c", "param", ""}, {"GET", "/a/b/d", "static", ""}, {"POST", "/a/b/c", "post", ""},
           {"GET", "/a/b/d/s", "deep", ""}, {"GET", "/a/b/e", NULL, NULL}, {"POST", "/a/x/c", NULL, NULL});
}

static void an_exact_method_goes_before_any(void **state)
{
    (void)state;
    const struct route_entry entries[] = {EXACT("ANY", "/a", "any"), EXACT("GET", "/a", "get"), PREFIX("ANY", "/b", "any-b")};
    EXPECT(&ENTRIES(entries), {"GET", "/a", "get", ""}, {"POST", "/a", "any", ""}, {"PURGE", "/a", "any", ""}, {"ANY", "/a", "any", ""},
           {"get", "/a", "any", ""}, {"PROPFIND", "/b/c", "any-b", "/c"});
}

static void a_method_named_any_is_no_wildcard(void **state)
{
    (void)state;
    const struct route_entry entries[] = {EXACT("GET", "/a", "get")};
    EXPECT(&ENTRIES(entries), {"ANY", "/a", NULL, NULL}, {"", "/a", NULL, NULL}, {"GET", "/a", "get", ""});
}

static void the_longest_prefix_wins(void **state)
{
    (void)state;
    const struct route_entry entries[] = {PREFIX("GET", "/a", "a"), PREFIX("GET", "/a/b", "ab"), PREFIX("GET", "/a/", "a-slash"),
                                          PREFIX("POST", "/a/b/c", "abc")};
    EXPECT(&ENTRIES(entries), {"GET", "/a/b/c", "ab", "/c"}, {"GET", "/a/bc", "a-slash", "/bc"}, {"GET", "/a", "a", ""},
           {"GET", "/a/", "a-slash", "/"}, {"GET", "/ab", NULL, NULL}, {"POST", "/a/b/c/d", "abc", "/d"}, {"POST", "/a/b", NULL, NULL});
}

static void segments_are_compared_byte_for_byte(void **state)
{
    (void)state;
    const struct route_entry entries[] = {EXACT("GET", "/a/b", "ab"), EXACT("GET", "/a/{x}/", "slash"), EXACT("GET", "/A", "upper")};
    EXPECT(&ENTRIES(entries), {"GET", "/a/%62", NULL, NULL}, {"GET", "/a/b/", "slash", ""}, {"GET", "//a/b", NULL, NULL},
           {"GET", "/a//b", NULL, NULL}, {"GET", "/a//", NULL, NULL}, {"GET", "/A", "upper", ""}, {"GET", "/a", NULL, NULL},
           {"GET", "", NULL, NULL}, {"GET", "*", NULL, NULL}, {"GET", "a/b", NULL, NULL}, {"GET", "/a/b;x", NULL, NULL});
}

static void parameters_are_the_raw_segments(void **state)
{
    (void)state;
    struct route route;
    const struct route_entry entries[] = {EXACT("GET", "/u/{user}/o/{order}", "api"), EXACT("GET", "/u/{other}/p", "p")};
    struct bytes compiled = compile(&ENTRIES(entries));
    assert_int_equal(route_match(compiled, BYTES("GET"), BYTES("/u/%41b/o/7%2F8"), &route), EDGE_OK);
    assert_int_equal(route.param_count, 2);
    assert_true(bytes_equal(route.params[0].name, BYTES("user")));
    assert_true(bytes_equal(route.params[0].value, BYTES("%41b")));
    assert_true(bytes_equal(route.params[1].name, BYTES("order")));
    assert_true(bytes_equal(route.params[1].value, BYTES("7%2F8")));
    assert_true(bytes_equal(route.environment_id, RELEASE_ID));
    assert_int_equal(route_match(compiled, BYTES("GET"), BYTES("/u/x/p"), &route), EDGE_OK);
    assert_true(bytes_equal(route.params[0].name, BYTES("other")));
}

static void no_path_climbs_out_of_a_prefix_or_a_parameter(void **state)
{
    (void)state;
    const struct route_entry entries[] = {PREFIX("GET", "/public", "public"), EXACT("GET", "/users/{id}/mail", "mail"),
                                          EXACT("GET", "/users/{id}", "user")};
    EXPECT(&ENTRIES(entries), {"GET", "/public/../admin", NULL, NULL}, {"GET", "/public/%2e%2E/admin", NULL, NULL},
           {"GET", "/public/.%2e/admin", NULL, NULL}, {"GET", "/public/a/../../admin", NULL, NULL},
           {"GET", "/public/..%2fadmin", NULL, NULL}, {"GET", "/public/..%5Cadmin", NULL, NULL}, {"GET", "/public/..\\admin", NULL, NULL},
           {"GET", "/public/..;x/admin", NULL, NULL}, {"GET", "/public/./../admin", NULL, NULL}, {"GET", "/public//../admin", NULL, NULL},
           {"GET", "/public/a/../b", "public", "/a/../b"}, {"GET", "/public/...", "public", "/..."},
           {"GET", "/public/..a", "public", "/..a"}, {"GET", "/users/../mail", NULL, NULL}, {"GET", "/users/./mail", NULL, NULL},
           {"GET", "/users/%2e/mail", NULL, NULL}, {"GET", "/users/..%2f..%2fadmin", NULL, NULL}, {"GET", "/users/a.b", "user", ""});
}

static void refused(const struct route_entry *entries, size_t count, const char *says)
{
    const char *problem = "";
    struct buffer out = buffer_over(memory, sizeof memory);
    struct route_table table = {BYTES("group"), BYTES("RELEASE"), RELEASE_ID, entries, count};
    assert_false(route_compile(&out, &table, &problem));
    if (!strstr(problem, says)) fail_msg("%s instead of %s", problem, says);
}

#define REFUSED(says, ...)                                                                                                                 \
    do {                                                                                                                                   \
        const struct route_entry entries[] = {__VA_ARGS__};                                                                                \
        refused(entries, sizeof entries / sizeof *entries, says);                                                                          \
    } while (0)

static void what_must_not_be_there_is_not_compiled(void **state)
{
    (void)state;
    REFUSED("begin with", EXACT("GET", "a", "x"));
    REFUSED("begin with", EXACT("GET", "", "x"));
    REFUSED("whole segment", EXACT("GET", "/a{x}", "x"));
    REFUSED("whole segment", EXACT("GET", "/{x}b", "x"));
    REFUSED("whole segment", EXACT("GET", "/{}", "x"));
    REFUSED("whole segment", EXACT("GET", "/{", "x"));
    REFUSED("whole segment", EXACT("GET", "/{{x}}", "x"));
    REFUSED("twice", EXACT("GET", "/{x}/{x}", "x"));
    REFUSED("too many", EXACT("GET", "/{a}/{b}/{c}/{d}/{e}/{f}/{g}/{h}/{i}/{j}/{k}/{l}/{m}/{n}/{o}/{p}/{q}", "x"));
    REFUSED("method", EXACT("get", "/", "x"));
    REFUSED("method", EXACT("", "/", "x"));
    REFUSED("same method and path", EXACT("GET", "/a/{x}", "x"), EXACT("GET", "/a/{y}", "y"));
    REFUSED("same method and path", PREFIX("ANY", "/a", "x"), PREFIX("ANY", "/a", "y"));
}

static void too_many_segments_are_refused(void **state)
{
    (void)state;
    static uint8_t path[2 * (ROUTE_MAX_SEGMENTS + 1)];
    for (size_t i = 0; i < sizeof path; i += 2) memcpy(path + i, "/a", 2);
    const struct route_entry longest[] = {{BYTES("GET"), {path, 2 * ROUTE_MAX_SEGMENTS}, false, BYTES("x")}};
    struct route route;
    struct bytes compiled = compile(&ENTRIES(longest));
    assert_int_equal(route_match(compiled, BYTES("GET"), longest[0].path, &route), EDGE_OK);
    assert_int_equal(route_match(compiled, BYTES("GET"), bytes_of(path, sizeof path), &route), EDGE_NOTHING);
    const struct route_entry longer[] = {{BYTES("GET"), {path, sizeof path}, false, BYTES("x")}};
    refused(longer, 1, "segment");
}

static void too_little_room_is_an_overflow(void **state)
{
    (void)state;
    const struct route_entry entries[] = {EXACT("GET", "/a/b/c", "x")};
    const char *problem;
    struct buffer out = buffer_over(memory, 20);
    assert_false(route_compile(&out, &ENTRIES(entries), &problem));
    assert_true(out.overflow);
}

/* The worst that routes can do: every combination of static and {param}, and a path that fits each but for its end. */
static void work_is_bounded_by_the_trie(void **state)
{
    (void)state;
    static char paths[1024][64];
    static struct route_entry entries[1024];
    for (unsigned i = 0; i < 1024; i++) {
        char *at = paths[i];
        for (unsigned bit = 0; bit < 10; bit++) at += sprintf(at, i >> bit & 1 ? "/a" : "/{p%u}", bit);
        entries[i] = (struct route_entry){BYTES("GET"), bytes_of_text(paths[i]), false, BYTES("x")};
    }
    struct route route;
    struct bytes compiled = compile(&ENTRIES(entries));
    assert_int_equal(route_match(compiled, BYTES("GET"), BYTES("/a/a/a/a/a/a/a/a/a/a"), &route), EDGE_OK);
    assert_int_equal(route.param_count, 0);
    assert_int_equal(route_match(compiled, BYTES("GET"), BYTES("/a/a/a/a/a/a/a/a/a/a/a"), &route), EDGE_NOTHING);
    assert_int_equal(route_match(compiled, BYTES("PUT"), BYTES("/a/a/a/a/a/a/a/a/a/a"), &route), EDGE_NOTHING);
}

/* Thousands of small tables over a small alphabet: the trie and the naive matcher agree. */
static uint32_t next_random(uint32_t *seed)
{
    *seed = *seed * 1664525 + 1013904223;
    return *seed >> 16;
}

static struct bytes random_path(char *text, uint32_t *seed, bool of_route)
{
    static const char *const parts[] = {"", "a", "b", "..", "%2e", "{x}", "{y}", "{z}"};
    char *at = text;
    unsigned used = 0;
    for (unsigned segments = 1 + next_random(seed) % 4; segments; segments--) {
        unsigned part = next_random(seed) % (of_route ? 8 : 5);
        if (part >= 5 && used & 1u << part) part = 1;
        used |= 1u << part;
        at += sprintf(at, "/%s", parts[part]);
    }
    return bytes_of(text, (size_t)(at - text));
}

static void agree(const struct route_table *table, struct bytes compiled, struct bytes method, struct bytes path)
{
    struct route route;
    struct bytes rest = {0};
    const struct route_entry *naive = naive_match(table, method, path, &rest);
    enum edge_result result = route_match(compiled, method, path, &route);
    assert_int_equal(result, naive ? EDGE_OK : EDGE_NOTHING);
    if (!naive) return;
    if (!bytes_equal(route.api_id, naive->api_id) || !bytes_equal(route.rest, rest))
        fail_msg("%.*s: trie %.*s, naive %.*s", (int)path.length, path.data, (int)route.api_id.length, route.api_id.data,
                 (int)naive->path.length, naive->path.data);
}

static void trie_and_naive_matcher_agree(void **state)
{
    (void)state;
    static const char *const methods[] = {"GET", "ANY", "POST"};
    char texts[8][32], apis[8][2], asked[32];
    struct route_entry entries[8];
    uint32_t seed = 1;
    size_t compiled_tables = 0;
    for (int round = 0; round < 20000; round++) {
        struct route_table table = {BYTES("group"), BYTES("RELEASE"), RELEASE_ID, entries, 1 + next_random(&seed) % 8};
        for (size_t i = 0; i < table.count; i++) {
            apis[i][0] = (char)('0' + i);
            entries[i] = (struct route_entry){bytes_of_text(methods[next_random(&seed) % 3]), random_path(texts[i], &seed, true),
                                              next_random(&seed) % 3 == 0, bytes_of(apis[i], 1)};
        }
        const char *problem;
        struct buffer out = buffer_over(memory, sizeof memory);
        if (!route_compile(&out, &table, &problem)) continue;
        compiled_tables++;
        for (int ask = 0; ask < 10; ask++)
            agree(&table, buffer_bytes(&out), bytes_of_text(methods[next_random(&seed) % 3]), random_path(asked, &seed, false));
    }
    assert_true(compiled_tables > 5000);
}

static void bytes_that_are_no_trie_are_a_fault(void **state)
{
    (void)state;
    struct route route;
    /* version, environment "", node: no endings, child for a parameter at 3 (itself), no static children; root at 3 */
    static const uint8_t loop[] = {1, 0, 0, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0, 3};
    /* a prefix for GET whose target is far behind the end */
    static const uint8_t no_target[] = {1, 0, 0, 0, 1, 1, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3};
    static const uint8_t no_root[] = {1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 14};
    static const uint8_t endless[] = {1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 3};
    assert_int_equal(route_match(BYTES(""), BYTES("GET"), BYTES("/"), &route), EDGE_FAULT);
    assert_int_equal(route_match(BYTES("\x01"), BYTES("GET"), BYTES("/"), &route), EDGE_FAULT);
    assert_int_equal(route_match(BYTES("\x02\0\0\0\0\0\0"), BYTES("GET"), BYTES("/"), &route), EDGE_FAULT);
    assert_int_equal(route_match(bytes_of(loop, sizeof loop), BYTES("GET"), BYTES("/x"), &route), EDGE_FAULT);
    assert_int_equal(route_match(bytes_of(no_target, sizeof no_target), BYTES("GET"), BYTES("/x"), &route), EDGE_FAULT);
    assert_int_equal(route_match(bytes_of(no_root, sizeof no_root), BYTES("GET"), BYTES("/x"), &route), EDGE_FAULT);
    assert_int_equal(route_match(bytes_of(endless, sizeof endless), BYTES("GET"), BYTES("/x"), &route), EDGE_FAULT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(static_goes_before_param_before_prefix),
        cmocka_unit_test(a_dead_end_is_left_again),
        cmocka_unit_test(an_exact_method_goes_before_any),
        cmocka_unit_test(a_method_named_any_is_no_wildcard),
        cmocka_unit_test(the_longest_prefix_wins),
        cmocka_unit_test(segments_are_compared_byte_for_byte),
        cmocka_unit_test(parameters_are_the_raw_segments),
        cmocka_unit_test(no_path_climbs_out_of_a_prefix_or_a_parameter),
        cmocka_unit_test(what_must_not_be_there_is_not_compiled),
        cmocka_unit_test(too_many_segments_are_refused),
        cmocka_unit_test(too_little_room_is_an_overflow),
        cmocka_unit_test(work_is_bounded_by_the_trie),
        cmocka_unit_test(trie_and_naive_matcher_agree),
        cmocka_unit_test(bytes_that_are_no_trie_are_a_fault),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

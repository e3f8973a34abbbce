/* A path that a backend may read as another API's is nobody's, however it is spelled. */
#include "fixture.h"
#include "routes.h"

#include "edge/route.h"

static uint8_t memory[1u << 16];

#define ROUTE(method, path, prefix, api)                                                                                                   \
    {                                                                                                                                      \
        BYTES(method), BYTES(path), prefix, BYTES(api)                                                                                     \
    }

static const struct route_entry entries[] = {
    ROUTE("GET", "/a", true, "open"),           ROUTE("GET", "/a/admin", false, "admin"),     ROUTE("GET", "/a/caf%C3%A9", false, "cafe"),
    ROUTE("GET", "/a/x/y", false, "deep"),      ROUTE("GET", "/u/{id}/pub", false, "pub"),    ROUTE("GET", "/u/pub", false, "list"),
    ROUTE("GET", "/u/me/pub", false, "mine"),   ROUTE("GET", "/slash/", false, "with slash"), ROUTE("GET", "/slash", true, "without"),
    ROUTE("POST", "/a/admin", false, "adding"),
};

static void decide(const char *path, const char *api)
{
    static const char *problem;
    const struct route_table table = {BYTES("group"), BYTES("RELEASE"), RELEASE_ID, entries, sizeof entries / sizeof *entries};
    struct buffer out = buffer_over(memory, sizeof memory);
    struct route route;
    assert_true(route_compile(&out, &table, &problem));
    enum edge_result result = route_decide(buffer_bytes(&out), BYTES("GET"), bytes_of_text(path), &route);
    if (result != (api != NULL ? EDGE_OK : EDGE_NOTHING)) fail_msg("%s: %d", path, result);
    if (api != NULL && !bytes_equal(route.api_id, bytes_of_text(api)))
        fail_msg("%s: %.*s", path, (int)route.api_id.length, route.api_id.data);
}

static void another_reading_never_is_another_api(void **state)
{
    (void)state;
    static const char *const paths[] = {
        "/a/%61dmin",    "/a/adm%69n",        "/a//admin",          "/a/./admin",        "/a/x/../admin",  "/a/x%2f..%2fadmin",
        "/a/admin;v=1",  "/a/;x/admin",       "/a/admin/",          "/a/admin//",        "/a/\\admin",     "/a/x\\..\\admin",
        "/a/%2e/admin",  "/a/%2E%2e/a/admin", "/a/x/y/../../admin", "/a/caf%c3%a9",      "/a/c%61f%C3%A9", "/a/caf\xc3\xa9",
        "/a/x%2Fy",      "/a/x%5cy",          "/a/;/../admin",      "/a/x//../../admin", "/a/b//../admin", "/a/admin/.",
        "/a/admin/x/..", "/u/%6de/pub",       "/u/me;x/pub",        "/u/x%2f../pub",     "/slash//",       "/slash/;",
    };
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) decide(paths[i], NULL);
}

static void what_nobody_else_has_stays_as_it_was(void **state)
{
    (void)state;
    decide("/a", "open");
    decide("/a/", "open");
    decide("/a/admin", "admin");
    decide("/a/caf%C3%A9", "cafe");
    decide("/a/%61dmins", "open");
    decide("/a/b/../c", "open");
    decide("/a//b;x=1/%2F", "open");
    decide("/a/%25%3b%ff", "open");
    decide("/u/7%2F8/pub", "pub");
    decide("/u/a.b/pub", "pub");
    decide("/slash", "without");
    decide("/slash/x/", "without");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(another_reading_never_is_another_api),
        cmocka_unit_test(what_nobody_else_has_stays_as_it_was),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

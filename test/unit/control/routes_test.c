/* The table of routes as it is, and how a path is found in it; the table of errors; pages. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "control/errors.h"
#include "control/listing.h"
#include "control/routes.h"

#include <string.h>

#define PATH "/v2/project-1/apigw/instances/instance_2"

static const char *found_action(const char *method, struct bytes path)
{
    struct call call = {.now = 0};
    const struct route *route = route_find(&call, bytes_of_text(method), path);
    return route != NULL ? route->action : "";
}

static void finds_routes_and_their_parameters(void **state)
{
    (void)state;
    struct call call = {.now = 0};
    const struct route *route = route_find(&call, BYTES("DELETE"), BYTES(PATH "/api-groups/g1/domains/d2"));
    assert_non_null(route);
    assert_string_equal(route->action, "delete_domain");
    assert_true(bytes_equal(call.project_id, BYTES("project-1")));
    assert_true(bytes_equal(call.instance_id, BYTES("instance_2")));
    assert_true(bytes_equal(call.params[0], BYTES("g1")));
    assert_true(bytes_equal(call.params[1], BYTES("d2")));
    assert_string_equal(found_action("GET", BYTES("/v2/p/apigw/instances")), "list_instances");
    assert_string_equal(found_action("GET", BYTES("/v2/p/apigw/instances/i")), "show_instance");
}

static void prefers_the_literal_segment(void **state)
{
    (void)state;
    assert_string_equal(found_action("PUT", BYTES(PATH "/apps/secret/a")), "reset_app_secret");
    assert_string_equal(found_action("GET", BYTES(PATH "/apps/validation/a")), "validate_app");
    assert_string_equal(found_action("POST", BYTES(PATH "/api-groups/check")), "check_api_group");
}

static void finds_nothing_else(void **state)
{
    (void)state;
    static const char *const paths[] = {"",
                                        "/",
                                        "//",
                                        PATH "/",
                                        PATH "/envs/",
                                        PATH "//envs",
                                        "/" PATH "/envs",
                                        PATH "/envs/a/b",
                                        PATH "/env",
                                        PATH "/ENVS",
                                        PATH "/envs/a.b",
                                        PATH "/envs/%41",
                                        PATH "/envs/a b",
                                        PATH "/envs/;",
                                        "/v2//apigw/instances/i/envs"};
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) assert_string_equal(found_action("DELETE", bytes_of_text(paths[i])), "");
    assert_string_equal(found_action("delete", BYTES(PATH "/envs/a")), "");
    assert_string_equal(found_action("DELETE", BYTES(PATH "/envs/\0")), "");
    char path[256];
    snprintf(path, sizeof path, PATH "/envs/%.*s", 65, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa");
    assert_string_equal(found_action("DELETE", bytes_of_text(path)), "");
    path[strlen(path) - 1] = '\0';
    assert_string_equal(found_action("DELETE", bytes_of_text(path)), "delete_env");
}

static void assert_bounded(const struct fields *fields, const char *action)
{
    for (size_t i = 0; i < fields->count; i++) {
        const struct field *field = &fields->items[i];
        bool text = field->type == FIELD_STRING || field->type == FIELD_STRINGS;
        bool list = field->type == FIELD_STRINGS || field->type == FIELD_OBJECTS;
        if (field->flags & FIELD_READ_ONLY) continue;
        if (text && field->maximum <= 0 && field->choices == NULL) fail_msg("%s: %s has no bound", action, field->name);
        if (list && field->most_items == 0) fail_msg("%s: %s has no bound", action, field->name);
        if (field->type == FIELD_INTEGER && field->minimum >= field->maximum) fail_msg("%s: %s has no range", action, field->name);
        if (field->accepts != NULL && field->rule == NULL) fail_msg("%s: %s does not say its rule", action, field->name);
        if (field->members != NULL) assert_bounded(field->members, action);
        if (field->preset == NULL) continue;
        struct field_problem problem;
        json_t *preset = json_loads(field->preset, JSON_DECODE_ANY, NULL);
        json_t *given = json_pack("{s:O}", field->name, preset);
        struct fields alone = {field, 1};
        json_t *checked = fields_check(&alone, given, LEAVE_ABSENT, &problem);
        if (checked == NULL) fail_msg("%s: the preset of %s breaks its own rule", action, field->name);
        json_decref(checked);
        json_decref(given);
        json_decref(preset);
    }
}

/* What every resource must keep to; a new one is found here by itself. */
static void every_route_keeps_to_the_rules(void **state)
{
    (void)state;
    const struct route *route;
    size_t count = 0;
    for (; (route = route_at(count)) != NULL; count++) {
        assert_non_null(route->handle);
        if (route->query != NULL) assert_bounded(route->query, route->action);
        if (strcmp(route->method, "GET") == 0 && route_status(route) != 200) fail_msg("%s does not say what it answers", route->action);
        if (strcmp(route->method, "GET") == 0 && right_writes(route->right)) fail_msg("%s writes on GET", route->action);
        if (strcmp(route->method, "DELETE") == 0 && !right_writes(route->right)) fail_msg("%s deletes as a reader", route->action);
        if (route->body != NULL) assert_bounded(route->body, route->action);
        for (size_t i = 0; i < count; i++) {
            const struct route *other = route_at(i);
            bool same = strcmp(other->method, route->method) == 0 && strcmp(other->path, route->path) == 0;
            if (same) fail_msg("%s stands twice", route->path);
        }
    }
    assert_true(count > 20);
}

static void every_error_has_one_row(void **state)
{
    (void)state;
    const struct error *error;
    for (size_t i = 0; (error = error_at(i)) != NULL; i++) {
        assert_ptr_equal(error_of(error->code), error);
        assert_true(error->status >= 400 && error->status < 600);
        assert_true(strlen(error->text) > 0);
    }
    assert_int_equal(error_of((enum error_code)4711)->code, ERROR_FAULT);
}

static void assert_error_text(enum error_code code, struct bytes subject, const char *number, const char *expected)
{
    char memory[256];
    struct buffer text = buffer_over(memory, sizeof memory);
    error_write_code(&text, code);
    assert_true(bytes_equal(buffer_bytes(&text), bytes_of_text(number)));
    buffer_clear(&text);
    error_write_text(&text, code, subject);
    assert_true(bytes_equal(buffer_bytes(&text), bytes_of_text(expected)));
}

static void writes_errors(void **state)
{
    (void)state;
    assert_error_text(ERROR_APP_UNKNOWN, BYTES("a$b"), "APIG.3004", "App a$b does not exist");
    assert_error_text(ERROR_ROUTE_UNKNOWN, BYTES("x"), "APIG.0101", "The API does not exist.");
    assert_error_text(ERROR_BODY_TOO_LARGE, BYTES(""), "APIG.0201", "Request entity too large.");
}

static const struct route a_list = {.items = "items"};

static void assert_page(const char *query, size_t offset, size_t limit)
{
    uint8_t memory[1024];
    struct page page;
    struct call call = {.route = &a_list, .arena = arena_over(memory, sizeof memory), .request.query = bytes_of_text(query)};
    assert_true(page_read(&call, &page));
    assert_int_equal(page.offset, offset);
    assert_int_equal(page.limit, limit);
}

/* huawei.md 4.1 */
static void reads_pages(void **state)
{
    (void)state;
    assert_page("", 0, 20);
    assert_page("offset=0&limit=1", 0, 1);
    assert_page("offset=-1&limit=0", 0, 20);
    assert_page("offset=7&limit=-3", 7, 20);
    assert_page("limit=500", 0, 500);
    assert_page("limit=501&offset=9223372036854775807", INT64_MAX, 500);
    assert_page("limit=", 0, 20);
}

static void refuses_pages(void **state)
{
    (void)state;
    static const char *const queries[] = {"limit=x", "offset=1.5", "limit=9223372036854775808", "offset=-", "offset=--1", "limit=+1"};
    for (size_t i = 0; i < sizeof queries / sizeof *queries; i++) {
        uint8_t memory[1024];
        struct page page;
        struct call call = {.route = &a_list, .arena = arena_over(memory, sizeof memory), .request.query = bytes_of_text(queries[i])};
        assert_false(page_read(&call, &page));
        assert_int_equal(call.error, ERROR_FIELD_VALUE);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_routes_and_their_parameters),
        cmocka_unit_test(prefers_the_literal_segment),
        cmocka_unit_test(finds_nothing_else),
        cmocka_unit_test(every_route_keeps_to_the_rules),
        cmocka_unit_test(every_error_has_one_row),
        cmocka_unit_test(writes_errors),
        cmocka_unit_test(reads_pages),
        cmocka_unit_test(refuses_pages),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

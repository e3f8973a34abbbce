/* From a version's definition to what the edge holds; and what is not served at all. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "control/compile.h"

#include <stdio.h>
#include <string.h>

static uint8_t memory[65536];

struct compiled {
    struct publication publication;
    struct route_entry route;
    const char *problem;
};

static struct compiled compile(const char *definition)
{
    struct compiled compiled;
    static struct arena arena;
    arena = arena_over(memory, sizeof memory);
    struct value row[VERSION_COLUMNS] = {[VERSION_ID] = value_text(BYTES("version")),
                                         [VERSION_INSTANCE_ID] = value_text(BYTES("instance")),
                                         [VERSION_API_ID] = value_text(BYTES("api")),
                                         [VERSION_GROUP_ID] = value_text(BYTES("group")),
                                         [VERSION_ENV_ID] = value_text(BYTES("env")),
                                         [VERSION_PUBLISH_ID] = value_text(BYTES("publish")),
                                         [VERSION_DEFINITION] = value_text(bytes_of_text(definition))};
    compiled.problem = compile_version(&arena, row, &compiled.publication, &compiled.route);
    return compiled;
}

#define API(front, backend)                                                                                                                \
    "{\"name\":\"orders\",\"req_method\":\"GET\",\"req_uri\":\"/orders/{id}\",\"backend_type\":\"HTTP\"," front                            \
    ",\"backend_api\":{\"req_method\":\"POST\",\"req_uri\":\"/v1/{id}\"," backend "}}"
#define FRONT   "\"match_mode\":\"NORMAL\",\"auth_type\":\"APP\""
#define BACKEND "\"req_protocol\":\"HTTP\",\"url_domain\":\"backend.example:8080\",\"timeout\":3000"

#define assert_bytes(value, expected) assert_true(bytes_equal(value, BYTES(expected)))

static void a_whole_definition(void **state)
{
    (void)state;
    struct compiled compiled = compile(API(FRONT, BACKEND));
    assert_null(compiled.problem);
    assert_bytes(compiled.publication.id, "publish");
    assert_bytes(compiled.publication.instance_id, "instance");
    assert_bytes(compiled.publication.api_id, "api");
    assert_bytes(compiled.publication.group_id, "group");
    assert_bytes(compiled.publication.environment_id, "env");
    assert_bytes(compiled.publication.api_name, "orders");
    assert_int_equal(compiled.publication.plan.auth_type, AUTH_TYPE_APP);
    assert_int_equal(compiled.publication.plan.place_count, 4);
    assert_int_equal(compiled.publication.plan.places[0].scheme, SCHEME_ALIYUN_CA);
    assert_int_equal(compiled.publication.plan.places[1].scheme, SCHEME_SDK_HMAC_SHA256);
    assert_int_equal(compiled.publication.plan.places[2].scheme, SCHEME_BCE_AUTH_V1);
    assert_bytes(compiled.publication.plan.places[2].name, "x-bce-signature");
    assert_int_equal(compiled.publication.plan.places[3].scheme, SCHEME_BCE_AUTH_V1);
    assert_bytes(compiled.publication.plan.places[3].name, "authorization");
    assert_int_equal(compiled.publication.backend.kind, BACKEND_HTTP);
    assert_bytes(compiled.publication.backend.authority, "backend.example:8080");
    assert_bytes(compiled.publication.backend.host, "backend.example:8080");
    assert_bytes(compiled.publication.backend.method, "POST");
    assert_bytes(compiled.publication.backend.path, "/v1/{id}");
    assert_int_equal(compiled.publication.backend.timeout_ms, 3000);
    assert_true(compiled.publication.backend.verify_certificate);
    assert_bytes(compiled.route.method, "GET");
    assert_bytes(compiled.route.path, "/orders/{id}");
    assert_bytes(compiled.route.api_id, "api");
    assert_false(compiled.route.prefix);
}

#define WITH(more) API(FRONT "," more, BACKEND)

static void what_an_api_takes_as_proof(void **state)
{
    (void)state;
    struct compiled compiled = compile(WITH("\"countersign\":{\"signature_schemes\":[\"bce-auth-v1\"]}"));
    assert_null(compiled.problem);
    assert_int_equal(compiled.publication.plan.place_count, 2);
    assert_int_equal(compiled.publication.plan.places[0].scheme, SCHEME_BCE_AUTH_V1);
    compiled = compile(WITH("\"countersign\":{\"signature_schemes\":[]},\"auth_opt\":{\"app_code_auth_type\":\"HEADER\"}"));
    assert_null(compiled.problem);
    assert_int_equal(compiled.publication.plan.place_count, 3);
    for (size_t i = 0; i < 3; i++) assert_int_equal(compiled.publication.plan.places[i].location, PLACE_HEADER);
    compiled = compile(WITH("\"countersign\":{\"signature_schemes\":[]},\"auth_opt\":{\"app_code_auth_type\":\"HEADER_QUERY\"}"));
    assert_int_equal(compiled.publication.plan.place_count, 4);
    assert_int_equal(compiled.publication.plan.places[0].location, PLACE_QUERY);
    compiled = compile(WITH("\"auth_opt\":{\"app_code_auth_type\":\"DISABLE\"}"));
    assert_int_equal(compiled.publication.plan.place_count, 4);
    assert_non_null(compile(WITH("\"auth_opt\":{\"app_code_auth_type\":\"COOKIE\"}")).problem);
    assert_non_null(compile(WITH("\"countersign\":{\"signature_schemes\":[\"app-code\"]}")).problem);
    assert_non_null(compile(WITH("\"countersign\":{\"signature_schemes\":[\"nothing\"]}")).problem);
}

static void defaults_and_implied_ports(void **state)
{
    (void)state;
    struct compiled compiled = compile(API("\"match_mode\":\"SWA\",\"auth_type\":\"NONE\"",
                                           "\"req_protocol\":\"HTTPS\",\"url_domain\":\"Backend.Example\",\"timeout\":1"));
    assert_null(compiled.problem);
    assert_true(compiled.route.prefix);
    assert_int_equal(compiled.publication.plan.auth_type, AUTH_TYPE_NONE);
    assert_int_equal(compiled.publication.plan.place_count, 0);
    assert_bytes(compiled.publication.backend.authority, "backend.example:443");
    assert_bytes(compiled.publication.backend.host, "Backend.Example");
    compiled = compile(API(FRONT, "\"req_protocol\":\"HTTPS\",\"url_domain\":\"backend.example:443\",\"timeout\":1"));
    assert_bytes(compiled.publication.backend.host, "backend.example");
    compiled = compile(API(FRONT, "\"req_protocol\":\"HTTP\",\"url_domain\":\"backend.example:443\",\"timeout\":1"));
    assert_bytes(compiled.publication.backend.host, "backend.example:443");
    compiled = compile(API(FRONT, "\"req_protocol\":\"HTTP\",\"url_domain\":\"[2001:db8::1]\",\"timeout\":1"));
    assert_bytes(compiled.publication.backend.authority, "[2001:db8::1]:80");
    assert_bytes(compiled.publication.backend.host, "[2001:db8::1]");
}

static void own_fields(void **state)
{
    (void)state;
    struct compiled compiled = compile(API(FRONT ",\"countersign\":{\"hide_hint\":true,\"body_limit\":77,\"require_body_digest\":true,"
                                                 "\"verify_certificate\":false,\"ca_certificates\":\"PEM\"}",
                                           BACKEND));
    assert_null(compiled.problem);
    assert_true(compiled.publication.rules.hide_hint);
    assert_true(compiled.publication.rules.require_body_digest);
    assert_false(compiled.publication.rules.accept_undated);
    assert_false(compiled.publication.rules.accept_repeated_names);
    assert_int_equal(compiled.publication.rules.body_limit, 77);
    assert_false(compiled.publication.backend.verify_certificate);
    assert_bytes(compiled.publication.backend.ca_certificates, "PEM");
}

static void how_it_is_reached(void **state)
{
    (void)state;
    struct compiled compiled =
        compile(API(FRONT ",\"req_protocol\":\"HTTPS\",\"countersign\":{\"members\":[{\"authority\":\"A.example\",\"weight\":2},"
                          "{\"authority\":\"[2001:db8::1]:99\",\"weight\":100}]}",
                    BACKEND ",\"retry_count\":\"10\",\"enable_client_ssl\":true"));
    const struct backend *backend = &compiled.publication.backend;
    assert_null(compiled.problem);
    assert_true(compiled.publication.rules.https_only);
    assert_int_equal(backend->retries, 10);
    assert_true(backend->client_certificate);
    assert_int_equal(backend->member_count, 2);
    assert_bytes(backend->members[0].authority, "a.example:80");
    assert_bytes(backend->members[1].authority, "[2001:db8::1]:99");
    assert_int_equal(backend->members[1].weight, 100);
    assert_bytes(backend->host, "backend.example:8080");
    compiled = compile(API(FRONT, BACKEND));
    assert_false(compiled.publication.rules.https_only);
    assert_int_equal(compiled.publication.backend.retries, -1);
    assert_int_equal(compiled.publication.backend.member_count, 0);
}

static void refused(const char *definition, const char *says)
{
    struct compiled compiled = compile(definition);
    if (!compiled.problem || !strstr(compiled.problem, says)) fail_msg("%s: %s", definition, compiled.problem);
}

static void what_cannot_be_served_is_said(void **state)
{
    (void)state;
    refused("", "no JSON");
    refused("[]", "no JSON");
    refused("{\"name\":1,\"name\":2}", "no JSON");
    refused("{}", "auth_type");
    refused(API("\"match_mode\":\"NORMAL\",\"auth_type\":\"AUTHORIZER\"", BACKEND), "auth_type");
    refused(API("\"match_mode\":\"NORMAL\",\"auth_type\":\"app\"", BACKEND), "auth_type");
    refused(API("\"match_mode\":\"REGEX\",\"auth_type\":\"APP\"", BACKEND), "match_mode");
    refused(API(FRONT ",\"backend_type\":\"MOCK\"", BACKEND), "no JSON"); /* named twice */
    refused("{\"auth_type\":\"NONE\",\"backend_type\":\"FUNCTION\",\"backend_api\":{}}", "backend_type");
    refused("{\"auth_type\":\"NONE\",\"backend_type\":\"HTTP\"}", "backend_type");
    refused(API(FRONT, "\"req_protocol\":\"GRPCS\",\"url_domain\":\"b:1\",\"timeout\":1"), "req_protocol");
    refused(API(FRONT, "\"req_protocol\":\"HTTP\",\"url_domain\":\"169.254.169.254\",\"timeout\":1"), "url_domain");
    refused(API(FRONT, "\"req_protocol\":\"HTTP\",\"url_domain\":\"\",\"timeout\":1"), "url_domain");
    refused(API(FRONT, "\"req_protocol\":\"HTTP\",\"url_domain\":\"a b:1\",\"timeout\":1"), "url_domain");
    refused(API(FRONT, "\"req_protocol\":\"HTTP\",\"url_domain\":\"b:1\",\"timeout\":0"), "timeout");
    refused(API(FRONT, "\"req_protocol\":\"HTTP\",\"url_domain\":\"b:1\""), "timeout");
    refused(API(FRONT, BACKEND ",\"retry_count\":\"11\""), "retry_count");
    refused(API(FRONT, BACKEND ",\"retry_count\":\"-2\""), "retry_count");
    refused(API(FRONT ",\"countersign\":{\"members\":[{\"authority\":\"b:1\"}]}", BACKEND), "weight");
    refused(API(FRONT ",\"countersign\":{\"members\":[{\"weight\":1}]}", BACKEND), "members");
    refused(API(FRONT ",\"countersign\":{\"members\":[{\"authority\":\"[fe80::1]:1\",\"weight\":1}]}", BACKEND), "members");
    refused(API(FRONT ",\"countersign\":{\"body_limit\":-1}", BACKEND), "body_limit");
}

static void a_full_arena_is_a_problem(void **state)
{
    (void)state;
    struct arena small = arena_over(memory, 16);
    struct publication publication;
    struct route_entry route;
    struct value row[VERSION_COLUMNS] = {[VERSION_DEFINITION] = value_text(bytes_of_text(API(FRONT, BACKEND)))};
    assert_string_equal(compile_version(&small, row, &publication, &route), "the definition is too large");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_whole_definition),         cmocka_unit_test(what_an_api_takes_as_proof),
        cmocka_unit_test(defaults_and_implied_ports), cmocka_unit_test(own_fields),
        cmocka_unit_test(how_it_is_reached),          cmocka_unit_test(what_cannot_be_served_is_said),
        cmocka_unit_test(a_full_arena_is_a_problem),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "admit/admit.h"
#include "admit/countersign_verify.h"
#include "support/covered.h"
#include "support/world.h"

static struct world world; /* its sample is the request to the backend */
static const struct signature_key key = {.type = SIGNATURE_HMAC, .key = BYTES("signature_key1"), .secret = BYTES("signature_secret1")};

#define REQUEST                                                                                                                            \
    "POST /b?x=1 HTTP/1.1\nHost: backend:8080\nX-Countersign-App: app\nX-Request-Id: 0123\nX-Other: o\n"                                   \
    "Authorization: client\nX-Sdk-Content-Sha256: client\n\nbody"

static struct countersigner *signer(void)
{
    static struct countersigner prepared;
    if (prepared.cfb == NULL) assert_true(countersigner_prepare(&prepared));
    return &prepared;
}

/* Signs and adds the fields in place of the client's own, as the gateway does. */
static struct signed_fields forward(const struct body_facts *body)
{
    struct signed_fields fields;
    struct http_request covered = covered_of(&world.sample.request, &world.sample.arena);
    struct countersigned outgoing = {.request = &covered, .body = body, .now = WORLD_NOW};
    assert_true(countersign_request(signer(), &key, &outgoing, &world.sample.arena, &fields));
    struct http_field *kept = arena_take_array(&world.sample.arena, world.sample.request.field_count, sizeof *kept);
    size_t count = 0;
    for (size_t i = 0; i < world.sample.request.field_count; i++) {
        bool carrier = false;
        for (const char *const *name = countersign_carriers(key.type); *name != NULL; name++)
            carrier = carrier || bytes_equal_folded(world.sample.request.fields[i].name, bytes_of_text(*name));
        if (!carrier) kept[count++] = world.sample.request.fields[i];
    }
    world.sample.request.fields = kept;
    world.sample.request.field_count = count;
    world_add_fields(&world, &fields);
    return fields;
}

static enum refusal verify_at(int64_t now, struct bytes body)
{
    struct body_facts facts = body_facts_of(body);
    struct countersigned incoming = {.request = &world.sample.request, .body = &facts, .now = now};
    struct countersign_checker checker;
    struct claim claim;
    assert_true(countersign_checker_prepare(&checker, &key));
    enum refusal refusal = countersign_verify(&checker, &incoming, &world.sample.arena, &claim);
    countersign_checker_destroy(&checker);
    return refusal;
}

static void the_text_that_vendors_compare(void **state)
{
    (void)state;
    world_request(&world, REQUEST);
    struct body_facts facts = body_facts_of(world.sample.body);
    struct signed_fields fields = forward(&facts);
    assert_int_equal(fields.count, 2);
    assert_true(bytes_start_with(fields.items[1].value, BYTES("SDK-HMAC-SHA256 Access=signature_key1, "
                                                              "SignedHeaders=host;x-countersign-app;x-request-id;x-sdk-date, Signature=")));
    assert_int_equal(verify_at(WORLD_NOW, world.sample.body), REFUSAL_NONE);
}

static void a_stream_is_signed_as_unsigned(void **state)
{
    (void)state;
    world_request(&world, REQUEST);
    struct signed_fields fields = forward(NULL);
    assert_int_equal(fields.count, 3);
    assert_bytes(fields.items[1].value, "UNSIGNED-PAYLOAD");
    assert_non_null(memmem(fields.items[2].value.data, fields.items[2].value.length, ";x-sdk-content-sha256;", 22));
    assert_int_equal(verify_at(WORLD_NOW, BYTES("whatever")), REFUSAL_NONE);
}

static void anything_changed_on_the_way_is_noticed(void **state)
{
    (void)state;
    struct body_facts facts = body_facts_of(BYTES("body"));
    for (int change = 0; change < 5; change++) {
        world_request(&world, REQUEST);
        (void)forward(&facts);
        struct http_field *fields = (struct http_field *)(uintptr_t)world.sample.request.fields;
        if (change == 0) world.sample.request.method = BYTES("PUT");
        if (change == 1) assert_true(http_request_set_target(&world.sample.request, BYTES("/b?x=2")));
        if (change == 2) fields[0].value = BYTES("other");
        if (change == 3) fields[1].value = BYTES("other-app");
        assert_int_equal(verify_at(WORLD_NOW, change == 4 ? BYTES("other") : BYTES("body")), REFUSAL_SIGNATURE_MISMATCH);
    }
}

static void it_expires(void **state)
{
    (void)state;
    struct body_facts facts = body_facts_of(BYTES("body"));
    world_request(&world, REQUEST);
    (void)forward(&facts);
    assert_int_equal(verify_at(WORLD_NOW + 900, BYTES("body")), REFUSAL_NONE);
    assert_int_equal(verify_at(WORLD_NOW + 901, BYTES("body")), REFUSAL_DATE_EXPIRED);
}

static void an_identity_that_is_not_signed_is_refused(void **state)
{
    (void)state;
    world_request(&world, "GET / HTTP/1.1\nHost: h\n\n");
    struct body_facts facts = body_empty();
    (void)forward(&facts);
    struct signed_fields forged = {{{BYTES("x-mse-consumer"), BYTES("admin")}}, 1};
    world_add_fields(&world, &forged);
    assert_int_equal(verify_at(WORLD_NOW, BYTES("")), REFUSAL_SIGNED_FIELD_MISSING);
}

static void unsigned_foreign_and_doubled_requests_are_refused(void **state)
{
    (void)state;
    world_request(&world, "GET / HTTP/1.1\nHost: h\n\n");
    assert_int_equal(verify_at(WORLD_NOW, BYTES("")), REFUSAL_PROOF_MISSING);
    world_request(&world, "GET / HTTP/1.1\nAuthorization: SDK-HMAC-SHA256 a\nAuthorization: SDK-HMAC-SHA256 a\n\n");
    assert_int_equal(verify_at(WORLD_NOW, BYTES("")), REFUSAL_PROOF_AMBIGUOUS);
    world_request(&world, "GET / HTTP/1.1\nAuthorization: SDK-HMAC-SHA256 a\n\n");
    assert_int_equal(verify_at(WORLD_NOW, BYTES("")), REFUSAL_KEY_MISSING);
    world_sign(&world, &scheme_sdk_hmac_sha256, "signature_secret1", "GET / HTTP/1.1\nHost: h\n\n");
    assert_int_equal(verify_at(WORLD_NOW, BYTES("")), REFUSAL_KEY_UNKNOWN);
}

static void types_of_keys(void **state)
{
    (void)state;
    struct signed_fields fields;
    struct signature_key other = key;
    world_request(&world, REQUEST);
    struct countersigned outgoing = {.request = &world.sample.request, .now = WORLD_NOW};
    other.type = SIGNATURE_NONE;
    assert_true(countersign_request(signer(), &other, &outgoing, &world.sample.arena, &fields));
    assert_int_equal(fields.count, 0);
    assert_null(*countersign_carriers(SIGNATURE_NONE));
    struct countersign_checker checker;
    assert_false(countersign_checker_prepare(&checker, &other));
    other.type = (enum signature_type)77;
    assert_false(countersign_request(signer(), &other, &outgoing, &world.sample.arena, &fields));
    other = key;
    other.secret = BYTES("");
    assert_false(countersign_request(signer(), &other, &outgoing, &world.sample.arena, &fields));
}

/* What each type makes of a body, and which cannot let it stream. */
static void bodies_by_type(void **state)
{
    (void)state;
    const struct {
        enum signature_type type;
        bool awaits;
        unsigned form, post, patch;
    } rows[] = {{SIGNATURE_NONE, false, 0, 0, 0},
                {SIGNATURE_HMAC, false, BODY_SHA256, BODY_SHA256, BODY_SHA256},
                {SIGNATURE_BASIC, false, 0, 0, 0},
                {SIGNATURE_AES, false, BODY_SHA256, BODY_SHA256, BODY_SHA256},
                {SIGNATURE_PUBLIC_KEY, false, BODY_SHA256, BODY_SHA256, BODY_SHA256},
                {SIGNATURE_BCE, true, BODY_SHA256, BODY_SHA256, BODY_SHA256},
                {SIGNATURE_ALIYUN, true, BODY_FORM, BODY_MD5, 0}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_int_equal(countersign_awaits_body(rows[i].type), rows[i].awaits);
        world_request(&world, "POST / HTTP/1.1\nContent-Type: application/x-www-form-urlencoded; charset=utf-8\n\na=1");
        assert_int_equal(countersign_body_uses(rows[i].type, &world.sample.request), rows[i].form);
        world_request(&world, "POST / HTTP/1.1\nContent-Type: text/plain\n\na=1");
        assert_int_equal(countersign_body_uses(rows[i].type, &world.sample.request), rows[i].post);
        world_request(&world, "PATCH / HTTP/1.1\nContent-Type: text/plain\n\na=1");
        assert_int_equal(countersign_body_uses(rows[i].type, &world.sample.request), rows[i].patch);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bodies_by_type),
        cmocka_unit_test(the_text_that_vendors_compare),
        cmocka_unit_test(a_stream_is_signed_as_unsigned),
        cmocka_unit_test(anything_changed_on_the_way_is_noticed),
        cmocka_unit_test(it_expires),
        cmocka_unit_test(an_identity_that_is_not_signed_is_refused),
        cmocka_unit_test(unsigned_foreign_and_doubled_requests_are_refused),
        cmocka_unit_test(types_of_keys),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

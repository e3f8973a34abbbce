#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "support/world.h"

static struct world world;
static const struct scheme *const signers[] = {&scheme_sdk_hmac_sha256, &scheme_aliyun_ca};

#define GET    "GET /a?b=1 HTTP/1.1\nHost: h\n\n"
#define SECRET "app-secret"

static int set_up(void **state)
{
    (void)state;
    world_set(&world);
    return 0;
}

static void a_signed_request_is_accepted(void **state)
{
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        world_sign(&world, signers[i], SECRET, GET);
        world_begin(&world);
        assert_accepted(&world, "app");
        assert_true(world.admission.known && world.admission.proven);
        assert_ptr_equal(world.admission.claim.scheme, signers[i]);
        assert_int_equal(world.admission.format, signers[i]->format);
    }
}

static void an_api_key_is_accepted(void **state)
{
    (void)state;
    world_request(&world, "GET / HTTP/1.1\nAuthorization: Bearer consumer-key\n\n");
    world_begin(&world);
    assert_accepted(&world, "con");
    world_request(&world, "POST / HTTP/1.1\nAuthorization: Bearer consumer-key\n\nbody");
    world_begin(&world);
    assert_accepted(&world, "con");
}

static void an_open_api_reads_no_proof(void **state)
{
    (void)state;
    world.publication.plan.auth_type = AUTH_TYPE_NONE;
    world_request(&world, "GET / HTTP/1.1\nAuthorization: SDK-HMAC-SHA256 broken\nX-Ca-Key: x\n\n");
    world_begin(&world);
    assert_int_equal(world.admission.outcome, ADMISSION_ACCEPTED);
    assert_false(world.admission.known);
    assert_null(world.admission.claim.scheme);
    assert_int_equal(world.look_ups, 0);
}

static void no_proof(void **state)
{
    (void)state;
    world_request(&world, GET);
    world_begin(&world);
    assert_world_refuses(&world, REFUSAL_PROOF_MISSING);
    assert_int_equal(world.admission.format, ANSWER_APIG);
    world_request(&world, "GET / HTTP/1.1\nX-Ca-Stage: RELEASE\nAuthorization: Bearer a.b.c\n\n");
    world_begin(&world);
    assert_world_refuses(&world, REFUSAL_PROOF_MISSING);
    assert_int_equal(world.admission.format, ANSWER_CA);
    world.publication.plan.place_count = 0;
    world_sign(&world, signers[0], SECRET, GET);
    world_begin(&world);
    assert_world_refuses(&world, REFUSAL_PROOF_MISSING);
}

static void several_proofs_are_ambiguous(void **state)
{
    (void)state;
    static const char *const requests[] = {
        "GET / HTTP/1.1\nAuthorization: Bearer consumer-key\nX-Ca-Key: app-key\n\n",
        "GET / HTTP/1.1\nAuthorization: Bearer consumer-key\nAuthorization: Bearer consumer-key\n\n",
        "GET / HTTP/1.1\nAuthorization: Bearer consumer-key\nAuthorization: SDK-HMAC-SHA256 Access=k\n\n",
        "GET / HTTP/1.1\nX-Ca-Key: app-key\nX-Ca-Key: app-key\nX-Ca-Signature: s\n\n",
        "GET /?key=consumer-key HTTP/1.1\nAuthorization: Bearer consumer-key\n\n",
    };
    assert_true(
        proof_plan_add(&world.publication.plan, (struct place){.scheme = SCHEME_API_KEY, .location = PLACE_QUERY, .name = BYTES("key")}));
    for (size_t i = 0; i < sizeof requests / sizeof requests[0]; i++) {
        world_request(&world, requests[i]);
        world_begin(&world);
        assert_world_refuses(&world, REFUSAL_PROOF_AMBIGUOUS);
        assert_true(world.admission.claim.field.length > 0);
        assert_int_equal(world.look_ups, 0);
    }
}

static void one_field_that_matches_two_places_is_one_proof(void **state)
{
    (void)state;
    struct place bare = {.scheme = SCHEME_API_KEY, .location = PLACE_HEADER, .name = BYTES("authorization")};
    assert_true(proof_plan_add(&world.publication.plan, bare));
    world_request(&world, "GET / HTTP/1.1\nAuthorization: Bearer consumer-key\n\n");
    world_begin(&world);
    assert_accepted(&world, "con");
    world_sign(&world, signers[0], SECRET, GET);
    world_begin(&world);
    assert_accepted(&world, "app");
    world_request(&world, "GET / HTTP/1.1\nAuthorization: Bearer consumer-key\nAuthorization: x\n\n");
    world_begin(&world);
    assert_world_refuses(&world, REFUSAL_PROOF_AMBIGUOUS);
}

static void a_malformed_claim_is_refused_with_its_field(void **state)
{
    (void)state;
    world_request(&world, "GET / HTTP/1.1\nX-Ca-Key: app-key\n\n");
    world_begin(&world);
    assert_world_refuses(&world, REFUSAL_SIGNATURE_MISSING);
    assert_bytes(world.admission.claim.field, "X-Ca-Signature");
    assert_int_equal(world.admission.format, ANSWER_CA);
    assert_int_equal(world.look_ups, 0);
}

static void a_target_that_is_no_text_is_refused(void **state)
{
    (void)state;
    static const char *const requests[] = {"GET /%ff HTTP/1.1\n\n", "GET /\xff HTTP/1.1\n\n", "GET /?a=%c0%80 HTTP/1.1\n\n"};
    for (size_t i = 0; i < 3; i++) {
        for (size_t s = 0; s < 2; s++) {
            world_sign(&world, signers[s], SECRET, requests[i]);
            world_begin(&world);
            assert_world_refuses(&world, REFUSAL_TARGET_MALFORMED);
            assert_bytes(world.admission.claim.field, i < 2 ? "path" : "query");
        }
    }
    world_sign(&world, signers[0], SECRET, "GET /%e4%bd%a0?a=%e4%bd%a0 HTTP/1.1\n\n");
    world_begin(&world);
    assert_accepted(&world, "app");
}

static void an_unknown_key_is_refused_before_the_body(void **state)
{
    (void)state;
    world.entries[0].key = BYTES("other");
    world_sign(&world, signers[0], SECRET, GET);
    world_begin(&world);
    assert_world_refuses(&world, REFUSAL_KEY_UNKNOWN);
    assert_false(world.admission.known || world.admission.proven);
    world_sign(&world, signers[0], SECRET, "POST / HTTP/1.1\nHost: h\n\nbody");
    world_begin(&world);
    assert_world_refuses(&world, REFUSAL_KEY_UNKNOWN);
    world_request(&world, "GET / HTTP/1.1\nAuthorization: Bearer nobody\n\n");
    world_begin(&world);
    assert_world_refuses(&world, REFUSAL_KEY_UNKNOWN);
}

static void an_api_key_counts_in_its_own_place_only(void **state)
{
    (void)state;
    struct place elsewhere[] = {{.scheme = SCHEME_API_KEY, .location = PLACE_QUERY, .name = BYTES("key")},
                                {.scheme = SCHEME_API_KEY, .location = PLACE_HEADER, .name = BYTES("x-key")},
                                {.scheme = SCHEME_API_KEY, .location = PLACE_HEADER, .name = BYTES("authorization")}};
    static const char *const requests[] = {"GET /?key=consumer-key HTTP/1.1\n\n", "GET / HTTP/1.1\nX-Key: consumer-key\n\n",
                                           "GET / HTTP/1.1\nAuthorization: consumer-key\n\n"};
    for (size_t i = 0; i < 3; i++) {
        assert_true(proof_plan_add(&world.publication.plan, elsewhere[i]));
        world_request(&world, requests[i]);
        world_begin(&world);
        assert_world_refuses(&world, REFUSAL_KEY_UNKNOWN);
    }
}

static void a_key_pair_counts_with_its_schemes_only(void **state)
{
    (void)state;
    world.entries[0].credential.schemes = 1u << SCHEME_ALIYUN_CA;
    world_sign(&world, signers[0], SECRET, GET);
    world_begin(&world);
    assert_world_refuses(&world, REFUSAL_SCHEME_NOT_ALLOWED);
    assert_false(world.admission.proven);
    world_sign(&world, signers[1], SECRET, GET);
    world_begin(&world);
    assert_accepted(&world, "app");
}

static void a_kind_of_principal_counts_with_its_type_of_api_only(void **state)
{
    (void)state;
    world.entries[0].credential.principal.kind = PRINCIPAL_USER;
    world_sign(&world, signers[0], SECRET, GET);
    world_begin(&world);
    assert_world_refuses(&world, REFUSAL_KEY_UNKNOWN);
    world.publication.plan.auth_type = AUTH_TYPE_IAM;
    world_begin(&world);
    assert_accepted(&world, "app");
    world.entries[0].credential.principal.kind = PRINCIPAL_APP;
    world_begin(&world);
    assert_world_refuses(&world, REFUSAL_KEY_UNKNOWN);
}

static void a_date_holds_fifteen_minutes_both_ways(void **state)
{
    (void)state;
    static const struct {
        int64_t shift;
        enum refusal refusal;
    } cases[] = {{0, REFUSAL_NONE},           {900, REFUSAL_NONE},          {-900, REFUSAL_NONE},
                 {901, REFUSAL_DATE_EXPIRED}, {-901, REFUSAL_DATE_EXPIRED}, {INT64_MIN / 2, REFUSAL_DATE_EXPIRED}};
    for (size_t s = 0; s < 2; s++) {
        for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
            world_sign(&world, signers[s], SECRET, GET);
            world.context.now = WORLD_NOW + cases[i].shift;
            world_begin(&world);
            assert_int_equal(world.admission.refusal, cases[i].refusal);
        }
    }
}

/* Signed with "nonsense" beside it: what matters here is refused before the signature is looked at. */
static void an_unsigned_or_missing_date_needs_a_rule(void **state)
{
    (void)state;
    static const char *const requests[] = {"GET / HTTP/1.1\nX-Ca-Key: app-key\nX-Ca-Signature: s\n\n",
                                           "GET / HTTP/1.1\nX-Ca-Key: app-key\nX-Ca-Signature: s\nX-Ca-Timestamp: 1573789015000\n\n"};
    static const enum refusal refusals[] = {REFUSAL_DATE_MISSING, REFUSAL_DATE_UNSIGNED};
    for (size_t i = 0; i < 2; i++) {
        world.publication.rules.accept_undated = false;
        world_request(&world, requests[i]);
        world_begin(&world);
        assert_world_refuses(&world, refusals[i]);
        world.publication.rules.accept_undated = true;
        world_begin(&world);
        assert_world_refuses(&world, REFUSAL_SIGNATURE_MISMATCH);
    }
}

static void a_wrong_secret_does_not_match_and_leaves_the_text(void **state)
{
    (void)state;
    for (size_t s = 0; s < 2; s++) {
        world_sign(&world, signers[s], "other", GET);
        world_begin(&world);
        assert_world_refuses(&world, REFUSAL_SIGNATURE_MISMATCH);
        assert_false(world.admission.proven);
        assert_true(bytes_start_with(world.admission.canonical, BYTES("GET\n")));
    }
}

static void an_empty_secret_never_matches(void **state)
{
    (void)state;
    world.entries[0].credential.secrets[0].value = BYTES("");
    world_sign(&world, signers[0], "x", GET);
    world_begin(&world);
    assert_world_refuses(&world, REFUSAL_SIGNATURE_MISMATCH);
    world.entries[0].credential.secret_count = 0;
    world_begin(&world);
    assert_world_refuses(&world, REFUSAL_SIGNATURE_MISMATCH);
}

static void two_secrets_live_while_one_is_rotated(void **state)
{
    (void)state;
    struct credential *credential = &world.entries[0].credential;
    credential->secrets[1] = (struct credential_secret){.value = BYTES("old-secret"), .until = WORLD_NOW};
    credential->secret_count = 2;
    for (size_t s = 0; s < 2; s++) {
        credential->secrets[1].until = WORLD_NOW;
        world_sign(&world, signers[s], "old-secret", GET);
        world_begin(&world);
        assert_accepted(&world, "app");
        credential->secrets[1].until = WORLD_NOW - 1;
        world_begin(&world);
        assert_world_refuses(&world, REFUSAL_SIGNATURE_MISMATCH);
        world_sign(&world, signers[s], SECRET, GET);
        world_begin(&world);
        assert_accepted(&world, "app");
    }
}

static void standing_is_told_behind_the_proof(void **state)
{
    (void)state;
    struct credential *credential = &world.entries[0].credential;
    world_sign(&world, signers[0], SECRET, GET);
    credential->not_before = WORLD_NOW + 1;
    world_begin(&world);
    assert_world_refuses(&world, REFUSAL_CREDENTIAL_NOT_YET_VALID);
    assert_true(world.admission.proven);
    credential->not_before = 0;
    credential->not_after = WORLD_NOW - 1;
    world_begin(&world);
    assert_world_refuses(&world, REFUSAL_CREDENTIAL_EXPIRED);
    credential->principal.enabled = false;
    world_begin(&world);
    assert_world_refuses(&world, REFUSAL_PRINCIPAL_DISABLED);
    credential->enabled = false;
    world_begin(&world);
    assert_world_refuses(&world, REFUSAL_CREDENTIAL_DISABLED);
    world_sign(&world, signers[0], "guess", GET);
    world_begin(&world);
    assert_world_refuses(&world, REFUSAL_SIGNATURE_MISMATCH);
}

static void authorisation_is_demanded_and_may_end(void **state)
{
    (void)state;
    world_sign(&world, signers[0], SECRET, GET);
    world.authorised = false;
    world_begin(&world);
    assert_world_refuses(&world, REFUSAL_NOT_AUTHORISED);
    assert_true(world.admission.proven);
    world.context.skip_authorisation = true;
    world_begin(&world);
    assert_accepted(&world, "app");
    world.context.skip_authorisation = false;
    world.authorised = true;
    world.authorised_until = WORLD_NOW;
    world_begin(&world);
    assert_accepted(&world, "app");
    world.authorised_until = WORLD_NOW - 1;
    world_begin(&world);
    assert_world_refuses(&world, REFUSAL_AUTHORISATION_EXPIRED);
}

static void a_failing_directory_is_a_fault(void **state)
{
    (void)state;
    world_sign(&world, signers[0], SECRET, GET);
    world.authorisation_fails = true;
    world_begin(&world);
    assert_int_equal(world.admission.outcome, ADMISSION_FAULT);
    world.directory_fails = true;
    world_begin(&world);
    assert_int_equal(world.admission.outcome, ADMISSION_FAULT);
    assert_int_equal(world.admission.refusal, REFUSAL_NONE);
}

static void a_repeated_name_needs_a_rule(void **state)
{
    (void)state;
    world_sign(&world, &scheme_aliyun_ca, SECRET, "GET /?a=1&a=2 HTTP/1.1\n\n");
    world_begin(&world);
    assert_world_refuses(&world, REFUSAL_NAME_REPEATED);
    assert_bytes(world.admission.claim.field, "a");
    world.publication.rules.accept_repeated_names = true;
    world_begin(&world);
    assert_accepted(&world, "app");
}

static void a_full_arena_is_too_complex(void **state)
{
    (void)state;
    static uint8_t memory[1024];
    for (size_t s = 0; s < 2; s++) {
        world_sign(&world, signers[s], SECRET, GET);
        for (size_t size = 0; size < sizeof memory; size += 64) {
            struct arena small = arena_over(memory, size);
            world.context.arena = &small;
            admit_begin(&world.context, &world.admission);
            if (world.admission.outcome != ADMISSION_ACCEPTED) assert_world_refuses(&world, REFUSAL_REQUEST_TOO_COMPLEX);
        }
        world.context.arena = &world.sample.arena;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_signed_request_is_accepted, set_up),
        cmocka_unit_test_setup(an_api_key_is_accepted, set_up),
        cmocka_unit_test_setup(an_open_api_reads_no_proof, set_up),
        cmocka_unit_test_setup(no_proof, set_up),
        cmocka_unit_test_setup(several_proofs_are_ambiguous, set_up),
        cmocka_unit_test_setup(one_field_that_matches_two_places_is_one_proof, set_up),
        cmocka_unit_test_setup(a_malformed_claim_is_refused_with_its_field, set_up),
        cmocka_unit_test_setup(a_target_that_is_no_text_is_refused, set_up),
        cmocka_unit_test_setup(an_unknown_key_is_refused_before_the_body, set_up),
        cmocka_unit_test_setup(an_api_key_counts_in_its_own_place_only, set_up),
        cmocka_unit_test_setup(a_key_pair_counts_with_its_schemes_only, set_up),
        cmocka_unit_test_setup(a_kind_of_principal_counts_with_its_type_of_api_only, set_up),
        cmocka_unit_test_setup(a_date_holds_fifteen_minutes_both_ways, set_up),
        cmocka_unit_test_setup(an_unsigned_or_missing_date_needs_a_rule, set_up),
        cmocka_unit_test_setup(a_wrong_secret_does_not_match_and_leaves_the_text, set_up),
        cmocka_unit_test_setup(an_empty_secret_never_matches, set_up),
        cmocka_unit_test_setup(two_secrets_live_while_one_is_rotated, set_up),
        cmocka_unit_test_setup(standing_is_told_behind_the_proof, set_up),
        cmocka_unit_test_setup(authorisation_is_demanded_and_may_end, set_up),
        cmocka_unit_test_setup(a_failing_directory_is_a_fault, set_up),
        cmocka_unit_test_setup(a_repeated_name_needs_a_rule, set_up),
        cmocka_unit_test_setup(a_full_arena_is_too_complex, set_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

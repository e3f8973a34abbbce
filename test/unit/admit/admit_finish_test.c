#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "support/world.h"

static struct world world;

#define SECRET "app-secret"
#define JSON   "POST /a HTTP/1.1\nHost: h\nContent-Type: application/json\n\n{\"a\":1}"
#define FORM   "POST /a HTTP/1.1\nHost: h\nContent-Type: application/x-www-form-urlencoded\n\na=1&b=2"

static int set_up(void **state)
{
    (void)state;
    world_set(&world);
    return 0;
}

static void begin_signed(const struct scheme *scheme, const char *raw)
{
    world_sign(&world, scheme, SECRET, raw);
    world_begin(&world);
    assert_int_equal(world.admission.outcome, ADMISSION_NEEDS_BODY);
}

static void a_digested_body_is_waited_for(void **state)
{
    (void)state;
    begin_signed(&scheme_sdk_hmac_sha256, JSON);
    assert_int_equal(world.admission.body_needs, BODY_SHA256);
    assert_int_equal(world.admission.body_limit, ADMIT_DEFAULT_BODY_LIMIT);
    assert_false(world.admission.proven);
    world_finish(&world);
    assert_accepted(&world, "app");
    assert_int_equal(world.look_ups, 2);
}

static void another_body_does_not_match(void **state)
{
    (void)state;
    begin_signed(&scheme_sdk_hmac_sha256, JSON);
    world.sample.body = BYTES("{\"a\":2}");
    world_finish(&world);
    assert_world_refuses(&world, REFUSAL_SIGNATURE_MISMATCH);
    assert_true(world.admission.canonical.length > 0);
}

static void content_md5_waits_with_the_proof_already_made(void **state)
{
    (void)state;
    begin_signed(&scheme_aliyun_ca, JSON);
    assert_int_equal(world.admission.body_needs, BODY_MD5);
    assert_true(world.admission.proven);
    world_finish(&world);
    assert_accepted(&world, "app");
    begin_signed(&scheme_aliyun_ca, JSON);
    world.sample.body = BYTES("{}");
    world_finish(&world);
    assert_world_refuses(&world, REFUSAL_BODY_DIGEST_MISMATCH);
    assert_bytes(world.admission.claim.field, "Content-MD5");
}

static void a_form_is_signed(void **state)
{
    (void)state;
    world.publication.rules.body_limit = 2 * ADMIT_FORM_LIMIT;
    begin_signed(&scheme_aliyun_ca, FORM);
    assert_int_equal(world.admission.body_needs, BODY_FORM);
    assert_int_equal(world.admission.body_limit, ADMIT_FORM_LIMIT);
    world_finish(&world);
    assert_accepted(&world, "app");
    begin_signed(&scheme_aliyun_ca, FORM);
    world.sample.body = BYTES("a=1&b=3");
    world_finish(&world);
    assert_world_refuses(&world, REFUSAL_SIGNATURE_MISMATCH);
}

/* Java sends this content type on GET; waiting for a body that never comes would admit it, or hang. */
static void a_form_without_body_is_verified_at_once(void **state)
{
    (void)state;
    world_sign(&world, &scheme_aliyun_ca, SECRET, "GET /a HTTP/1.1\nContent-Type: application/x-www-form-urlencoded\n\n");
    world_begin(&world);
    assert_accepted(&world, "app");
    world_sign(&world, &scheme_aliyun_ca, "wrong", "GET /a HTTP/1.1\nContent-Type: application/x-www-form-urlencoded\n\n");
    world_begin(&world);
    assert_world_refuses(&world, REFUSAL_SIGNATURE_MISMATCH);
}

static void a_body_that_came_empty_is_verified_too(void **state)
{
    (void)state;
    world_sign(&world, &scheme_aliyun_ca, SECRET, "POST /a HTTP/1.1\nContent-Type: application/x-www-form-urlencoded\n\n");
    world.context.has_body = true;
    world_begin(&world);
    assert_int_equal(world.admission.outcome, ADMISSION_NEEDS_BODY);
    world_finish(&world);
    assert_accepted(&world, "app");
}

static void a_form_has_limits(void **state)
{
    (void)state;
    static uint8_t large[ADMIT_FORM_LIMIT + 1], many[2 * (ADMIT_FORM_MAX_FIELDS + 1)];
    memset(large, 'a', sizeof large);
    for (size_t i = 0; i < sizeof many; i += 2) memcpy(many + i, "a&", 2);
    begin_signed(&scheme_aliyun_ca, FORM);
    world.sample.body = bytes_of(large, sizeof large);
    world_finish(&world);
    assert_world_refuses(&world, REFUSAL_FORM_TOO_LARGE);
    begin_signed(&scheme_aliyun_ca, FORM);
    world.sample.body = bytes_of(many, sizeof many);
    world_finish(&world);
    assert_world_refuses(&world, REFUSAL_FORM_TOO_LARGE);
    begin_signed(&scheme_aliyun_ca, FORM);
    world.sample.body = bytes_of(many, sizeof many - 2);
    world_finish(&world);
    assert_world_refuses(&world, REFUSAL_SIGNATURE_MISMATCH);
}

static void the_largest_form_fits_into_its_arena(void **state)
{
    (void)state;
    static uint8_t memory[ADMIT_FORM_ARENA_SIZE(ADMIT_FORM_LIMIT)], large[ADMIT_FORM_LIMIT];
    struct arena arena = arena_over(memory, sizeof memory);
    memset(large, 'a', sizeof large);
    memcpy(large, "%41=+&", 6);
    begin_signed(&scheme_aliyun_ca, FORM);
    world.sample.body = bytes_of(large, sizeof large);
    world.context.arena = &arena;
    world_finish(&world);
    assert_world_refuses(&world, REFUSAL_SIGNATURE_MISMATCH);
    assert_true(world.admission.canonical.length > ADMIT_FORM_LIMIT - 16);
}

static void a_form_must_be_text(void **state)
{
    (void)state;
    static const char *const forms[] = {"a=%", "a=%4", "a=%zz", "a=%00", "a=%ff", "a=\xff", "%c3=1"};
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        begin_signed(&scheme_aliyun_ca, FORM);
        world.sample.body = bytes_of_text(forms[i]);
        world_finish(&world);
        assert_world_refuses(&world, REFUSAL_FORM_MALFORMED);
        assert_bytes(world.admission.claim.field, "body");
    }
    begin_signed(&scheme_aliyun_ca, FORM);
    world.sample.body = BYTES("a=\0");
    world_finish(&world);
    assert_world_refuses(&world, REFUSAL_FORM_MALFORMED);
}

static void a_body_has_a_limit(void **state)
{
    (void)state;
    world.publication.rules.body_limit = 6;
    begin_signed(&scheme_sdk_hmac_sha256, JSON);
    assert_int_equal(world.admission.body_limit, 6);
    world_finish(&world);
    assert_world_refuses(&world, REFUSAL_BODY_TOO_LARGE);
    begin_signed(&scheme_sdk_hmac_sha256, JSON);
    admit_refuse_large_body(&world.admission);
    assert_world_refuses(&world, REFUSAL_BODY_TOO_LARGE);
    begin_signed(&scheme_aliyun_ca, FORM);
    admit_refuse_large_body(&world.admission);
    assert_world_refuses(&world, REFUSAL_FORM_TOO_LARGE);
}

static void a_missing_digest_is_refused_when_demanded(void **state)
{
    (void)state;
    world.publication.rules.require_body_digest = true;
    world_sign(&world, &scheme_aliyun_ca, SECRET, "POST /a HTTP/1.1\nHost: h\n\n");
    world.context.has_body = true;
    world_begin(&world);
    assert_world_refuses(&world, REFUSAL_BODY_DIGEST_MISSING);
}

/* Known but not usable: refused before the upload, and nothing of it may be told (proven is false). */
static void who_may_not_call_does_not_upload(void **state)
{
    (void)state;
    world_sign(&world, &scheme_sdk_hmac_sha256, SECRET, JSON);
    world.authorised = false;
    world_begin(&world);
    assert_world_refuses(&world, REFUSAL_NOT_AUTHORISED);
    assert_false(world.admission.proven);
    world.entries[0].credential.enabled = false;
    world_begin(&world);
    assert_world_refuses(&world, REFUSAL_CREDENTIAL_DISABLED);
    assert_false(world.admission.proven);
}

static void a_change_during_the_upload_counts(void **state)
{
    (void)state;
    begin_signed(&scheme_sdk_hmac_sha256, JSON);
    world.entries[0].credential.enabled = false;
    world_finish(&world);
    assert_world_refuses(&world, REFUSAL_CREDENTIAL_DISABLED);

    world_set(&world);
    begin_signed(&scheme_sdk_hmac_sha256, JSON);
    world.authorised = false;
    world_finish(&world);
    assert_world_refuses(&world, REFUSAL_NOT_AUTHORISED);

    world_set(&world);
    begin_signed(&scheme_sdk_hmac_sha256, JSON);
    world.count = 0;
    world_finish(&world);
    assert_world_refuses(&world, REFUSAL_KEY_UNKNOWN);
    assert_false(world.admission.known);

    world_set(&world);
    begin_signed(&scheme_sdk_hmac_sha256, JSON);
    world.directory_fails = true;
    world_finish(&world);
    assert_int_equal(world.admission.outcome, ADMISSION_FAULT);
}

static void a_key_that_moved_to_another_credential_is_unknown(void **state)
{
    (void)state;
    begin_signed(&scheme_aliyun_ca, JSON);
    world.entries[0].credential.id = BYTES("c9");
    world_finish(&world);
    assert_world_refuses(&world, REFUSAL_KEY_UNKNOWN);
}

static void a_new_secret_during_the_upload_demands_the_proof_again(void **state)
{
    (void)state;
    begin_signed(&scheme_aliyun_ca, JSON);
    assert_true(world.admission.proven);
    world.entries[0].credential.revision++;
    world.entries[0].credential.secrets[0].value = BYTES("new");
    world_finish(&world);
    assert_world_refuses(&world, REFUSAL_SIGNATURE_MISMATCH);
    assert_false(world.admission.proven);
}

static void finishing_what_was_not_begun_is_a_fault(void **state)
{
    (void)state;
    world_request(&world, "GET / HTTP/1.1\n\n");
    world_begin(&world);
    world_finish(&world);
    assert_int_equal(world.admission.outcome, ADMISSION_FAULT);
    world_sign(&world, &scheme_sdk_hmac_sha256, SECRET, "GET / HTTP/1.1\n\n");
    world_begin(&world);
    assert_accepted(&world, "app");
    world_finish(&world);
    assert_int_equal(world.admission.outcome, ADMISSION_FAULT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_digested_body_is_waited_for, set_up),
        cmocka_unit_test_setup(another_body_does_not_match, set_up),
        cmocka_unit_test_setup(content_md5_waits_with_the_proof_already_made, set_up),
        cmocka_unit_test_setup(a_form_is_signed, set_up),
        cmocka_unit_test_setup(a_form_without_body_is_verified_at_once, set_up),
        cmocka_unit_test_setup(a_body_that_came_empty_is_verified_too, set_up),
        cmocka_unit_test_setup(a_form_has_limits, set_up),
        cmocka_unit_test_setup(the_largest_form_fits_into_its_arena, set_up),
        cmocka_unit_test_setup(a_form_must_be_text, set_up),
        cmocka_unit_test_setup(a_body_has_a_limit, set_up),
        cmocka_unit_test_setup(a_missing_digest_is_refused_when_demanded, set_up),
        cmocka_unit_test_setup(who_may_not_call_does_not_upload, set_up),
        cmocka_unit_test_setup(a_change_during_the_upload_counts, set_up),
        cmocka_unit_test_setup(a_key_that_moved_to_another_credential_is_unknown, set_up),
        cmocka_unit_test_setup(a_new_secret_during_the_upload_demands_the_proof_again, set_up),
        cmocka_unit_test_setup(finishing_what_was_not_begun_is_a_fault, set_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

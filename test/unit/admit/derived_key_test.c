/* Signatures by key pairs that are derived from the secret: what they cost depends on what is kept, what they mean does not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "support/world.h"

static struct world world;
static struct scalar_keys keys;

static const struct scheme *const schemes[] = {&scheme_sdk_ecdsa_p256_sha256, &scheme_sdk_sm2_sm3};

static void set_up(const struct scheme *scheme)
{
    world_set(&world);
    world.publication.plan.place_count = 0;
    assert_true(proof_plan_add(&world.publication.plan, scheme_default_place(scheme->id)));
    world.context.keys = &keys;
}

static void sign(const struct scheme *scheme, const char *key_id, const char *secret, bool body_is_open)
{
    world_request(&world, "GET /a?x=1+2&b=2 HTTP/1.1\nHost: h\n\n");
    const struct signing signing = {.request = &world.sample.request,
                                    .body = body_is_open ? NULL : body_nothing(),
                                    .key_id = bytes_of_text(key_id),
                                    .secret.text = bytes_of_text(secret),
                                    .now = WORLD_NOW};
    struct signed_fields fields;
    assert_true(scheme->sign(&signing, &world.sample.arena, &fields));
    world_add_fields(&world, &fields);
}

static size_t kept_count(void)
{
    size_t count = 0;
    for (size_t i = 0; i < SCALAR_KEY_SETS; i++)
        for (size_t way = 0; way < SCALAR_KEY_WAYS; way++) count += keys.kept[i][way].key != NULL;
    return count;
}

static void every_form_is_looked_at(void **state)
{
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        for (int open = 0; open < 2; open++) {
            set_up(schemes[i]);
            sign(schemes[i], "app-key", "app-secret", open == 1);
            world_begin(&world);
            assert_accepted(&world, "app");
        }
    }
    assert_int_equal(kept_count(), 2);
    scalar_keys_destroy(&keys);
}

/* The key that stays here is not the secret's any more: what counts is what the secret is now. */
static void a_kept_key_does_not_outlive_its_secret(void **state)
{
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        set_up(schemes[i]);
        sign(schemes[i], "app-key", "app-secret", false);
        world_begin(&world);
        assert_accepted(&world, "app");
        world.entries[0].credential.secrets[0].value = BYTES("another secret");
        world_begin(&world);
        assert_world_refuses(&world, REFUSAL_SIGNATURE_MISMATCH);
        world.entries[0].credential.secrets[0].value = BYTES("app-secret");
        world.entries[0].credential.enabled = false;
        world_begin(&world);
        assert_world_refuses(&world, REFUSAL_CREDENTIAL_DISABLED);
    }
    scalar_keys_destroy(&keys);
}

static void who_is_refused_leaves_nothing_behind(void **state)
{
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        set_up(schemes[i]);
        sign(schemes[i], "app-key", "guessed", true);
        world_begin(&world);
        assert_world_refuses(&world, REFUSAL_SIGNATURE_MISMATCH);
        sign(schemes[i], "nobodys-key", "app-secret", true);
        world_begin(&world);
        assert_world_refuses(&world, REFUSAL_KEY_UNKNOWN);
        /* What stood in the place of a secret once, and in this file's history. */
        sign(schemes[i], "nobodys-key", "no credential has this as its secret", true);
        world_begin(&world);
        assert_world_refuses(&world, REFUSAL_KEY_UNKNOWN);
    }
    assert_int_equal(kept_count(), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_form_is_looked_at),
        cmocka_unit_test(a_kept_key_does_not_outlive_its_secret),
        cmocka_unit_test(who_is_refused_leaves_nothing_behind),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

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
#define GET    "GET /a?b=1 HTTP/1.1\nHost: h\n\n"
#define PUT    "PUT /a HTTP/1.1\nHost: h\nContent-Type: text/plain\n\nhello"

static int set_up(void **state)
{
    (void)state;
    world_set(&world);
    return 0;
}

/* As "app-key", with this nonce. */
static void sign(const char *secret, const char *nonce, const char *raw)
{
    world_request(&world, raw);
    struct body_facts facts = body_facts_of(world.sample.body);
    struct signing signing = {.request = &world.sample.request,
                              .body = &facts,
                              .key_id = BYTES("app-key"),
                              .secret.text = bytes_of_text(secret),
                              .nonce = bytes_of_text(nonce),
                              .now = WORLD_NOW};
    struct signed_fields fields;
    assert_true(scheme_aliyun_ca.sign(&signing, &world.sample.arena, &fields));
    world_add_fields(&world, &fields);
}

static void a_nonce_is_remembered_for_its_time(void **state)
{
    (void)state;
    sign(SECRET, "n-1", GET);
    world.context.now = WORLD_NOW + 10;
    world_begin(&world);
    assert_accepted(&world, "app");
    assert_true(world.admission.nonce_remembered);
    assert_int_equal(world.nonces, 1);
    assert_bytes(world.nonce_use.nonce, "n-1");
    assert_bytes(world.nonce_use.credential_id, "c1");
    assert_int_equal(world.nonce_use.until, WORLD_NOW + ADMIT_CLOCK_SKEW);
    assert_int_equal(world.nonce_use.now, WORLD_NOW + 10);
}

static void what_the_memory_says_is_what_the_caller_reads(void **state)
{
    (void)state;
    static const struct {
        enum nonce_answer answer;
        enum refusal refusal;
    } rows[] = {{NONCE_SEEN, REFUSAL_NONCE_SEEN}, {NONCE_QUOTA, REFUSAL_NONCE_QUOTA}, {NONCE_FULL, REFUSAL_REPLAY_MEMORY_FULL}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        world.nonce_answer = rows[i].answer;
        sign(SECRET, "n", GET);
        world_begin(&world);
        assert_world_refuses(&world, rows[i].refusal);
        assert_false(world.admission.nonce_remembered);
    }
}

static void without_a_memory_nobody_passes(void **state)
{
    (void)state;
    world.nonce_answer = NONCE_FAULT;
    sign(SECRET, "n", GET);
    world_begin(&world);
    assert_int_equal(world.admission.outcome, ADMISSION_FAULT);
    world.directory.nonce = NULL;
    world_begin(&world);
    assert_int_equal(world.admission.outcome, ADMISSION_FAULT);
}

static void who_is_refused_burns_no_nonce(void **state)
{
    (void)state;
    sign("another secret", "n", GET);
    world_begin(&world);
    assert_world_refuses(&world, REFUSAL_SIGNATURE_MISMATCH);
    world.authorised = false;
    sign(SECRET, "n", GET);
    world_begin(&world);
    assert_world_refuses(&world, REFUSAL_NOT_AUTHORISED);
    world.authorised = true;
    sign(SECRET, "n", "GET /a?b=1&b=2 HTTP/1.1\nHost: h\n\n");
    world_begin(&world);
    assert_world_refuses(&world, REFUSAL_NAME_REPEATED);
    assert_int_equal(world.nonces, 0);
}

static void no_nonce_is_asked_for_where_there_is_none(void **state)
{
    (void)state;
    world.nonce_answer = NONCE_SEEN;
    sign(SECRET, "", GET);
    world_begin(&world);
    assert_accepted(&world, "app");
    world_sign(&world, &scheme_sdk_hmac_sha256, SECRET, GET);
    world_begin(&world);
    assert_accepted(&world, "app");
    assert_int_equal(world.nonces, 0);
}

static void with_a_body_it_is_the_last_thing_asked(void **state)
{
    (void)state;
    sign(SECRET, "n", PUT);
    world_begin(&world);
    assert_int_equal(world.admission.outcome, ADMISSION_NEEDS_BODY);
    assert_int_equal(world.nonces, 0);
    struct body_facts other = body_facts_of(BYTES("jello"));
    struct admission begun = world.admission;
    admit_finish(&world.context, &other, &world.admission);
    assert_world_refuses(&world, REFUSAL_BODY_DIGEST_MISMATCH);
    assert_int_equal(world.nonces, 0);
    world.admission = begun;
    world_finish(&world);
    assert_accepted(&world, "app");
    assert_int_equal(world.nonces, 1);
}

static void a_body_that_takes_too_long_is_refused(void **state)
{
    (void)state;
    sign(SECRET, "n", PUT);
    world_begin(&world);
    world.context.now = WORLD_NOW + ADMIT_CLOCK_SKEW + 1; /* an earlier copy is forgotten by now */
    world_finish(&world);
    assert_world_refuses(&world, REFUSAL_DATE_EXPIRED);
    assert_int_equal(world.nonces, 0);
}

static void a_second_try_at_the_same_request_is_no_replay(void **state)
{
    (void)state;
    sign(SECRET, "n", GET);
    world_begin(&world);
    world.nonce_answer = NONCE_SEEN;
    world.context.nonce_remembered = world.admission.nonce_remembered;
    world_begin(&world);
    assert_accepted(&world, "app");
    assert_true(world.admission.nonce_remembered);
    assert_int_equal(world.nonces, 1);
}

static void a_demanded_nonce_must_be_there_and_signed(void **state)
{
    (void)state;
    world.publication.rules.require_nonce = true;
    sign(SECRET, "n", GET);
    world_begin(&world);
    assert_accepted(&world, "app");
    sign(SECRET, "", GET);
    world_begin(&world);
    assert_world_refuses(&world, REFUSAL_NONCE_MISSING);
    assert_bytes(world.admission.claim.field, "X-Ca-Nonce");
    sign(SECRET, "", GET);
    struct signed_fields added = {.items = {{BYTES("X-Ca-Nonce"), BYTES("added on the way")}}, .count = 1};
    world_add_fields(&world, &added);
    world_begin(&world);
    assert_world_refuses(&world, REFUSAL_NONCE_MISSING);
}

/* As a signer that declares no timestamp. */
static void sign_again(struct bytes names)
{
    struct http_request *request = &world.sample.request;
    struct http_field *fields = (struct http_field *)(uintptr_t)request->fields, *signature = NULL;
    for (size_t i = 0; i < request->field_count; i++) {
        if (bytes_equal_folded(fields[i].name, BYTES("x-ca-signature-headers"))) fields[i].value = names;
        if (bytes_equal_folded(fields[i].name, BYTES("x-ca-signature"))) signature = &fields[i];
    }
    struct place place = scheme_default_place(SCHEME_ALIYUN_CA);
    struct claim claim = {.scheme = &scheme_aliyun_ca, .place = &place};
    struct scheme_input input = {.request = request, .claim = &claim, .body = body_nothing(), .arena = &world.sample.arena};
    assert_int_equal(scheme_aliyun_ca.read(request, &world.sample.arena, &claim), REFUSAL_NONE);
    struct buffer text = buffer_in(&world.sample.arena, scheme_text_bound(&input)), mac = buffer_in(&world.sample.arena, 64);
    assert_true(scheme_aliyun_ca.canonical(&input, 0, &text));
    scheme_aliyun_ca.signature(&claim, &(struct hmac_secret){.text = BYTES(SECRET)}, buffer_bytes(&text), &mac);
    signature->value = buffer_bytes(&mac);
}

static void without_a_time_it_is_remembered_for_twice_the_skew(void **state)
{
    (void)state;
    world.publication.rules.accept_undated = true;
    sign(SECRET, "n", GET);
    sign_again(BYTES("x-ca-key,x-ca-nonce"));
    world.context.now = WORLD_NOW + 5;
    world_begin(&world);
    assert_accepted(&world, "app");
    assert_int_equal(world.nonce_use.until, WORLD_NOW + 5 + 2 * ADMIT_CLOCK_SKEW);
}

static unsigned soon;

static void note_place(void *context, struct nonce_use *use)
{
    struct world *shown = context;
    assert_true(use->principal == &shown->admission.credential.principal && use->nonce.length > 0);
    soon++;
    use->place[1] = 7;
}

static unsigned of_caller;

/* Before anything is known of him. */
static void note_caller(void *context, struct bytes key_id)
{
    (void)context;
    assert_true(key_id.length > 0);
    of_caller++;
}

static void tell_soon(void)
{
    soon = of_caller = 0;
    world.directory.nonces_of = note_caller;
    world.directory.nonce_soon = note_place;
}

/* What was noted for a request is asked with, and for no other: what comes in parts is asked about long after. */
static void the_directory_is_told_before_the_proof_is_checked(void **state)
{
    (void)state;
    tell_soon();
    sign(SECRET, "n-1", GET);
    world_begin(&world);
    assert_accepted(&world, "app");
    assert_int_equal(soon, 1);
    assert_int_equal(of_caller, 1);
    assert_true(world.nonce_use.key_id.length > 0);
    assert_int_equal(world.nonce_use.place[1], 7);
    sign("another", "n-2", GET);
    world_begin(&world);
    assert_world_refuses(&world, REFUSAL_SIGNATURE_MISMATCH);
    assert_int_equal(soon, 2);
    assert_int_equal(world.nonces, 1);
    sign(SECRET, "n-3", PUT);
    world_begin(&world);
    world_finish(&world);
    assert_accepted(&world, "app");
    assert_int_equal(world.nonces, 2);
    assert_int_equal(soon, 2);
    assert_int_equal(world.nonce_use.place[1], 0);
}

static void without_a_nonce_the_directory_is_not_told(void **state)
{
    (void)state;
    tell_soon();
    sign(SECRET, "", GET);
    world_begin(&world);
    assert_accepted(&world, "app");
    assert_int_equal(soon, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_nonce_is_remembered_for_its_time, set_up),
        cmocka_unit_test_setup(the_directory_is_told_before_the_proof_is_checked, set_up),
        cmocka_unit_test_setup(without_a_nonce_the_directory_is_not_told, set_up),
        cmocka_unit_test_setup(what_the_memory_says_is_what_the_caller_reads, set_up),
        cmocka_unit_test_setup(without_a_memory_nobody_passes, set_up),
        cmocka_unit_test_setup(who_is_refused_burns_no_nonce, set_up),
        cmocka_unit_test_setup(no_nonce_is_asked_for_where_there_is_none, set_up),
        cmocka_unit_test_setup(with_a_body_it_is_the_last_thing_asked, set_up),
        cmocka_unit_test_setup(a_body_that_takes_too_long_is_refused, set_up),
        cmocka_unit_test_setup(a_second_try_at_the_same_request_is_no_replay, set_up),
        cmocka_unit_test_setup(a_demanded_nonce_must_be_there_and_signed, set_up),
        cmocka_unit_test_setup(without_a_time_it_is_remembered_for_twice_the_skew, set_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Tokens in admission: whose they are, what is remembered of them, and when that ends. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "admit/answer.h"
#include "base/text.h"
#include "crypto/hmac.h"
#include "support/world.h"

#define SECRET "0123456789abcdef0123456789abcdef"
#define OTHER  "fedcba9876543210fedcba9876543210"

static struct world world;
static struct jwt_memory *tokens;
static struct credential holder; /* of uid "u1" */
static uint8_t rules_memory[512];
static struct token_rules rules;
static const char *secret;
static uint64_t set_revision;
static unsigned sets_read, holders_found;
static uint8_t tells_memory[128];

static enum found find_token(void *context, struct bytes name, struct arena *arena, struct credential *credential)
{
    (void)context;
    (void)arena;
    struct digest_value expected = jwt_holder_name(BYTES("uid"), BYTES("u1"));
    if (!bytes_equal(name, digest_bytes(&expected))) return FOUND_NOTHING;
    struct buffer run = buffer_over(rules_memory, sizeof rules_memory);
    token_rules_write(&run, &rules);
    *credential = holder;
    credential->token_rules = buffer_bytes(&run);
    holders_found++;
    return FOUND;
}

static enum found find_key_set(void *context, struct bytes name, struct arena *arena, struct key_set *set)
{
    (void)context;
    assert_true(name.length > 0);
    set->revision = set_revision;
    if (set_revision == 0) return FOUND_NOTHING;
    if (arena == NULL) return FOUND;
    struct buffer text = buffer_in(arena, 256);
    buffer_add_text(&text, "{\"keys\":[{\"kty\":\"oct\",\"k\":\"");
    base64url_encode(&text, bytes_of_text(secret));
    buffer_add_text(&text, "\"}]}");
    set->text = buffer_bytes(&text);
    sets_read++;
    return FOUND;
}

static int set_up(void **state)
{
    (void)state;
    world_set(&world);
    tokens = calloc(1, sizeof *tokens);
    assert_non_null(tokens);
    struct place place = scheme_default_place(SCHEME_JWT);
    holder = (struct credential){.id = BYTES("c9"),
                                 .kind = CREDENTIAL_TOKEN,
                                 .principal = {.kind = PRINCIPAL_CONSUMER, .enabled = true, .id = BYTES("tok"), .name = BYTES("Token")},
                                 .enabled = true,
                                 .revision = 3,
                                 .location = place.location,
                                 .place_name = place.name,
                                 .place_prefix = place.prefix};
    rules = (struct token_rules){.key_set = BYTES("c9"), .claim = BYTES("uid")};
    secret = SECRET;
    set_revision = 1;
    sets_read = holders_found = 0;
    assert_true(proof_plan_add(&world.publication.plan, place));
    world.publication.id = BYTES("p1");
    world.publication.instance_id = BYTES("i1");
    world.publication.serial = 1;
    world.directory.token = find_token;
    world.directory.key_set = find_key_set;
    world.context.tokens = tokens;
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    jwt_memory_destroy(tokens);
    free(tokens);
    return 0;
}

static char token[4096];

static const char *sign(const char *claims, const char *with)
{
    struct buffer out = buffer_over(token, sizeof token - 1);
    base64url_encode(&out, BYTES("{\"alg\":\"HS256\"}"));
    buffer_add_byte(&out, '.');
    base64url_encode(&out, bytes_of_text(claims));
    struct digest_value mac = hmac_of(DIGEST_SHA256, bytes_of_text(with), buffer_bytes(&out));
    buffer_add_byte(&out, '.');
    base64url_encode(&out, digest_bytes(&mac));
    assert_false(out.overflow);
    token[out.length] = 0;
    return token;
}

static void ask(const char *text)
{
    char raw[8192];
    snprintf(raw, sizeof raw, "GET /a HTTP/1.1\nAuthorization: Bearer %s\n\n", text);
    world_request(&world, raw);
    world_begin(&world);
}

static void ask_for(const char *claims)
{
    ask(sign(claims, SECRET));
}

/* exp: 1573789015 is WORLD_NOW */
#define GOOD "{\"uid\":\"u1\",\"exp\":1573789025}"

static void a_token_names_its_consumer(void **state)
{
    (void)state;
    ask_for(GOOD);
    assert_accepted(&world, "tok");
    assert_true(world.admission.known && world.admission.proven && !world.admission.pass_through);
    ask_for("{\"uid\":\"u2\",\"exp\":1573789025}");
    assert_world_refuses(&world, REFUSAL_KEY_UNKNOWN);
    ask_for("{\"exp\":1573789025}");
    assert_world_refuses(&world, REFUSAL_KEY_UNKNOWN);
    ask_for("{\"uid\":[\"u1\"],\"exp\":1573789025}");
    assert_world_refuses(&world, REFUSAL_KEY_UNKNOWN);
    ask(sign(GOOD, OTHER));
    assert_world_refuses(&world, REFUSAL_SIGNATURE_MISMATCH);
    ask("x");
    assert_world_refuses(&world, REFUSAL_KEY_UNKNOWN); /* no token by its shape: an API key that nobody has */
    ask("a.b.c");
    assert_world_refuses(&world, REFUSAL_PROOF_MALFORMED);
}

static void what_only_a_key_holder_may_learn(void **state)
{
    (void)state;
    ask(sign("{\"uid\":\"u1\",\"exp\":1}", OTHER));
    assert_world_refuses(&world, REFUSAL_SIGNATURE_MISMATCH);
    ask_for("{\"uid\":\"u1\",\"exp\":1}");
    assert_world_refuses(&world, REFUSAL_TOKEN_EXPIRED);
    holder.principal.enabled = false;
    ask(sign(GOOD, OTHER));
    assert_world_refuses(&world, REFUSAL_SIGNATURE_MISMATCH);
    ask_for(GOOD);
    assert_world_refuses(&world, REFUSAL_PRINCIPAL_DISABLED);
}

static void a_known_token_reads_no_keys(void **state)
{
    (void)state;
    for (int i = 0; i < 5; i++) {
        ask_for(GOOD);
        assert_accepted(&world, "tok");
    }
    assert_int_equal(sets_read, 1);
    const struct jwt_known_name name = jwt_known_name(&tokens->known, BYTES("i1"), bytes_of_text(token));
    assert_non_null(jwt_known_find(&tokens->known, &name));
}

static void a_known_token_dies_with_its_exp(void **state)
{
    (void)state;
    ask_for(GOOD);
    assert_accepted(&world, "tok");
    world.context.now = WORLD_NOW + 9;
    ask_for(GOOD);
    assert_accepted(&world, "tok");
    world.context.now = WORLD_NOW + 10;
    ask_for(GOOD);
    assert_world_refuses(&world, REFUSAL_TOKEN_EXPIRED);
}

static void a_known_token_dies_with_its_key(void **state)
{
    (void)state;
    ask_for(GOOD);
    secret = OTHER;
    ask_for(GOOD);
    assert_accepted(&world, "tok"); /* nothing has been said to have changed */
    holder.revision++;
    ask_for(GOOD);
    assert_world_refuses(&world, REFUSAL_SIGNATURE_MISMATCH);
}

static void a_known_token_dies_with_a_remote_key(void **state)
{
    (void)state;
    rules.remote = true;
    ask_for(GOOD);
    assert_accepted(&world, "tok");
    secret = OTHER;
    set_revision++;
    ask_for(GOOD);
    assert_world_refuses(&world, REFUSAL_SIGNATURE_MISMATCH);
    set_revision = 0;
    ask_for(GOOD);
    assert_world_refuses(&world, REFUSAL_TOKEN_KEY_UNKNOWN);
}

static void a_known_token_dies_with_consumer_authorisation_and_rules(void **state)
{
    (void)state;
    ask_for(GOOD);
    holder.principal.enabled = false;
    ask_for(GOOD);
    assert_world_refuses(&world, REFUSAL_PRINCIPAL_DISABLED);
    holder.principal.enabled = true;
    holder.enabled = false;
    ask_for(GOOD);
    assert_world_refuses(&world, REFUSAL_CREDENTIAL_DISABLED);
    holder.enabled = true;
    world.authorised = false;
    ask_for(GOOD);
    assert_world_refuses(&world, REFUSAL_NOT_AUTHORISED);
    world.authorised = true;
    rules.issuer = BYTES("somebody");
    holder.revision++;
    ask_for(GOOD);
    assert_world_refuses(&world, REFUSAL_TOKEN_CLAIM_MISSING);
    assert_bytes(world.admission.claim.field, "iss");
    rules.issuer = BYTES("");
    holder.id = BYTES("another");
    holder.revision++;
    ask_for(GOOD);
    assert_accepted(&world, "tok");
}

/* Oathkeeper, CVE-2021-32701: what was good for one API was good for all. */
static void a_known_token_is_none_at_another_api(void **state)
{
    (void)state;
    struct buffer run = buffer_over(rules_memory, sizeof rules_memory);
    rules.claim = BYTES("");
    token_rules_write(&run, &rules);
    struct proof_plan *plan = &world.publication.plan;
    plan->place_count = 0;
    plan->auth_type = AUTH_TYPE_NONE;
    struct place place = scheme_default_place(SCHEME_JWT);
    place.claim = BYTES("");
    assert_true(proof_plan_add(plan, place));
    world.publication.token_policy = buffer_bytes(&run);
    for (int i = 0; i < 2; i++) {
        ask_for("{\"iss\":\"me\",\"exp\":1573789025}");
        assert_int_equal(world.admission.outcome, ADMISSION_ACCEPTED);
        assert_false(world.admission.known);
    }
    assert_int_equal(sets_read, 1);
    uint8_t stricter_memory[128];
    struct buffer stricter = buffer_over(stricter_memory, sizeof stricter_memory);
    rules.issuer = BYTES("you");
    token_rules_write(&stricter, &rules);
    world.publication.id = BYTES("p2");
    world.publication.token_policy = buffer_bytes(&stricter);
    ask_for("{\"iss\":\"me\",\"exp\":1573789025}");
    assert_world_refuses(&world, REFUSAL_TOKEN_CLAIM_MISMATCH);
    world.publication.id = BYTES("p1");
    world.publication.serial++;
    ask_for("{\"iss\":\"me\",\"exp\":1573789025}");
    assert_world_refuses(&world, REFUSAL_TOKEN_CLAIM_MISMATCH);
}

/* The same holder and the same revisions in both, as copies of one configuration have them; only the key is another. */
static void a_known_token_is_none_in_another_instance(void **state)
{
    (void)state;
    ask_for(GOOD);
    assert_accepted(&world, "tok");
    secret = OTHER;
    ask_for(GOOD);
    assert_accepted(&world, "tok");
    world.publication.instance_id = BYTES("i2");
    ask_for(GOOD);
    assert_world_refuses(&world, REFUSAL_SIGNATURE_MISMATCH);
}

static void a_policy_refuses_what_is_none(void **state)
{
    (void)state;
    struct buffer run = buffer_over(rules_memory, sizeof rules_memory);
    rules.claim = BYTES("");
    token_rules_write(&run, &rules);
    struct proof_plan *plan = &world.publication.plan;
    plan->place_count = 0;
    plan->auth_type = AUTH_TYPE_NONE;
    struct place place = {.scheme = SCHEME_JWT, .location = PLACE_HEADER, .name = BYTES("x-token")};
    assert_true(proof_plan_add(plan, place));
    world.publication.token_policy = buffer_bytes(&run);
    world_request(&world, "GET / HTTP/1.1\nHost: h\n\n");
    world_begin(&world);
    assert_world_refuses(&world, REFUSAL_PROOF_MISSING);
    world.publication.rules.accept_anonymous = true;
    world_begin(&world);
    assert_int_equal(world.admission.outcome, ADMISSION_ACCEPTED);
    static const char *const bad[] = {"x", "a.b.c", "", "eyJhbGciOiJub25lIn0.e30."};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        char raw[256];
        snprintf(raw, sizeof raw, "GET / HTTP/1.1\nX-Token: %s\n\n", bad[i]);
        world_request(&world, raw);
        world_begin(&world);
        assert_int_equal(world.admission.outcome, ADMISSION_REFUSED);
    }
}

static void nobody_passes_only_in_silence(void **state)
{
    (void)state;
    world.publication.rules.accept_anonymous = true;
    world_request(&world, "GET / HTTP/1.1\nHost: h\n\n");
    world_begin(&world);
    assert_int_equal(world.admission.outcome, ADMISSION_ACCEPTED);
    assert_false(world.admission.known);
    static const char *const words[] = {"Authorization: Bearer", "Authorization: Bearer x", "Authorization: Bearer a.b.c", "X-Ca-Key: x",
                                        "Authorization: APPCODE x"};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        char raw[256];
        snprintf(raw, sizeof raw, "GET / HTTP/1.1\n%s\n\n", words[i]);
        world_request(&world, raw);
        world_begin(&world);
        if (world.admission.outcome != ADMISSION_REFUSED) fail_msg("%s passes", words[i]);
    }
}

static void claims_are_told(void **state)
{
    (void)state;
    struct buffer list = buffer_over(tells_memory, sizeof tells_memory);
    token_tell_add(&list, &(struct token_tell){TOKEN_TELL_HEADER, BYTES("sub"), BYTES("X-Sub")});
    token_tell_add(&list, &(struct token_tell){TOKEN_TELL_HEADER, BYTES("/a/b"), BYTES("X-B")});
    rules.tells = buffer_bytes(&list);
    for (int known = 0; known < 2; known++) {
        ask_for("{\"uid\":\"u1\",\"exp\":1573789025,\"a\":{\"b\":[1,2]}}");
        assert_accepted(&world, "tok");
        struct bytes text, rest = bytes_from(world.admission.token_told, 2);
        assert_int_equal(world.admission.token_told.data[0], 0);
        assert_int_equal(world.admission.token_told.data[1], 1);
        assert_true(token_text_next(&rest, &text));
        assert_bytes(text, "[1,2]");
    }
    assert_int_equal(sets_read, 1);
    ask_for("{\"uid\":\"u1\",\"exp\":1573789025,\"sub\":\"a\\r\\nX-Admin: 1\"}");
    assert_world_refuses(&world, REFUSAL_TOKEN_CLAIM_MISMATCH);
}

static void a_jti_counts_once(void **state)
{
    (void)state;
    rules.single_use = true;
    world.nonce_answer = NONCE_UNSEEN;
    ask_for(GOOD);
    assert_world_refuses(&world, REFUSAL_TOKEN_CLAIM_MISSING);
    ask_for("{\"uid\":\"u1\",\"exp\":1573789025,\"jti\":\"j\"}");
    assert_accepted(&world, "tok");
    assert_bytes(world.nonce_use.nonce, "j");
    assert_int_equal(world.nonce_use.until, WORLD_NOW + 10 + TOKEN_MOST_LEEWAY - 1);
    rules.leeway = 60; /* more of it opens no jti that was forgotten */
    ask_for("{\"uid\":\"u1\",\"exp\":1573789025,\"jti\":\"j\"}");
    assert_int_equal(world.nonce_use.until, WORLD_NOW + 10 + TOKEN_MOST_LEEWAY - 1);
    world.nonce_answer = NONCE_SEEN;
    ask_for("{\"uid\":\"u1\",\"exp\":1573789025,\"jti\":\"j\"}");
    assert_world_refuses(&world, REFUSAL_NONCE_SEEN);
    assert_int_equal(world.nonces, 3);
    ask(sign("{\"uid\":\"u1\",\"exp\":1573789025,\"jti\":\"k\"}", OTHER));
    assert_int_equal(world.nonces, 3);
    rules.accept_undated = true;
    ask_for("{\"uid\":\"u1\",\"jti\":\"j\"}");
    assert_world_refuses(&world, REFUSAL_TOKEN_CLAIM_MISSING);
}

static void the_place_is_the_consumers(void **state)
{
    (void)state;
    struct place query = {.scheme = SCHEME_JWT, .location = PLACE_QUERY, .name = BYTES("token"), .claim = BYTES("uid")};
    struct place cookie = {.scheme = SCHEME_JWT, .location = PLACE_COOKIE, .name = BYTES("t"), .claim = BYTES("uid")};
    assert_true(proof_plan_add(&world.publication.plan, query) && proof_plan_add(&world.publication.plan, cookie));
    char raw[2 * sizeof token + 64];
    snprintf(raw, sizeof raw, "GET /a?token=%s HTTP/1.1\n\n", sign(GOOD, SECRET));
    world_request(&world, raw);
    world_begin(&world);
    assert_world_refuses(&world, REFUSAL_KEY_UNKNOWN);
    holder.location = PLACE_QUERY;
    holder.place_name = BYTES("token");
    holder.place_prefix = BYTES("");
    world_begin(&world);
    assert_accepted(&world, "tok");
    holder.location = PLACE_COOKIE;
    holder.place_name = BYTES("t");
    snprintf(raw, sizeof raw, "GET /a HTTP/1.1\nCookie: a=b; t=%s; c=d\n\n", token);
    world_request(&world, raw);
    world_begin(&world);
    assert_accepted(&world, "tok");
    snprintf(raw, sizeof raw, "GET /a HTTP/1.1\nCookie: t=%s; t=%s\n\n", token, token);
    world_request(&world, raw);
    world_begin(&world);
    assert_world_refuses(&world, REFUSAL_PROOF_AMBIGUOUS);
    snprintf(raw, sizeof raw, "GET /a?token=%s HTTP/1.1\nCookie: t=%s\n\n", token, token);
    world_request(&world, raw);
    world_begin(&world);
    assert_world_refuses(&world, REFUSAL_PROOF_AMBIGUOUS);
}

static void a_directory_that_fails_is_a_fault(void **state)
{
    (void)state;
    world.authorisation_fails = true;
    ask_for(GOOD);
    assert_int_equal(world.admission.outcome, ADMISSION_FAULT);
    world.authorisation_fails = false;
    world.context.tokens = NULL;
    ask_for(GOOD);
    assert_int_equal(world.admission.outcome, ADMISSION_FAULT);
    world.context.tokens = tokens;
    world.directory.key_set = NULL;
    holder.revision++;
    ask_for(GOOD);
    assert_int_equal(world.admission.outcome, ADMISSION_FAULT);
}

/* RFC 6750, 3.1. */
static void a_refused_token_is_told_so(void **state)
{
    (void)state;
    struct answer answer;
    ask(sign(GOOD, OTHER));
    answer_write(&world.admission, &world.publication, BYTES("0123456789abcdef0123456789abcdef"), &world.sample.arena, &answer);
    assert_int_equal(answer.status, 401);
    assert_bytes(answer.fields[answer.field_count - 1].name, "WWW-Authenticate");
    assert_bytes(answer.fields[answer.field_count - 1].value, "Bearer realm=\"countersign\", error=\"invalid_token\"");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_token_names_its_consumer, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_only_a_key_holder_may_learn, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_known_token_reads_no_keys, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_known_token_dies_with_its_exp, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_known_token_dies_with_its_key, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_known_token_dies_with_a_remote_key, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_known_token_dies_with_consumer_authorisation_and_rules, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_known_token_is_none_at_another_api, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_policy_refuses_what_is_none, set_up, tear_down),
        cmocka_unit_test_setup_teardown(nobody_passes_only_in_silence, set_up, tear_down),
        cmocka_unit_test_setup_teardown(claims_are_told, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_known_token_is_none_in_another_instance, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_jti_counts_once, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_place_is_the_consumers, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_directory_that_fails_is_a_fault, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_refused_token_is_told_so, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

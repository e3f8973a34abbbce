/* What does it cost to refuse a signature by ECDSA or SM2? Microseconds per admit_begin, for each scheme: admitted (its key kept), wrong by
 * a key that is kept, by one that is not, and by one that nobody holds; of a request with one form of its text, and of one with all eight.
 * The last three are to be the same. Usage: stranger-bench [ROUNDS] */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "admit/admit.h"
#include "http/parse.h"

#define NOW    1573789015
#define KEY    "4f8a0c6e9b1d4a52b7e3c1d09a6f8e21"
#define SECRET "0123456789abcdef0123456789abcdef"

static _Alignas(64) uint8_t memory[ADMIT_ARENA_SIZE];
static struct arena arena;
static struct publication publication;
static struct http_request request;
static struct scalar_keys keys;
static bool is_held;

static enum found find_key_pair(void *context, struct bytes key_id, struct arena *into, struct credential *credential)
{
    (void)context;
    (void)key_id;
    if (!is_held) return FOUND_NOTHING;
    *credential = (struct credential){.id = BYTES("c1"),
                                      .kind = CREDENTIAL_KEY_PAIR,
                                      .principal = {.kind = PRINCIPAL_APP, .enabled = true, .id = BYTES("a")},
                                      .enabled = true,
                                      .schemes = ~0u,
                                      .secrets = {{.value = arena_copy(into, BYTES(SECRET))}},
                                      .secret_count = 1};
    return FOUND;
}

static enum found find_authorisation(void *context, const struct credential *caller, const struct publication *called, int64_t *not_after)
{
    (void)context;
    (void)caller;
    (void)called;
    *not_after = 0;
    return FOUND;
}

static const struct directory directory = {.key_pair = find_key_pair, .authorisation = find_authorisation};

static double microseconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

/* `is_open`: the signer says that the body is not signed. */
static void sign(const struct scheme *scheme, const char *raw, bool is_open, const char *secret)
{
    struct bytes body;
    const char *problem = "";
    arena_reset(&arena);
    if (!http_parse(&arena, bytes_of_text(raw), &request, &body, &problem)) exit(3);
    struct body_facts facts = body_empty();
    struct signed_fields added;
    struct signing signing = {.request = &request, .body = &facts, .key_id = BYTES(KEY), .now = NOW};
    signing.secret.text = bytes_of_text(secret);
    if (is_open) signing.body = NULL;
    struct http_field *fields = arena_take_array(&arena, request.field_count + SIGNING_MAX_FIELDS, sizeof *fields);
    if (!scheme->sign(&signing, &arena, &added) || fields == NULL) exit(3);
    memcpy(fields, request.fields, request.field_count * sizeof *fields);
    memcpy(fields + request.field_count, added.items, added.count * sizeof *fields);
    request.fields = fields;
    request.field_count += added.count;
}

/* The least of all rounds. */
static double measure(long rounds, struct scalar_keys *with, enum refusal expected)
{
    struct admission admission;
    struct admit_context context = {
        .publication = &publication, .request = &request, .directory = &directory, .arena = &arena, .now = NOW, .keys = with};
    size_t mark = arena.used;
    double best = 1e18;
    for (long i = 0; i < rounds; i++) {
        double start = microseconds();
        admit_begin(&context, &admission);
        double each = microseconds() - start;
        if (each < best) best = each;
        arena_rewind(&arena, mark);
    }
    if (admission.refusal != expected) printf("not as expected: %s\n", refusal_name(admission.refusal));
    return best;
}

static void row(const struct scheme *scheme, bool all_forms, long rounds)
{
    const char *raw = all_forms ? "GET /v1/orders?a=1+2&b=2 HTTP/1.1\nHost: gw.example.com\n\n"
                                : "GET /v1/orders?limit=20 HTTP/1.1\nHost: gw.example.com\n\n";
    is_held = true;
    sign(scheme, raw, all_forms, SECRET);
    double admitted = measure(rounds, &keys, REFUSAL_NONE);
    sign(scheme, raw, all_forms, "another secret");
    double kept = measure(rounds, &keys, REFUSAL_SIGNATURE_MISMATCH), not_kept = measure(rounds, NULL, REFUSAL_SIGNATURE_MISMATCH);
    is_held = false;
    double nobodys = measure(rounds, &keys, REFUSAL_KEY_UNKNOWN);
    printf("%-24s %-12s %7.1f %7.1f %7.1f %7.1f\n", scheme->name, all_forms ? "eight forms" : "one form", admitted, kept, not_kept,
           nobodys);
    scalar_keys_destroy(&keys);
}

int main(int argc, char **argv)
{
    long rounds = argc > 1 ? strtol(argv[1], NULL, 10) : 2000;
    const struct scheme *const schemes[] = {&scheme_sdk_ecdsa_p256_sha256, &scheme_sdk_sm2_sm3, &scheme_sdk_hmac_sha256};
    arena = arena_over(memory, sizeof memory);
    publication.plan.auth_type = AUTH_TYPE_APP;
    printf("%-24s %-12s %7s %7s %7s %7s\n", "us", "", "right", "kept", "not", "nobody");
    for (size_t i = 0; i < sizeof schemes / sizeof schemes[0]; i++) {
        publication.plan.place_count = 0;
        (void)proof_plan_add(&publication.plan, scheme_default_place(schemes[i]->id));
        row(schemes[i], false, rounds);
        row(schemes[i], true, rounds);
    }
    return 0;
}

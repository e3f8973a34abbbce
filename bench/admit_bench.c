/* What does one admission cost, without look-ups? Nanoseconds per admit_begin of a request as clients send it, with the shares of its
 * steps. Usage: admit_bench [ROUNDS] */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "admit/admit.h"
#include "http/parse.h"

#define NOW 1573789015

static _Alignas(64) uint8_t memory[ADMIT_ARENA_SIZE];
static struct arena arena;
static struct publication publication;
static struct http_request request;

static const struct credential app = {.id = {(const uint8_t *)"c1", 2},
                                      .kind = CREDENTIAL_KEY_PAIR,
                                      .principal = {.kind = PRINCIPAL_APP, .enabled = true, .id = {(const uint8_t *)"a", 1}},
                                      .enabled = true,
                                      .schemes = ~0u,
                                      .secret_count = 1};

static enum found find_key_pair(void *context, struct bytes key_id, struct arena *into, struct credential *credential)
{
    (void)context;
    (void)key_id;
    *credential = app;
    credential->secrets[0].value = arena_copy(into, BYTES("0123456789abcdef0123456789abcdef"));
    return FOUND;
}

static enum found find_api_key(void *context, struct bytes secret, struct arena *into, struct credential *credential)
{
    struct place place = scheme_default_place(SCHEME_API_KEY);
    (void)context;
    (void)secret;
    (void)into;
    *credential = app;
    credential->kind = CREDENTIAL_API_KEY;
    credential->secret_count = 0;
    credential->location = place.location;
    credential->place_name = place.name;
    credential->place_prefix = place.prefix;
    return FOUND;
}

static enum found find_authorisation(void *context, const struct credential *caller, const struct publication *asked, int64_t *not_after)
{
    (void)context;
    (void)caller;
    (void)asked;
    *not_after = 0;
    return FOUND;
}

static enum nonce_answer remember_nonce(void *context, const struct nonce_use *use)
{
    (void)context;
    (void)use;
    return NONCE_UNSEEN;
}

static const struct directory directory = {
    .key_pair = find_key_pair, .api_key = find_api_key, .authorisation = find_authorisation, .nonce = remember_nonce};

static double nanoseconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

static void prepare(const struct scheme *scheme, const char *raw)
{
    struct bytes body;
    const char *problem = "";
    arena_reset(&arena);
    if (!http_parse(&arena, bytes_of_text(raw), &request, &body, &problem)) {
        fprintf(stderr, "admit_bench: %s\n", problem);
        exit(3);
    }
    if (scheme->sign == NULL) return;
    struct body_facts facts = body_empty();
    struct signed_fields added;
    struct signing signing = {.request = &request, .body = &facts, .key_id = BYTES("4f8a0c6e9b1d4a52b7e3c1d09a6f8e21"), .now = NOW};
    signing.secret.text = BYTES("0123456789abcdef0123456789abcdef");
    signing.nonce = BYTES("c9f15cbf-f4ac-4a6c-b54d-f51abf4b5b44");
    struct http_field *fields = arena_take_array(&arena, request.field_count + SIGNING_MAX_FIELDS, sizeof *fields);
    if (!scheme->sign(&signing, &arena, &added) || fields == NULL) exit(3);
    memcpy(fields, request.fields, request.field_count * sizeof *fields);
    memcpy(fields + request.field_count, added.items, added.count * sizeof *fields);
    request.fields = fields;
    request.field_count += added.count;
}

static void measure(const char *name, const struct scheme *scheme, const char *raw, long rounds)
{
    struct admission admission;
    prepare(scheme, raw);
    struct admit_context context = {.publication = &publication, .request = &request, .directory = &directory, .arena = &arena, .now = NOW};
    size_t mark = arena.used;
    double best = 1e18;
    for (int run = 0; run < 5; run++) {
        double start = nanoseconds();
        for (long i = 0; i < rounds; i++) {
            admit_begin(&context, &admission);
            arena_rewind(&arena, mark);
        }
        double each = (nanoseconds() - start) / (double)rounds;
        if (each < best) best = each;
    }
    printf("%-16s %7.0f ns%s\n", name, best, admission.outcome == ADMISSION_ACCEPTED ? "" : "  NOT ACCEPTED");
}

int main(int argc, char **argv)
{
    long rounds = argc > 1 ? strtol(argv[1], NULL, 10) : 200000;
    arena = arena_over(memory, sizeof memory);
    publication.plan.auth_type = AUTH_TYPE_APP;
    for (int id = SCHEME_NONE + 1; id < SCHEME_COUNT; id++)
        (void)proof_plan_add(&publication.plan, scheme_default_place((enum scheme_id)id));
#define BROWSER                                                                                                                            \
    "Host: gw.example.com\nUser-Agent: Mozilla/5.0 (X11; Linux x86_64)\nAccept: application/json\nAccept-Encoding: gzip\n"                 \
    "Connection: keep-alive\n"
    measure("api_key", &scheme_api_key, "GET /v1/orders?limit=20&page=2 HTTP/1.1\n" BROWSER "Authorization: Bearer 0123456789abcdef\n\n",
            rounds);
    measure("aliyun_ca_get", &scheme_aliyun_ca, "GET /v1/orders?limit=20&page=2 HTTP/1.1\n" BROWSER "\n", rounds);
    measure("sdk_hmac_get", &scheme_sdk_hmac_sha256, "GET /v1/orders?limit=20&page=2 HTTP/1.1\n" BROWSER "\n", rounds);
    measure("bce_get", &scheme_bce_auth_v1, "GET /v1/orders?limit=20&page=2 HTTP/1.1\n" BROWSER "\n", rounds);
    measure("sdk_hmac_escaped", &scheme_sdk_hmac_sha256, "GET /v1/%E4%BD%A0?q=a%20b&n=%E5%A5%BD HTTP/1.1\n" BROWSER "\n", rounds);
    return 0;
}

/* Verifying that a request came through the gateway, unchanged and just now. */
#include "internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct countersign_verifier {
    countersign_key **keys;
    size_t key_count;
    unsigned types; /* a bit for each type of which there is a key */
    countersign_options options;
    char *proof_header;
};

#define TYPE_BIT(type) (1U << (type))
#define SDK_TYPES      (TYPE_BIT(CS_HMAC) | TYPE_BIT(CS_AES) | TYPE_BIT(CS_PUBLIC_KEY))

const char *countersign_code_name(countersign_code code)
{
    static const char *const names[] = {"ok",
                                        "missing",
                                        "malformed",
                                        "algorithm_not_allowed",
                                        "unknown_key",
                                        "signed_header_missing",
                                        "expired",
                                        "signature_mismatch",
                                        "body_mismatch",
                                        "invalid_argument",
                                        "fault"};
    return (size_t)code < sizeof names / sizeof names[0] ? names[code] : "fault";
}

int64_t cs_system_clock(void)
{
    return (int64_t)time(NULL);
}

countersign_options countersign_options_default(void)
{
    return (countersign_options){.window = 900};
}

static bool has_valid_options(countersign_key *const *keys, size_t key_count, const countersign_options *options, countersign_error *error)
{
    if (keys == NULL || key_count == 0) return cs_refuse(error, COUNTERSIGN_INVALID_ARGUMENT, "a verifier needs a key");
    for (size_t i = 0; i < key_count; i++)
        if (keys[i] == NULL) return cs_refuse(error, COUNTERSIGN_INVALID_ARGUMENT, "a key is NULL");
    if (options->window < 0 || options->window > INT32_MAX)
        return cs_refuse(error, COUNTERSIGN_INVALID_ARGUMENT, "the window is no number of seconds");
    return true;
}

countersign_verifier *countersign_verifier_new(countersign_key *const *keys, size_t key_count, const countersign_options *options,
                                               countersign_error *error)
{
    countersign_error ignored;
    countersign_options chosen = options != NULL ? *options : countersign_options_default();
    const char *header = chosen.proof_header != NULL ? chosen.proof_header : "Authorization";
    if (error == NULL) error = &ignored;
    if (!has_valid_options(keys, key_count, &chosen, error)) return NULL;
    countersign_verifier *verifier = calloc(1, sizeof *verifier);
    if (verifier != NULL) {
        *verifier = (countersign_verifier){calloc(key_count, sizeof *keys), 0, 0, chosen, strdup(header)};
        if (verifier->keys != NULL && verifier->proof_header != NULL) {
            memcpy(verifier->keys, keys, key_count * sizeof *keys);
            verifier->key_count = key_count;
            for (size_t i = 0; i < key_count; i++) verifier->types |= TYPE_BIT(keys[i]->type);
            verifier->options.proof_header = verifier->proof_header;
            return verifier;
        }
        countersign_verifier_free(verifier);
    }
    cs_fault(error);
    return NULL;
}

void countersign_verifier_free(countersign_verifier *verifier)
{
    if (verifier == NULL) return;
    for (size_t i = 0; i < verifier->key_count; i++) countersign_key_free(verifier->keys[i]);
    free(verifier->keys);
    free(verifier->proof_header);
    free(verifier);
}

/* --- One verification */

typedef struct cs_check {
    const countersign_verifier *verifier;
    cs_arena *arena;
    cs_request request;
    cs_proof proof;
    int64_t now;
    cs_span text, canonical;
    countersign_error *error;
} cs_check;

static bool read_proof(cs_check *check)
{
    const struct {
        unsigned types;
        const char *header;
    } place[] = {{SDK_TYPES | TYPE_BIT(CS_BASIC), check->verifier->options.proof_header},
                 {TYPE_BIT(CS_BCE), "X-Bce-Gateway-Auth"},
                 {TYPE_BIT(CS_ALIYUN), "X-Ca-Proxy-Signature"}};
    size_t found = 0, where = 0;
    for (size_t i = 0; i < 3; i++) {
        size_t here = check->verifier->types & place[i].types ? cs_header_count(&check->request, place[i].header) : 0;
        if (here > 0) where = i;
        found += here;
    }
    if (found == 0) return cs_refuse(check->error, COUNTERSIGN_MISSING, "no proof");
    if (found > 1) return cs_malformed(check->error, "more than one proof");
    cs_span value = cs_header(&check->request, place[where].header);
    if (where == 0) return cs_read_authorization(check->arena, value, check->verifier->types, &check->proof, check->error);
    if (where == 1) return cs_read_bce(check->arena, value, &check->proof, check->error);
    return cs_read_aliyun(&check->request, value, &check->proof, check->error);
}

static bool is_live(const cs_check *check, const countersign_key *key)
{
    return key->type == check->proof.type && cs_is(check->proof.key_id, key->id) && (!key->ends || check->now <= key->not_after);
}

static bool has_live_key(cs_check *check)
{
    size_t live = 0, fitting = 0;
    for (size_t i = 0; i < check->verifier->key_count; i++) {
        const countersign_key *key = check->verifier->keys[i];
        live += is_live(check, key);
        fitting += is_live(check, key) && key->algorithm == check->proof.algorithm;
    }
    if (live == 0) return cs_refuse(check->error, COUNTERSIGN_UNKNOWN_KEY, "no key of this id that holds");
    return fitting > 0 || cs_refuse(check->error, COUNTERSIGN_ALGORITHM_NOT_ALLOWED, "not the algorithm of this key");
}

static bool refuse_header(cs_check *check, cs_span name, const char *why)
{
    check->error->code = COUNTERSIGN_SIGNED_HEADER_MISSING;
    snprintf(check->error->detail, sizeof check->error->detail, "%.*s %s", (int)(name.size < 128 ? name.size : 128), name.data, why);
    return false;
}

static bool is_signed(cs_check *check, const char *name)
{
    return cs_names_hold(&check->proof.names, name) || refuse_header(check, cs_string(name), "is not signed");
}

/* A header that must be signed once it is there. */
static bool is_signed_if_there(cs_check *check, const char *name)
{
    return !cs_has(&check->request, name) || is_signed(check, name);
}

static bool signs_what_it_must(cs_check *check)
{
    if (!is_signed_if_there(check, "x-countersign-app") || !is_signed_if_there(check, "x-mse-consumer")) return false;
    if (!is_signed_if_there(check, "x-countersign-user")) return false;
    if (check->proof.type == CS_ALIYUN)
        return check->verifier->options.accept_undated ? is_signed_if_there(check, "x-ca-timestamp") : is_signed(check, "x-ca-timestamp");
    if (!is_signed(check, "host")) return false;
    return check->proof.type == CS_BCE || (is_signed(check, "x-sdk-date") && is_signed_if_there(check, CS_PAYLOAD));
}

static bool signed_headers_are_there(cs_check *check)
{
    const cs_names *names = &check->proof.names;
    /* More names than headers cannot all be there; counting them first bounds the work that a caller can ask for. */
    if (names->count > check->request.headers.count) return refuse_header(check, names->items[names->count - 1], "or another is not there");
    for (size_t i = 0; i < names->count; i++)
        if (cs_header_count_of(&check->request, names->items[i]) != 1)
            return refuse_header(check, names->items[i], "is signed, and not there exactly once");
    return signs_what_it_must(check) && cs_read_signed(&check->request, &check->proof, check->error);
}

static bool is_in_time(cs_check *check)
{
    if (!check->proof.dated) return true;
    int64_t now = check->now * 1000, window = check->verifier->options.window * 1000;
    if (now - check->proof.date > window || check->proof.date - now > window)
        return cs_refuse(check->error, COUNTERSIGN_EXPIRED, "outside of the window");
    if (check->proof.lifetime > 0 && now >= check->proof.date + check->proof.lifetime * 1000)
        return cs_refuse(check->error, COUNTERSIGN_EXPIRED, "past the expiry that it carries");
    return true;
}

static bool make_texts(cs_check *check)
{
    const cs_proof *proof = &check->proof;
    if (proof->type == CS_BCE) return cs_bce_text(&check->request, &proof->names, &check->text, check->error);
    if (proof->type == CS_ALIYUN) return cs_aliyun_text(&check->request, &proof->spelled, &check->text, check->error);
    if (!cs_sdk_canonical(&check->request, &proof->names, &check->canonical, check->error)) return false;
    return cs_sdk_text(cs_algorithm_name(proof->algorithm), &check->request, check->canonical, &check->text) || cs_fault(check->error);
}

static bool refuse_signature(cs_check *check)
{
    cs_span shown = check->canonical.size > 0 ? check->canonical : check->text;
    check->error->code = COUNTERSIGN_SIGNATURE_MISMATCH;
    snprintf(check->error->detail, sizeof check->error->detail, "the proof does not fit %.*s", (int)(shown.size < 400 ? shown.size : 400),
             shown.data);
    for (char *c = check->error->detail; *c != '\0'; c++)
        if (*c == '\n') *c = '|';
    return false;
}

/* Every key is tried, so that the time does not tell which one fits. */
static bool is_proven(cs_check *check)
{
    bool fits = false;
    if (check->arena->failed) return cs_fault(check->error);
    for (size_t i = 0; i < check->verifier->key_count; i++) {
        const countersign_key *key = check->verifier->keys[i];
        if (!is_live(check, key) || key->algorithm != check->proof.algorithm) continue;
        if (!cs_key_proves(key, check->text, &check->proof, &fits, check->arena, check->error)) return false;
    }
    return fits || refuse_signature(check);
}

static bool is_covered_if_it_must(cs_check *check, bool covered)
{
    if (!check->verifier->options.require_signed_body || check->request.body.size == 0 || covered) return true;
    return cs_refuse(check->error, COUNTERSIGN_BODY_MISMATCH, "the signature does not cover the body");
}

static bool has_digest(cs_check *check, cs_span digest, cs_span declared)
{
    if (digest.size == 0) return cs_fault(check->error);
    return cs_equal_secret(digest, declared) ||
           cs_refuse(check->error, COUNTERSIGN_BODY_MISMATCH, "the body is not the one whose digest is signed");
}

static bool bce_body_fits(cs_check *check)
{
    const cs_request *request = &check->request;
    bool sha256 = cs_names_hold(&check->proof.names, "x-bce-content-sha256"), md5 = cs_names_hold(&check->proof.names, "content-md5");
    if (sha256 && !has_digest(check, cs_hex_sha256(check->arena, request->body), cs_header(request, "x-bce-content-sha256"))) return false;
    if (md5 && !has_digest(check, cs_content_md5(check->arena, request->body), cs_header(request, "content-md5"))) return false;
    return is_covered_if_it_must(check, sha256 || md5);
}

static bool body_fits(cs_check *check)
{
    if (check->proof.type == CS_BASIC) return is_covered_if_it_must(check, false);
    if (check->proof.type == CS_BCE) return bce_body_fits(check);
    if (check->proof.type == CS_ALIYUN) return is_covered_if_it_must(check, cs_aliyun_covers_body(&check->request));
    cs_span declared = cs_header(&check->request, CS_PAYLOAD);
    if (cs_is(declared, CS_UNSIGNED)) return is_covered_if_it_must(check, false);
    return declared.size == 0 || has_digest(check, cs_hex_sha256(check->arena, check->request.body), declared);
}

static bool passes(cs_check *check)
{
    if (!read_proof(check) || !has_live_key(check)) return false;
    if (check->proof.type == CS_BASIC) return is_proven(check) && body_fits(check);
    return signed_headers_are_there(check) && is_in_time(check) && make_texts(check) && is_proven(check) && body_fits(check);
}

/* --- What is told of it */

typedef struct cs_result {
    countersign_verified shown;
    cs_arena arena;
} cs_result;

static const char *told(const cs_check *check, const char *name)
{
    bool trusted = check->proof.type == CS_BASIC || cs_names_hold(&check->proof.names, name);
    return trusted ? cs_copy(check->arena, cs_header(&check->request, name)) : "";
}

static void show(const cs_check *check, countersign_verified *shown)
{
    cs_arena *arena = check->arena;
    const cs_names *names = &check->proof.names;
    const char **copies = cs_take(arena, names->count + 1, sizeof *copies);
    for (size_t i = 0; copies != NULL && i < names->count; i++) copies[i] = cs_copy(arena, names->items[i]);
    const char *app = told(check, "x-countersign-app"), *consumer = told(check, "x-mse-consumer");
    *shown = (countersign_verified){.type = cs_type_name(check->proof.type),
                                    .key_id = cs_copy(arena, check->proof.key_id),
                                    .signed_headers = copies,
                                    .signed_header_count = names->count,
                                    .app = app,
                                    .consumer = consumer,
                                    .request_id = told(check, "x-request-id"),
                                    .caller = app[0] != '\0' ? app : consumer,
                                    .string_to_sign = check->text.data,
                                    .string_to_sign_size = check->text.size,
                                    .canonical_request = check->canonical.data,
                                    .canonical_request_size = check->canonical.size};
}

static int64_t clock_of(const countersign_options *options)
{
    return options->clock != NULL ? options->clock(options->clock_data) : cs_system_clock();
}

countersign_code countersign_verify(const countersign_verifier *verifier, const countersign_request *request,
                                    countersign_verified **verified, countersign_error *error)
{
    countersign_error ignored;
    if (error == NULL) error = &ignored;
    if (verified != NULL) *verified = NULL;
    *error = (countersign_error){.code = COUNTERSIGN_OK};
    cs_result *made = calloc(1, sizeof *made);
    if (made == NULL) {
        cs_fault(error);
        return COUNTERSIGN_FAULT;
    }
    cs_check check = {.verifier = verifier,
                      .arena = &made->arena,
                      .now = clock_of(&verifier->options),
                      .text = {"", 0},
                      .canonical = {"", 0},
                      .error = error};
    check.request = cs_request_read(check.arena, request);
    bool passed = passes(&check);
    if (passed) show(&check, &made->shown);
    if (made->arena.failed) passed = cs_fault(error);
    if (passed && verified != NULL)
        *verified = &made->shown;
    else
        countersign_verified_free(&made->shown);
    return error->code;
}

void countersign_verified_free(countersign_verified *verified)
{
    if (verified == NULL) return;
    cs_result *made = (cs_result *)(void *)verified; /* `shown` is its first member */
    cs_arena_free(&made->arena);
    free(made);
}

/* Targets: admit_begin, admit_finish, answer_write, and each scheme's sign, over a raw request.
 *
 * Nobody who does not know the secret is admitted; whoever does is never told that his signature does not match. */
#include "admit/answer.h"
#include "base/json.h"
#include "request.h"

#define API_KEY "fuzz-api-key"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static enum found find_key_pair(void *context, struct bytes key_id, struct arena *arena, struct credential *credential)
{
    (void)context;
    (void)key_id; /* every key exists, so that every request gets as far as its proof */
    *credential = (struct credential){.id = BYTES("c"), .kind = CREDENTIAL_KEY_PAIR, .enabled = true, .schemes = ~0u, .secret_count = 1};
    credential->principal = (struct principal){.kind = PRINCIPAL_APP, .enabled = true, .id = BYTES("a")};
    credential->secrets[0].value = arena_copy(arena, BYTES(FUZZ_SECRET));
    return FOUND;
}

static enum found find_api_key(void *context, struct bytes secret, struct arena *arena, struct credential *credential)
{
    (void)context;
    (void)arena;
    if (!bytes_equal(secret, BYTES(API_KEY))) return FOUND_NOTHING;
    struct place place = scheme_default_place(SCHEME_API_KEY);
    *credential = (struct credential){.kind = CREDENTIAL_API_KEY, .enabled = true, .location = place.location};
    credential->place_name = place.name;
    credential->place_prefix = place.prefix;
    credential->principal = (struct principal){.kind = PRINCIPAL_CONSUMER, .enabled = true, .id = BYTES("c")};
    return FOUND;
}

/* Every claim names somebody, whose keys nobody knows. */
static enum found find_token(void *context, struct bytes name, struct arena *arena, struct credential *credential)
{
    (void)context;
    const struct token_rules rules = {.key_set = BYTES("set"), .claim = BYTES("uid"), .leeway = 60};
    struct buffer run = buffer_in(arena, 64);
    struct place place = scheme_default_place(SCHEME_JWT);
    token_rules_write(&run, &rules);
    *credential = (struct credential){.id = name, .kind = CREDENTIAL_TOKEN, .enabled = true, .location = place.location, .revision = 1};
    credential->place_name = place.name;
    credential->place_prefix = place.prefix;
    credential->token_rules = buffer_bytes(&run);
    credential->principal = (struct principal){.kind = PRINCIPAL_CONSUMER, .enabled = true, .id = BYTES("t")};
    return arena->exhausted ? FOUND_FAULT : FOUND;
}

static enum found find_key_set(void *context, struct bytes name, struct arena *arena, struct key_set *set)
{
    (void)context, (void)name, (void)arena;
    *set = (struct key_set){1, BYTES("{\"keys\":[{\"kty\":\"oct\",\"k\":\"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8\"}]}")};
    return FOUND;
}

static enum found find_authorisation(void *context, const struct credential *caller, const struct publication *publication,
                                     int64_t *not_after)
{
    (void)context;
    (void)caller;
    (void)publication;
    *not_after = 0;
    return FOUND;
}

static enum nonce_answer remember_nonce(void *context, const struct nonce_use *use)
{
    (void)context;
    (void)use;
    return NONCE_UNSEEN;
}

static const struct directory directory = {.key_pair = find_key_pair,
                                           .api_key = find_api_key,
                                           .token = find_token,
                                           .key_set = find_key_set,
                                           .authorisation = find_authorisation,
                                           .nonce = remember_nonce};
static struct jwt_memory tokens;
static _Alignas(16) uint8_t memory[8 * 1024 * 1024];

static void check_header_value(struct bytes value)
{
    for (size_t i = 0; i < value.length; i++) fuzz_assert(value.data[i] >= 0x20 && value.data[i] != 0x7f);
    fuzz_assert(value.length <= 4096);
}

static void check_answer(const struct admission *admission, const struct publication *publication, struct arena *arena)
{
    struct answer answer;
    struct json_value whole;
    answer_write(admission, publication, BYTES("0123456789abcdef0123456789abcdef"), arena, &answer);
    fuzz_assert(answer.status >= 400 && answer.status < 600 && answer.field_count <= ANSWER_MAX_FIELDS);
    for (size_t i = 0; i < answer.field_count; i++) check_header_value(answer.fields[i].value);
    fuzz_assert(answer.body.length == 0 || json_read(arena, answer.body, &whole));
    struct bytes message = answer.field_count > 2 ? answer.fields[2].value : answer.body;
    fuzz_assert(memmem(message.data, message.length, FUZZ_SECRET, sizeof FUZZ_SECRET - 1) == NULL);
}

static void admit(const struct http_request *request, struct bytes body, struct arena *arena, struct admission *admission)
{
    static struct publication publication;
    publication = (struct publication){.plan = {.auth_type = AUTH_TYPE_APP}, .api_id = BYTES("api"), .environment_id = BYTES("env")};
    for (int id = SCHEME_NONE + 1; id < SCHEME_COUNT; id++)
        (void)proof_plan_add(&publication.plan, scheme_default_place((enum scheme_id)id));
    struct admit_context context = {.publication = &publication,
                                    .request = request,
                                    .directory = &directory,
                                    .arena = arena,
                                    .now = FUZZ_NOW,
                                    .tokens = &tokens,
                                    .has_body = body.length > 0};
    admit_begin(&context, admission);
    if (admission->outcome == ADMISSION_NEEDS_BODY) {
        struct body_facts facts = body_facts_of(body);
        admit_finish(&context, &facts, admission);
    }
    fuzz_assert(admission->outcome != ADMISSION_NEEDS_BODY && admission->outcome != ADMISSION_FAULT);
    fuzz_assert(admission->credential.secret_count == 0);
    if (admission->outcome == ADMISSION_REFUSED) {
        fuzz_assert(admission->refusal != REFUSAL_NONE && admission->refusal < REFUSAL_COUNT);
        check_answer(admission, &publication, arena);
    } else {
        fuzz_assert(admission->proven && admission->known && admission->refusal == REFUSAL_NONE);
    }
}

static void sign_and_admit(const struct scheme *scheme, const struct http_request *given, struct bytes body, struct arena *arena)
{
    struct admission admission;
    struct signed_fields added;
    struct http_request request = *given;
    struct body_facts facts = body_facts_of(body);
    struct signing signing = {
        .request = &request, .body = &facts, .key_id = BYTES("key"), .secret.text = BYTES(FUZZ_SECRET), .now = FUZZ_NOW};
    if (!scheme->sign(&signing, arena, &added) || !fuzz_replace(&request, &added, arena)) return;
    admit(&request, body, arena, &admission);
    fuzz_assert(admission.refusal != REFUSAL_SIGNATURE_MISMATCH && admission.refusal != REFUSAL_KEY_UNKNOWN);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena = arena_over(memory, sizeof memory);
    struct http_request request;
    struct admission admission;
    struct bytes body;
    const char *problem = NULL;
    if (memmem(data, size, FUZZ_SECRET, sizeof FUZZ_SECRET - 1) != NULL) return 0; /* its echo would look like a leak */
    if (size > 256 * 1024 || !http_parse(&arena, bytes_of(data, size), &request, &body, &problem)) return 0;
    admit(&request, body, &arena, &admission);
    if (admission.outcome == ADMISSION_ACCEPTED) fuzz_assert(memmem(data, size, API_KEY, sizeof API_KEY - 1) != NULL);
    sign_and_admit(&scheme_sdk_hmac_sha256, &request, body, &arena);
    sign_and_admit(&scheme_aliyun_ca, &request, body, &arena);
    return 0;
}

/* The table of schemes. */
#include "scheme/scheme.h"

#include "crypto/secret.h"
#include "scheme/app_token.h"
#include "scheme/pairs.h"

static const struct scheme *const schemes[SCHEME_COUNT] = {
    [SCHEME_API_KEY] = &scheme_api_key,
    [SCHEME_ALIYUN_CA] = &scheme_aliyun_ca,
    [SCHEME_SDK_HMAC_SHA256] = &scheme_sdk_hmac_sha256,
    [SCHEME_BCE_AUTH_V1] = &scheme_bce_auth_v1,
    [SCHEME_APP_CODE] = &scheme_app_code,
    [SCHEME_SDK_HMAC_SM3] = &scheme_sdk_hmac_sm3,
    [SCHEME_V11_HMAC_SHA256] = &scheme_v11_hmac_sha256,
    [SCHEME_JWT] = &scheme_jwt,
    [SCHEME_AUTH_TOKEN] = &scheme_auth_token,
    [SCHEME_APP_SECRET] = &scheme_app_secret,
    [SCHEME_APP_BASIC] = &scheme_app_basic,
    [SCHEME_SDK_ECDSA_P256_SHA256] = &scheme_sdk_ecdsa_p256_sha256,
    [SCHEME_SDK_SM2_SM3] = &scheme_sdk_sm2_sm3,
    [SCHEME_APP_TOKEN] = &scheme_app_token,
};

const struct scheme *scheme_by_id(enum scheme_id id)
{
    return (size_t)id < SCHEME_COUNT ? schemes[id] : NULL;
}

const struct scheme *scheme_by_name(struct bytes name)
{
    for (size_t i = SCHEME_NONE + 1; i < SCHEME_COUNT; i++)
        if (bytes_equal(bytes_of_text(schemes[i]->name), name)) return schemes[i];
    return NULL;
}

struct place scheme_default_place(enum scheme_id id)
{
    static const struct place places[SCHEME_COUNT] = {
        [SCHEME_API_KEY] = {.name = BYTES("authorization"), .prefix = BYTES("Bearer ")},
        [SCHEME_ALIYUN_CA] = {.name = BYTES("x-ca-key")},
        [SCHEME_SDK_HMAC_SHA256] = {.name = BYTES("authorization"), .prefix = BYTES("SDK-HMAC-SHA256")},
        [SCHEME_BCE_AUTH_V1] = {.name = BYTES("x-bce-signature"), .prefix = BYTES("bce-auth-v")},
        [SCHEME_APP_CODE] = {.name = BYTES("authorization"), .prefix = BYTES("APPCODE ")},
        [SCHEME_SDK_HMAC_SM3] = {.name = BYTES("authorization"), .prefix = BYTES("SDK-HMAC-SM3")},
        [SCHEME_V11_HMAC_SHA256] = {.name = BYTES("authorization"), .prefix = BYTES("V11-HMAC-SHA256")},
        [SCHEME_JWT] = {.name = BYTES("authorization"), .prefix = BYTES("Bearer "), .claim = BYTES("uid")},
        [SCHEME_AUTH_TOKEN] = {.name = BYTES("x-auth-token")},
        [SCHEME_APP_SECRET] = {.name = BYTES("x-hw-id")},
        [SCHEME_APP_BASIC] = {.name = BYTES("authorization"), .prefix = BYTES("Basic ")},
        [SCHEME_SDK_ECDSA_P256_SHA256] = {.name = BYTES("authorization"), .prefix = BYTES("SDK-ECDSA-P256-SHA256")},
        [SCHEME_SDK_SM2_SM3] = {.name = BYTES("authorization"), .prefix = BYTES("SDK-SM2-SM3")},
        [SCHEME_APP_TOKEN] = {.name = BYTES("authorization"), .prefix = BYTES("Bearer csat1-"), .claim = BYTES(APP_TOKEN_LIFETIME_TEXT)},
    };
    struct place place = places[(size_t)id < SCHEME_COUNT ? id : SCHEME_NONE];
    place.scheme = id;
    place.location = PLACE_HEADER;
    return place;
}

uint32_t scheme_sdk_family(void)
{
    return 1u << SCHEME_SDK_HMAC_SHA256 | 1u << SCHEME_SDK_HMAC_SM3 | 1u << SCHEME_V11_HMAC_SHA256 | 1u << SCHEME_SDK_ECDSA_P256_SHA256 |
           1u << SCHEME_SDK_SM2_SM3;
}

uint32_t scheme_app_features(void)
{
    return 1u << SCHEME_APP_SECRET | 1u << SCHEME_APP_BASIC | 1u << SCHEME_APP_TOKEN;
}

static bool message_holds(const struct claim *claim, struct bytes secret, struct bytes canonical)
{
    uint8_t memory[SCHEME_MAX_MESSAGE];
    struct buffer message = buffer_over(memory, sizeof memory);
    claim->scheme->message(claim, canonical, &message);
    const struct scheme_messages messages = {.items = {buffer_bytes(&message)}, .count = 1};
    return !message.overflow && claim->scheme->holds(claim, secret, &messages, NULL);
}

bool scheme_proof_holds(const struct claim *claim, const struct hmac_secret *secret, struct bytes canonical)
{
    uint8_t memory[SCHEME_MAX_SIGNATURE];
    struct buffer signature = buffer_over(memory, sizeof memory);
    if (claim->scheme->holds != NULL) return message_holds(claim, secret->text, canonical);
    claim->scheme->signature(claim, secret, canonical, &signature);
    bool equal = !signature.overflow && secret_equal(buffer_bytes(&signature), claim->proof);
    secret_wipe(memory, sizeof memory);
    return equal;
}

/* The cloud APIs of Baidu carry bce-auth-v1 in Authorization, its API gateway in a header of its own (baidu.md 1). */
bool scheme_signature_places(struct proof_plan *plan, enum scheme_id id)
{
    struct place place = scheme_default_place(id);
    if (!proof_plan_add(plan, place)) return false;
    place.name = BYTES("authorization");
    return id != SCHEME_BCE_AUTH_V1 || proof_plan_add(plan, place);
}

/* A name without value gains a '=', hence one byte more for each parameter of a form. */
static size_t form_bound(const struct body_facts *body)
{
    if (body == NULL) return 0;
    return body->form.length + (body->form.length < PAIRS_MAX ? body->form.length : PAIRS_MAX);
}

/* Percent-encoding makes three bytes of one; each field stands at most once, a signed name that is absent as "name:". */
size_t scheme_text_bound(const struct scheme_input *input)
{
    const struct http_request *request = input->request;
    size_t bound = 256 + request->method.length + 3 * request->target.length + 3 * input->claim->signed_names.length;
    size_t factor = input->claim->scheme->encodes_fields ? 3 : 1;
    for (size_t i = 0; i < request->field_count; i++)
        bound += factor * (request->fields[i].name.length + request->fields[i].value.length) + 2;
    return bound + form_bound(input->body);
}

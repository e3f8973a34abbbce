/* sdk-hmac-sha256: Huawei Cloud's request signature, for clients (huawei.md 1), the management API, and backends (3.2). */
#include "scheme/sdk_hmac.h"

#include "base/text.h"
#include "scheme/sdk_sign.h"

const char *const sdk_hmac_carriers[] = {"authorization", SDK_HMAC_DATE, SDK_HMAC_PAYLOAD, NULL};
const char *const sdk_sm3_carriers[] = {"authorization", SDK_HMAC_DATE, "x-sdk-content-sm3", NULL};

const struct sdk_hmac_dialect *sdk_hmac_dialect_of(const struct scheme *scheme)
{
    static const struct sdk_hmac_dialect sha256 = {
        SDK_HMAC_ALGORITHM, SDK_HMAC_PAYLOAD, "X-Sdk-Content-Sha256", DIGEST_SHA256, BODY_SHA256, false, false};
    static const struct sdk_hmac_dialect sm3 = {"SDK-HMAC-SM3", "x-sdk-content-sm3", "X-Sdk-Content-Sm3", DIGEST_SM3, BODY_SM3, false,
                                                false};
    static const struct sdk_hmac_dialect v11 = {
        "V11-HMAC-SHA256", SDK_HMAC_PAYLOAD, "X-Sdk-Content-Sha256", DIGEST_SHA256, BODY_SHA256, true, false};
    static const struct sdk_hmac_dialect ecdsa = {
        "SDK-ECDSA-P256-SHA256", SDK_HMAC_PAYLOAD, "X-Sdk-Content-Sha256", DIGEST_SHA256, BODY_SHA256, false, true};
    static const struct sdk_hmac_dialect sm2 = {"SDK-SM2-SM3", "x-sdk-content-sm3", "X-Sdk-Content-Sm3", DIGEST_SM3, BODY_SM3, false, true};
    static const struct sdk_hmac_dialect *const dialects[SCHEME_COUNT] = {[SCHEME_SDK_HMAC_SM3] = &sm3,
                                                                          [SCHEME_V11_HMAC_SHA256] = &v11,
                                                                          [SCHEME_SDK_ECDSA_P256_SHA256] = &ecdsa,
                                                                          [SCHEME_SDK_SM2_SM3] = &sm2};
    return dialects[scheme->id] != NULL ? dialects[scheme->id] : &sha256;
}

const struct digest_value *sdk_hmac_body_digest(const struct sdk_hmac_dialect *dialect, const struct body_facts *body)
{
    return dialect->body == BODY_SM3 ? &body->sm3 : &body->sha256;
}

/* "SDK-HMAC-SHA256" alone or before a blank: "SDK-HMAC-SHA256X" is another scheme. */
static bool carries_proof(const struct http_field *field, const struct place *place)
{
    if (field->name.length != place->name.length || !bytes_equal_folded(field->name, place->name)) return false;
    if (!bytes_start_with_folded(field->value, place->prefix)) return false;
    struct bytes rest = bytes_from(field->value, place->prefix.length);
    return rest.length == 0 || rest.data[0] == ' ' || rest.data[0] == '\t';
}

size_t sdk_hmac_present(const struct http_request *request, const struct place *place)
{
    size_t count = 0;
    for (size_t i = 0; i < request->field_count; i++) count += carries_proof(&request->fields[i], place);
    return count;
}

/* A digest that the header declares was signed as text; now it must also be the body's. UNSIGNED-PAYLOAD leaves the body open, which an
 * operator may refuse. */
enum refusal sdk_hmac_check_body(const struct scheme_input *input, const struct admission_rules *rules)
{
    const struct sdk_hmac_reading *reading = input->claim->reading;
    const struct sdk_hmac_dialect *dialect = sdk_hmac_dialect_of(input->claim->scheme);
    bool open = reading->payload == SDK_HMAC_PAYLOAD_UNSIGNED && (input->body == NULL || input->body->length > 0);
    if (open && rules->require_body_digest) {
        if (input->field != NULL) *input->field = bytes_of_text(dialect->payload_shown);
        return REFUSAL_BODY_DIGEST_MISSING;
    }
    if (reading->payload != SDK_HMAC_PAYLOAD_DIGEST) return REFUSAL_NONE;
    uint8_t memory[DIGEST_MAX_SIZE];
    struct buffer declared = buffer_over(memory, sizeof memory);
    if (input->body != NULL && hex_decode(&declared, reading->payload_text) &&
        bytes_equal(buffer_bytes(&declared), digest_bytes(sdk_hmac_body_digest(dialect, input->body))))
        return REFUSAL_NONE;
    if (input->field != NULL) *input->field = bytes_of_text(dialect->payload_shown);
    return REFUSAL_BODY_DIGEST_MISMATCH;
}

static bool write_hmac(const struct sdk_proof *proof, struct bytes string_to_sign, struct buffer *out)
{
    struct digest_value mac = hmac_by(DIGEST_SHA256, &proof->signing->secret, string_to_sign);
    hex_encode(out, digest_bytes(&mac));
    return true;
}

const struct sdk_proof sdk_proof_hmac = {.algorithm = BYTES(SDK_HMAC_ALGORITHM), .scheme = &scheme_sdk_hmac_sha256, .write = write_hmac};

/* Names as a person writes them. */
static bool lower_names(struct signing *signing, struct arena *arena)
{
    struct bytes *lower = arena_take_array(arena, signing->name_count, sizeof *lower);
    if (lower == NULL) return false;
    for (size_t i = 0; i < signing->name_count; i++) {
        struct buffer name = buffer_in(arena, signing->names[i].length);
        buffer_add_lower(&name, signing->names[i]);
        lower[i] = buffer_bytes(&name);
        if (!http_name_is_token(lower[i])) return false;
    }
    signing->names = lower;
    return true;
}

bool sdk_hmac_sign_as(const struct scheme *scheme, const struct signing *signing, struct arena *arena, struct signed_fields *fields)
{
    struct sdk_proof proof = {.algorithm = bytes_of_text(sdk_hmac_dialect_of(scheme)->algorithm), .scheme = scheme};
    struct signing lower = *signing;
    return signing->secret.text.length > 0 && lower_names(&lower, arena) && sdk_sign(&lower, &proof, arena, fields);
}

static bool sign_sha256(const struct signing *signing, struct arena *arena, struct signed_fields *fields)
{
    return sdk_hmac_sign_as(&scheme_sdk_hmac_sha256, signing, arena, fields);
}

static bool sign_sm3(const struct signing *signing, struct arena *arena, struct signed_fields *fields)
{
    return sdk_hmac_sign_as(&scheme_sdk_hmac_sm3, signing, arena, fields);
}

/* Without a region and a service there is no key. */
static bool sign_v11(const struct signing *signing, struct arena *arena, struct signed_fields *fields)
{
    return sdk_hmac_sign_as(&scheme_v11_hmac_sha256, signing, arena, fields);
}

const struct scheme scheme_sdk_hmac_sha256 = {
    .id = SCHEME_SDK_HMAC_SHA256,
    .name = "sdk-hmac-sha256",
    .proof_kind = PROOF_MAC,
    .format = ANSWER_APIG,
    .carriers = sdk_hmac_carriers,
    .present = sdk_hmac_present,
    .read = sdk_hmac_read,
    .candidate_count = 8,
    .canonical = sdk_hmac_canonical,
    .signature = sdk_hmac_signature,
    .check_body = sdk_hmac_check_body,
    .sign = sign_sha256,
};

/* GB/T 32905 in place of SHA-256, throughout. */
const struct scheme scheme_sdk_hmac_sm3 = {
    .id = SCHEME_SDK_HMAC_SM3,
    .name = "sdk-hmac-sm3",
    .proof_kind = PROOF_MAC,
    .format = ANSWER_APIG,
    .carriers = sdk_sm3_carriers,
    .present = sdk_hmac_present,
    .read = sdk_hmac_read,
    .candidate_count = 8,
    .canonical = sdk_hmac_canonical,
    .signature = sdk_hmac_signature,
    .check_body = sdk_hmac_check_body,
    .sign = sign_sm3,
};

/* With a key that is derived for a day, a region and a service. */
const struct scheme scheme_v11_hmac_sha256 = {
    .id = SCHEME_V11_HMAC_SHA256,
    .name = "v11-hmac-sha256",
    .proof_kind = PROOF_MAC,
    .format = ANSWER_APIG,
    .carriers = sdk_hmac_carriers,
    .present = sdk_hmac_present,
    .read = sdk_hmac_read,
    .candidate_count = 8,
    .canonical = sdk_hmac_canonical,
    .signature = sdk_hmac_signature,
    .check_body = sdk_hmac_check_body,
    .sign = sign_v11,
};

/* sdk-hmac-sha256: Huawei Cloud's request signature, for clients (huawei.md 1), the management API, and backends (3.2). */
#include "scheme/sdk_hmac.h"

#include "base/text.h"
#include "scheme/sdk_sign.h"

static const char *const carriers[] = {"authorization", SDK_HMAC_DATE, SDK_HMAC_PAYLOAD, NULL};
static const char *const sm3_carriers[] = {"authorization", SDK_HMAC_DATE, "x-sdk-content-sm3", NULL};

const struct sdk_hmac_dialect *sdk_hmac_dialect_of(const struct scheme *scheme)
{
    static const struct sdk_hmac_dialect sha256 = {SDK_HMAC_ALGORITHM, SDK_HMAC_PAYLOAD, "X-Sdk-Content-Sha256",
                                                   DIGEST_SHA256,      BODY_SHA256,      false};
    static const struct sdk_hmac_dialect sm3 = {"SDK-HMAC-SM3", "x-sdk-content-sm3", "X-Sdk-Content-Sm3", DIGEST_SM3, BODY_SM3, false};
    static const struct sdk_hmac_dialect v11 = {"V11-HMAC-SHA256", SDK_HMAC_PAYLOAD, "X-Sdk-Content-Sha256",
                                                DIGEST_SHA256,     BODY_SHA256,      true};
    if (scheme == &scheme_sdk_hmac_sm3) return &sm3;
    return scheme == &scheme_v11_hmac_sha256 ? &v11 : &sha256;
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

static size_t present(const struct http_request *request, const struct place *place)
{
    size_t count = 0;
    for (size_t i = 0; i < request->field_count; i++) count += carries_proof(&request->fields[i], place);
    return count;
}

/* A digest that the header declares was signed as text; now it must also be the body's. UNSIGNED-PAYLOAD leaves the body open, which an
 * operator may refuse. */
static enum refusal check_body(const struct scheme_input *input, const struct admission_rules *rules)
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

const struct sdk_proof sdk_proof_hmac = {.algorithm = BYTES(SDK_HMAC_ALGORITHM), .write = write_hmac};

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

static bool sign(const struct signing *signing, struct arena *arena, struct signed_fields *fields)
{
    struct sdk_proof proof = sdk_proof_hmac;
    struct signing lower = *signing;
    return signing->secret.text.length > 0 && lower_names(&lower, arena) && sdk_sign(&lower, &proof, arena, fields);
}

const struct scheme scheme_sdk_hmac_sha256 = {
    .id = SCHEME_SDK_HMAC_SHA256,
    .name = "sdk-hmac-sha256",
    .proof_kind = PROOF_MAC,
    .format = ANSWER_APIG,
    .carriers = carriers,
    .present = present,
    .read = sdk_hmac_read,
    .candidate_count = 8,
    .canonical = sdk_hmac_canonical,
    .signature = sdk_hmac_signature,
    .check_body = check_body,
    .sign = sign,
};

/* GB/T 32905 in place of SHA-256, throughout. */
const struct scheme scheme_sdk_hmac_sm3 = {
    .id = SCHEME_SDK_HMAC_SM3,
    .name = "sdk-hmac-sm3",
    .proof_kind = PROOF_MAC,
    .format = ANSWER_APIG,
    .carriers = sm3_carriers,
    .present = present,
    .read = sdk_hmac_read,
    .candidate_count = 8,
    .canonical = sdk_hmac_canonical,
    .signature = sdk_hmac_signature,
    .check_body = check_body,
};

/* With a key that is derived for a day, a region and a service. */
const struct scheme scheme_v11_hmac_sha256 = {
    .id = SCHEME_V11_HMAC_SHA256,
    .name = "v11-hmac-sha256",
    .proof_kind = PROOF_MAC,
    .format = ANSWER_APIG,
    .carriers = carriers,
    .present = present,
    .read = sdk_hmac_read,
    .candidate_count = 8,
    .canonical = sdk_hmac_canonical,
    .signature = sdk_hmac_signature,
    .check_body = check_body,
};

/* sdk-ecdsa-p256-sha256 and sdk-sm2-sm3 (huawei.md 1.3): the text of sdk-hmac-sha256, signed with a private key that both sides derive from
 * the secret. So whoever checks could sign as well, as with a MAC, and a key pair that makes the one makes the other. */
#include "base/text.h"
#include "crypto/scalar_key.h"
#include "crypto/secret.h"
#include "scheme/sdk_hmac.h"

#define MAX_KEY_LENGTH 256
#define COUNTERS       255

static enum scalar_curve curve_of(const struct sdk_hmac_dialect *dialect)
{
    return dialect->hash == DIGEST_SM3 ? SCALAR_SM2 : SCALAR_P256;
}

/* 00000001 | algorithm | 00 | key id | counter | 00000100, MACed with the secret; the first that is small enough counts. */
static bool derive(const struct claim *claim, struct bytes secret, uint8_t scalar[static SCALAR_SIZE])
{
    static const uint8_t begin[] = {0, 0, 0, 1}, end[] = {0, 0, 1, 0};
    const struct sdk_hmac_dialect *dialect = sdk_hmac_dialect_of(claim->scheme);
    uint8_t memory[MAX_KEY_LENGTH + 64];
    bool found = false;
    for (unsigned counter = 0; counter < COUNTERS && !found; counter++) {
        struct buffer text = buffer_over(memory, sizeof memory);
        buffer_add(&text, bytes_of(begin, sizeof begin));
        buffer_add_text(&text, dialect->algorithm);
        buffer_add_byte(&text, 0);
        buffer_add(&text, claim->key_id);
        buffer_add_byte(&text, (uint8_t)counter);
        buffer_add(&text, bytes_of(end, sizeof end));
        if (text.overflow) return false;
        struct digest_value candidate = hmac_of(dialect->hash, secret, buffer_bytes(&text));
        found = scalar_of_candidate(curve_of(dialect), candidate.data, scalar);
        secret_wipe(&candidate, sizeof candidate);
    }
    return found;
}

static void write_message(const struct claim *claim, struct bytes canonical, struct buffer *out)
{
    sdk_hmac_string_to_sign(claim, bytes_of_text(sdk_hmac_dialect_of(claim->scheme)->algorithm), canonical, out);
}

static bool holds(const struct claim *claim, struct bytes secret, const struct scheme_messages *messages, struct scalar_keys *keys)
{
    uint8_t der_memory[SCALAR_MAX_SIGNATURE], scalar[SCALAR_SIZE];
    struct buffer der = buffer_over(der_memory, sizeof der_memory);
    if (!hex_decode(&der, claim->proof) || !derive(claim, secret, scalar)) return false;
    const struct scalar_question question = {messages->items, messages->count, buffer_bytes(&der)};
    bool right = scalar_keys_check(keys, curve_of(sdk_hmac_dialect_of(claim->scheme)), scalar, &question);
    secret_wipe(scalar, sizeof scalar);
    return right;
}

static struct scalar_signer *signer_prepare(const struct claim *claim, struct bytes secret)
{
    uint8_t scalar[SCALAR_SIZE];
    if (!derive(claim, secret, scalar)) return NULL;
    struct scalar_signer *signer = scalar_signer_prepare(curve_of(sdk_hmac_dialect_of(claim->scheme)), scalar);
    secret_wipe(scalar, sizeof scalar);
    return signer;
}

/* Nothing is written when it fails, which nobody takes for a signature. */
static void signature(const struct claim *claim, const struct hmac_secret *secret, struct bytes canonical, struct buffer *out)
{
    uint8_t text_memory[SCHEME_MAX_MESSAGE], der_memory[SCALAR_MAX_SIGNATURE];
    struct buffer text = buffer_over(text_memory, sizeof text_memory), der = buffer_over(der_memory, sizeof der_memory);
    struct scalar_signer *signer = signer_prepare(claim, secret->text);
    write_message(claim, canonical, &text);
    if (signer != NULL && !text.overflow && scalar_signer_sign(signer, buffer_bytes(&text), &der)) {
        hex_encode(out, buffer_bytes(&der));
    } else {
        out->overflow = true;
    }
    scalar_signer_destroy(signer);
}

static bool sign_ecdsa(const struct signing *signing, struct arena *arena, struct signed_fields *fields)
{
    return sdk_hmac_sign_as(&scheme_sdk_ecdsa_p256_sha256, signing, arena, fields);
}

static bool sign_sm2(const struct signing *signing, struct arena *arena, struct signed_fields *fields)
{
    return sdk_hmac_sign_as(&scheme_sdk_sm2_sm3, signing, arena, fields);
}

const struct scheme scheme_sdk_ecdsa_p256_sha256 = {
    .id = SCHEME_SDK_ECDSA_P256_SHA256,
    .name = "sdk-ecdsa-p256-sha256",
    .proof_kind = PROOF_MAC,
    .format = ANSWER_APIG,
    .carriers = sdk_hmac_carriers,
    .present = sdk_hmac_present,
    .read = sdk_hmac_read,
    .candidate_count = SCHEME_MAX_FORMS,
    .canonical = sdk_hmac_canonical,
    .signature = signature,
    .message = write_message,
    .holds = holds,
    .check_body = sdk_hmac_check_body,
    .sign = sign_ecdsa,
};

/* GB/T 32905 and 32918 in place of SHA-256 and ECDSA, throughout. */
const struct scheme scheme_sdk_sm2_sm3 = {
    .id = SCHEME_SDK_SM2_SM3,
    .name = "sdk-sm2-sm3",
    .proof_kind = PROOF_MAC,
    .format = ANSWER_APIG,
    .carriers = sdk_sm3_carriers,
    .present = sdk_hmac_present,
    .read = sdk_hmac_read,
    .candidate_count = SCHEME_MAX_FORMS,
    .canonical = sdk_hmac_canonical,
    .signature = signature,
    .message = write_message,
    .holds = holds,
    .check_body = sdk_hmac_check_body,
    .sign = sign_sm2,
};

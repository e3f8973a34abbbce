#include "jwt/issue.h"

#include "base/json.h"
#include "base/text.h"
#include "crypto/hmac.h"

#define P256_FIELD 32

static bool add_mac(const struct jwt_issuer *issuer, struct bytes text, struct buffer *out)
{
    struct digest_value mac = hmac_of(DIGEST_SHA256, issuer->secret, text);
    base64url_encode(out, digest_bytes(&mac));
    return true;
}

/* One INTEGER of an ECDSA-Sig-Value (RFC 3279, 2.2.3), as long as the field. */
static bool take_integer(struct bytes *der, uint8_t number[static P256_FIELD])
{
    if (der->length < 2 || der->data[0] != 0x02 || der->data[1] > der->length - 2) return false;
    struct bytes digits = bytes_slice(*der, 2, der->data[1]);
    *der = bytes_from(*der, 2 + digits.length);
    while (digits.length > 0 && digits.data[0] == 0) digits = bytes_from(digits, 1);
    if (digits.length > P256_FIELD) return false;
    memset(number, 0, P256_FIELD);
    if (digits.length > 0) memcpy(number + P256_FIELD - digits.length, digits.data, digits.length);
    return true;
}

/* R and S side by side (RFC 7518, 3.4). */
static bool add_pair(struct bytes der, struct buffer *out)
{
    uint8_t pair[2 * P256_FIELD];
    if (der.length < 2 || der.data[0] != 0x30 || der.data[1] != der.length - 2) return false;
    struct bytes rest = bytes_from(der, 2);
    if (!take_integer(&rest, pair) || !take_integer(&rest, pair + P256_FIELD) || rest.length > 0) return false;
    base64url_encode(out, bytes_of(pair, sizeof pair));
    return true;
}

static bool add_signature(const struct jwt_issuer *issuer, struct bytes text, struct buffer *out)
{
    uint8_t memory[PRIVATE_KEY_MAX_SIGNATURE];
    struct buffer signature = buffer_over(memory, sizeof memory);
    bool rsa = issuer->algorithm == VERIFY_RS256;
    if (issuer->key == NULL || private_key_kind(issuer->key) != (rsa ? PRIVATE_KEY_RSA : PRIVATE_KEY_P256)) return false;
    if (!private_key_sign(issuer->key, text, &signature)) return false;
    if (!rsa) return add_pair(buffer_bytes(&signature), out);
    base64url_encode(out, buffer_bytes(&signature));
    return true;
}

static bool add_proof(const struct jwt_issuer *issuer, struct bytes text, struct buffer *out)
{
    switch (issuer->algorithm) {
    case VERIFY_HS256:
        return add_mac(issuer, text, out);
    case VERIFY_RS256:
    case VERIFY_ES256:
        return add_signature(issuer, text, out);
    default:
        return false;
    }
}

bool jwt_issue(const struct jwt_issuer *issuer, struct bytes claims, struct buffer *out)
{
    char memory[2048];
    struct buffer header = buffer_over(memory, sizeof memory);
    size_t begin = out->length;
    buffer_add_text(&header, "{\"alg\":\"");
    buffer_add_text(&header, verify_algorithm_name(issuer->algorithm));
    buffer_add_text(&header, "\",\"typ\":\"JWT\"");
    if (issuer->kid.length > 0) {
        buffer_add_text(&header, ",\"kid\":");
        json_write_string(&header, issuer->kid);
    }
    buffer_add_text(&header, "}");
    base64url_encode(out, buffer_bytes(&header));
    buffer_add_byte(out, '.');
    base64url_encode(out, claims);
    struct bytes text = bytes_from(buffer_bytes(out), begin);
    buffer_add_byte(out, '.');
    return !header.overflow && !out->overflow && add_proof(issuer, text, out) && !out->overflow;
}

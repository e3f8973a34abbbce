#include "jwt/issue.h"

#include "base/json.h"
#include "base/text.h"

static bool add_proof(const struct jwt_issuer *issuer, struct bytes text, struct buffer *out)
{
    uint8_t memory[SIGN_KEY_MAX_SIGNATURE];
    struct buffer proof = buffer_over(memory, sizeof memory);
    bool done = issuer->key != NULL ? sign_key_sign(issuer->key, issuer->algorithm, text, &proof)
                                    : sign_key_mac(issuer->algorithm, issuer->secret, text, &proof);
    base64url_encode(out, buffer_bytes(&proof));
    return done;
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

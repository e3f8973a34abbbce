#include "jwt/token.h"

#include "base/text.h"

bool jwt_has_shape(struct bytes text)
{
    size_t dots = 0;
    for (size_t dot = bytes_find(text, '.'); dot < text.length && dots <= 2; dot = bytes_find(text, '.')) {
        text = bytes_from(text, dot + 1);
        dots++;
    }
    return dots == 2;
}

/* Cuts the parts; five of them are an encrypted token (RFC 7516), a '{' is the JSON form (RFC 7515, 7.2). */
static bool cut(struct bytes text, struct bytes parts[static 3])
{
    if (text.length > JWT_MAX_LENGTH || !jwt_has_shape(text)) return false;
    for (size_t i = 0; i < 3; i++) {
        size_t dot = bytes_find(text, '.');
        parts[i] = bytes_slice(text, 0, dot);
        text = bytes_from(text, dot + 1);
    }
    return parts[0].length > 0;
}

static enum jwt_verdict decode(struct arena *arena, struct bytes part, struct bytes *decoded)
{
    struct buffer out = buffer_in(arena, part.length);
    if (arena->exhausted) return JWT_TOO_COMPLEX;
    bool good = base64url_decode(&out, part);
    *decoded = buffer_bytes(&out);
    return good ? JWT_GOOD : JWT_MALFORMED;
}

static enum jwt_verdict read_object(struct arena *arena, struct bytes decoded, struct json_value *object)
{
    bool good = json_read(arena, decoded, object) && object->type == JSON_TYPE_OBJECT;
    if (arena->exhausted) return JWT_TOO_COMPLEX;
    return good ? JWT_GOOD : JWT_MALFORMED;
}

/* Members that change what the token means (crit: RFC 7515, 4.1.11; b64: RFC 7797; enc, zip: RFC 7516), or bring a key along
 * (CVE-2018-0114). A key comes from whoever configured this gateway, never with the token; and none is fetched for its sake. */
static bool asks_too_much(struct bytes name)
{
    static const char threes[][4] = {"b64", "enc", "zip", "jwk", "jku", "x5u", "x5c"};
    if (name.length != 3) return bytes_equal(name, BYTES("crit"));
    for (size_t i = 0; i < sizeof threes / sizeof threes[0]; i++)
        if (bytes_equal(name, bytes_of(threes[i], 3))) return true;
    return false;
}

static enum jwt_verdict read_member(const struct json_value *name, const struct json_value *value, struct jwt_token *token)
{
    if (asks_too_much(name->text)) return JWT_HEADER_REFUSED;
    if (bytes_equal(name->text, BYTES("alg"))) {
        if (value->type != JSON_TYPE_STRING) return JWT_MALFORMED;
        token->algorithm = verify_algorithm_named(value->text);
        if (token->algorithm == VERIFY_NONE) return JWT_ALGORITHM_UNKNOWN;
    }
    if (bytes_equal(name->text, BYTES("kid"))) {
        if (value->type != JSON_TYPE_STRING || value->text.length > JWT_MAX_KID) return JWT_MALFORMED;
        token->has_kid = true;
        token->kid = value->text;
    }
    return JWT_GOOD;
}

static enum jwt_verdict read_header(struct arena *arena, struct bytes part, struct jwt_token *token)
{
    struct json_value header = {0}, name, value;
    struct bytes decoded;
    enum jwt_verdict verdict = decode(arena, part, &decoded);
    if (verdict == JWT_GOOD) verdict = read_object(arena, decoded, &header);
    struct bytes rest = header.raw;
    while (verdict == JWT_GOOD && json_next(arena, &rest, &name, &value)) verdict = read_member(&name, &value, token);
    if (arena->exhausted) return JWT_TOO_COMPLEX;
    if (verdict != JWT_GOOD) return verdict;
    return token->algorithm == VERIFY_NONE ? JWT_MALFORMED : JWT_GOOD;
}

enum jwt_verdict jws_read(struct arena *arena, struct bytes text, struct jwt_token *token)
{
    struct bytes parts[3];
    *token = (struct jwt_token){.algorithm = VERIFY_NONE};
    if (!cut(text, parts)) return JWT_MALFORMED;
    token->signed_text = bytes_slice(text, 0, parts[0].length + 1 + parts[1].length);
    enum jwt_verdict verdict = read_header(arena, parts[0], token);
    if (verdict == JWT_GOOD) verdict = decode(arena, parts[1], &token->payload);
    return verdict == JWT_GOOD ? decode(arena, parts[2], &token->signature) : verdict;
}

enum jwt_verdict jwt_token_read(struct arena *arena, struct bytes text, struct jwt_token *token)
{
    enum jwt_verdict verdict = jws_read(arena, text, token);
    return verdict == JWT_GOOD ? read_object(arena, token->payload, &token->claims) : verdict;
}

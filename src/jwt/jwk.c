#include "jwt/jwk.h"

#include "base/text.h"

/* Members of a key as text; those that are absent are empty. */
struct members {
    struct arena *arena;
    const struct json_value *object;
    const char *problem;
};

static bool text_of(struct members *members, const char *name, struct bytes *text)
{
    struct json_value value;
    *text = bytes_of(NULL, 0);
    if (!json_member(members->arena, members->object, bytes_of_text(name), &value)) return false;
    if (value.type != JSON_TYPE_STRING) members->problem = "a member that must be a string is none";
    *text = value.text;
    return true;
}

static struct bytes number_of(struct members *members, const char *name)
{
    struct bytes text;
    if (!text_of(members, name, &text) || members->problem != NULL) return text;
    struct buffer out = buffer_in(members->arena, text.length);
    if (!base64url_decode(&out, text)) members->problem = "a number is not in base64url without padding";
    return buffer_bytes(&out);
}

static bool is(struct bytes text, const char *word)
{
    return bytes_equal(text, bytes_of_text(word));
}

static bool holds_verify(struct members *members)
{
    struct json_value operations, operation;
    if (!json_member(members->arena, members->object, BYTES("key_ops"), &operations)) return true;
    struct bytes rest = operations.raw;
    if (operations.type != JSON_TYPE_ARRAY) return false;
    while (json_next(members->arena, &rest, NULL, &operation))
        if (operation.type == JSON_TYPE_STRING && is(operation.text, "verify")) return true;
    return false;
}

/* RFC 7517, 4.2 and 4.3. */
static const char *check_use(struct members *members)
{
    struct bytes use;
    if (text_of(members, "use", &use) && !is(use, "sig")) return "it is not for signatures (use)";
    return holds_verify(members) ? NULL : "it is not for checking signatures (key_ops)";
}

static enum verify_algorithm implied_by_type(struct bytes type, struct bytes curve)
{
    if (is(type, "RSA")) return VERIFY_RS256;
    if (is(type, "oct")) return VERIFY_HS256;
    if (is(type, "OKP")) return is(curve, "Ed25519") ? VERIFY_EDDSA : VERIFY_NONE;
    if (!is(type, "EC")) return VERIFY_NONE;
    if (is(curve, "P-256")) return VERIFY_ES256;
    if (is(curve, "P-384")) return VERIFY_ES384;
    return is(curve, "P-521") ? VERIFY_ES512 : VERIFY_NONE;
}

/* Of RSA and oct any algorithm of the family; of curves exactly the one. */
static bool suits(enum verify_algorithm algorithm, enum verify_algorithm implied)
{
    if (verify_family_of(implied) == VERIFY_RSA || verify_family_of(implied) == VERIFY_HMAC)
        return algorithm != VERIFY_NONE && verify_family_of(algorithm) == verify_family_of(implied);
    return algorithm == implied;
}

static const char *read_algorithm(struct members *members, struct jwk *jwk)
{
    struct bytes type, curve, algorithm;
    if (!text_of(members, "kty", &type)) return "kty is missing";
    text_of(members, "crv", &curve);
    enum verify_algorithm implied = implied_by_type(type, curve);
    if (implied == VERIFY_NONE) return "its type or curve is none of RSA, EC (P-256, P-384, P-521), OKP (Ed25519), oct";
    jwk->algorithm = implied;
    if (text_of(members, "alg", &algorithm)) jwk->algorithm = verify_algorithm_named(algorithm);
    return suits(jwk->algorithm, implied) ? NULL : "alg is unknown, or not one for this type of key";
}

/* RFC 7518, 6.2.2 and 6.3.2. */
static bool has_private(struct members *members)
{
    static const char *const names[] = {"d", "p", "q", "dp", "dq", "qi", "oth"};
    struct json_value value;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (json_member(members->arena, members->object, bytes_of_text(names[i]), &value)) return true;
    return false;
}

static void read_material(struct members *members, struct jwk *jwk)
{
    struct verify_material *material = &jwk->material;
    switch (verify_family_of(jwk->algorithm)) {
    case VERIFY_HMAC:
        material->secret = number_of(members, "k");
        return;
    case VERIFY_RSA:
        material->modulus = number_of(members, "n");
        material->exponent = number_of(members, "e");
        break;
    case VERIFY_ECDSA:
        material->y = number_of(members, "y");
        material->x = number_of(members, "x");
        break;
    case VERIFY_ED25519:
        material->x = number_of(members, "x");
        break;
    }
    jwk->is_private = has_private(members);
}

const char *jwk_read(struct arena *arena, const struct json_value *object, struct jwk *jwk)
{
    struct members members = {arena, object, NULL};
    *jwk = (struct jwk){.algorithm = VERIFY_NONE};
    if (object->type != JSON_TYPE_OBJECT) return "it is no JSON object";
    jwk->has_kid = text_of(&members, "kid", &jwk->kid);
    if (jwk->kid.length > JWT_MAX_KID) return "its kid is longer than 256 bytes";
    const char *problem = read_algorithm(&members, jwk);
    if (problem == NULL) problem = check_use(&members);
    if (problem != NULL) return problem;
    read_material(&members, jwk);
    return arena->exhausted ? "it is too large" : members.problem;
}

static const char *keys_of(struct arena *arena, struct bytes text, struct json_value *keys)
{
    struct json_value document;
    if (text.length > JWK_SET_MAX_LENGTH) return "it is longer than 64 KiB";
    if (!json_read(arena, text, &document)) return "it is no JSON, has a member twice, or is too deep";
    if (!json_member(arena, &document, BYTES("keys"), keys) || keys->type != JSON_TYPE_ARRAY) return "it has no list \"keys\"";
    return NULL;
}

static bool same_name(const struct jwk *a, const struct jwk *b)
{
    return a->algorithm == b->algorithm && a->has_kid == b->has_kid && bytes_equal(a->kid, b->kid);
}

static bool is_known(const struct jwk_set *set, const struct jwk *jwk)
{
    for (size_t i = 0; i < set->count; i++)
        if (same_name(&set->keys[i], jwk)) return true;
    return false;
}

static const char *add_key(struct arena *arena, const struct json_value *value, struct jwk_set *set)
{
    struct jwk jwk;
    const char *unfit = jwk_read(arena, value, &jwk);
    if (unfit != NULL) return unfit;
    if (is_known(set, &jwk)) return "another key has the same kid and alg";
    if (set->count == JWK_SET_MAX_KEYS) return "more than 32 keys";
    set->keys[set->count++] = jwk;
    return NULL;
}

const char *jwk_set_read(struct arena *arena, struct bytes text, bool lenient, struct jwk_set *set)
{
    struct json_value keys, value;
    set->count = set->at = 0;
    const char *problem = keys_of(arena, text, &keys);
    if (problem != NULL) return problem;
    for (struct bytes rest = keys.raw; json_next(arena, &rest, NULL, &value); set->at++) {
        const char *unfit = add_key(arena, &value, set);
        if (arena->exhausted) return "it is too large";
        if (unfit != NULL && !lenient) return unfit;
    }
    return set->count == 0 ? "it holds no key that tokens can be checked with" : NULL;
}

/* 2: made for this kid; 1: for any. 0: for another one. A broken key of the kid counts as well: it says that the kid is not one key's. */
static int closeness(const struct jwk *jwk, const struct jwt_token *token)
{
    if (jwk->algorithm != token->algorithm) return 0;
    if (!token->has_kid) return 1;
    if (!jwk->has_kid) return 1;
    return bytes_equal(jwk->kid, token->kid) ? 2 : 0;
}

enum jwt_verdict jwk_set_find(struct arena *arena, struct bytes set, const struct jwt_token *token, struct jwk *jwk)
{
    struct json_value keys, value;
    int best = 0;
    bool several = false;
    if (keys_of(arena, set, &keys) != NULL) return arena->exhausted ? JWT_TOO_COMPLEX : JWT_FAULT;
    for (struct bytes rest = keys.raw; json_next(arena, &rest, NULL, &value);) {
        struct jwk candidate;
        if (jwk_read(arena, &value, &candidate) != NULL && !candidate.has_kid) continue;
        int close = closeness(&candidate, token);
        if (close == 0 || close < best) continue;
        several = close == best;
        best = close;
        *jwk = candidate;
    }
    if (arena->exhausted) return JWT_TOO_COMPLEX;
    return best == 0 || several ? JWT_KEY_UNKNOWN : JWT_GOOD;
}

static void write_number(struct buffer *out, const char *name, struct bytes number)
{
    if (number.length == 0) return;
    buffer_add_text(out, ",\"");
    buffer_add_text(out, name);
    buffer_add_text(out, "\":\"");
    base64url_encode(out, number);
    buffer_add_text(out, "\"");
}

static const char *type_words(enum verify_algorithm algorithm)
{
    switch (algorithm) {
    case VERIFY_ES256:
        return "{\"kty\":\"EC\",\"crv\":\"P-256\"";
    case VERIFY_ES384:
        return "{\"kty\":\"EC\",\"crv\":\"P-384\"";
    case VERIFY_ES512:
        return "{\"kty\":\"EC\",\"crv\":\"P-521\"";
    case VERIFY_EDDSA:
        return "{\"kty\":\"OKP\",\"crv\":\"Ed25519\"";
    default:
        return verify_family_of(algorithm) == VERIFY_RSA ? "{\"kty\":\"RSA\"" : "{\"kty\":\"oct\"";
    }
}

void jwk_write(struct buffer *out, const struct jwk *jwk)
{
    buffer_add_text(out, type_words(jwk->algorithm));
    buffer_add_text(out, ",\"alg\":\"");
    buffer_add_text(out, verify_algorithm_name(jwk->algorithm));
    buffer_add_text(out, "\"");
    if (jwk->has_kid) {
        buffer_add_text(out, ",\"kid\":");
        json_write_string(out, jwk->kid);
    }
    write_number(out, "k", jwk->material.secret);
    write_number(out, "n", jwk->material.modulus);
    write_number(out, "e", jwk->material.exponent);
    write_number(out, "x", jwk->material.x);
    write_number(out, "y", jwk->material.y);
    buffer_add_text(out, "}");
}

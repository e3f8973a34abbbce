#include "jwt/claims.h"

/* RFC 6901, 4: "~1" is '/', "~0" is '~'. */
static bool unescape_token(struct arena *arena, struct bytes token, struct bytes *name)
{
    if (bytes_find(token, '~') == token.length) {
        *name = token;
        return true;
    }
    struct buffer out = buffer_in(arena, token.length);
    for (size_t i = 0; i < token.length; i++) {
        if (token.data[i] != '~') {
            buffer_add_byte(&out, token.data[i]);
            continue;
        }
        uint8_t code = ++i < token.length ? token.data[i] : 0;
        if (code != '0' && code != '1') return false;
        buffer_add_byte(&out, code == '0' ? '~' : '/');
    }
    *name = buffer_bytes(&out);
    return !out.overflow;
}

/* An index has no leading zeros. */
static bool element_at(struct arena *arena, const struct json_value *array, struct bytes index, struct json_value *value)
{
    struct bytes rest = array->raw;
    size_t wanted = 0;
    if (index.length == 0 || index.length > 4 || (index.length > 1 && index.data[0] == '0')) return false;
    for (size_t i = 0; i < index.length; i++) {
        if (index.data[i] < '0' || index.data[i] > '9') return false;
        wanted = 10 * wanted + (size_t)(index.data[i] - '0');
    }
    for (size_t at = 0; json_next(arena, &rest, NULL, value); at++)
        if (at == wanted) return true;
    return false;
}

static bool step(struct arena *arena, struct bytes token, struct json_value *value)
{
    struct json_value inside = *value;
    struct bytes name;
    if (inside.type == JSON_TYPE_ARRAY) return element_at(arena, &inside, token, value);
    return unescape_token(arena, token, &name) && json_member(arena, &inside, name, value);
}

bool jwt_claim_find(struct arena *arena, const struct jwt_token *token, struct bytes path, struct json_value *value)
{
    if (path.length == 0 || path.data[0] != '/') return json_member(arena, &token->claims, path, value);
    *value = token->claims;
    for (struct bytes rest = bytes_from(path, 1);;) {
        size_t end = bytes_find(rest, '/');
        if (!step(arena, bytes_slice(rest, 0, end), value)) return false;
        if (end == rest.length) return true;
        rest = bytes_from(rest, end + 1);
    }
}

bool jwt_claim_text(const struct json_value *value, struct bytes *text)
{
    bool plain = value->type == JSON_TYPE_STRING || value->type == JSON_TYPE_NUMBER;
    *text = plain ? value->text : value->raw;
    return value->type != JSON_TYPE_NULL;
}

static enum jwt_verdict at_fault(struct jwt_check *check, const char *claim, enum jwt_verdict verdict)
{
    check->field = bytes_of_text(claim);
    return verdict;
}

/* The claims that are looked at; one walk finds them all. */
enum registered { CLAIM_ISS, CLAIM_AUD, CLAIM_EXP, CLAIM_NBF, CLAIM_IAT, CLAIMS };
struct registered_claims {
    struct json_value values[CLAIMS];
    bool there[CLAIMS];
};

static void find_claims(struct arena *arena, const struct jwt_token *token, struct registered_claims *claims)
{
    static const char names[CLAIMS][4] = {"iss", "aud", "exp", "nbf", "iat"};
    struct json_value name, value;
    for (size_t i = 0; i < CLAIMS; i++) claims->there[i] = false;
    for (struct bytes rest = token->claims.raw; json_next(arena, &rest, &name, &value);) {
        for (size_t i = 0; name.text.length == 3 && i < CLAIMS; i++) {
            if (!bytes_equal(name.text, bytes_of(names[i], 3))) continue;
            claims->values[i] = value;
            claims->there[i] = true;
        }
    }
}

/* A date is a number of seconds; a text, a fraction or an exponent is none, nor is one before 1970. *seconds stays when it is absent. */
static enum jwt_verdict read_time(const struct registered_claims *claims, enum registered claim, int64_t *seconds)
{
    if (!claims->there[claim]) return JWT_CLAIM_MISSING;
    return json_read_integer(&claims->values[claim], seconds) && *seconds >= 0 ? JWT_GOOD : JWT_CLAIM_MISMATCH;
}

static int64_t later(int64_t time, uint32_t seconds)
{
    int64_t sum;
    return __builtin_add_overflow(time, (int64_t)seconds, &sum) ? INT64_MAX : sum;
}

static enum jwt_verdict check_expiry(const struct registered_claims *claims, struct jwt_check *check)
{
    int64_t expiry = 0;
    check->times.until = INT64_MAX;
    enum jwt_verdict verdict = read_time(claims, CLAIM_EXP, &expiry);
    if (verdict == JWT_CLAIM_MISMATCH) return at_fault(check, "exp", verdict);
    if (check->rules->ignore_expiry) return JWT_GOOD;
    if (verdict == JWT_CLAIM_MISSING) return check->rules->accept_undated ? JWT_GOOD : at_fault(check, "exp", verdict);
    check->times.until = later(expiry, check->rules->leeway);
    return check->now < check->times.until ? JWT_GOOD : at_fault(check, "exp", JWT_EXPIRED);
}

/* nbf and iat alike: a token that was issued in the future is not one that was issued. */
static enum jwt_verdict check_beginning(const struct registered_claims *claims, enum registered claim, struct jwt_check *check)
{
    int64_t time = 0;
    const char *name = claim == CLAIM_NBF ? "nbf" : "iat";
    enum jwt_verdict verdict = read_time(claims, claim, &time);
    if (verdict == JWT_CLAIM_MISSING) return JWT_GOOD;
    if (verdict != JWT_GOOD) return at_fault(check, name, verdict);
    int64_t from = time - (int64_t)check->rules->leeway;
    if (from > check->times.from) check->times.from = from;
    return check->now >= from ? JWT_GOOD : at_fault(check, name, JWT_NOT_YET_VALID);
}

static bool is_issuer(const struct registered_claims *claims, struct bytes issuer, enum jwt_verdict *verdict)
{
    const struct json_value *value = &claims->values[CLAIM_ISS];
    bool there = claims->there[CLAIM_ISS];
    *verdict = there ? JWT_CLAIM_MISMATCH : JWT_CLAIM_MISSING;
    if (!there) return issuer.length == 0;
    return value->type == JSON_TYPE_STRING && (issuer.length == 0 || bytes_equal(value->text, issuer));
}

static bool is_wanted(struct bytes audiences, struct bytes audience)
{
    struct bytes wanted;
    while (token_text_next(&audiences, &wanted))
        if (bytes_equal(wanted, audience)) return true;
    return false;
}

/* RFC 7519, 4.1.3: a string or a list of strings. Anything else is no audience, whether one is demanded or not. */
static bool is_audience(struct arena *arena, const struct json_value *value, struct bytes audiences)
{
    struct json_value item;
    struct bytes rest = value->raw;
    bool wanted = audiences.length == 0;
    if (value->type == JSON_TYPE_STRING) return wanted || is_wanted(audiences, value->text);
    if (value->type != JSON_TYPE_ARRAY) return false;
    while (json_next(arena, &rest, NULL, &item)) {
        if (item.type != JSON_TYPE_STRING) return false;
        wanted = wanted || is_wanted(audiences, item.text);
    }
    return wanted;
}

static enum jwt_verdict check_audience(struct arena *arena, const struct registered_claims *claims, struct jwt_check *check)
{
    struct bytes audiences = check->rules->audiences;
    if (!claims->there[CLAIM_AUD]) return audiences.length == 0 ? JWT_GOOD : at_fault(check, "aud", JWT_CLAIM_MISSING);
    return is_audience(arena, &claims->values[CLAIM_AUD], audiences) ? JWT_GOOD : at_fault(check, "aud", JWT_CLAIM_MISMATCH);
}

enum jwt_verdict jwt_claims_check(struct arena *arena, const struct jwt_token *token, struct jwt_check *check)
{
    enum jwt_verdict verdict;
    struct registered_claims claims;
    check->times = (struct jwt_times){0, INT64_MAX};
    find_claims(arena, token, &claims);
    if (arena->exhausted) return JWT_TOO_COMPLEX;
    if (!is_issuer(&claims, check->rules->issuer, &verdict)) return at_fault(check, "iss", verdict);
    verdict = check_audience(arena, &claims, check);
    if (verdict == JWT_GOOD) verdict = check_expiry(&claims, check);
    if (verdict == JWT_GOOD) verdict = check_beginning(&claims, CLAIM_NBF, check);
    if (verdict == JWT_GOOD) verdict = check_beginning(&claims, CLAIM_IAT, check);
    return arena->exhausted ? JWT_TOO_COMPLEX : verdict;
}

enum jwt_verdict jwt_times_check(const struct jwt_times *times, int64_t now)
{
    if (now >= times->until) return JWT_EXPIRED;
    return now >= times->from ? JWT_GOOD : JWT_NOT_YET_VALID;
}

struct digest_value jwt_holder_name(struct bytes path, struct bytes value)
{
    struct digest digest;
    uint64_t length = path.length;
    digest_start(&digest, DIGEST_SHA256);
    digest_add(&digest, bytes_of(&length, sizeof length));
    digest_add(&digest, path);
    digest_add(&digest, value);
    return digest_finish(&digest);
}

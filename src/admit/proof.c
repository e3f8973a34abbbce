#include "admit/proof.h"

#include "admit/admit.h"
#include "scheme/jwt.h"

/* One header field may match two places, "Bearer " and no prefix at all. It is one proof then, and belongs to the longer prefix. In the
 * query and in cookies the name alone is the place. */
static bool covers(const struct place *place, const struct place *other)
{
    if (place->location != other->location) return false;
    if (place->location != PLACE_HEADER) return bytes_equal(place->name, other->name);
    return bytes_equal_folded(place->name, other->name) && bytes_start_with_folded(place->prefix, other->prefix);
}

/* The place of two that cover the same field; of an API key and a token in one place, the one that its value looks like. */
static const struct place *choose(const struct http_request *request, const struct place *first, const struct place *second)
{
    if (!covers(first, second)) return second;
    if (!covers(second, first)) return first;
    if ((first->scheme == SCHEME_JWT) == (second->scheme == SCHEME_JWT)) return first;
    bool fits = scheme_jwt_fits(request, first);
    return (first->scheme == SCHEME_JWT) == fits ? first : second;
}

/* A bit for the length of each header name, modulo 64: most places of a plan are not in a request, and this tells it without a look at
 * them. */
static uint64_t name_lengths(const struct http_request *request)
{
    uint64_t lengths = 0;
    for (size_t i = 0; i < request->field_count; i++) lengths |= 1ull << (request->fields[i].name.length & 63);
    return lengths;
}

static bool may_hold(const struct http_request *request, uint64_t lengths, const struct place *place)
{
    const struct scheme *scheme = scheme_by_id(place->scheme);
    if (scheme == NULL) return false;
    if (scheme->looks_elsewhere) return true;
    if (place->location == PLACE_QUERY) return request->query.length > 0;
    if (place->location == PLACE_COOKIE) return (lengths >> (sizeof "cookie" - 1) & 1) != 0;
    return (lengths >> (place->name.length & 63) & 1) != 0;
}

enum refusal proof_find(const struct http_request *request, const struct proof_plan *plan, const struct place **place)
{
    uint64_t lengths = name_lengths(request);
    *place = NULL;
    for (size_t i = 0; i < plan->place_count; i++) {
        const struct place *candidate = &plan->places[i];
        const struct scheme *scheme = scheme_by_id(candidate->scheme);
        size_t count = may_hold(request, lengths, candidate) ? scheme->present(request, candidate) : 0;
        if (count == 0) continue;
        bool another = *place != NULL && !covers(candidate, *place) && !covers(*place, candidate);
        *place = *place == NULL || another ? candidate : choose(request, *place, candidate);
        if (another || count > 1) return REFUSAL_PROOF_AMBIGUOUS;
    }
    return *place == NULL ? REFUSAL_PROOF_MISSING : REFUSAL_NONE;
}

enum refusal proof_check_time(const struct claim *claim, const struct admission_rules *rules, int64_t now)
{
    if (!claim->timed) return rules->accept_undated ? REFUSAL_NONE : REFUSAL_DATE_MISSING;
    /* Whoever saw the request once can renew a time that is not signed, so it counts for nothing. */
    if (!claim->time_is_signed) return rules->accept_undated ? REFUSAL_NONE : REFUSAL_DATE_UNSIGNED;
    int64_t distance = 0, most = claim->lifetime > 0 ? claim->lifetime : ADMIT_CLOCK_SKEW;
    if (most > ADMIT_MAX_LIFETIME && !claim->scheme->lifetime_is_ours) most = ADMIT_MAX_LIFETIME;
    if (__builtin_sub_overflow(now, claim->time, &distance)) return REFUSAL_DATE_EXPIRED;
    return distance > most || distance < -ADMIT_CLOCK_SKEW ? REFUSAL_DATE_EXPIRED : REFUSAL_NONE;
}

static bool matches(const struct claim *claim, const struct credential *credential, struct bytes canonical, int64_t now)
{
    for (size_t i = 0; i < credential->secret_count; i++) {
        if (!credential_secret_is_live(&credential->secrets[i], now)) continue;
        const struct hmac_secret secret = {credential->secrets[i].value, credential->secrets[i].hmac};
        if (scheme_proof_holds(claim, &secret, canonical)) return true;
    }
    return false;
}

static bool messages_match(const struct scheme_input *input, const struct credential *credential, int64_t now,
                           const struct scheme_messages *messages)
{
    const struct claim *claim = input->claim;
    for (size_t i = 0; i < credential->secret_count; i++) {
        const struct credential_secret *secret = &credential->secrets[i];
        if (credential_secret_is_live(secret, now) && claim->scheme->holds(claim, secret->value, messages, input->keys)) return true;
    }
    return false;
}

/* Where a look at one form is dear, one is taken at all of them: what they have in common, which is most, is done once. */
static enum refusal check_together(const struct scheme_input *input, const struct credential *credential, int64_t now,
                                   struct bytes *canonical)
{
    const struct scheme *scheme = input->claim->scheme;
    struct scheme_messages messages = {.count = 0};
    struct buffer memory = buffer_in(input->arena, (size_t)SCHEME_MAX_FORMS * SCHEME_MAX_MESSAGE);
    struct buffer first = buffer_in(input->arena, scheme_text_bound(input));
    size_t mark = input->arena->used;
    for (unsigned candidate = 0; candidate < scheme->candidate_count; candidate++) {
        struct buffer other = candidate == 0 ? first : buffer_in(input->arena, scheme_text_bound(input));
        bool applies = scheme->canonical(input, candidate, &other);
        if (candidate == 0) first = other;
        size_t start = memory.length;
        if (applies) scheme->message(input->claim, buffer_bytes(&other), &memory);
        if (other.overflow || memory.overflow) return REFUSAL_REQUEST_TOO_COMPLEX;
        if (applies) messages.items[messages.count++] = bytes_from(buffer_bytes(&memory), start);
        arena_rewind(input->arena, mark);
    }
    if (messages_match(input, credential, now, &messages)) return REFUSAL_NONE;
    *canonical = buffer_bytes(&first);
    return REFUSAL_SIGNATURE_MISMATCH;
}

enum refusal proof_check_mac(const struct scheme_input *input, const struct credential *credential, int64_t now, struct bytes *canonical)
{
    const struct scheme *scheme = input->claim->scheme;
    if (scheme->holds != NULL) return check_together(input, credential, now, canonical);
    size_t bound = scheme_text_bound(input);
    struct buffer first = buffer_in(input->arena, bound);
    size_t mark = input->arena->used;
    for (unsigned candidate = 0; candidate < scheme->candidate_count; candidate++) {
        struct buffer other = candidate == 0 ? first : buffer_in(input->arena, bound);
        bool applies = scheme->canonical(input, candidate, &other);
        if (other.overflow) return REFUSAL_REQUEST_TOO_COMPLEX;
        if (candidate == 0) first = other;
        if (applies && matches(input->claim, credential, buffer_bytes(&other), now)) return REFUSAL_NONE;
        arena_rewind(input->arena, mark);
    }
    *canonical = buffer_bytes(&first);
    return REFUSAL_SIGNATURE_MISMATCH;
}

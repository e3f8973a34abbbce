/* api-key: the secret itself, in a header (with a prefix such as "Bearer ") or in the query. Admission looks it up; nothing is signed. */
#include "scheme/api_key.h"

#include "base/text.h"
#include "scheme/names.h"

#define MAX_KEY_LENGTH 512

static const char *const carriers[] = {NULL};

/* Three parts between dots behind "Bearer ": a JWT, and nothing else (or a token could be tried as a key, and a key as a token). */
static bool is_jwt_shaped(struct bytes value)
{
    size_t dots = 0;
    for (size_t dot = bytes_find(value, '.'); dot < value.length && dots <= 2; dot = bytes_find(value, '.')) {
        value = bytes_from(value, dot + 1);
        dots++;
    }
    return dots == 2;
}

/* The key in the value of a header field of this place's name; false when it is none of this place. */
static bool key_of_value(struct bytes value, const struct place *place, struct bytes *key)
{
    if (!bytes_start_with_folded(value, place->prefix)) return false;
    struct bytes found = bytes_trim(bytes_from(value, place->prefix.length));
    if (is_jwt_shaped(found) && bytes_start_with_folded(place->prefix, BYTES("Bearer"))) return false;
    *key = found;
    return true;
}

/* `named` counts the fields of the name, whatever they hold. */
static size_t find_in_headers(const struct http_request *request, const struct place *place, struct bytes *key, size_t *named)
{
    size_t count = 0;
    *named = 0;
    for (size_t i = 0; i < request->field_count; i++) {
        if (!bytes_equal_folded(request->fields[i].name, place->name)) continue;
        (*named)++;
        count += key_of_value(request->fields[i].value, place, key);
    }
    return count;
}

static size_t find_in_query(const struct http_request *request, const struct place *place, struct bytes *key)
{
    size_t count = 0;
    struct bytes rest = request->query;
    for (struct http_pair pair; http_pair_next(&rest, &pair);) {
        if (!place_is_query_name(place, pair.name)) continue;
        *key = pair.value;
        count++;
    }
    return count;
}

size_t api_key_present(const struct http_request *request, const struct place *place)
{
    struct bytes key;
    size_t named;
    return place->location == PLACE_QUERY ? find_in_query(request, place, &key) : find_in_headers(request, place, &key, &named);
}

/* A second field of the name, whatever it holds, leaves open which one the backend reads. */
static bool find_only(const struct http_request *request, const struct place *place, struct bytes *key)
{
    size_t named;
    if (place->location == PLACE_QUERY) return find_in_query(request, place, key) == 1;
    return find_in_headers(request, place, key, &named) == 1 && named == 1;
}

enum refusal api_key_read(const struct http_request *request, struct arena *arena, struct claim *claim)
{
    struct bytes key = {0};
    claim->field = claim->place->name;
    if (!find_only(request, claim->place, &key)) return REFUSAL_PROOF_AMBIGUOUS;
    if (key.length == 0) return REFUSAL_KEY_MISSING;
    if (claim->place->location == PLACE_QUERY && bytes_find(key, '%') < key.length) {
        struct buffer decoded = buffer_in(arena, key.length);
        if (!percent_decode(&decoded, key)) return REFUSAL_PROOF_MALFORMED;
        key = buffer_bytes(&decoded);
    }
    if (key.length > MAX_KEY_LENGTH || !text_is_visible(key)) return REFUSAL_PROOF_MALFORMED;
    claim->proof = key;
    claim->field = bytes_of(NULL, 0);
    return REFUSAL_NONE;
}

const struct scheme scheme_api_key = {
    .id = SCHEME_API_KEY,
    .name = "api-key",
    .proof_kind = PROOF_LOOKUP,
    .format = ANSWER_APIG,
    .carriers = carriers,
    .present = api_key_present,
    .read = api_key_read,
};

/* jwt: a JSON Web Token (RFC 7519) in a header behind a prefix, in the query, or in a cookie. Admission reads and checks it
 * (admit/token.c). */
#include "scheme/jwt.h"

#include "base/text.h"
#include "scheme/names.h"

#define MAX_TOKEN_LENGTH 16384

static const char *const carriers[] = {NULL};

/* What stands at a place: the last value, how many there are, and how many fields of the name whatever they hold. */
struct finding {
    struct bytes value;
    size_t count;
    size_t named;
};

static void find_in_headers(const struct http_request *request, const struct place *place, struct finding *finding)
{
    for (size_t i = 0; i < request->field_count; i++) {
        if (!bytes_equal_folded(request->fields[i].name, place->name)) continue;
        finding->named++;
        if (!bytes_start_with_folded(request->fields[i].value, place->prefix)) continue;
        finding->value = bytes_trim(bytes_from(request->fields[i].value, place->prefix.length));
        finding->count++;
    }
}

static void find_in_query(const struct http_request *request, const struct place *place, struct finding *finding)
{
    struct bytes rest = request->query;
    for (struct http_pair pair; http_pair_next(&rest, &pair);) {
        if (!place_is_query_name(place, pair.name)) continue;
        finding->value = pair.value;
        finding->count++;
    }
}

/* RFC 6265, 4.2.1, read leniently as to blanks. Names are compared exactly. */
static void find_in_cookies(struct bytes cookies, const struct place *place, struct finding *finding)
{
    for (struct bytes item; bytes_next_part(&cookies, ';', &item);) {
        item = bytes_trim(item);
        size_t equals = bytes_find(item, '=');
        if (equals == item.length || !bytes_equal(bytes_trim(bytes_slice(item, 0, equals)), place->name)) continue;
        finding->value = bytes_trim(bytes_from(item, equals + 1));
        finding->count++;
    }
}

static struct finding find(const struct http_request *request, const struct place *place)
{
    struct finding finding = {.named = 1};
    switch (place->location) {
    case PLACE_HEADER:
        finding.named = 0;
        find_in_headers(request, place, &finding);
        break;
    case PLACE_QUERY:
        find_in_query(request, place, &finding);
        break;
    case PLACE_COOKIE:
        for (size_t i = 0; i < request->field_count; i++)
            if (bytes_equal_folded(request->fields[i].name, BYTES("cookie"))) find_in_cookies(request->fields[i].value, place, &finding);
        break;
    }
    return finding;
}

static size_t present(const struct http_request *request, const struct place *place)
{
    return find(request, place).count;
}

static bool has_two_dots(struct bytes value)
{
    size_t dots = 0;
    for (size_t dot = bytes_find(value, '.'); dot < value.length && dots <= 2; dot = bytes_find(value, '.')) {
        value = bytes_from(value, dot + 1);
        dots++;
    }
    return dots == 2;
}

bool scheme_jwt_fits(const struct http_request *request, const struct place *place)
{
    return has_two_dots(find(request, place).value);
}

static enum refusal read(const struct http_request *request, struct arena *arena, struct claim *claim)
{
    struct finding finding = find(request, claim->place);
    claim->field = claim->place->name;
    if (finding.count != 1 || finding.named != 1) return REFUSAL_PROOF_AMBIGUOUS;
    struct bytes token = finding.value;
    if (token.length == 0 || token.length > MAX_TOKEN_LENGTH) return REFUSAL_PROOF_MALFORMED;
    if (claim->place->location == PLACE_QUERY && bytes_find(token, '%') < token.length) {
        struct buffer decoded = buffer_in(arena, token.length);
        if (!percent_decode(&decoded, token)) return REFUSAL_PROOF_MALFORMED;
        token = buffer_bytes(&decoded);
    }
    if (!text_is_visible(token)) return REFUSAL_PROOF_MALFORMED;
    claim->proof = token;
    claim->field = bytes_of(NULL, 0);
    return REFUSAL_NONE;
}

const struct scheme scheme_jwt = {
    .id = SCHEME_JWT,
    .name = "jwt",
    .proof_kind = PROOF_TOKEN,
    .format = ANSWER_APIG,
    .carriers = carriers,
    .present = present,
    .read = read,
};

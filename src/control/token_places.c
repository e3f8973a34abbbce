#include "control/token_places.h"

#include "control/charsets.h"
#include "control/key_places.h"
#include "credential/credential.h"
#include "http/request.h"

const char *const token_locations[] = {"HEADER", "QUERY", "COOKIE", NULL};

static const struct charset charset_token_name = {"A-Za-z0-9_", "A-Za-z0-9_.-", false, "letters, digits and -_."};
static const struct charset charset_prefix = {"A-Za-z", "A-Za-z0-9 -", false, "letters, digits, - and blanks, first a letter"};

static struct bytes member(const json_t *object, const char *name)
{
    const json_t *value = json_object_get(object, name);
    return bytes_of(json_string_value(value), json_string_length(value));
}

static bool is(struct bytes text, const char *word)
{
    return bytes_equal(text, bytes_of_text(word));
}

static bool set(struct call *call, json_t *rules, const char *name, struct bytes text)
{
    return json_object_set_new(rules, name, json_stringn((const char *)text.data, text.length)) == 0 || call_fault(call, "no memory");
}

/* Absent: the header that bearer tokens stand in (RFC 6750, 2.1). */
static bool fill_header(struct call *call, json_t *rules)
{
    struct bytes name = member(rules, "token_name");
    bool usual = name.length == 0 || bytes_equal_folded(name, BYTES("Authorization"));
    if (usual && !set(call, rules, "token_name", BYTES("Authorization"))) return false;
    if (json_object_get(rules, "token_prefix") != NULL) return true;
    return set(call, rules, "token_prefix", usual ? BYTES("Bearer ") : BYTES(""));
}

/* Authorization holds what other schemes say as well: without a prefix each of them would be taken for a token. */
static bool check_header(struct call *call, json_t *rules)
{
    if (!fill_header(call, rules)) return false;
    struct bytes name = member(rules, "token_name"), prefix = member(rules, "token_prefix");
    bool authorization = is(name, "Authorization");
    const char *rule = authorization ? NULL : key_header_rule(name);
    if (rule != NULL) return call_refuse_rule(call, "token_name", rule);
    if (prefix.length > 0 && (!charset_allows(&charset_prefix, prefix) || prefix.data[prefix.length - 1] != ' '))
        return call_refuse_rule(call, "token_prefix", "letters, digits, - and blanks, first a letter, last a blank");
    if (authorization && prefix.length == 0)
        return call_refuse_rule(call, "token_prefix", "not empty in the header Authorization, which holds other schemes too");
    return true;
}

static bool check_named(struct call *call, json_t *rules)
{
    struct bytes name = member(rules, "token_name");
    if (name.length == 0) return call_refuse(call, ERROR_FIELD_MISSING, BYTES("token_name"));
    if (!charset_allows(&charset_token_name, name)) return call_refuse_rule(call, "token_name", "1 to 64 letters, digits and -_.");
    if (member(rules, "token_prefix").length > 0) return call_refuse_rule(call, "token_prefix", "only with token_location HEADER");
    return set(call, rules, "token_prefix", BYTES(""));
}

/* A header that claims fill belongs to them alone; it must have no other meaning, and be named once. */
static bool check_tells(struct call *call, const json_t *rules)
{
    size_t i, earlier;
    const json_t *item, *tells = json_object_get(rules, "claims_to_headers");
    json_array_foreach(tells, i, item)
    {
        struct bytes header = member(item, "header");
        const char *rule = key_header_rule(header);
        if (rule != NULL || bytes_equal_folded(header, member(rules, "token_name")))
            return call_refuse_rule(call, "claims_to_headers.header", "a header that has no other meaning: 1 to 64 letters, digits and -");
        for (earlier = 0; earlier < i; earlier++)
            if (http_name_is_alias(header, member(json_array_get(tells, earlier), "header")))
                return call_refuse_rule(call, "claims_to_headers.header", "each header once");
    }
    return true;
}

bool token_place_check(struct call *call, json_t *rules)
{
    bool header = is(member(rules, "token_location"), "HEADER");
    return (header ? check_header(call, rules) : check_named(call, rules)) && check_tells(call, rules);
}

void token_place_lay(const json_t *rules, struct arena *arena, struct value *row)
{
    struct bytes location = member(rules, "token_location"), name = member(rules, "token_name");
    bool header = is(location, "HEADER");
    struct buffer lower = buffer_in(arena, name.length);
    buffer_add_lower(&lower, name);
    row[CREDENTIAL_LOCATION] = value_integer(header ? PLACE_HEADER : is(location, "QUERY") ? PLACE_QUERY : PLACE_COOKIE);
    row[CREDENTIAL_PLACE_NAME] = value_text(header ? buffer_bytes(&lower) : arena_copy(arena, name));
    row[CREDENTIAL_PLACE_PREFIX] = value_text(arena_copy(arena, member(rules, "token_prefix")));
}

#include "control/token_rules.h"

#include "base/text.h"
#include "crypto/digest.h"

json_t *token_rules_of_row(const struct value *row)
{
    struct bytes text = row[CREDENTIAL_RULES].bytes;
    json_t *rules = text.length == 0 ? NULL : json_loadb((const char *)text.data, text.length, JSON_REJECT_DUPLICATES, NULL);
    if (json_is_object(rules)) return rules;
    json_decref(rules);
    return NULL;
}

static struct bytes text_of(struct arena *arena, const json_t *object, const char *name)
{
    const json_t *value = json_object_get(object, name);
    return arena_copy(arena, bytes_of(json_string_value(value), json_string_length(value)));
}

static struct bytes compile_audiences(struct arena *arena, const json_t *audiences)
{
    size_t i, room = 0;
    const json_t *item;
    json_array_foreach(audiences, i, item) room += 2 + json_string_length(item);
    struct buffer out = buffer_in(arena, room);
    json_array_foreach(audiences, i, item) token_text_add(&out, bytes_of(json_string_value(item), json_string_length(item)));
    return buffer_bytes(&out);
}

/* Claims into headers, and into parameters where the object says so (alibaba.md 3, location). */
static struct bytes compile_tells(struct arena *arena, const json_t *tells)
{
    size_t i, room = 0;
    const json_t *item;
    json_array_foreach(tells, i, item) room +=
        5 + json_string_length(json_object_get(item, "claim")) + json_string_length(json_object_get(item, "header"));
    struct buffer out = buffer_in(arena, room);
    json_array_foreach(tells, i, item)
    {
        const struct token_tell tell = {TOKEN_TELL_HEADER, text_of(arena, item, "claim"), text_of(arena, item, "header")};
        token_tell_add(&out, &tell);
    }
    return buffer_bytes(&out);
}

struct bytes token_remote_name(struct arena *arena, struct bytes url)
{
    struct digest_value digest = digest_of(DIGEST_SHA256, url);
    struct buffer name = buffer_in(arena, 4 + 32);
    buffer_add_text(&name, "url-");
    hex_encode(&name, bytes_slice(digest_bytes(&digest), 0, 16));
    return buffer_bytes(&name);
}

bool token_rules_compile(struct arena *arena, const json_t *rules, struct token_rules *compiled)
{
    struct bytes url = text_of(arena, rules, "remote_jwks");
    *compiled = (struct token_rules){.claim = text_of(arena, rules, "claim"),
                                     .issuer = text_of(arena, rules, "issuer"),
                                     .audiences = compile_audiences(arena, json_object_get(rules, "audiences")),
                                     .tells = compile_tells(arena, json_object_get(rules, "claims_to_headers")),
                                     .leeway = (uint32_t)json_integer_value(json_object_get(rules, "leeway")),
                                     .accept_undated = !json_is_true(json_object_get(rules, "require_exp")),
                                     .single_use = json_is_true(json_object_get(rules, "single_use")),
                                     .pass_through = json_is_true(json_object_get(rules, "pass_through")),
                                     .remote = url.length > 0};
    if (compiled->remote) compiled->key_set = token_remote_name(arena, url);
    return !arena->exhausted && compiled->claim.length > 0 && token_tells_are_sound(compiled->tells);
}

static size_t fill_spots(struct arena *arena, const json_t *rules, const struct value *row, struct token_spot *spots)
{
    size_t i, count = 0;
    const json_t *item;
    spots[count++] = (struct token_spot){row[CREDENTIAL_LOCATION].integer, row[CREDENTIAL_PLACE_NAME].bytes,
                                         row[CREDENTIAL_PLACE_PREFIX].bytes, text_of(arena, rules, "claim")};
    if (json_is_true(json_object_get(rules, "pass_through")) && row[CREDENTIAL_LOCATION].integer == PLACE_HEADER)
        spots[count++] = (struct token_spot){PLACE_USE_PASSED, row[CREDENTIAL_PLACE_NAME].bytes, BYTES(""), BYTES("")};
    json_array_foreach(json_object_get(rules, "claims_to_headers"), i, item)
    {
        if (count == TOKEN_MAX_SPOTS) break;
        struct bytes header = text_of(arena, item, "header");
        struct buffer lower = buffer_in(arena, header.length);
        buffer_add_lower(&lower, header);
        spots[count++] = (struct token_spot){PLACE_USE_TOLD, buffer_bytes(&lower), BYTES(""), BYTES("")};
    }
    return arena->exhausted ? 0 : count;
}

size_t token_spots(struct arena *arena, const struct value *row, struct token_spot spots[static TOKEN_MAX_SPOTS])
{
    json_t *rules = token_rules_of_row(row);
    size_t count = rules == NULL ? 0 : fill_spots(arena, rules, row, spots);
    json_decref(rules);
    return count;
}

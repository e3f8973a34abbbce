#include "policy/publication.h"

#include "base/text.h"

#define MAX_NAME_LENGTH 128

const char *auth_type_name(enum auth_type type)
{
    switch (type) {
    case AUTH_TYPE_NONE:
        return "NONE";
    case AUTH_TYPE_APP:
        return "APP";
    case AUTH_TYPE_IAM:
        return "IAM";
    }
    return "NONE";
}

static bool is_name(const struct place *place, struct bytes name)
{
    return place->scheme == SCHEME_APP_CODE ? bytes_equal_folded(name, place->name) : bytes_equal(name, place->name);
}

bool place_is_query_name(const struct place *place, struct bytes raw)
{
    size_t length = place->name.length;
    if (raw.length == length && is_name(place, raw)) return true;
    if (raw.length <= length || raw.length > 3 * length || length > MAX_NAME_LENGTH) return false;
    uint8_t memory[3 * MAX_NAME_LENGTH];
    struct buffer decoded = buffer_over(memory, sizeof memory);
    return percent_decode(&decoded, raw) && is_name(place, buffer_bytes(&decoded));
}

static bool same_name(const struct place *a, const struct place *b)
{
    return a->location == PLACE_HEADER ? bytes_equal_folded(a->name, b->name) : bytes_equal(a->name, b->name);
}

/* Whoever's token it is. */
static bool same_spot(const struct place *a, const struct place *b)
{
    return a->scheme == b->scheme && a->location == b->location && same_name(a, b) && bytes_equal_folded(a->prefix, b->prefix);
}

static bool same_place(const struct place *a, const struct place *b)
{
    return same_spot(a, b) && bytes_equal(a->claim, b->claim);
}

bool proof_plan_has(const struct proof_plan *plan, const struct place *place)
{
    for (size_t i = 0; i < plan->place_count; i++)
        if (place == &plan->places[i] || same_spot(&plan->places[i], place)) return true;
    return false;
}

/* Of two equal places the stricter one counts: the credential reaches the backend only when both say so. */
bool proof_plan_add(struct proof_plan *plan, struct place place)
{
    for (size_t i = 0; i < plan->place_count; i++) {
        if (!same_place(&plan->places[i], &place)) continue;
        plan->places[i].pass_through = plan->places[i].pass_through && place.pass_through;
        return true;
    }
    if (plan->place_count == PLAN_MAX_PLACES) return false;
    plan->places[plan->place_count++] = place;
    return true;
}

static const char *const signature_types[SIGNATURE_COUNT] = {
    [SIGNATURE_HMAC] = "hmac", [SIGNATURE_BASIC] = "basic",   [SIGNATURE_AES] = "aes", [SIGNATURE_PUBLIC_KEY] = "public_key",
    [SIGNATURE_BCE] = "bce",   [SIGNATURE_ALIYUN] = "aliyun",
};

const char *signature_type_name(enum signature_type type)
{
    return type < SIGNATURE_COUNT ? signature_types[type] : NULL;
}

enum signature_type signature_type_named(struct bytes name)
{
    for (enum signature_type type = SIGNATURE_NONE + 1; type < SIGNATURE_COUNT; type++)
        if (bytes_equal(name, bytes_of_text(signature_types[type]))) return type;
    return SIGNATURE_NONE;
}

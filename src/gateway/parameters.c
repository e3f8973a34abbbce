#include "gateway/parameters.h"

#include "base/text.h"
#include "policy/parameter.h"

/* The rules of the API, and which of their parameters were met. */
struct inspection {
    struct gateway_context *context;
    struct parameter_rule rules[PARAMETERS_MOST];
    size_t count;
    uint64_t seen; /* a bit for each rule */
};

_Static_assert(PARAMETERS_MOST <= 64, "a bit for each");

static bool refuse(struct gateway_context *context, enum refusal refusal, const struct parameter_rule *rule)
{
    struct admission *admission = &context->admission;
    admission->outcome = ADMISSION_REFUSED;
    admission->refusal = refusal;
    if (admission->claim.scheme == NULL) admission->format = answer_format_of(&context->view);
    admission->claim.field = rule->name;
    return false;
}

/* What a value means, for as long as nothing else is taken from the arena. False: the arena is full, or it is malformed. */
static bool decode(struct arena *arena, const struct parameter_rule *rule, struct bytes raw, struct bytes *value)
{
    *value = raw;
    if (rule->place == PARAMETER_IN_HEADER) return true;
    struct buffer out = buffer_in(arena, raw.length);
    bool decoded = rule->place == PARAMETER_IN_QUERY ? percent_decode_form(&out, raw) : percent_decode(&out, raw);
    *value = buffer_bytes(&out);
    return decoded && !out.overflow;
}

static bool admits(struct inspection *inspection, const struct parameter_rule *rule, struct bytes raw)
{
    struct arena *arena = &inspection->context->arena;
    size_t mark = arena->used;
    struct bytes value;
    if (!rule->checked) return true;
    bool admitted = decode(arena, rule, raw, &value) && parameter_admits(rule, value);
    if (!arena->exhausted) arena_rewind(arena, mark);
    return admitted || refuse(inspection->context, REFUSAL_PARAMETER_INVALID, rule);
}

/* One that was sent. A backend may read any of several, and a header under any of its spellings, so all of them have to do. */
static bool meet(struct inspection *inspection, enum parameter_place place, const struct http_field *sent)
{
    for (size_t i = 0; i < inspection->count; i++) {
        const struct parameter_rule *rule = &inspection->rules[i];
        if (rule->place != place) continue;
        bool same = place == PARAMETER_IN_HEADER ? bytes_equal_folded(rule->name, sent->name) : bytes_equal(rule->name, sent->name);
        if (same) inspection->seen |= 1ull << i;
        if (!same && (place != PARAMETER_IN_HEADER || !http_name_is_alias(rule->name, sent->name))) continue;
        if (!admits(inspection, rule, sent->value)) return false;
    }
    return true;
}

static bool meet_query(struct inspection *inspection)
{
    struct bytes rest = inspection->context->view.query;
    struct http_pair pair;
    while (http_pair_next(&rest, &pair)) {
        uint8_t memory[3 * PARAMETER_MAX_NAME];
        struct buffer name = buffer_over(memory, sizeof memory);
        if (pair.name.length > sizeof memory || !percent_decode_form(&name, pair.name)) continue;
        const struct http_field sent = {buffer_bytes(&name), pair.value};
        if (!meet(inspection, PARAMETER_IN_QUERY, &sent)) return false;
    }
    return true;
}

static bool meet_headers(struct inspection *inspection)
{
    const struct http_request *view = &inspection->context->view;
    for (size_t i = 0; i < view->field_count; i++)
        if (!meet(inspection, PARAMETER_IN_HEADER, &view->fields[i])) return false;
    return true;
}

static bool meet_path(struct inspection *inspection)
{
    const struct route *route = &inspection->context->route;
    for (size_t i = 0; i < route->param_count; i++) {
        const struct http_field sent = {route->params[i].name, route->params[i].value};
        if (!meet(inspection, PARAMETER_IN_PATH, &sent)) return false;
    }
    return true;
}

static bool has_what_is_required(struct inspection *inspection)
{
    for (size_t i = 0; i < inspection->count; i++) {
        const struct parameter_rule *rule = &inspection->rules[i];
        if (rule->required && (inspection->seen >> i & 1) == 0) return refuse(inspection->context, REFUSAL_PARAMETER_MISSING, rule);
    }
    return true;
}

bool parameters_admit(struct gateway_context *context)
{
    struct inspection inspection;
    struct bytes rest = context->publication->parameters;
    inspection.context = context;
    inspection.count = 0;
    inspection.seen = 0;
    while (inspection.count < PARAMETERS_MOST && parameter_next(&rest, &inspection.rules[inspection.count])) inspection.count++;
    return meet_path(&inspection) && meet_query(&inspection) && meet_headers(&inspection) && has_what_is_required(&inspection);
}

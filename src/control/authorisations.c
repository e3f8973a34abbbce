#include "control/authorisations.h"

#include "base/date.h"

static const struct field fields[] = {
    {.name = "id", .type = FIELD_STRING, .flags = FIELD_READ_ONLY | FIELD_STORED, .column = AUTH_ID},
    {.name = "principal_kind", .type = FIELD_INTEGER, .flags = FIELD_READ_ONLY | FIELD_STORED, .column = AUTH_PRINCIPAL_KIND},
    {.name = "principal_id", .type = FIELD_STRING, .flags = FIELD_READ_ONLY | FIELD_STORED, .column = AUTH_PRINCIPAL_ID},
    {.name = "api_id", .type = FIELD_STRING, .flags = FIELD_READ_ONLY | FIELD_STORED, .column = AUTH_API_ID},
    {.name = "env_id", .type = FIELD_STRING, .flags = FIELD_READ_ONLY | FIELD_STORED, .column = AUTH_ENV_ID},
    {.name = "auth_time", .type = FIELD_TIME, .flags = FIELD_READ_ONLY | FIELD_STORED, .column = AUTH_TIME},
};
static const struct fields authorisation_fields = FIELDS_OF(fields);

static const struct conflict conflicts[] = {
    {"authorisation_once", ERROR_AUTH_EXISTS, AUTH_PRINCIPAL_ID},
};

const struct resource resource_authorisation = {
    .name = "authorisation",
    .entity = &entity_authorisation,
    .fields = &authorisation_fields,
    .instance_column = AUTH_INSTANCE_ID,
    .unknown = ERROR_AUTH_UNKNOWN,
    .conflicts = conflicts,
    .conflict_count = sizeof conflicts / sizeof *conflicts,
};

/* "1:<principal>" and "<api>@<environment>": the edge's key of the record (store.h, CHANGE_AUTHORISATION). */
static bool tell_edge(struct call *call, const struct value *row)
{
    char principal_memory[128];
    char place_memory[256];
    struct buffer principal = buffer_over(principal_memory, sizeof principal_memory);
    struct buffer place = buffer_over(place_memory, sizeof place_memory);
    buffer_add_number(&principal, row[AUTH_PRINCIPAL_KIND].integer);
    buffer_add_byte(&principal, ':');
    buffer_add(&principal, row[AUTH_PRINCIPAL_ID].bytes);
    buffer_add(&place, row[AUTH_API_ID].bytes);
    buffer_add_byte(&place, '@');
    buffer_add(&place, row[AUTH_ENV_ID].bytes);
    if (principal.overflow || place.overflow) return call_fault(call, "an id that is too long");
    return call_change(call, CHANGE_AUTHORISATION, buffer_bytes(&principal), buffer_bytes(&place));
}

bool authorisation_find(struct call *call, const struct authorised *who, struct value *row, bool *found)
{
    struct store_filter filters[] = {
        {AUTH_PRINCIPAL_ID, STORE_EQUAL, value_text(who->principal_id)},
        {AUTH_PRINCIPAL_KIND, STORE_EQUAL, value_integer(who->kind)},
        {AUTH_API_ID, STORE_EQUAL, value_text(who->api_id)},
        {AUTH_ENV_ID, STORE_EQUAL, value_text(who->env_id)},
    };
    return resource_find(call, &resource_authorisation, (struct where){filters, sizeof filters / sizeof *filters}, row, found);
}

bool authorisation_read_end(struct call *call, int64_t *end)
{
    *end = 0;
    if (!call_has(call, "end_time")) return true;
    date_parse_rfc3339(call_text(call, "end_time"), end); /* the table has accepted it */
    return *end > call->now || call_refuse_rule(call, "end_time", "a time to come");
}

bool authorisation_add(struct call *call, const struct authorised *who, struct value *row)
{
    struct bytes id = call_new_id(call);
    if (id.length == 0) return false;
    row_clear(&entity_authorisation, row);
    row[AUTH_ID] = value_text(id);
    row[AUTH_INSTANCE_ID] = value_text(call->instance_id);
    row[AUTH_PRINCIPAL_KIND] = value_integer(who->kind);
    row[AUTH_PRINCIPAL_ID] = value_text(who->principal_id);
    row[AUTH_API_ID] = value_text(who->api_id);
    row[AUTH_ENV_ID] = value_text(who->env_id);
    row[AUTH_TIME] = value_integer(call->now);
    row[AUTH_NOT_AFTER] = value_integer(who->not_after);
    return resource_insert(call, &resource_authorisation, row) && tell_edge(call, row);
}

bool authorisation_prolong(struct call *call, const struct value *row, int64_t not_after)
{
    struct value after[AUTH_COLUMNS];
    for (size_t i = 0; i < AUTH_COLUMNS; i++) after[i] = row[i];
    after[AUTH_NOT_AFTER] = value_integer(not_after);
    return resource_update(call, &resource_authorisation, row, after) && tell_edge(call, after);
}

bool authorisation_remove(struct call *call, const struct value *row)
{
    return resource_remove(call, &resource_authorisation, row) && tell_edge(call, row);
}

static bool remove_each(struct call *call, void *context, const struct value *row)
{
    (void)context;
    return authorisation_remove(call, row);
}

bool authorisations_remove_where(struct call *call, const struct store_filter *filter)
{
    return resource_for_each(call, &resource_authorisation, filter, remove_each, NULL);
}

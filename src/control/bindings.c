#include "control/bindings.h"

static const struct field fields[] = {
    {.name = "id", .type = FIELD_STRING, .flags = FIELD_READ_ONLY | FIELD_STORED, .column = BINDING_ID},
    {.name = "sign_id", .type = FIELD_STRING, .flags = FIELD_READ_ONLY | FIELD_STORED, .column = BINDING_SIGN_ID},
    {.name = "api_id", .type = FIELD_STRING, .flags = FIELD_READ_ONLY | FIELD_STORED, .column = BINDING_API_ID},
    {.name = "env_id", .type = FIELD_STRING, .flags = FIELD_READ_ONLY | FIELD_STORED, .column = BINDING_ENV_ID},
    {.name = "publish_id", .type = FIELD_STRING, .flags = FIELD_READ_ONLY | FIELD_STORED, .column = BINDING_PUBLISH_ID},
    {.name = "binding_time", .type = FIELD_TIME, .flags = FIELD_READ_ONLY | FIELD_STORED, .column = BINDING_TIME},
};
static const struct fields binding_fields = FIELDS_OF(fields);

const struct resource resource_binding = {
    .name = "sign_binding",
    .entity = &entity_binding,
    .fields = &binding_fields,
    .instance_column = BINDING_INSTANCE_ID,
    .unknown = ERROR_BINDING_UNKNOWN,
};

bool binding_find(struct call *call, struct bytes api_id, struct bytes env_id, struct value *row, bool *found)
{
    struct store_filter filters[] = {{BINDING_API_ID, STORE_EQUAL, value_text(api_id)}, {BINDING_ENV_ID, STORE_EQUAL, value_text(env_id)}};
    return resource_find(call, &resource_binding, (struct where){filters, 2}, row, found);
}

bool binding_remove(struct call *call, const struct value *row)
{
    return resource_remove(call, &resource_binding, row) &&
           call_change(call, CHANGE_PUBLICATION, row[BINDING_API_ID].bytes, row[BINDING_ENV_ID].bytes);
}

static bool remove_each(struct call *call, void *context, const struct value *row)
{
    (void)context;
    return binding_remove(call, row);
}

bool bindings_remove_where(struct call *call, const struct store_filter *filter)
{
    return resource_for_each(call, &resource_binding, filter, remove_each, NULL);
}

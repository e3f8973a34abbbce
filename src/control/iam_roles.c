#include "control/iam_roles.h"

#include "control/charsets.h"
#include "control/related.h"
#include "control/resource.h"

#define ID(word)                                                                                                                           \
    {                                                                                                                                      \
        .name = word, .type = FIELD_STRING, .maximum = 64, .charset = &charset_id, .preset = "\"\""                                        \
    }
static const struct field items[] = {
    {.name = "role", .type = FIELD_STRING, .flags = FIELD_REQUIRED, .choices = role_names},
    ID("project_id"),
    ID("instance_id"),
};
const struct fields role_fields = FIELDS_OF(items);

/* Audit rows. */
static const struct field kept_items[] = {
    {.name = "user_id", .type = FIELD_STRING, .flags = FIELD_READ_ONLY | FIELD_STORED, .column = ROLE_ROW_USER_ID},
    {.name = "role", .type = FIELD_STRING, .flags = FIELD_READ_ONLY | FIELD_STORED, .column = ROLE_ROW_ROLE},
    {.name = "project_id", .type = FIELD_STRING, .flags = FIELD_READ_ONLY | FIELD_STORED, .column = ROLE_ROW_PROJECT_ID},
    {.name = "instance_id", .type = FIELD_STRING, .flags = FIELD_READ_ONLY | FIELD_STORED, .column = ROLE_ROW_INSTANCE_ID},
};
static const struct fields kept_fields = FIELDS_OF(kept_items);

static const struct conflict conflicts[] = {{"role_once", ERROR_IAM_EXISTS, ROLE_ROW_ROLE}};

static const struct resource resource_role = {
    .name = "role",
    .entity = &entity_role,
    .fields = &kept_fields,
    .instance_column = ROLE_ROW_USER_ID,
    .unknown = ERROR_USER_UNKNOWN,
    .conflicts = conflicts,
    .conflict_count = sizeof conflicts / sizeof *conflicts,
};

struct kept {
    struct arena *arena;
    struct value rows[GRANTS_MAX][ROLE_ROW_COLUMNS];
    size_t count;
};

static bool keep(void *context, const struct value *row)
{
    struct kept *kept = context;
    struct value *to = kept->rows[kept->count++];
    for (size_t i = 0; i < ROLE_ROW_COLUMNS; i++) {
        to[i] = row[i];
        to[i].bytes = arena_copy(kept->arena, row[i].bytes);
    }
    return kept->count < GRANTS_MAX;
}

bool roles_remove(struct call *call, struct bytes user_id)
{
    struct store_filter filter = {ROLE_ROW_USER_ID, STORE_EQUAL, value_text(user_id)};
    struct store_query query = {.filters = &filter, .filter_count = 1, .limit = GRANTS_MAX};
    struct kept *kept = arena_take(&call->arena, sizeof *kept);
    if (kept == NULL) return call_fault(call, "no memory for roles");
    *kept = (struct kept){.arena = &call->arena};
    if (!call_store(call, store_list(call->session, &entity_role, &query, keep, kept))) return false;
    for (size_t i = 0; i < kept->count; i++) {
        if (!resource_remove(call, &resource_role, kept->rows[i])) return false;
    }
    return true;
}

static bool check_project(struct call *call, struct bytes id)
{
    struct value row[PROJECT_COLUMNS];
    if (id.length == 0) return true;
    enum store_result result = store_get(call->session, &entity_project, id, &call->arena, row);
    if (result == STORE_OK && bytes_equal(row[PROJECT_DOMAIN_ID].bytes, call->caller.domain_id)) return true;
    if (result == STORE_OK || result == STORE_NOTHING) return call_refuse(call, ERROR_PROJECT_UNKNOWN, id);
    return call_store(call, result);
}

static bool check_instance(struct call *call, struct bytes project_id, struct bytes id)
{
    struct value row[INSTANCE_COLUMNS];
    if (id.length == 0) return true;
    if (project_id.length == 0) return call_refuse_rule(call, "roles[].instance_id", "given with the project_id that the instance is of");
    enum store_result result = store_get(call->session, &entity_instance, id, &call->arena, row);
    if (result == STORE_OK && bytes_equal(row[INSTANCE_PROJECT_ID].bytes, project_id)) return true;
    if (result == STORE_OK || result == STORE_NOTHING) return call_refuse(call, ERROR_INSTANCE_UNKNOWN, id);
    return call_store(call, result);
}

static bool add(struct call *call, struct bytes user_id, const json_t *role)
{
    struct value row[ROLE_ROW_COLUMNS];
    struct bytes id = call_new_id(call);
    struct bytes project_id = json_get_text(role, "project_id");
    struct bytes instance_id = json_get_text(role, "instance_id");
    if (id.length == 0 || !check_project(call, project_id) || !check_instance(call, project_id, instance_id)) return false;
    row_clear(&entity_role, row);
    row[ROLE_ROW_ID] = value_text(id);
    row[ROLE_ROW_USER_ID] = value_text(user_id);
    row[ROLE_ROW_ROLE] = value_text(json_get_text(role, "role"));
    row[ROLE_ROW_PROJECT_ID] = value_text(project_id);
    row[ROLE_ROW_INSTANCE_ID] = value_text(instance_id);
    row[ROLE_ROW_CREATE_TIME] = value_integer(call->now);
    return resource_insert(call, &resource_role, row);
}

bool roles_replace(struct call *call, struct bytes user_id, const json_t *roles)
{
    size_t index;
    json_t *role;
    if (!roles_remove(call, user_id)) return false;
    json_array_foreach(roles, index, role)
    {
        if (!add(call, user_id, role)) return false;
    }
    return true;
}

bool roles_give_all(const json_t *roles)
{
    size_t index;
    json_t *role;
    json_array_foreach(roles, index, role)
    {
        bool whole = json_get_text(role, "project_id").length == 0;
        if (whole && bytes_equal(json_get_text(role, "role"), bytes_of_text(role_names[ROLE_ADMINISTRATOR]))) return true;
    }
    return false;
}

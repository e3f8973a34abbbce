#include "control/callers.h"

#include "control/apis.h"
#include "control/routes.h"

struct grants {
    struct arena *arena;
    struct grant *items;
    size_t count;
};

/* A role that this version does not know gives nothing. */
static bool keep_grant(void *context, const struct value *row)
{
    struct grants *grants = context;
    struct grant *grant = &grants->items[grants->count];
    if (!role_of_name(row[ROLE_ROW_ROLE].bytes, &grant->role)) return true;
    grant->project_id = arena_copy(grants->arena, row[ROLE_ROW_PROJECT_ID].bytes);
    grant->instance_id = arena_copy(grants->arena, row[ROLE_ROW_INSTANCE_ID].bytes);
    return ++grants->count < GRANTS_MAX;
}

static bool read_grants(struct call *call, struct session *session, struct bytes user_id, struct grants *grants)
{
    struct store_filter filter = {ROLE_ROW_USER_ID, STORE_EQUAL, value_text(user_id)};
    struct store_query query = {.filters = &filter, .filter_count = 1, .limit = GRANTS_MAX};
    *grants = (struct grants){&call->arena, arena_take_array(&call->arena, GRANTS_MAX, sizeof(struct grant)), 0};
    if (grants->items == NULL) return call_fault(call, "no memory for roles");
    enum store_result result = store_list(session, &entity_role, &query, keep_grant, grants);
    return (result == STORE_OK && !call->arena.exhausted) || call_fault(call, "the roles of a user could not be read");
}

bool caller_adopt(struct call *call, struct session *session, const struct value *user, enum caller_proof proof, struct bytes proof_id)
{
    struct grants grants;
    if (!read_grants(call, session, user[USER_ID].bytes, &grants)) return false;
    call->actor_id = user[USER_ID].bytes;
    call->actor_name = user[USER_NAME].bytes;
    call->caller.proof = proof;
    call->caller.proof_id = proof_id;
    call->caller.domain_id = user[USER_DOMAIN_ID].bytes;
    call->caller.home_project_id = user[USER_PROJECT_ID].bytes;
    call->caller.grants = grants.items;
    call->caller.grant_count = grants.count;
    return true;
}

json_t *roles_of(struct call *call, struct session *session, struct bytes user_id)
{
    struct grants grants;
    json_t *list = json_array();
    bool done = list != NULL && read_grants(call, session, user_id, &grants);
    for (size_t i = 0; done && i < grants.count; i++) {
        json_t *item = json_object();
        done = json_put(call, item, "role", bytes_of_text(role_names[grants.items[i].role])) &&
               json_put(call, item, "project_id", grants.items[i].project_id) &&
               json_put(call, item, "instance_id", grants.items[i].instance_id) && json_array_append_new(list, item) == 0;
    }
    if (done) return list;
    json_decref(list);
    call_fault(call, "the roles of a user could not be read");
    return NULL;
}

/* The project of the path is of the caller's domain, and some role of his reaches into it. */
static bool check_project(struct call *call, struct session *session)
{
    const struct caller *caller = &call->caller;
    struct value row[PROJECT_COLUMNS];
    struct scope project = {call->project_id, BYTES("")};
    bool in_scope =
        !caller->token_of_domain && (caller->token_project_id.length == 0 || bytes_equal(caller->token_project_id, call->project_id));
    if (!in_scope || !caller_reaches(caller, project)) return call_refuse(call, ERROR_PROJECT_FOREIGN, call->project_id);
    enum store_result result = store_get(session, &entity_project, call->project_id, &call->arena, row);
    if (result == STORE_OK && bytes_equal(row[PROJECT_DOMAIN_ID].bytes, caller->domain_id)) return true;
    if (result == STORE_OK || result == STORE_NOTHING) return call_refuse(call, ERROR_PROJECT_FOREIGN, call->project_id);
    return call_fault(call, "the project could not be read");
}

/* The instance of the path exists and is of the project of the path; one that no role reaches does not exist for the caller. */
static bool check_instance(struct call *call, struct session *session)
{
    struct value row[INSTANCE_COLUMNS];
    enum store_result result = store_get(session, &entity_instance, call->instance_id, &call->arena, row);
    bool there = result == STORE_OK && bytes_equal(row[INSTANCE_PROJECT_ID].bytes, call->project_id);
    if (there && caller_reaches(&call->caller, (struct scope){call->project_id, call->instance_id})) return true;
    if (result == STORE_OK || result == STORE_NOTHING) return call_refuse(call, ERROR_INSTANCE_UNKNOWN, call->instance_id);
    return call_fault(call, "the instance could not be read");
}

bool caller_check(struct call *call, struct session *session)
{
    struct scope scope = {call->project_id, call->instance_id};
    call->scope_id = call->instance_id.length > 0 ? call->instance_id : call->caller.domain_id;
    if (call->project_id.length > 0 && !check_project(call, session)) return false;
    if (call->instance_id.length > 0 && !check_instance(call, session)) return false;
    return caller_may(&call->caller, call->route->right, scope) || call_refuse(call, ERROR_FORBIDDEN, BYTES(""));
}

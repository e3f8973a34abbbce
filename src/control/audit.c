#include "control/audit.h"

#include "control/routes.h"

#define AUDIT_USUAL 1024 /* of a row's JSON: longer ones are written twice */

/* JSON text of a row in the arena; empty for NULL. False: a fault. */
static bool describe(struct call *call, const struct resource *resource, const struct value *row, struct bytes *text)
{
    *text = BYTES("");
    if (row == NULL) return true;
    json_t *json = resource_json(call, resource, row, HIDE_SECRETS);
    size_t length = AUDIT_USUAL;
    char *memory = json == NULL ? NULL : arena_take_unset(&call->arena, length);
    if (memory != NULL && (length = json_dumpb(json, memory, length, JSON_COMPACT)) > AUDIT_USUAL) {
        memory = arena_take_unset(&call->arena, length);
        if (memory != NULL) json_dumpb(json, memory, length, JSON_COMPACT);
    }
    if (memory != NULL) *text = bytes_of(memory, length);
    json_decref(json);
    return memory != NULL || call_fault(call, "no memory for the audit row");
}

/* Signing in, one's own password: of no project, so it stands where the user is at home, and there it is found. */
static struct bytes project_of(const struct call *call)
{
    if (call->project_id.length > 0) return call->project_id;
    return call->caller.home_project_id.length > 0 ? call->caller.home_project_id : call->caller.domain_id;
}

static struct audit audit_of(const struct call *call, const char *resource, struct bytes resource_id)
{
    return (struct audit){
        .actor = call->actor_id,
        .actor_name = call->actor_name,
        .source = call->source,
        .action = bytes_of_text(call->route->action),
        .resource = bytes_of_text(resource),
        .resource_id = resource_id,
        .instance_id = call->instance_id,
        .project_id = project_of(call),
        .request_id = bytes_of_text(call->request_id),
        .time = call->now,
    };
}

bool audit_event(struct call *call, const char *resource, struct bytes resource_id, struct bytes details)
{
    struct audit audit = audit_of(call, resource, resource_id);
    audit.after = details;
    return call_store(call, store_audit(call->session, &audit));
}

bool audit_change(struct call *call, const struct resource *resource, const struct value *before, const struct value *after)
{
    size_t mark = call->arena.used;
    struct audit audit = audit_of(call, resource->name, (after != NULL ? after : before)[0].bytes);
    bool done = describe(call, resource, before, &audit.before) && describe(call, resource, after, &audit.after) &&
                call_store(call, store_audit(call->session, &audit));
    arena_rewind(&call->arena, mark);
    return done;
}

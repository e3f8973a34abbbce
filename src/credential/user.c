#include "credential/user.h"

#include "credential/token_rules.h"

void user_scope_add(struct buffer *out, const struct user_scope *scope)
{
    token_text_add(out, scope->project_id);
    token_text_add(out, scope->instance_id);
}

bool user_scope_next(struct bytes *rest, struct user_scope *scope)
{
    return token_text_next(rest, &scope->project_id) && token_text_next(rest, &scope->instance_id);
}

bool user_scopes_are_sound(struct bytes scopes)
{
    struct user_scope scope;
    while (scopes.length > 0)
        if (!user_scope_next(&scopes, &scope)) return false;
    return true;
}

static bool covers(struct bytes granted, struct bytes asked)
{
    return granted.length == 0 || bytes_equal(granted, asked);
}

bool user_may_call(const struct user *user, struct bytes limit, const struct instance_owner *owner, struct bytes instance_id)
{
    struct user_scope scope;
    struct bytes rest = user->scopes;
    if (owner->domain_id.length == 0 || !bytes_equal(user->domain_id, owner->domain_id)) return false;
    if (!covers(limit, owner->project_id)) return false;
    while (user_scope_next(&rest, &scope))
        if (covers(scope.project_id, owner->project_id) && covers(scope.instance_id, instance_id)) return true;
    return false;
}

#include "control/rights.h"

const char *const role_names[ROLE_COUNT + 1] = {"administrator", "operator", "auditor", "api_owner", "app_owner", "api_caller", NULL};

/* Which rights a role gives, as bits of enum right. */
#define BIT(right) (1u << (right))
static const unsigned given[ROLE_COUNT] = {
    [ROLE_ADMINISTRATOR] = BIT(RIGHT_READ) | BIT(RIGHT_WRITE) | BIT(RIGHT_WRITE_APIS) | BIT(RIGHT_WRITE_APPS) | BIT(RIGHT_READ_AUDIT) |
                           BIT(RIGHT_READ_USERS) | BIT(RIGHT_WRITE_USERS) | BIT(RIGHT_CALL),
    [ROLE_OPERATOR] = BIT(RIGHT_READ) | BIT(RIGHT_WRITE) | BIT(RIGHT_WRITE_APIS) | BIT(RIGHT_WRITE_APPS) | BIT(RIGHT_CALL),
    [ROLE_AUDITOR] = BIT(RIGHT_READ) | BIT(RIGHT_READ_AUDIT) | BIT(RIGHT_READ_USERS),
    [ROLE_API_OWNER] = BIT(RIGHT_READ) | BIT(RIGHT_WRITE_APIS) | BIT(RIGHT_CALL),
    [ROLE_APP_OWNER] = BIT(RIGHT_READ) | BIT(RIGHT_WRITE_APPS),
    [ROLE_API_CALLER] = BIT(RIGHT_CALL),
};

static const char *const right_names[RIGHT_COUNT] = {
    [RIGHT_READ] = "read",
    [RIGHT_WRITE] = "write",
    [RIGHT_WRITE_APIS] = "write_apis",
    [RIGHT_WRITE_APPS] = "write_apps",
    [RIGHT_READ_AUDIT] = "read_audit",
    [RIGHT_READ_USERS] = "read_users",
    [RIGHT_WRITE_USERS] = "write_users",
    [RIGHT_READ_SELF] = "read_self",
    [RIGHT_WRITE_SELF] = "write_self",
    [RIGHT_CALL] = "call",
    [RIGHT_ANYONE] = "anyone",
};

const char *right_name(enum right right)
{
    return right_names[right];
}

bool right_writes(enum right right)
{
    static const unsigned writes =
        BIT(RIGHT_WRITE) | BIT(RIGHT_WRITE_APIS) | BIT(RIGHT_WRITE_APPS) | BIT(RIGHT_WRITE_USERS) | BIT(RIGHT_WRITE_SELF);
    return (writes & BIT(right)) != 0;
}

bool role_of_name(struct bytes name, enum role *role)
{
    for (unsigned i = 0; i < ROLE_COUNT; i++) {
        if (!bytes_equal(name, bytes_of_text(role_names[i]))) continue;
        *role = (enum role)i;
        return true;
    }
    return false;
}

/* An empty part of a grant covers everything; a part that the place leaves empty is covered by nothing less. */
static bool covers(struct bytes granted, struct bytes asked)
{
    return granted.length == 0 || bytes_equal(granted, asked);
}

bool role_may_call(enum role role)
{
    return (given[role] & BIT(RIGHT_CALL)) != 0;
}

static bool is_of_domain(enum right right)
{
    return right == RIGHT_READ_USERS || right == RIGHT_WRITE_USERS;
}

bool caller_reaches(const struct caller *caller, struct scope scope)
{
    for (size_t i = 0; i < caller->grant_count; i++) {
        const struct grant *grant = &caller->grants[i];
        if (!covers(grant->project_id, scope.project_id)) continue;
        if (scope.instance_id.length == 0 || covers(grant->instance_id, scope.instance_id)) return true;
    }
    return false;
}

bool caller_may(const struct caller *caller, enum right right, struct scope scope)
{
    if (right == RIGHT_ANYONE || right == RIGHT_READ_SELF || right == RIGHT_WRITE_SELF) return true;
    /* A list within a project is for whoever sees a part of it; the handler leaves the rest out. */
    bool part = right == RIGHT_READ && scope.instance_id.length == 0;
    if (is_of_domain(right)) scope = (struct scope){BYTES(""), BYTES("")};
    for (size_t i = 0; i < caller->grant_count; i++) {
        const struct grant *grant = &caller->grants[i];
        bool here = covers(grant->project_id, scope.project_id) && (part || covers(grant->instance_id, scope.instance_id));
        if (here && (given[grant->role] & BIT(right)) != 0) return true;
    }
    return false;
}

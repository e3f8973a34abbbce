/* A user of IAM, as far as APIs of type IAM ask: is he enabled, is what was issued to him still good, where may he call. */
#ifndef COUNTERSIGN_CREDENTIAL_USER_H
#define COUNTERSIGN_CREDENTIAL_USER_H

#include "base/buffer.h"

struct user {
    bool enabled;
    struct bytes name;
    struct bytes domain_id;
    uint64_t stamp;      /* tokens issued under another one are dead: he was disabled, or got another password or other roles */
    struct bytes scopes; /* user_scope …: where he may call */
};

/* Where one of his roles lets him call: within a project (empty: every project of his domain) and an instance (empty: every instance of
 * the project). */
struct user_scope {
    struct bytes project_id;
    struct bytes instance_id;
};
void user_scope_add(struct buffer *out, const struct user_scope *scope);
/* Begin with *rest = the scopes. False at the end, and for what user_scope_add did not write. */
bool user_scope_next(struct bytes *rest, struct user_scope *scope);
/* The run is as user_scope_add writes it. */
bool user_scopes_are_sound(struct bytes scopes);

/* Whose an instance is. */
struct instance_owner {
    struct bytes project_id;
    struct bytes domain_id;
};

/* May he call APIs of type IAM at this instance? He is of the owner's domain, and one of his scopes reaches it. `limit`: the one project
 * for which his token or temporary key was issued (of a token of the domain: the domain's id, which is no project's); empty: no limit. */
bool user_may_call(const struct user *user, struct bytes limit, const struct instance_owner *owner, struct bytes instance_id);

#endif

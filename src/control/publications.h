/* Publications (huawei.md 4.5): which version of an API is in effect in which environment. A version is a snapshot of the definition; at
 * most one per API and environment is in effect, and ten are kept to switch back to. The publish id belongs to API and environment: it
 * stays the same over versions, offline and online again, so that what was bound to it stays bound. */
#ifndef COUNTERSIGN_CONTROL_PUBLICATIONS_H
#define COUNTERSIGN_CONTROL_PUBLICATIONS_H

#include "control/resource.h"

#define VERSION_IN_EFFECT     1
#define VERSION_NOT_IN_EFFECT 2
#define VERSIONS_KEPT         10

extern const struct resource resource_version;

/* Where to, and what is noted with it. */
struct publishing {
    struct bytes env_id;
    struct bytes remark;
};

/* Each of these refuses before it writes anything, so a batch may go on after a refusal. `version` has room for VERSION_COLUMNS values and
 * holds what is, or was, in effect. */

/* The API as it is defined now goes into effect, as a new version. Refused with APIG.3301 when another API stands on its route there,
 * and with APIG.3925 when it passes through what the key that is bound there writes. */
bool publication_online(struct call *call, const struct publishing *publishing, const struct value *api, struct value *version);
/* What is in effect goes out of effect. Refused with APIG.3015 when nothing is. */
bool publication_offline(struct call *call, const struct publishing *publishing, const struct value *api, struct value *version);
/* A kept version goes back into effect; one that is in effect stays so. */
bool publication_switch(struct call *call, struct value *version);
bool publication_withdraw(struct call *call, struct value *version);

/* Calls `each` for every version in effect where `filter` holds, by environment. It runs within the list call: no use of the session, and
 * the row lives until it returns. */
bool publications_list(struct call *call, const struct store_filter *filter, store_each each, void *context);
/* The version in effect of an API in an environment; *found says whether there is one. */
bool publication_find(struct call *call, struct bytes api_id, struct bytes env_id, struct value *version, bool *found);
/* The same by publish id; refuses with APIG.3015 when nothing is in effect under it. */
bool publication_load(struct call *call, struct bytes publish_id, struct value *version);

/* Everything that hangs on an API or an environment that is about to go (versions, bindings, authorisations, places) goes before it. */
bool publications_forget_api(struct call *call, struct bytes api_id);
bool publications_forget_env(struct call *call, struct bytes env_id);

#endif

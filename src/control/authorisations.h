/* Who may call which API in which environment: rows that apps and consumers share, with the change rows the edge follows. */
#ifndef COUNTERSIGN_CONTROL_AUTHORISATIONS_H
#define COUNTERSIGN_CONTROL_AUTHORISATIONS_H

#include "control/resource.h"
#include "credential/credential.h"

struct authorised {
    enum principal_kind kind;
    struct bytes principal_id;
    struct bytes api_id;
    struct bytes env_id;
    int64_t not_after; /* last second, Unix; 0 = no end */
};

extern const struct resource resource_authorisation;

/* The end that the body names as "end_time", 0 for none; one that is past is refused. */
bool authorisation_read_end(struct call *call, int64_t *end);
/* The row of this authorisation; *found says whether there is one. False: a fault. */
bool authorisation_find(struct call *call, const struct authorised *who, struct value *row, bool *found);
/* A new row; principal, API and environment have been loaded, so they exist. `row` is what was written. */
bool authorisation_add(struct call *call, const struct authorised *who, struct value *row);
/* Another end for an existing one. */
bool authorisation_prolong(struct call *call, const struct value *row, int64_t not_after);
bool authorisation_remove(struct call *call, const struct value *row);
/* All of a principal, or all where `filter` holds. Places that consumers present keys in are not counted down here. */
bool authorisations_remove_where(struct call *call, const struct store_filter *filter);

#endif

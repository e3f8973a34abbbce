/* A part of a write that may be taken back alone: one item of many. */
#ifndef COUNTERSIGN_STORE_ATTEMPT_H
#define COUNTERSIGN_STORE_ATTEMPT_H

#include "store/audit.h"

/* What the session was before; filled by store_attempt. */
struct attempt_point {
    int64_t changes;
    int64_t audits;
    struct audit_point end;
};
/* Begins one; they do not stand within each other. */
enum store_result store_attempt(struct session *session, struct attempt_point *before);
/* Ends it: what was written since then stays, or is gone, audit and changes with it. */
enum store_result store_attempt_end(struct session *session, const struct attempt_point *before, bool keep);

/* How many audit rows the session has written. */
int64_t store_audits(const struct session *session);

#endif

/* The audit as rows, for lists: what store_audit (store.h) wrote. Kept for ever. */
#ifndef COUNTERSIGN_STORE_AUDIT_H
#define COUNTERSIGN_STORE_AUDIT_H

#include "store/store.h"

/* Read only, written by store_audit: "<revision, 16 hex digits>.<place in its transaction, 4 hex digits>", so ids sort by time. */
enum {
    AUDIT_ID,
    AUDIT_ACTOR,
    AUDIT_ACTOR_NAME,
    AUDIT_SOURCE,
    AUDIT_ACTION,
    AUDIT_RESOURCE,
    AUDIT_RESOURCE_ID,
    AUDIT_INSTANCE_ID,
    AUDIT_BEFORE,
    AUDIT_AFTER,
    AUDIT_TIME,
    AUDIT_REVISION,
    AUDIT_COLUMNS
};

extern const struct entity entity_audit;

#endif

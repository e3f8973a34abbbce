/* When the daemon of this node last heard from the store: one number, written by the daemon, read by every worker without a system call. */
#ifndef COUNTERSIGN_MAPPED_HEARTBEAT_H
#define COUNTERSIGN_MAPPED_HEARTBEAT_H

#include "mapped/mapped.h"

extern const struct mapped_form heartbeat_form;

/* `mapped` is of that form. */
void heartbeat_write(struct mapped *mapped, int64_t store_seen);
/* Unix seconds; 0: never yet. */
int64_t heartbeat_read(const struct mapped *mapped);

#endif

/* What this node tells the others through the store, so that each of them can show all (store/nodes.h). */
#ifndef COUNTERSIGN_CONTROL_NODE_ROWS_H
#define COUNTERSIGN_CONTROL_NODE_ROWS_H

#include "control/daemon.h"

#define NODE_TOLD_EVERY 10          /* seconds */
#define NODE_KEPT       (24 * 3600) /* seconds since it was heard of last */

/* The id of this node: of its machine's name and its data directory, so the same after a restart. */
void node_row_id(const struct daemon *daemon, char id[static ID_SIZE]);
void node_row_name(char name[static 256]);
/* From the node's thread. False: the store does not take it now. */
bool node_row_tell(const struct daemon *daemon, int64_t now);

#endif

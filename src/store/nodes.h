/* What the nodes of one store say about themselves, each in a row of its own every few seconds: no part of the truth, no audit, no change
 * for the edge, and forgotten with time. */
#ifndef COUNTERSIGN_STORE_NODES_H
#define COUNTERSIGN_STORE_NODES_H

#include "store/store.h"

enum {
    NODE_ID,
    NODE_NAME,
    NODE_SEEN, /* when it said so, Unix seconds */
    NODE_EDGE_REVISION,
    NODE_PROBLEM,
    NODE_PROBLEM_SINCE,
    NODE_NONCES,
    NODE_NONCE_CAPACITY,
    NODE_COLUMNS
};
extern const struct entity entity_node;

/* In a session of store_write_aside. In place of what the node said before; nodes not heard of since `forgotten` go. */
enum store_result store_node_tell(struct session *session, const struct value row[static NODE_COLUMNS], int64_t forgotten);

#endif

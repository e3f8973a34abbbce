/* The edge as admission sees it: struct directory over one instance, inside edge_begin … edge_end. */
#ifndef COUNTERSIGN_GATEWAY_DIRECTORY_H
#define COUNTERSIGN_GATEWAY_DIRECTORY_H

#include "admit/directory.h"
#include "edge/reader.h"

/* Borrows `view`. */
struct directory directory_over(struct edge_view *view);

/* For another directory over the same edge. */
enum found found_of(enum edge_result result);
enum nonce_answer directory_remember(const struct edge_view *view, const struct nonce_use *use);

#endif

/* The edge as admission sees it: struct directory over one instance, inside edge_begin … edge_end. The gateway decides with it, and the
 * daemon tells with it what the gateway would decide. */
#ifndef COUNTERSIGN_DIRECTORY_DIRECTORY_H
#define COUNTERSIGN_DIRECTORY_DIRECTORY_H

#include "admit/directory.h"
#include "edge/reader.h"

/* Borrows `view`. It knows no nonces: who admits requests sets `nonce`. */
struct directory directory_over(struct edge_view *view);

/* For another directory over the same edge. */
enum found found_of(enum edge_result result);

#endif

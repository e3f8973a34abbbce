/* What recent requests found in the edge: host, stage, method and path → publication, addresses and sealed signature key. Good only while
 * the edge is the same picture (edge_picture), so a change is effective at the next request here as well. Per worker, fixed in size. */
#ifndef COUNTERSIGN_GATEWAY_RECENT_H
#define COUNTERSIGN_GATEWAY_RECENT_H

#include "gateway/gateway.h"

#define RECENT_KEY_MOST 200 /* longer questions are asked each time */

/* What is asked, and where in the memory it belongs. */
struct recent_question {
    const struct edge_view *view;
    const struct route_query *query;
    uint64_t hash;
    size_t key_length; /* 0: too long to be remembered */
    uint8_t key[RECENT_KEY_MOST];
};
void recent_ask(struct recent_question *question, const struct edge_view *view, const struct route_query *query);

/* Fills route.rest, publication (held), addresses and sealed of the context; false: not known. */
bool recent_find(const struct recent_question *question, struct gateway_context *context);
/* Remembers what context has found; a route with parameters is not worth it. */
void recent_keep(const struct recent_question *question, const struct gateway_context *context);
/* Releases everything: before the reader is closed. */
void recent_forget(void);

#endif

/* What the workers tell (feedback/), brought into the store every few seconds by the node's thread. When the store cannot be reached it
 * waits, within bounds; what is lost is counted. */
#ifndef COUNTERSIGN_CONTROL_TRAFFIC_H
#define COUNTERSIGN_CONTROL_TRAFFIC_H

#include "control/node.h"
#include "feedback/feedback.h"

struct traffic;

/* NULL with *problem in words. Makes the file unless it is there. */
struct traffic *traffic_open(const struct node_options *options, char problem[static 256]);
void traffic_close(struct traffic *traffic); /* NULL is fine */

/* To be called once a second. */
void traffic_tick(struct traffic *traffic, struct store *store, int64_t now);
/* Tells the fetcher which key sets tokens miss a key of; to be called once a second as well. */
void traffic_take_wishes(struct traffic *traffic, struct key_fetcher *fetcher);
/* The last time, whatever the hour. */
void traffic_flush(struct traffic *traffic, struct store *store, int64_t now);

/* For the metrics; from any thread. */
const struct feedback *traffic_feedback(const struct traffic *traffic);
/* Told by workers, and lost in this daemon for want of room. */
uint64_t traffic_lost(const struct traffic *traffic);

#endif

/* When is a change effective? When the local edge has its revision. The one place that knows the publisher. */
#ifndef COUNTERSIGN_CONTROL_EFFECT_H
#define COUNTERSIGN_CONTROL_EFFECT_H

#include "control/daemon.h"

#define EFFECT_WAIT_MS 10000

/* Starts to keep <data>/edge equal to the store. False with *problem in words. */
bool effect_start(struct daemon *daemon, const struct options *options, char problem[static 256]);
void effect_stop(struct daemon *daemon);

/* Blocks until the edge has `revision`, at most EFFECT_WAIT_MS. False: committed, but not effective yet; it will be, later. */
bool effect_wait(const struct daemon *daemon, uint64_t revision);

/* publisher_reader; NULL also without a publisher. */
struct edge_reader;
struct edge_reader *effect_reader(const struct daemon *daemon, char problem[static 256]);

/* Not without a publisher. */
struct publisher_status;
void effect_status(const struct daemon *daemon, struct publisher_status *status);

#endif

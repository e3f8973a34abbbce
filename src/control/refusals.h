/* Refused calls that matter, in the audit: who tried to sign in and could not, who asked for what is not his.
 *
 * They come from strangers, so neither may the answer wait for the database nor may they fill it: a thread of its own writes them, equal
 * ones once a minute with their number, and at most REFUSALS_A_MINUTE different ones; what is beyond that is counted in one more row. A
 * crash loses the last second of them (never a change's row, which is part of the change). */
#ifndef COUNTERSIGN_CONTROL_REFUSALS_H
#define COUNTERSIGN_CONTROL_REFUSALS_H

#include "control/call.h"

#define REFUSALS_A_MINUTE 60

struct refusals;

/* NULL with *problem in words. `daemon` must outlive it. */
struct refusals *refusals_start(const struct daemon *daemon, char problem[static 256]);
/* Writes what is left. NULL is fine. */
void refusals_stop(struct refusals *refusals);

/* An answered call: remembers it when its error is one of authentication or rights. NULL (tests of handlers): nothing happens. */
void refusals_note(struct refusals *refusals, const struct call *call);

#endif

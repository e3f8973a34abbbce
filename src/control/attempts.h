/* How often something was tried, on this node: bounds for guessing and for work that costs (a password's hash). Counts live in memory of
 * a fixed size; under a flood those with the fewest tries are forgotten first, and nobody can choose whose. */
#ifndef COUNTERSIGN_CONTROL_ATTEMPTS_H
#define COUNTERSIGN_CONTROL_ATTEMPTS_H

#include "base/bytes.h"

struct attempts;

struct attempts *attempts_make(void);             /* NULL: no memory or no randomness */
void attempts_destroy(struct attempts *attempts); /* NULL is fine */

/* Who tries what: counted together, never one without the other, or anybody could lock anybody out. */
struct attempt {
    const char *what; /* "sign_in" */
    struct bytes who;
    struct bytes source; /* an address as text: of IPv6 its /64 counts; empty: wherever it comes from */
    uint32_t most;       /* within `seconds` from the first */
    int64_t seconds;
};
/* Counts one more; false: it is one too many, and nothing is counted. */
bool attempt_take(struct attempts *attempts, const struct attempt *attempt, int64_t now);
/* What was tried is allowed: it does not count. */
void attempt_forget(struct attempts *attempts, const struct attempt *attempt);
/* The last one alone does not count: it was right, or came to no verdict. Those before it do. */
void attempt_give_back(struct attempts *attempts, const struct attempt *attempt);

/* A place for costly work, of which there are few. False: none came free within some seconds. Leave when done. */
bool attempts_enter(struct attempts *attempts) __attribute__((warn_unused_result));
void attempts_leave(struct attempts *attempts);

#endif

/* What the hashes of a caller's nonces begin with, and whose they are counted as: most of the work, and the same for each of his requests.
 * A worker keeps it for callers that came lately. Fixed in size, in memory of its own. */
#ifndef COUNTERSIGN_REPLAY_CALLERS_H
#define COUNTERSIGN_REPLAY_CALLERS_H

#include "crypto/siphash.h"

#define REPLAY_CALLER_SETS 2048 /* a power of two */
#define REPLAY_CALLER_WAYS 2
#define REPLAY_CALLER_ID   32 /* bytes of each of the ids; others are not kept */

struct replay_caller {
    uint8_t instance[REPLAY_CALLER_ID], principal_id[REPLAY_CALLER_ID], credential_id[REPLAY_CALLER_ID];
    struct siphash_state begun; /* with instance and credential; its length is 0 where nobody is kept */
    uint64_t principal;
} __attribute__((aligned(64)));

/* All zero: nobody. */
struct replay_callers {
    struct replay_caller kept[REPLAY_CALLER_SETS][REPLAY_CALLER_WAYS];
};

struct replay;
struct replay_question;
/* Of whoever presents this key id, or has this credential id and presents none. */
void replay_caller_fetch(const struct replay *replay, struct bytes id);
/* Of the question, as kept or worked out; into `room` when it is not to be kept. */
const struct replay_caller *replay_caller_of(const struct replay *replay, const struct replay_question *question,
                                             struct replay_caller *room);

#endif

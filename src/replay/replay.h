/* The replay memory: which nonces were used, for as long as a copy of their request could be admitted. One mapped file for all workers of a
 * node, without a lock: it survives reloads, restarts and changes of binaries, and no process that dies leaves anything held.
 *
 * A nonce takes one slot of eight bytes: 40 bits of a keyed hash (instance, credential, nonce) and the second until which it counts. Its
 * home is a line of the cache; it stands in one of the 32 slots from there. Nothing that still counts is ever overwritten: a full window
 * refuses. */
#ifndef COUNTERSIGN_REPLAY_REPLAY_H
#define COUNTERSIGN_REPLAY_REPLAY_H

#include "crypto/siphash.h"
#include "mapped/mapped.h"

#define REPLAY_MOST_SECONDS (7 * 24 * 3600) /* a nonce whose end is further away is refused as full */
#define REPLAY_SLACK        5               /* remembered so many seconds longer: clocks of workers lag when they are busy */
#define REPLAY_LEAST_SIZE   (256u << 10)
#define REPLAY_MOST_SIZE    (32ull << 30)

extern const struct mapped_form replay_form;

/* Bytes of memory for so many nonces a second, each remembered for 15 minutes: the slots are 40 % full then (docs/operate/replay.md). A
 * power of two. */
size_t replay_size_for(uint64_t nonces_per_second);

struct replay_clock;
struct replay_callers;
struct replay {
    struct mapped mapped;
    struct siphash_key key;
    uint64_t *counters;         /* of principals, see quota.c */
    struct replay_clock *clock; /* see clock.c */
    uint64_t *slots;
    uint64_t slot_count;            /* a power of two */
    uint32_t quota;                 /* nonces that one principal may have in about 15 minutes */
    struct replay_callers *callers; /* of this process, see callers.h; NULL: none are kept */
};

/* False with *problem in words. Without callers: whoever asks often gives it some, all zero, and may use them again only when he has zeroed
 * them. */
bool replay_open(struct replay *replay, const char *directory, char problem[static 256]);
void replay_close(struct replay *replay);

enum replay_answer {
    REPLAY_UNSEEN, /* and remembered from now on; one of any number of callers at the same moment is told so, or none, never two */
    REPLAY_SEEN,
    REPLAY_QUOTA,
    REPLAY_FULL /* or it cannot be known: the clock went ahead and came back */
};

struct replay_question {
    struct bytes instance;
    struct bytes principal_id;
    struct bytes credential_id;
    struct bytes key_id; /* what the caller presented, or empty: only to find sooner what is kept of him */
    struct bytes nonce;
    int64_t until; /* Unix seconds, inclusive */
    int64_t made;  /* when the request says it was made, and signed that; 0: at any time */
    int64_t now;
};

/* Where the nonce of a question stands, and whose it is counted as. Good for this memory only, until it is closed. */
struct replay_place {
    uint64_t home, tag, principal;
};
/* A question with this key id, which is not empty, comes soon: what is kept of its caller is fetched. */
void replay_expect(const struct replay *replay, struct bytes key_id);
/* Begins to fetch it as well: it is in no cache, and whoever has other work to do before he asks has not to wait for it. */
struct replay_place replay_find(const struct replay *replay, const struct replay_question *question);
/* `place` as found for this very question. */
enum replay_answer replay_ask(struct replay *replay, const struct replay_question *question, const struct replay_place *place);

/* How many nonces can be remembered before windows begin to be full: 40 % of the slots. */
uint64_t replay_capacity(const struct replay *replay);
/* Looks at `count` slots from `first` on (clamped): how many count at `now`. Those that no longer do are cleared, so that none comes to
 * life again when its 24 bits of time come round, after 194 days. Any process may do it at any time. */
uint64_t replay_sweep(struct replay *replay, uint64_t first, uint64_t count, int64_t now);

#endif

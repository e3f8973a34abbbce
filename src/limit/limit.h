/* Counters of requests in fixed periods: how many were admitted since the period began. One mapped file of fixed size for all workers of a
 * node, without a lock: it survives reloads, restarts and changes of binaries, and no process that dies leaves anything held.
 *
 * A counter takes two words: whose it is (32 bits of a keyed hash) with the second at which its period ends, and the count. It stands in
 * one of the 16 places of a set, which its hash picks. As long as a set has a place whose period has ended, counts are exact, however many
 * workers count at once. In a full set the smallest count makes room: under a flood of more callers than there are places, the one who was
 * forgotten begins anew. */
#ifndef COUNTERSIGN_LIMIT_LIMIT_H
#define COUNTERSIGN_LIMIT_LIMIT_H

#include "crypto/siphash.h"
#include "mapped/mapped.h"

extern const struct mapped_form limit_form;
size_t limit_size(void);

struct limit_entry {
    uint64_t whose;
    uint64_t count;
};

struct limit {
    struct mapped mapped;
    struct siphash_key key;
    struct limit_entry *entries;
};

/* False with *problem in words. */
bool limit_open(struct limit *limit, const char *directory, char problem[static 256]);
void limit_close(struct limit *limit);

#define LIMIT_NAME_PARTS 6

struct limit_use {
    struct bytes name[LIMIT_NAME_PARTS]; /* together they say what is counted */
    uint32_t most;                       /* in a period; 1 or more */
    uint32_t seconds;                    /* of the period; 1 or more */
    int64_t now;                         /* Unix seconds */
};

/* One that was counted, to be given back. */
struct limit_taken {
    uint64_t *count;
    uint32_t tag;
};

/* False: there were `most` of them in this period already. One of any number of callers at the same moment who would be too many is told
 * so. */
bool limit_take(struct limit *limit, const struct limit_use *use, struct limit_taken *taken);
/* It was not admitted after all. */
void limit_give_back(const struct limit_taken *taken);
/* Seconds until the next period: 1 to use->seconds. */
uint32_t limit_wait(const struct limit_use *use);

#endif

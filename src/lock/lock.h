/* Locks after failed attempts: who failed with a key, from where, how often in a row. One mapped file of fixed size for all workers of a
 * node, without a lock of its own. A key from one source is one entry, so that nobody locks out anybody else.
 *
 * An entry is eight bytes in a line of the cache with seven others; under a flood the one that matters least makes room. Beside them
 * stands, for some thousand groups of keys, when one of the group failed last: who is of none that failed lately has no entry that counts.
 */
#ifndef COUNTERSIGN_LOCK_LOCK_H
#define COUNTERSIGN_LOCK_LOCK_H

#include "crypto/siphash.h"
#include "mapped/mapped.h"

extern const struct mapped_form lock_form;
size_t lock_size(void);

struct lock_rule {
    uint32_t failures; /* in a row, with which the lock begins; 1 to LOCK_MOST_FAILURES */
    uint32_t seconds;  /* how long it is shut then; each failure after that doubles it */
    uint32_t most;     /* seconds, no longer than that */
};
#define LOCK_MOST_FAILURES 20
#define LOCK_MOST_SECONDS  (24 * 3600)

struct lock {
    struct mapped mapped;
    struct siphash_key key;
    uint32_t *latest; /* Unix seconds of the last failure, by groups of keys; 0: none ever */
    uint64_t *entries;
};

/* False with *problem in words. */
bool lock_open(struct lock *lock, const char *directory, char problem[static 256]);
void lock_close(struct lock *lock);

struct lock_attempt {
    struct bytes instance;
    struct bytes key_id;
    struct bytes source; /* empty: from anywhere */
    int64_t now;         /* Unix seconds */
};

enum lock_answer {
    LOCK_OPEN,
    LOCK_WATCHED, /* open, with failures that count: tell lock_succeeded */
    LOCK_SHUT     /* refuse, whatever the proof; it does not count as a failure */
};
enum lock_answer lock_look(const struct lock *lock, const struct lock_rule *rule, const struct lock_attempt *attempt);
void lock_failed(struct lock *lock, const struct lock_rule *rule, const struct lock_attempt *attempt);
void lock_succeeded(struct lock *lock, const struct lock_attempt *attempt);

#endif

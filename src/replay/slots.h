/* Between the files of replay/: what a slot holds. */
#ifndef COUNTERSIGN_REPLAY_SLOTS_H
#define COUNTERSIGN_REPLAY_SLOTS_H

#include "replay/replay.h"

/* A slot is tag (40 bits) and last second (24 bits, Unix seconds that wrap). */
#define SLOT_NEVER_USED   0
#define SLOT_FREED        1 /* no nonce has the tag 0 */
#define SLOT_TIME_MASK    0xffffffu
#define SLOT_TIME_BITS    24
#define REPLAY_WINDOW     32
#define REPLAY_LINE_SLOTS 8 /* of 64 bytes */

static inline uint64_t slot_of(uint64_t tag, int64_t until)
{
    return tag << SLOT_TIME_BITS | ((uint64_t)until & SLOT_TIME_MASK);
}

static inline bool slot_counts(uint64_t slot, int64_t now)
{
    if (slot <= SLOT_FREED) return false;
    return ((slot - (uint64_t)now) & SLOT_TIME_MASK) <= REPLAY_MOST_SECONDS + REPLAY_SLACK;
}

/* In the file, between counters and slots. */
struct replay_clock {
    int64_t latest;    /* the time of the last question, or of the last sweep */
    int64_t forgotten; /* what ended before this may have been forgotten; 0: nothing */
    int64_t before;    /* the latest time before a step of more than a quarter of an hour */
    int64_t returned;  /* what was admitted before the clock came back was made until then, or a quarter of an hour later */
    int64_t unused[4];
};

/* clock.c */
void clock_note(struct replay *replay, int64_t now);
bool clock_may_have_forgotten(const struct replay *replay, const struct replay_question *question);

/* quota.c: will be asked about the principal (by its hash). Has it used up its share? And: it has used one more, for as long as this one
 * counts. */
void quota_expect(const struct replay *replay, uint64_t principal);
bool quota_is_used_up(const struct replay *replay, uint64_t principal, int64_t now);
void quota_use(struct replay *replay, uint64_t principal, const struct replay_question *question);

#define QUOTA_ROWS     2
#define QUOTA_COUNTERS 4096 /* a row; a power of two */

#endif

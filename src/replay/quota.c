/* How many nonces each principal has used of late, so that none can fill the memory for all. There may be a million principals, so they
 * share counters, in two rows that share differently; the smaller one counts. It is too high by what others add to both, which is one
 * part in thousands of all. A counter holds this period's number and the last one's: nothing is ever reset. */
#include "replay/slots.h"

#define PERIOD     512                      /* seconds: two periods are about as long as a nonce counts */
#define SHARE      (15 * 60 + REPLAY_SLACK) /* seconds that a nonce counts, as a rule */
#define COUNT_BITS 24
#define COUNT_MASK 0xffffffu

static uint64_t *counter_of(const struct replay *replay, uint64_t principal, unsigned row)
{
    uint64_t index = principal >> 32 * row & (QUOTA_COUNTERS - 1);
    return &replay->counters[row * QUOTA_COUNTERS + index];
}

void quota_expect(const struct replay *replay, uint64_t principal)
{
    for (unsigned row = 0; row < QUOTA_ROWS; row++) __builtin_prefetch(counter_of(replay, principal, row), 1);
}

/* period (16 bits) | count of the one before | count */
static uint64_t brought_forward(uint64_t counter, uint64_t period)
{
    uint64_t passed = (period - (counter >> 2 * COUNT_BITS)) & 0xffff;
    if (passed == 0 || passed >= 0xfffe) return counter; /* a clock that lags finds a later period */
    uint64_t before = passed == 1 ? counter & COUNT_MASK : 0;
    return period << 2 * COUNT_BITS | before << COUNT_BITS;
}

static uint64_t period_of(int64_t now)
{
    return (uint64_t)now / PERIOD & 0xffff;
}

bool quota_is_used_up(const struct replay *replay, uint64_t principal, int64_t now)
{
    uint64_t least = UINT64_MAX;
    for (unsigned row = 0; row < QUOTA_ROWS; row++) {
        uint64_t counter = brought_forward(__atomic_load_n(counter_of(replay, principal, row), __ATOMIC_RELAXED), period_of(now));
        uint64_t sum = (counter & COUNT_MASK) + (counter >> COUNT_BITS & COUNT_MASK);
        if (sum < least) least = sum;
    }
    return least >= replay->quota;
}

/* What is remembered for days (a token that counts once) is as much as all that could have come and gone meanwhile. */
static uint64_t nonces_of(const struct replay_question *question)
{
    int64_t lasts = question->until + REPLAY_SLACK - question->now;
    return lasts < 3 * SHARE / 2 ? 1 : (uint64_t)(lasts + SHARE / 2) / SHARE;
}

void quota_use(struct replay *replay, uint64_t principal, const struct replay_question *question)
{
    uint64_t nonces = nonces_of(question);
    for (unsigned row = 0; row < QUOTA_ROWS; row++) {
        uint64_t *place = counter_of(replay, principal, row);
        uint64_t seen = __atomic_load_n(place, __ATOMIC_RELAXED), next;
        do {
            next = brought_forward(seen, period_of(question->now));
            uint64_t room = COUNT_MASK - (next & COUNT_MASK);
            if (room == 0) break;
            next += nonces < room ? nonces : room;
        } while (!__atomic_compare_exchange_n(place, &seen, next, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED));
    }
}

#include "lock/lock.h"

#include "base/hash.h"

#define KIND   3
#define FORMAT 2

#define ENTRIES  131072 /* a power of two */
#define LATEST   4096   /* another one; in the file, before the entries */
#define WAYS     8      /* of a line of 64 bytes */
#define NOTHING  SIZE_MAX
#define TAG_BITS 29 /* below the tag: failures (5 bits), the second of the last one (24 bits, wrapping) */

#define TIME_MASK      0xffffffu
#define FAILURES_SHIFT 24
#define FAILURES_MASK  0x1fu

#define LATEST_SIZE (LATEST * sizeof(uint32_t))
#define SIZE        (LATEST_SIZE + ENTRIES * sizeof(uint64_t))

const struct mapped_form lock_form = {.name = "lock.map", .kind = KIND, .format = FORMAT, .least = SIZE, .most = SIZE};

size_t lock_size(void)
{
    return lock_form.least;
}

bool lock_open(struct lock *lock, const char *directory, char problem[static 256])
{
    *lock = (struct lock){0};
    if (!mapped_open(&lock->mapped, directory, &lock_form, problem)) return false;
    lock->key = siphash_key_of(lock->mapped.key);
    lock->latest = (uint32_t *)(void *)lock->mapped.memory;
    lock->entries = (uint64_t *)(void *)(lock->mapped.memory + LATEST_SIZE);
    return true;
}

void lock_close(struct lock *lock)
{
    mapped_close(&lock->mapped);
    *lock = (struct lock){0};
}

static uint32_t failures_of(uint64_t entry)
{
    return (uint32_t)(entry >> FAILURES_SHIFT) & FAILURES_MASK;
}

/* Seconds since the last failure; a clock that lags makes it 0. */
static uint32_t age_of(uint64_t entry, int64_t now)
{
    uint32_t age = ((uint32_t)now - (uint32_t)entry) & TIME_MASK;
    return age > TIME_MASK / 2 ? 0 : age;
}

/* How long it is shut after so many failures. */
static uint32_t shut_for(const struct lock_rule *rule, uint32_t failures)
{
    uint64_t seconds = rule->seconds;
    if (failures < rule->failures) return 0;
    for (uint32_t more = failures - rule->failures; more > 0 && seconds < rule->most; more--) seconds *= 2;
    return seconds < rule->most ? (uint32_t)seconds : rule->most;
}

/* Failures count until the lock has been open for as long as it may be shut at most; before the first lock, as long as that lasts. */
static bool counts(const struct lock_rule *rule, uint64_t entry, int64_t now)
{
    uint32_t shut = shut_for(rule, failures_of(entry));
    return failures_of(entry) > 0 && age_of(entry, now) <= (shut > 0 ? shut + rule->most : rule->seconds);
}

static uint32_t *latest_of(const struct lock *lock, struct bytes key_id)
{
    return &lock->latest[hash_of(lock->key.words[0], key_id) >> 32 & (LATEST - 1)];
}

/* Nearly every caller has never failed. That is seen without his entry, which stands in no cache and has to be found by a slower hash. */
static bool may_have_failed(const struct lock *lock, const struct lock_rule *rule, const struct lock_attempt *attempt)
{
    uint32_t latest = __atomic_load_n(latest_of(lock, attempt->key_id), __ATOMIC_RELAXED);
    uint64_t now = (uint32_t)attempt->now, longest = rule->seconds > 2ull * rule->most ? rule->seconds : 2ull * rule->most;
    return latest > now || (latest > 0 && now - latest <= longest);
}

static void note_failure(struct lock *lock, const struct lock_attempt *attempt)
{
    uint32_t *latest = latest_of(lock, attempt->key_id), now = (uint32_t)attempt->now;
    if (now > __atomic_load_n(latest, __ATOMIC_RELAXED)) __atomic_store_n(latest, now, __ATOMIC_RELAXED);
}

struct line {
    uint64_t *entries; /* WAYS of them */
    uint64_t tag;
};

static struct line line_of(const struct lock *lock, const struct lock_attempt *attempt)
{
    const struct bytes parts[] = {attempt->instance, attempt->key_id, attempt->source};
    struct siphash_value hash = siphash_of_parts(&lock->key, parts, 3);
    return (struct line){&lock->entries[hash.words[1] & (ENTRIES - WAYS)], hash.words[0] >> TAG_BITS};
}

/* The place of this attempt's entry in its line, and what stands there. */
static size_t find(const struct line *line, uint64_t *entry)
{
    for (size_t i = 0; i < WAYS; i++) {
        *entry = __atomic_load_n(&line->entries[i], __ATOMIC_RELAXED);
        if (*entry != 0 && *entry >> TAG_BITS == line->tag) return i;
    }
    return NOTHING;
}

enum lock_answer lock_look(const struct lock *lock, const struct lock_rule *rule, const struct lock_attempt *attempt)
{
    uint64_t entry;
    if (!may_have_failed(lock, rule, attempt)) return LOCK_OPEN;
    struct line line = line_of(lock, attempt);
    if (find(&line, &entry) == NOTHING || !counts(rule, entry, attempt->now)) return LOCK_OPEN;
    return age_of(entry, attempt->now) < shut_for(rule, failures_of(entry)) ? LOCK_SHUT : LOCK_WATCHED;
}

/* Where a new entry goes: a place that does not count, else the one with the fewest failures, and of those the oldest. */
static size_t place_for(const struct line *line, const struct lock_rule *rule, int64_t now, uint64_t *entry)
{
    size_t best = 0;
    uint64_t least = UINT64_MAX;
    for (size_t i = 0; i < WAYS; i++) {
        uint64_t there = __atomic_load_n(&line->entries[i], __ATOMIC_RELAXED);
        uint64_t worth = counts(rule, there, now) ? (uint64_t)failures_of(there) << FAILURES_SHIFT | (TIME_MASK - age_of(there, now)) : 0;
        if (worth >= least) continue;
        least = worth;
        best = i;
        *entry = there;
    }
    return best;
}

void lock_failed(struct lock *lock, const struct lock_rule *rule, const struct lock_attempt *attempt)
{
    struct line line = line_of(lock, attempt);
    note_failure(lock, attempt);
    for (unsigned tries = 0; tries < WAYS; tries++) {
        uint64_t entry;
        size_t place = find(&line, &entry);
        uint32_t failures = place != NOTHING && counts(rule, entry, attempt->now) ? failures_of(entry) : 0;
        if (place == NOTHING) place = place_for(&line, rule, attempt->now, &entry);
        if (failures < FAILURES_MASK) failures++;
        uint64_t next = line.tag << TAG_BITS | (uint64_t)failures << FAILURES_SHIFT | ((uint64_t)attempt->now & TIME_MASK);
        if (__atomic_compare_exchange_n(&line.entries[place], &entry, next, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED)) return;
    }
}

void lock_succeeded(struct lock *lock, const struct lock_attempt *attempt)
{
    uint64_t entry;
    struct line line = line_of(lock, attempt);
    size_t place = find(&line, &entry);
    if (place != NOTHING) (void)__atomic_compare_exchange_n(&line.entries[place], &entry, 0, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED);
}

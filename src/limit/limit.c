#include "limit/limit.h"

#define KIND   5
#define FORMAT 1

#define ENTRIES    262144 /* a power of two: 4 MiB */
#define WAYS       16     /* of a set: four lines of the cache */
#define SLACK      5      /* seconds: clocks of workers lag when they are busy */
#define MOST_TRIES 4000
#define PATIENCE   1000 /* tries */
#define NOTHING    SIZE_MAX

/* whose: tag (31 bits), whether it is settled (1 bit), last second (32 bits). count: the tag again, count (32 bits). A count under another
 * tag is that of an earlier owner of the place, and counts as 0. */
#define TAG_SHIFT 33
#define SETTLED   (1ull << 32)

const struct mapped_form limit_form = {.name = "limit.map",
                                       .kind = KIND,
                                       .format = FORMAT,
                                       .least = ENTRIES * sizeof(struct limit_entry),
                                       .most = ENTRIES * sizeof(struct limit_entry)};

size_t limit_size(void)
{
    return limit_form.least;
}

bool limit_open(struct limit *limit, const char *directory, char problem[static 256])
{
    *limit = (struct limit){0};
    if (!mapped_open(&limit->mapped, directory, &limit_form, problem)) return false;
    limit->key = siphash_key_of(limit->mapped.key);
    limit->entries = (struct limit_entry *)(void *)limit->mapped.memory;
    return true;
}

void limit_close(struct limit *limit)
{
    mapped_close(&limit->mapped);
    *limit = (struct limit){0};
}

/* The places of one counter, and what it writes there. */
struct set {
    struct limit_entry *entries; /* WAYS of them */
    uint32_t tag;                /* never 0 */
    uint64_t claimed, settled;   /* in `whose` */
    uint32_t now;
};

static int64_t period_of(const struct limit_use *use)
{
    return use->now / use->seconds;
}

uint32_t limit_wait(const struct limit_use *use)
{
    return (uint32_t)((period_of(use) + 1) * use->seconds - use->now);
}

/* Each period of a counter is a counter of its own: none has to be set back. */
static struct set set_of(const struct limit *limit, const struct limit_use *use)
{
    const int64_t period = period_of(use);
    struct bytes parts[LIMIT_NAME_PARTS + 2];
    for (size_t i = 0; i < LIMIT_NAME_PARTS; i++) parts[i] = use->name[i];
    parts[LIMIT_NAME_PARTS] = bytes_of(&use->seconds, sizeof use->seconds);
    parts[LIMIT_NAME_PARTS + 1] = bytes_of(&period, sizeof period);
    struct siphash_value hash = siphash_of_parts(&limit->key, parts, LIMIT_NAME_PARTS + 2);
    uint32_t tag = (uint32_t)(hash.words[0] >> TAG_SHIFT);
    if (tag == 0) tag = 1;
    uint64_t end = (uint32_t)(use->now + limit_wait(use) + SLACK);
    uint64_t claimed = (uint64_t)tag << TAG_SHIFT | end;
    return (struct set){&limit->entries[hash.words[1] & (ENTRIES - WAYS)], tag, claimed, claimed | SETTLED, (uint32_t)use->now};
}

static uint64_t look(const struct set *set, size_t place)
{
    return __atomic_load_n(&set->entries[place].whose, __ATOMIC_SEQ_CST);
}

static bool swap(uint64_t *word, uint64_t expected, uint64_t wanted)
{
    return __atomic_compare_exchange_n(word, &expected, wanted, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
}

static bool is_over(uint64_t whose, uint32_t now)
{
    return (uint32_t)whose < now;
}

/* Where the counter stands, settled; or NOTHING, with *claimed where somebody is about to put it. */
static size_t find(const struct set *set, bool *claimed)
{
    *claimed = false;
    for (size_t i = 0; i < WAYS; i++) {
        uint64_t whose = look(set, i);
        if (whose == set->settled) return i;
        *claimed = *claimed || whose == set->claimed;
    }
    return NOTHING;
}

/* A place whose period is over, else that of the smallest count. */
static size_t place_for(const struct set *set, uint64_t *whose)
{
    size_t best = 0;
    uint64_t least = UINT64_MAX;
    for (size_t i = 0; i < WAYS && least > 0; i++) {
        uint64_t there = look(set, i);
        uint64_t count = (uint32_t)__atomic_load_n(&set->entries[i].count, __ATOMIC_RELAXED);
        uint64_t worth = is_over(there, set->now) ? 0 : 1 + count;
        if (worth >= least) continue;
        least = worth;
        best = i;
        *whose = there;
    }
    return best;
}

static bool is_elsewhere(const struct set *set, size_t place)
{
    for (size_t i = 0; i < WAYS; i++)
        if (i != place && (look(set, i) | SETTLED) == set->settled) return true;
    return false;
}

/* Two workers may put the same counter into two places. Each writes its claim first and looks afterwards, so at least one of them sees the
 * other, and withdraws; nobody counts under a claim. */
static size_t put(const struct set *set)
{
    uint64_t whose = 0;
    size_t place = place_for(set, &whose);
    uint64_t *word = &set->entries[place].whose;
    if (!swap(word, whose, set->claimed)) return NOTHING;
    if (is_elsewhere(set, place)) {
        (void)swap(word, set->claimed, 0);
        return NOTHING;
    }
    return swap(word, set->claimed, set->settled) ? place : NOTHING;
}

static void drop_claims(const struct set *set)
{
    for (size_t i = 0; i < WAYS; i++) (void)swap(&set->entries[i].whose, set->claimed, 0);
}

/* Claims last for some instructions, unless their worker was stopped there, or died: then they are taken away, and a worker who comes back
 * finds his gone. NOTHING: too many others want a place at this moment. */
static size_t provide(const struct set *set)
{
    for (unsigned tries = 0; tries < MOST_TRIES; tries++) {
        bool claimed;
        size_t place = find(set, &claimed);
        if (place == NOTHING && !claimed) place = put(set);
        if (place != NOTHING) return place;
        if (tries % PATIENCE == PATIENCE - 1) drop_claims(set);
    }
    return NOTHING;
}

static uint32_t count_in(uint64_t word, uint32_t tag)
{
    return word >> 32 == tag ? (uint32_t)word : 0;
}

bool limit_take(struct limit *limit, const struct limit_use *use, struct limit_taken *taken)
{
    const struct set set = set_of(limit, use);
    size_t place = provide(&set);
    if (place == NOTHING) return false;
    *taken = (struct limit_taken){&set.entries[place].count, set.tag};
    uint64_t word = __atomic_load_n(taken->count, __ATOMIC_SEQ_CST), next;
    do {
        uint32_t count = count_in(word, set.tag);
        if (count >= use->most) return false;
        next = (uint64_t)set.tag << 32 | (count + 1);
    } while (!__atomic_compare_exchange_n(taken->count, &word, next, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST));
    return true;
}

void limit_give_back(const struct limit_taken *taken)
{
    uint64_t word = __atomic_load_n(taken->count, __ATOMIC_SEQ_CST);
    while (count_in(word, taken->tag) > 0) {
        if (__atomic_compare_exchange_n(taken->count, &word, word - 1, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST)) return;
    }
}

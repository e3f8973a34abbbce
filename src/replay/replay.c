#include "replay/callers.h"
#include "replay/slots.h"

#define KIND          1
#define FORMAT        2
#define COUNTERS_SIZE (QUOTA_ROWS * QUOTA_COUNTERS * sizeof(uint64_t))
#define HEAD_SIZE     (COUNTERS_SIZE + sizeof(struct replay_clock))
#define MOST_TRIES    64
#define MOST_LOOKS    64 /* some microseconds */

const struct mapped_form replay_form = {
    .name = "replay.map", .kind = KIND, .format = FORMAT, .least = HEAD_SIZE + REPLAY_LEAST_SIZE, .most = HEAD_SIZE + REPLAY_MOST_SIZE};

#define BYTES_PER_RATE (20ull * 905) /* eight bytes at 40 %, times the seconds of 15 minutes and the slack */

size_t replay_size_for(uint64_t nonces_per_second)
{
    uint64_t size = REPLAY_LEAST_SIZE;
    while (size / BYTES_PER_RATE < nonces_per_second && size < REPLAY_MOST_SIZE) size *= 2;
    return HEAD_SIZE + size;
}

/* What others may make of the file's size: the largest power of two that fits. */
static uint64_t slots_within(size_t size)
{
    uint64_t count = REPLAY_LEAST_SIZE / sizeof(uint64_t);
    while (2 * count * sizeof(uint64_t) <= size - HEAD_SIZE) count *= 2;
    return count;
}

uint64_t replay_capacity(const struct replay *replay)
{
    return replay->slot_count / 5 * 2;
}

bool replay_open(struct replay *replay, const char *directory, char problem[static 256])
{
    *replay = (struct replay){0};
    if (!mapped_open(&replay->mapped, directory, &replay_form, problem)) return false;
    replay->key = siphash_key_of(replay->mapped.key);
    replay->counters = (uint64_t *)(void *)replay->mapped.memory;
    replay->clock = (struct replay_clock *)(void *)(replay->mapped.memory + COUNTERS_SIZE);
    replay->slots = (uint64_t *)(void *)(replay->mapped.memory + HEAD_SIZE);
    replay->slot_count = slots_within(replay->mapped.size);
    uint64_t half = replay_capacity(replay) / 2;
    replay->quota = half > 0xffffff ? 0xffffff : (uint32_t)half;
    return true;
}

void replay_close(struct replay *replay)
{
    mapped_close(&replay->mapped);
    *replay = (struct replay){0};
}

/* The 32 slots of a nonce, and what it writes. */
struct window {
    struct replay *replay;
    uint64_t home;
    uint64_t tag;
    uint64_t mine;
    int64_t now;
};

static uint64_t *slot_at(const struct window *window, unsigned i)
{
    return &window->replay->slots[(window->home + i) & (window->replay->slot_count - 1)];
}

struct scan {
    bool seen;
    bool room;
    unsigned place; /* of the first slot that is free */
    uint64_t value; /* what stands there */
};

/* A slot that was never used ends it: slots in front of one that is in use never become so again. */
static struct scan look(const struct window *window)
{
    struct scan scan = {0};
    for (unsigned i = 0; i < REPLAY_WINDOW; i++) {
        uint64_t value = __atomic_load_n(slot_at(window, i), __ATOMIC_SEQ_CST);
        if (slot_counts(value, window->now)) {
            if (value >> SLOT_TIME_BITS != window->tag) continue;
            scan.seen = true;
            return scan;
        }
        if (!scan.room) scan = (struct scan){.room = true, .place = i, .value = value};
        if (value == SLOT_NEVER_USED) break;
    }
    return scan;
}

enum rival { RIVAL_NONE, RIVAL_BEHIND, RIVAL_IN_FRONT };

/* The same nonce in another slot of the window. */
static enum rival rival_of(const struct window *window, unsigned place)
{
    enum rival rival = RIVAL_NONE;
    for (unsigned i = 0; i < REPLAY_WINDOW; i++) {
        uint64_t value = __atomic_load_n(slot_at(window, i), __ATOMIC_SEQ_CST);
        if (value == SLOT_NEVER_USED) break;
        if (i == place || value >> SLOT_TIME_BITS != window->tag || !slot_counts(value, window->now)) continue;
        if (i < place) return RIVAL_IN_FRONT;
        rival = RIVAL_BEHIND;
    }
    return rival;
}

/* Two callers may have seen different slots free. Each writes first and looks afterwards, so at least one of them sees the other, and who
 * sees another in front of him withdraws. Who sees one behind him waits a moment for just that: whoever is there still has passed. */
static bool is_alone(const struct window *window, unsigned place)
{
    enum rival rival = RIVAL_BEHIND;
    for (unsigned looks = 0; looks < MOST_LOOKS && rival == RIVAL_BEHIND; looks++) rival = rival_of(window, place);
    return rival == RIVAL_NONE;
}

static enum replay_answer insert(const struct window *window)
{
    for (unsigned tries = 0; tries < MOST_TRIES; tries++) {
        struct scan scan = look(window);
        if (scan.seen) return REPLAY_SEEN;
        if (!scan.room) return REPLAY_FULL;
        uint64_t *slot = slot_at(window, scan.place), mine = window->mine;
        if (!__atomic_compare_exchange_n(slot, &scan.value, mine, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST)) continue;
        if (is_alone(window, scan.place)) return REPLAY_UNSEEN;
        (void)__atomic_compare_exchange_n(slot, &mine, SLOT_FREED, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
        return REPLAY_SEEN;
    }
    return REPLAY_FULL;
}

void replay_expect(const struct replay *replay, struct bytes key_id)
{
    if (replay->callers != NULL) replay_caller_fetch(replay, key_id);
}

struct replay_place replay_find(const struct replay *replay, const struct replay_question *question)
{
    struct replay_caller room;
    const struct replay_caller *caller = replay_caller_of(replay, question, &room);
    struct siphash_value hash = siphash_end(&caller->begun, question->nonce);
    uint64_t tag = hash.words[0] >> SLOT_TIME_BITS, home = hash.words[1] & (replay->slot_count - REPLAY_LINE_SLOTS);
    __builtin_prefetch(&replay->slots[home], 1);
    quota_expect(replay, caller->principal);
    return (struct replay_place){home, tag == 0 ? 1 : tag, caller->principal};
}

enum replay_answer replay_ask(struct replay *replay, const struct replay_question *question, const struct replay_place *place)
{
    if (question->until - question->now > REPLAY_MOST_SECONDS) return REPLAY_FULL;
    clock_note(replay, question->now);
    if (clock_may_have_forgotten(replay, question)) return REPLAY_FULL;
    if (quota_is_used_up(replay, place->principal, question->now)) return REPLAY_QUOTA;
    const struct window window = {.replay = replay,
                                  .home = place->home,
                                  .tag = place->tag,
                                  .mine = slot_of(place->tag, question->until + REPLAY_SLACK),
                                  .now = question->now};
    enum replay_answer answer = insert(&window);
    if (answer == REPLAY_UNSEEN) quota_use(replay, place->principal, question);
    return answer;
}

uint64_t replay_sweep(struct replay *replay, uint64_t first, uint64_t count, int64_t now)
{
    uint64_t counting = 0;
    clock_note(replay, now);
    for (uint64_t i = first; i < replay->slot_count && i - first < count; i++) {
        uint64_t value = __atomic_load_n(&replay->slots[i], __ATOMIC_RELAXED);
        if (slot_counts(value, now)) {
            counting++;
        } else if (value > SLOT_FREED) {
            (void)__atomic_compare_exchange_n(&replay->slots[i], &value, SLOT_FREED, false, __ATOMIC_SEQ_CST, __ATOMIC_RELAXED);
        }
    }
    return counting;
}

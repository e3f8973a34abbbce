/* A clock that went ahead and came back: what no longer counted meanwhile may have been forgotten, and would count again. The memory keeps
 * the latest time it was asked at; once the clock falls behind it, whatever ended before that time is refused, as if there were no room.
 * What says that it was made a quarter of an hour after the clock came back, and after the time from which it had gone ahead, cannot be a
 * copy of what was admitted before, and passes. */
#include "replay/slots.h"

#define LAG          REPLAY_SLACK /* seconds by which workers' clocks differ when nothing is wrong */
#define MAY_BE_AHEAD (15 * 60)    /* the clock of whoever made a request */

static int64_t read_time(const int64_t *place)
{
    return __atomic_load_n(place, __ATOMIC_SEQ_CST);
}

static void raise_to(int64_t *place, int64_t time)
{
    if (time > read_time(place)) __atomic_store_n(place, time, __ATOMIC_SEQ_CST);
}

/* From where a clock goes ahead: from where it has been already, if it was ahead once and has not got there again. */
static void note_step(struct replay_clock *clock, int64_t latest)
{
    raise_to(&clock->before, latest);
    raise_to(&clock->before, read_time(&clock->forgotten));
}

void clock_note(struct replay *replay, int64_t now)
{
    struct replay_clock *clock = replay->clock;
    int64_t latest = __atomic_load_n(&clock->latest, __ATOMIC_RELAXED);
    if (now <= latest && now >= latest - LAG) return;
    if (now > latest) {
        if (now > latest + MAY_BE_AHEAD) note_step(clock, latest);
    } else {
        raise_to(&clock->returned, now);
        raise_to(&clock->returned, read_time(&clock->before));
        raise_to(&clock->forgotten, latest);
    }
    __atomic_store_n(&clock->latest, now, __ATOMIC_SEQ_CST);
}

bool clock_may_have_forgotten(const struct replay *replay, const struct replay_question *question)
{
    const struct replay_clock *clock = replay->clock;
    if (question->until + REPLAY_SLACK > read_time(&clock->forgotten)) return false;
    return question->made <= read_time(&clock->returned) + MAY_BE_AHEAD;
}

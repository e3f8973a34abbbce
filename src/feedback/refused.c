#include "feedback/refused.h"

#include "base/hash.h"
#include "feedback/part.h"

#define MOST_PROBES 32

static uint64_t now_of(const uint64_t *number)
{
    return __atomic_load_n(number, __ATOMIC_RELAXED);
}

/* Not in use: never, left by a worker that died while it wrote the key, or with nothing that the reader has not put away. */
static bool is_free(const struct feedback_refused *place)
{
    uint64_t put_away = __atomic_load_n(&place->put_away, __ATOMIC_ACQUIRE);
    return place->turn == 0 || place->turn % 2 != 0 || put_away == place->count;
}

/* `turn` is odd as long as the key is not whole, so that a reader does not take one's requests for another's. */
static void give_to(struct feedback_refused *place, const struct feedback_refused_key *key)
{
    uint64_t turn = place->turn;
    __atomic_store_n(&place->turn, turn | 1, __ATOMIC_RELAXED);
    __atomic_thread_fence(__ATOMIC_RELEASE);
    place->key = *key;
    __atomic_store_n(&place->turn, (turn | 1) + 1, __ATOMIC_RELEASE);
}

static bool holds(const struct feedback_refused *place, const struct feedback_refused_key *key)
{
    return place->turn % 2 == 0 && bytes_equal(bytes_of(&place->key, sizeof *key), bytes_of(key, sizeof *key));
}

/* Of `size` places from `places` on; NULL: they are all taken. */
static struct feedback_refused *place_of(struct feedback_refused *places, size_t size, const struct feedback_refused_key *key)
{
    uint64_t home = hash_of(0, bytes_of(key, sizeof *key));
    struct feedback_refused *vacant = NULL;
    for (uint64_t i = 0; i < MOST_PROBES; i++) {
        struct feedback_refused *place = &places[(home + i) % size];
        if (place->turn != 0 && holds(place, key)) return place;
        if (vacant == NULL && is_free(place)) vacant = place;
        if (place->turn == 0) break; /* no key went further from here: a place that was given is never empty again */
    }
    if (vacant != NULL) give_to(vacant, key);
    return vacant;
}

void feedback_count_refused(struct feedback *feedback, const struct feedback_refused_key *key, int64_t now)
{
    struct feedback_part *part = feedback->mine;
    if (part == NULL) return;
    struct feedback_refused *place = place_of(part->refused, FEEDBACK_TOLD_APART, key);
    if (place == NULL) {
        struct feedback_refused_key others = *key;
        memset(others.principal, 0, sizeof others.principal);
        memcpy(others.principal, FEEDBACK_OTHERS, sizeof FEEDBACK_OTHERS);
        place = place_of(part->refused + FEEDBACK_TOLD_APART, FEEDBACK_PRINCIPALS - FEEDBACK_TOLD_APART, &others);
    }
    if (place == NULL) {
        __atomic_store_n(&part->lost_refused, part->lost_refused + 1, __ATOMIC_RELAXED);
        return;
    }
    __atomic_store_n(&place->last, now, __ATOMIC_RELAXED);
    __atomic_store_n(&place->count, place->count + 1, __ATOMIC_RELEASE);
}

/* False: nothing new, or not to be read now. */
static bool read_news(const struct feedback_refused *place, struct feedback_refused_news *news)
{
    uint64_t turn = __atomic_load_n(&place->turn, __ATOMIC_ACQUIRE);
    if (turn == 0 || turn % 2 != 0) return false;
    news->upto = __atomic_load_n(&place->count, __ATOMIC_ACQUIRE);
    news->more = news->upto - now_of(&place->put_away);
    news->last = __atomic_load_n(&place->last, __ATOMIC_RELAXED);
    news->key = place->key;
    __atomic_thread_fence(__ATOMIC_ACQUIRE);
    return news->more > 0 && __atomic_load_n(&place->turn, __ATOMIC_RELAXED) == turn;
}

void feedback_each_refused(const struct feedback *feedback, feedback_refused_each each, void *context)
{
    struct feedback_refused_news news;
    for (size_t i = 0; i < FEEDBACK_WORKERS * FEEDBACK_PRINCIPALS; i++) {
        news.place = i;
        if (read_news(&feedback_part_at(feedback, i / FEEDBACK_PRINCIPALS)->refused[i % FEEDBACK_PRINCIPALS], &news)) each(context, &news);
    }
}

void feedback_refused_put_away(struct feedback *feedback, size_t place, uint64_t upto)
{
    struct feedback_part *part = feedback_part_at(feedback, place / FEEDBACK_PRINCIPALS);
    __atomic_store_n(&part->refused[place % FEEDBACK_PRINCIPALS].put_away, upto, __ATOMIC_RELEASE);
}

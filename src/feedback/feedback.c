#include "feedback/part.h"

#include <errno.h>
#include <signal.h>

#define KIND   2
#define FORMAT 3

const struct mapped_form feedback_form = {.name = "feedback.map",
                                          .kind = KIND,
                                          .format = FORMAT,
                                          .least = FEEDBACK_WORKERS * sizeof(struct feedback_part),
                                          .most = FEEDBACK_WORKERS * sizeof(struct feedback_part)};

const uint32_t feedback_bounds[FEEDBACK_BUCKETS - 1] = {1, 2, 5, 10, 25, 50, 100, 250, 500, 1000, 5000};

const char *feedback_outcome_name(enum feedback_outcome outcome)
{
    static const char *const names[FEEDBACK_OUTCOMES] = {"accepted", "refused", "fault", "answered", "none"};
    return (unsigned)outcome < FEEDBACK_OUTCOMES ? names[outcome] : "none";
}

size_t feedback_size(void)
{
    return feedback_form.least;
}

bool feedback_open(struct feedback *feedback, const char *directory, char problem[static 256])
{
    *feedback = (struct feedback){0};
    return mapped_open(&feedback->mapped, directory, &feedback_form, problem);
}

void feedback_close(struct feedback *feedback)
{
    if (feedback->mine != NULL) __atomic_store_n(&feedback->mine->owner, 0, __ATOMIC_RELEASE);
    mapped_close(&feedback->mapped);
    *feedback = (struct feedback){0};
}

static bool is_alive(uint64_t pid)
{
    return kill((pid_t)pid, 0) == 0 || errno != ESRCH;
}

bool feedback_take_part(struct feedback *feedback, uint64_t pid)
{
    for (size_t i = 0; i < FEEDBACK_WORKERS; i++) {
        struct feedback_part *part = feedback_part_at(feedback, i);
        uint64_t owner = __atomic_load_n(&part->owner, __ATOMIC_ACQUIRE);
        if (owner != 0 && owner != pid && is_alive(owner)) continue;
        if (!__atomic_compare_exchange_n(&part->owner, &owner, pid, false, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED)) continue;
        feedback->mine = part;
        return true;
    }
    return false;
}

/* Only this worker writes it, so a plain addition will do; the store is whole for who reads. */
static void add(uint64_t *counter, uint64_t more)
{
    __atomic_store_n(counter, *counter + more, __ATOMIC_RELAXED);
}

static uint64_t hash_of(const struct feedback_key *key)
{
    uint64_t words[sizeof *key / 8 + 1] = {0}, hash = 0;
    memcpy(words, key, sizeof *key);
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) hash = (hash ^ words[i]) * 0x9e3779b97f4a7c15u, hash ^= hash >> 29;
    return hash;
}

#define MOST_PROBES 32

static struct feedback_series *series_of(struct feedback_part *part, const struct feedback_key *key)
{
    uint64_t home = hash_of(key);
    for (uint64_t i = 0; i < MOST_PROBES; i++) {
        struct feedback_series *series = &part->series[(home + i) % FEEDBACK_SERIES];
        if (series->used == 0) {
            series->key = *key;
            __atomic_store_n(&series->used, 1, __ATOMIC_RELEASE);
            return series;
        }
        if (bytes_equal(bytes_of(&series->key, sizeof *key), bytes_of(key, sizeof *key))) return series;
    }
    return NULL;
}

struct feedback_series *feedback_series_of(struct feedback *feedback, const struct feedback_key *key)
{
    if (feedback->mine == NULL) return NULL;
    struct feedback_series *series = series_of(feedback->mine, key);
    if (series == NULL) add(&feedback->mine->lost_series, 1);
    return series;
}

void feedback_count_in(struct feedback_series *series, uint64_t milliseconds)
{
    size_t bucket = 0;
    while (bucket < FEEDBACK_BUCKETS - 1 && milliseconds > feedback_bounds[bucket]) bucket++;
    add(&series->counts.count, 1);
    add(&series->counts.milliseconds, milliseconds);
    add(&series->counts.buckets[bucket], 1);
}

void feedback_count(struct feedback *feedback, const struct feedback_key *key, uint64_t milliseconds)
{
    struct feedback_series *series = feedback_series_of(feedback, key);
    if (series != NULL) feedback_count_in(series, milliseconds);
}

/* The next place of a ring of `size`; size: it is full. */
static size_t room_in(const struct feedback_ring *ring, size_t size)
{
    return ring->told - __atomic_load_n(&ring->read, __ATOMIC_ACQUIRE) >= size ? size : ring->told % size;
}

static void told_one(struct feedback_ring *ring)
{
    __atomic_store_n(&ring->told, ring->told + 1, __ATOMIC_RELEASE);
}

void feedback_tell_use(struct feedback *feedback, const struct feedback_use *use)
{
    struct feedback_part *part = feedback->mine;
    if (part == NULL) return;
    size_t place = room_in(&part->uses_ring, FEEDBACK_USES);
    if (place == FEEDBACK_USES) {
        add(&part->lost_uses, 1);
        return;
    }
    part->uses[place] = *use;
    told_one(&part->uses_ring);
}

void feedback_tell_wish(struct feedback *feedback, const struct feedback_wish *wish)
{
    struct feedback_part *part = feedback->mine;
    size_t place = part == NULL ? FEEDBACK_WISHES : room_in(&part->wishes_ring, FEEDBACK_WISHES);
    if (place == FEEDBACK_WISHES) return;
    part->wishes[place] = *wish;
    told_one(&part->wishes_ring);
}

struct feedback_sample *feedback_sample_begin(struct feedback *feedback)
{
    struct feedback_part *part = feedback->mine;
    if (part == NULL) return NULL;
    size_t place = room_in(&part->samples_ring, FEEDBACK_SAMPLES);
    if (place == FEEDBACK_SAMPLES) {
        add(&part->lost_samples, 1);
        return NULL;
    }
    memset(part->samples[place].lengths, 0, sizeof part->samples[place].lengths);
    return &part->samples[place];
}

static size_t used_by(const struct feedback_sample *sample, enum feedback_text before)
{
    size_t used = 0;
    for (unsigned i = 0; i < before; i++) used += sample->lengths[i];
    return used;
}

void feedback_sample_add(struct feedback_sample *sample, enum feedback_text which, struct bytes text)
{
    size_t used = used_by(sample, SAMPLE_TEXTS);
    text = bytes_slice(text, 0, sizeof sample->data - used);
    if (text.length > 0) memcpy(sample->data + used, text.data, text.length);
    sample->lengths[which] = (uint16_t)text.length;
}

void feedback_sample_tell(struct feedback *feedback)
{
    told_one(&feedback->mine->samples_ring);
}

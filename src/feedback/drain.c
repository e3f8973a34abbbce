/* The daemon's side. Nothing that stands in the file is believed: lengths and indexes are held to their bounds. */
#include "feedback/part.h"

struct feedback_totals feedback_totals(const struct feedback *feedback)
{
    struct feedback_totals totals = {0};
    for (size_t i = 0; i < FEEDBACK_WORKERS; i++) {
        const struct feedback_part *part = feedback_part_at(feedback, i);
        totals.workers += __atomic_load_n(&part->owner, __ATOMIC_RELAXED) != 0;
        totals.lost_series += __atomic_load_n(&part->lost_series, __ATOMIC_RELAXED);
        totals.lost_uses += __atomic_load_n(&part->lost_uses, __ATOMIC_RELAXED);
        totals.lost_samples += __atomic_load_n(&part->lost_samples, __ATOMIC_RELAXED);
        totals.lost_refused += __atomic_load_n(&part->lost_refused, __ATOMIC_RELAXED);
    }
    return totals;
}

/* How many of a ring of `size` are to be read. */
static uint64_t waiting_in(const struct feedback_ring *ring, uint64_t size)
{
    uint64_t waiting = __atomic_load_n(&ring->told, __ATOMIC_ACQUIRE) - ring->read;
    return waiting < size ? waiting : size;
}

static void have_read(struct feedback_ring *ring)
{
    __atomic_store_n(&ring->read, ring->read + 1, __ATOMIC_RELEASE);
}

void feedback_drain_uses(struct feedback *feedback, feedback_use_each each, void *context)
{
    for (size_t i = 0; i < FEEDBACK_WORKERS; i++) {
        struct feedback_part *part = feedback_part_at(feedback, i);
        for (uint64_t left = waiting_in(&part->uses_ring, FEEDBACK_USES); left > 0; left--) {
            each(context, &part->uses[part->uses_ring.read % FEEDBACK_USES]);
            have_read(&part->uses_ring);
        }
    }
}

void feedback_drain_wishes(struct feedback *feedback, feedback_wish_each each, void *context)
{
    for (size_t i = 0; i < FEEDBACK_WORKERS; i++) {
        struct feedback_part *part = feedback_part_at(feedback, i);
        for (uint64_t left = waiting_in(&part->wishes_ring, FEEDBACK_WISHES); left > 0; left--) {
            each(context, &part->wishes[part->wishes_ring.read % FEEDBACK_WISHES]);
            have_read(&part->wishes_ring);
        }
    }
}

void feedback_drain_samples(struct feedback *feedback, feedback_sample_each each, void *context)
{
    for (size_t i = 0; i < FEEDBACK_WORKERS; i++) {
        struct feedback_part *part = feedback_part_at(feedback, i);
        for (uint64_t left = waiting_in(&part->samples_ring, FEEDBACK_SAMPLES); left > 0; left--) {
            each(context, &part->samples[part->samples_ring.read % FEEDBACK_SAMPLES]);
            have_read(&part->samples_ring);
        }
    }
}

struct bytes feedback_sample_text(const struct feedback_sample *sample, enum feedback_text which)
{
    size_t used = 0;
    for (unsigned i = 0; i < which; i++) used += sample->lengths[i];
    return bytes_slice(bytes_from(bytes_of(sample->data, sizeof sample->data), used), 0, sample->lengths[which]);
}

void feedback_each_series(const struct feedback *feedback, feedback_series_each each, void *context)
{
    for (size_t i = 0; i < FEEDBACK_WORKERS; i++) {
        const struct feedback_part *part = feedback_part_at(feedback, i);
        for (size_t s = 0; s < FEEDBACK_SERIES; s++)
            if (__atomic_load_n(&part->series[s].used, __ATOMIC_ACQUIRE) == 1) each(context, i * FEEDBACK_SERIES + s, &part->series[s]);
    }
}

/* Between the files of feedback/: a worker's part of the file. */
#ifndef COUNTERSIGN_FEEDBACK_PART_H
#define COUNTERSIGN_FEEDBACK_PART_H

#include "feedback/feedback.h"

/* One writer, one reader: each moves its own index, on a line of its own. */
struct feedback_ring {
    _Alignas(64) uint64_t told;
    _Alignas(64) uint64_t read;
};

struct feedback_part {
    _Alignas(4096) uint64_t owner; /* pid; 0: nobody */
    uint64_t lost_series, lost_uses, lost_samples;
    struct feedback_ring uses_ring;
    struct feedback_use uses[FEEDBACK_USES];
    struct feedback_ring wishes_ring;
    struct feedback_wish wishes[FEEDBACK_WISHES];
    struct feedback_ring samples_ring;
    struct feedback_sample samples[FEEDBACK_SAMPLES];
    _Alignas(64) struct feedback_series series[FEEDBACK_SERIES];
};

static inline struct feedback_part *feedback_part_at(const struct feedback *feedback, size_t index)
{
    return &((struct feedback_part *)(void *)feedback->mapped.memory)[index];
}

#endif

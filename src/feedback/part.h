/* Between the files of feedback/: a worker's part of the file. */
#ifndef COUNTERSIGN_FEEDBACK_PART_H
#define COUNTERSIGN_FEEDBACK_PART_H

#include "feedback/refused.h"

/* One writer, one reader: each moves its own index, on a line of its own. */
struct feedback_ring {
    _Alignas(64) uint64_t told;
    _Alignas(64) uint64_t read;
};

#define FEEDBACK_TOLD_APART 256 /* of FEEDBACK_PRINCIPALS places */

/* The worker writes all but `put_away`, which is the reader's. */
struct feedback_refused {
    uint64_t turn; /* 0: nobody's yet; odd: its key is being written */
    struct feedback_refused_key key;
    int64_t last;
    uint64_t count, put_away;
};

struct feedback_part {
    _Alignas(4096) uint64_t owner; /* pid; 0: nobody */
    uint64_t lost_series, lost_uses, lost_samples, lost_refused;
    struct feedback_ring uses_ring;
    struct feedback_use uses[FEEDBACK_USES];
    struct feedback_ring wishes_ring;
    struct feedback_wish wishes[FEEDBACK_WISHES];
    struct feedback_ring samples_ring;
    struct feedback_sample samples[FEEDBACK_SAMPLES];
    _Alignas(64) struct feedback_series series[FEEDBACK_SERIES];
    struct feedback_refused refused[FEEDBACK_PRINCIPALS];
};

static inline struct feedback_part *feedback_part_at(const struct feedback *feedback, size_t index)
{
    return &((struct feedback_part *)(void *)feedback->mapped.memory)[index];
}

#endif

/* What workers tell the daemon: how many requests of which kind, who was seen, samples of what was refused. One mapped file with a part for
 * each worker, which alone writes it: no lock, no shared line of the cache, no system call. The daemon reads. What has no room is counted
 * as lost, and nobody waits.
 *
 * Counters go on for ever: the worker that takes over a part goes on counting where the one before it stopped. */
#ifndef COUNTERSIGN_FEEDBACK_FEEDBACK_H
#define COUNTERSIGN_FEEDBACK_FEEDBACK_H

#include "mapped/mapped.h"

#define FEEDBACK_WORKERS    32 /* at a time; a reload has the old and the new ones */
#define FEEDBACK_SERIES     512
#define FEEDBACK_BUCKETS    12
#define FEEDBACK_USES       512
#define FEEDBACK_SAMPLES    32
#define FEEDBACK_WISHES     32
#define FEEDBACK_PRINCIPALS 320
#define FEEDBACK_ID         32
#define FEEDBACK_WORD       32
#define FEEDBACK_NAME       40

/* Upper bounds of the buckets in milliseconds; the last one has none. */
extern const uint32_t feedback_bounds[FEEDBACK_BUCKETS - 1];

enum feedback_outcome { FEEDBACK_ACCEPTED, FEEDBACK_REFUSED, FEEDBACK_FAULT, FEEDBACK_ANSWERED, FEEDBACK_NONE, FEEDBACK_OUTCOMES };
/* "accepted", "refused", "fault", "answered" (by the gateway itself), "none" (nginx refused it, or the caller went away). */
const char *feedback_outcome_name(enum feedback_outcome outcome);

/* By what requests are counted. Texts are filled up with NUL. */
struct feedback_key {
    char instance[FEEDBACK_ID];
    char api[FEEDBACK_ID];
    char refusal[FEEDBACK_WORD];
    uint8_t principal_kind; /* enum principal_kind; 0: unknown */
    uint8_t scheme;         /* enum scheme_id; 0: none was presented */
    uint8_t outcome;
    uint8_t status_class; /* 2 for 2xx … */
};

struct feedback_counts {
    uint64_t count;
    uint64_t milliseconds;
    uint64_t buckets[FEEDBACK_BUCKETS];
};

struct feedback_series {
    uint64_t used; /* set last */
    struct feedback_key key;
    struct feedback_counts counts;
};

struct feedback_use {
    char credential[FEEDBACK_ID];
    int64_t time;
};

/* A token named a key that its set, which comes from elsewhere, has not: the set should be fetched again. */
struct feedback_wish {
    char set[FEEDBACK_NAME];
};

/* The texts of a sample, one behind the other in `data`. */
enum feedback_text {
    SAMPLE_INSTANCE,
    SAMPLE_REQUEST_ID,
    SAMPLE_API,
    SAMPLE_ENVIRONMENT,
    SAMPLE_REFUSAL,
    SAMPLE_SCHEME,
    SAMPLE_PRINCIPAL_ID,
    SAMPLE_CREDENTIAL,
    SAMPLE_CLIENT,
    SAMPLE_METHOD,
    SAMPLE_HOST,
    SAMPLE_TARGET, /* credentials masked */
    SAMPLE_KEY,    /* the key id as presented */
    SAMPLE_FIELD,  /* at fault */
    SAMPLE_SIGNED_NAMES,
    SAMPLE_CANONICAL, /* the text that the gateway signed; empty unless the caller reads it as well */
    SAMPLE_TEXTS
};

struct feedback_sample {
    int64_t time;
    uint32_t status;
    uint16_t lengths[SAMPLE_TEXTS];
    uint8_t data[2000];
};

extern const struct mapped_form feedback_form;
size_t feedback_size(void);

struct feedback_part;
struct feedback {
    struct mapped mapped;
    struct feedback_part *mine; /* of this worker; NULL: the daemon, or more workers than parts */
};
/* False with *problem in words. */
bool feedback_open(struct feedback *feedback, const char *directory, char problem[static 256]);
void feedback_close(struct feedback *feedback);

/* A worker takes a part that nobody has (its owner is gone), as process `pid`. False: there are none left. */
bool feedback_take_part(struct feedback *feedback, uint64_t pid);
/* All of these do nothing without a part. */
void feedback_count(struct feedback *feedback, const struct feedback_key *key, uint64_t milliseconds);
/* The series that feedback_count counts in, as long as the part is ours; NULL: there is no room for it, and that is counted. */
struct feedback_series *feedback_series_of(struct feedback *feedback, const struct feedback_key *key);
void feedback_count_in(struct feedback_series *series, uint64_t milliseconds);
void feedback_tell_use(struct feedback *feedback, const struct feedback_use *use);
void feedback_tell_wish(struct feedback *feedback, const struct feedback_wish *wish); /* what has no room was told by others */
/* Room for a sample, to be filled in and then told; NULL: none, and that is counted. */
struct feedback_sample *feedback_sample_begin(struct feedback *feedback);
void feedback_sample_add(struct feedback_sample *sample, enum feedback_text which,
                         struct bytes text); /* in order; cut where it is too long */
void feedback_sample_tell(struct feedback *feedback);

/* The daemon's side. */
struct feedback_totals {
    uint64_t workers; /* that have a part now */
    uint64_t lost_series, lost_uses, lost_samples, lost_refused;
};
struct feedback_totals feedback_totals(const struct feedback *feedback);
/* Calls `each` for what was told since the last time. One reader at a time. */
typedef void (*feedback_use_each)(void *context, const struct feedback_use *use);
typedef void (*feedback_wish_each)(void *context, const struct feedback_wish *wish);
typedef void (*feedback_sample_each)(void *context, const struct feedback_sample *sample);
void feedback_drain_uses(struct feedback *feedback, feedback_use_each each, void *context);
void feedback_drain_wishes(struct feedback *feedback, feedback_wish_each each, void *context);
void feedback_drain_samples(struct feedback *feedback, feedback_sample_each each, void *context);
struct bytes feedback_sample_text(const struct feedback_sample *sample, enum feedback_text which);
/* Every series of every part, with its place (below FEEDBACK_WORKERS * FEEDBACK_SERIES): the counts as they stand now. */
typedef void (*feedback_series_each)(void *context, size_t place, const struct feedback_series *series);
void feedback_each_series(const struct feedback *feedback, feedback_series_each each, void *context);

#endif

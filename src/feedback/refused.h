/* Whose requests are refused, and why: exact counts by principal and refusal, in a table of fixed size in each worker's part.
 *
 * A place counts for ever and says how much of it the reader has put away. Where that is all, the worker may give the place to another key,
 * so the table need only hold what comes together between two readings. What finds no place is counted as of "others", by refusal alone. */
#ifndef COUNTERSIGN_FEEDBACK_REFUSED_H
#define COUNTERSIGN_FEEDBACK_REFUSED_H

#include "feedback/feedback.h"

#define FEEDBACK_OTHERS "*" /* as principal: many, which are not told apart */

/* Texts are filled up with NUL. */
struct feedback_refused_key {
    char instance[FEEDBACK_ID];
    char principal[FEEDBACK_ID]; /* empty: nobody whom the gateway knows */
    char refusal[FEEDBACK_WORD];
};

/* The worker's. Does nothing without a part. */
void feedback_count_refused(struct feedback *feedback, const struct feedback_refused_key *key, int64_t now);

/* The reader's: what a place has counted and nobody has put away. */
struct feedback_refused_news {
    struct feedback_refused_key key;
    uint64_t more;
    int64_t last;  /* Unix seconds */
    size_t place;  /* below FEEDBACK_WORKERS * FEEDBACK_PRINCIPALS */
    uint64_t upto; /* for feedback_refused_put_away */
};
typedef void (*feedback_refused_each)(void *context, const struct feedback_refused_news *news);
/* Every place with news. A place whose key is being written is left for the next time. */
void feedback_each_refused(const struct feedback *feedback, feedback_refused_each each, void *context);
/* What was told up to there is kept elsewhere, and is not told again. */
void feedback_refused_put_away(struct feedback *feedback, size_t place, uint64_t upto);

#endif

/* Who was refused why how often, from the workers' tables (feedback/refused.h) into the minutes of the store. What was written is put away
 * in the file only once it is committed, and a daemon that starts puts away what it finds: nothing is counted twice, whoever dies when. */
#ifndef COUNTERSIGN_CONTROL_REFUSED_COUNTS_H
#define COUNTERSIGN_CONTROL_REFUSED_COUNTS_H

#include "base/arena.h"
#include "feedback/refused.h"
#include "store/store.h"

struct refused_counts;

/* NULL: no memory. What was counted while no daemon ran has no minute. */
struct refused_counts *refused_counts_new(struct feedback *feedback);
void refused_counts_free(struct refused_counts *counts); /* NULL is fine */

bool refused_counts_has_news(const struct refused_counts *counts);
/* Adds all news to this minute; the arena is left as it was. False: the store did not take it. */
bool refused_counts_write(struct refused_counts *counts, struct session *session, struct arena *arena, int64_t minute);
/* What was written last is committed. */
void refused_counts_written(struct refused_counts *counts);

#endif

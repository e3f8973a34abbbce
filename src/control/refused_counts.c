#include "control/refused_counts.h"

#include "base/hash.h"
#include "base/text.h"
#include "store/traffic.h"

#include <stdlib.h>

#define PLACES     (FEEDBACK_WORKERS * FEEDBACK_PRINCIPALS)
#define TOLD_APART 256        /* rows of a minute: who makes up principals by the thousand does not fill the store */
#define MOST_NEWS  1000000000 /* of one place at once; more stands in the file by mistake */

struct refused_counts {
    struct feedback *feedback;
    struct {
        size_t place;
        uint64_t upto;
    } written[PLACES];
    size_t written_count;
    int64_t minute;
    uint64_t told_apart[TOLD_APART]; /* hashes of the keys of this minute */
    size_t told_apart_count;
};

static void put_away(void *context, const struct feedback_refused_news *news)
{
    feedback_refused_put_away(context, news->place, news->upto);
}

struct refused_counts *refused_counts_new(struct feedback *feedback)
{
    struct refused_counts *counts = calloc(1, sizeof *counts);
    if (counts == NULL) return NULL;
    counts->feedback = feedback;
    feedback_each_refused(feedback, put_away, feedback);
    return counts;
}

void refused_counts_free(struct refused_counts *counts)
{
    free(counts);
}

static void note_some(void *context, const struct feedback_refused_news *news)
{
    bool *some = context;
    (void)news;
    *some = true;
}

bool refused_counts_has_news(const struct refused_counts *counts)
{
    bool some = false;
    feedback_each_refused(counts->feedback, note_some, &some);
    return some;
}

struct writing {
    struct refused_counts *counts;
    struct session *session;
    struct arena *arena;
    bool good;
};

/* Texts of the file, filled up with NUL. */
static struct bytes text_of(const char *text, size_t size)
{
    return bytes_of(text, strnlen(text, size));
}

/* Whether this minute may have a row of its own for the key. */
static bool is_told_apart(struct refused_counts *counts, const struct feedback_refused_key *key)
{
    uint64_t hash = hash_of(0, bytes_of(key, sizeof *key));
    for (size_t i = 0; i < counts->told_apart_count; i++)
        if (counts->told_apart[i] == hash) return true;
    if (counts->told_apart_count == TOLD_APART) return false;
    counts->told_apart[counts->told_apart_count++] = hash;
    return true;
}

static struct bytes row_id(struct arena *arena, int64_t minute, const struct bytes parts[static 3])
{
    struct buffer id = buffer_in(arena, 160);
    buffer_add_number(&id, minute);
    for (size_t i = 0; i < 3; i++) {
        buffer_add_byte(&id, '/');
        buffer_add(&id, parts[i]);
    }
    return buffer_bytes(&id);
}

static void write_one(void *context, const struct feedback_refused_news *news)
{
    struct writing *writing = context;
    struct refused_counts *counts = writing->counts;
    const struct feedback_refused_key *key = &news->key;
    const struct bytes instance = text_of(key->instance, sizeof key->instance), refusal = text_of(key->refusal, sizeof key->refusal);
    struct bytes principal = text_of(key->principal, sizeof key->principal);
    if (!writing->good) return;
    counts->written[counts->written_count].place = news->place;
    counts->written[counts->written_count++].upto = news->upto;
    if (!utf8_is_valid(instance) || !utf8_is_valid(refusal) || !utf8_is_valid(principal)) return;
    if (!is_told_apart(counts, key)) principal = BYTES(FEEDBACK_OTHERS);
    size_t mark = writing->arena->used;
    const struct value row[REFUSED_COUNT_COLUMNS] = {
        [REFUSED_COUNT_ID] = value_text(row_id(writing->arena, counts->minute, (const struct bytes[]){instance, refusal, principal})),
        [REFUSED_COUNT_INSTANCE_ID] = value_text(instance),
        [REFUSED_COUNT_MINUTE] = value_integer(counts->minute),
        [REFUSED_COUNT_PRINCIPAL_ID] = value_text(principal),
        [REFUSED_COUNT_REFUSAL] = value_text(refusal),
        [REFUSED_COUNT_REQUESTS] = value_integer((int64_t)(news->more < MOST_NEWS ? news->more : MOST_NEWS)),
        [REFUSED_COUNT_LAST_TIME] = value_integer(news->last),
    };
    writing->good = store_refused_add(writing->session, row) == STORE_OK;
    arena_rewind(writing->arena, mark);
}

bool refused_counts_write(struct refused_counts *counts, struct session *session, struct arena *arena, int64_t minute)
{
    struct writing writing = {counts, session, arena, true};
    if (counts->minute != minute) counts->told_apart_count = 0;
    counts->minute = minute;
    counts->written_count = 0;
    feedback_each_refused(counts->feedback, write_one, &writing);
    return writing.good;
}

void refused_counts_written(struct refused_counts *counts)
{
    for (size_t i = 0; i < counts->written_count; i++)
        feedback_refused_put_away(counts->feedback, counts->written[i].place, counts->written[i].upto);
    counts->written_count = 0;
}

#include "control/traffic.h"

#include "base/text.h"
#include "control/key_fetcher.h"
#include "control/log.h"
#include "control/refused_counts.h"
#include "policy/publication.h"
#include "store/traffic.h"

#include <stdio.h>
#include <stdlib.h>

#define PLACES       (FEEDBACK_WORKERS * FEEDBACK_SERIES)
#define FLUSH_EVERY  2 /* seconds */
#define FORGET_EVERY 60
#define MOST_SAMPLES 512
#define MOST_USES    8192 /* a power of two */
#define KEPT_SECONDS (24 * 3600)
#define KEPT_REFUSED 5000
#define KEPT_USES    (400 * 24 * 3600)
#define ARENA_SIZE   65536

_Static_assert(FEEDBACK_BUCKETS == TRAFFIC_BUCKETS, "the store has a column for each bucket");

struct traffic {
    struct feedback feedback;
    struct feedback_counts *stored; /* by place: what the store has */
    struct feedback_counts *read;   /* by place: what is being written */
    struct refused_counts *refused;
    struct feedback_use uses[MOST_USES];
    size_t use_count;
    struct feedback_sample samples[MOST_SAMPLES];
    size_t sample_count;
    uint64_t lost;
    int64_t flushed, forgotten;
    bool failing; /* said already */
    uint8_t memory[ARENA_SIZE];
};

static void note_stored(void *context, size_t place, const struct feedback_series *series)
{
    struct traffic *traffic = context;
    traffic->stored[place] = series->counts;
}

struct traffic *traffic_open(const struct node_options *options, char problem[static 256])
{
    const struct mapped_place place = {options->state, options->group};
    struct traffic *traffic = calloc(1, sizeof *traffic);
    snprintf(problem, 256, "no memory");
    if (traffic == NULL) return NULL;
    traffic->stored = calloc(PLACES, sizeof *traffic->stored);
    traffic->read = calloc(PLACES, sizeof *traffic->read);
    if (traffic->stored == NULL || traffic->read == NULL || !mapped_provide(&place, &feedback_form, feedback_size(), problem) ||
        !feedback_open(&traffic->feedback, options->state, problem)) {
        traffic_close(traffic);
        return NULL;
    }
    /* What was counted while no daemon ran has no minute. */
    feedback_each_series(&traffic->feedback, note_stored, traffic);
    traffic->refused = refused_counts_new(&traffic->feedback);
    if (traffic->refused != NULL) return traffic;
    traffic_close(traffic);
    return NULL;
}

void traffic_close(struct traffic *traffic)
{
    if (traffic == NULL) return;
    refused_counts_free(traffic->refused);
    feedback_close(&traffic->feedback);
    free(traffic->stored);
    free(traffic->read);
    free(traffic);
}

const struct feedback *traffic_feedback(const struct traffic *traffic)
{
    return &traffic->feedback;
}

uint64_t traffic_lost(const struct traffic *traffic)
{
    return __atomic_load_n(&traffic->lost, __ATOMIC_RELAXED);
}

static void lose_one(struct traffic *traffic)
{
    __atomic_fetch_add(&traffic->lost, 1, __ATOMIC_RELAXED);
}

static void keep_use(void *context, const struct feedback_use *use)
{
    struct traffic *traffic = context;
    if (traffic->use_count == MOST_USES) return lose_one(traffic);
    traffic->uses[traffic->use_count++] = *use;
}

static void keep_sample(void *context, const struct feedback_sample *sample)
{
    struct traffic *traffic = context;
    if (traffic->sample_count == MOST_SAMPLES) return lose_one(traffic);
    traffic->samples[traffic->sample_count++] = *sample;
}

/* Texts of the file, filled up with NUL. */
static struct bytes text_of(const char *text, size_t size)
{
    return bytes_of(text, strnlen(text, size));
}

/* One flush. */
struct flush {
    struct traffic *traffic;
    struct session *session;
    struct arena arena;
    int64_t minute;
    bool good;
};

static struct value number_value(uint64_t number)
{
    return value_integer((int64_t)number);
}

static struct bytes series_id(struct flush *flush, const struct feedback_key *key)
{
    struct buffer id = buffer_in(&flush->arena, 256);
    buffer_add(&id, text_of(key->instance, sizeof key->instance));
    const uint64_t numbers[] = {(uint64_t)flush->minute, key->outcome, key->principal_kind, key->scheme, key->status_class};
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        buffer_add_byte(&id, '/');
        buffer_add_number(&id, (int64_t)numbers[i]);
    }
    buffer_add_byte(&id, '/');
    buffer_add(&id, text_of(key->refusal, sizeof key->refusal));
    buffer_add_byte(&id, '/');
    buffer_add(&id, text_of(key->api, sizeof key->api));
    return buffer_bytes(&id);
}

static bool is_storable(const struct feedback_key *key)
{
    return utf8_is_valid(text_of(key->instance, sizeof key->instance)) && utf8_is_valid(text_of(key->api, sizeof key->api)) &&
           utf8_is_valid(text_of(key->refusal, sizeof key->refusal));
}

static void write_series(void *context, size_t place, const struct feedback_series *series)
{
    struct flush *flush = context;
    const struct feedback_key *key = &series->key;
    const struct feedback_counts *before = &flush->traffic->stored[place], now = series->counts;
    flush->traffic->read[place] = now;
    if (!flush->good || now.count == before->count || !is_storable(key)) return;
    size_t mark = flush->arena.used;
    struct value row[TRAFFIC_COLUMNS] = {
        [TRAFFIC_ID] = value_text(series_id(flush, key)),
        [TRAFFIC_INSTANCE_ID] = value_text(text_of(key->instance, sizeof key->instance)),
        [TRAFFIC_MINUTE] = value_integer(flush->minute),
        [TRAFFIC_API_ID] = value_text(text_of(key->api, sizeof key->api)),
        [TRAFFIC_OUTCOME] = value_text(bytes_of_text(feedback_outcome_name((enum feedback_outcome)key->outcome))),
        [TRAFFIC_REFUSAL] = value_text(text_of(key->refusal, sizeof key->refusal)),
        [TRAFFIC_PRINCIPAL_KIND] = value_integer(key->principal_kind),
        [TRAFFIC_SCHEME] = value_integer(key->scheme),
        [TRAFFIC_STATUS_CLASS] = value_integer(key->status_class),
        [TRAFFIC_REQUESTS] = number_value(now.count - before->count),
        [TRAFFIC_MILLISECONDS] = number_value(now.milliseconds - before->milliseconds),
    };
    for (size_t i = 0; i < TRAFFIC_BUCKETS; i++) row[TRAFFIC_BUCKET + i] = number_value(now.buckets[i] - before->buckets[i]);
    flush->good = store_traffic_add(flush->session, row) == STORE_OK;
    arena_rewind(&flush->arena, mark);
}

/* As the store takes it: bytes that are no UTF-8 (a sample is cut where it is too long), NUL and control bytes but newlines become '?'. */
static struct value clean(struct flush *flush, struct bytes text)
{
    struct buffer out = buffer_in(&flush->arena, text.length);
    bool utf8 = utf8_is_valid(text);
    for (size_t i = 0; i < text.length; i++) {
        uint8_t byte = text.data[i];
        bool bad = (byte < 0x20 && byte != '\n') || byte == 0x7f || (byte >= 0x80 && !utf8);
        buffer_add_byte(&out, bad ? '?' : byte);
    }
    return value_text(buffer_bytes(&out));
}

static bool write_sample(struct flush *flush, const struct feedback_sample *sample)
{
    static const struct {
        size_t column;
        enum feedback_text text;
    } texts[] = {
        {REFUSED_ID, SAMPLE_REQUEST_ID},
        {REFUSED_INSTANCE_ID, SAMPLE_INSTANCE},
        {REFUSED_REFUSAL, SAMPLE_REFUSAL},
        {REFUSED_SCHEME, SAMPLE_SCHEME},
        {REFUSED_API_ID, SAMPLE_API},
        {REFUSED_ENVIRONMENT, SAMPLE_ENVIRONMENT},
        {REFUSED_PRINCIPAL_ID, SAMPLE_PRINCIPAL_ID},
        {REFUSED_CREDENTIAL_ID, SAMPLE_CREDENTIAL},
        {REFUSED_CLIENT, SAMPLE_CLIENT},
        {REFUSED_METHOD, SAMPLE_METHOD},
        {REFUSED_HOST, SAMPLE_HOST},
        {REFUSED_TARGET, SAMPLE_TARGET},
        {REFUSED_KEY_ID, SAMPLE_KEY},
        {REFUSED_FIELD, SAMPLE_FIELD},
        {REFUSED_SIGNED_NAMES, SAMPLE_SIGNED_NAMES},
        {REFUSED_STRING_TO_SIGN, SAMPLE_CANONICAL},
    };
    struct value row[REFUSED_COLUMNS];
    size_t mark = flush->arena.used;
    row[REFUSED_TIME] = value_integer(sample->time);
    row[REFUSED_STATUS] = value_integer(sample->status);
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        row[texts[i].column] = clean(flush, feedback_sample_text(sample, texts[i].text));
    enum store_result result = store_insert(flush->session, &entity_refused, row);
    arena_rewind(&flush->arena, mark);
    return result == STORE_OK || result == STORE_CONFLICT;
}

static bool write_uses(struct flush *flush)
{
    const struct traffic *traffic = flush->traffic;
    bool good = true;
    for (size_t i = 0; good && i < traffic->use_count; i++) {
        struct bytes id = text_of(traffic->uses[i].credential, sizeof traffic->uses[i].credential);
        if (!utf8_is_valid(id)) continue;
        good = store_note_use(flush->session, id, traffic->uses[i].time) == STORE_OK;
    }
    return good;
}

static bool write_all(struct flush *flush)
{
    struct traffic *traffic = flush->traffic;
    feedback_each_series(&traffic->feedback, write_series, flush);
    flush->good = flush->good && refused_counts_write(traffic->refused, flush->session, &flush->arena, flush->minute);
    for (size_t i = 0; flush->good && i < traffic->sample_count; i++) flush->good = write_sample(flush, &traffic->samples[i]);
    return flush->good && write_uses(flush);
}

static bool forget(struct flush *flush, int64_t now)
{
    const struct traffic_limits limits = {now - KEPT_SECONDS, now - KEPT_SECONDS, KEPT_REFUSED, now - KEPT_USES};
    if (now < flush->traffic->forgotten + FORGET_EVERY) return true;
    flush->traffic->forgotten = now;
    return store_traffic_forget(flush->session, &limits) == STORE_OK;
}

struct pending {
    const struct traffic *traffic;
    bool some;
};

static void look_for_news(void *context, size_t place, const struct feedback_series *series)
{
    struct pending *pending = context;
    pending->some = pending->some || series->counts.count != pending->traffic->stored[place].count;
}

static bool has_news(const struct traffic *traffic)
{
    struct pending pending = {traffic, traffic->sample_count > 0 || traffic->use_count > 0};
    if (!pending.some) feedback_each_series(&traffic->feedback, look_for_news, &pending);
    return pending.some || refused_counts_has_news(traffic->refused);
}

/* Said once, until it works again. */
static void note_outcome(struct traffic *traffic, bool good)
{
    if (!good && !traffic->failing) log_problem(LOG_WARNING, "feedback_not_stored", "the store does not take it; it is kept for a while");
    traffic->failing = !good;
}

/* A commit that failed may have been made all the same (its answer got lost): rather lost than twice. Uses and samples are told again,
 * which makes no difference. */
static void lose_requests(struct traffic *traffic)
{
    uint64_t requests = 0;
    for (size_t i = 0; i < PLACES; i++) requests += traffic->read[i].count - traffic->stored[i].count;
    __atomic_fetch_add(&traffic->lost, requests, __ATOMIC_RELAXED);
}

void traffic_flush(struct traffic *traffic, struct store *store, int64_t now)
{
    if (!has_news(traffic)) return;
    struct flush flush = {.traffic = traffic, .session = store_write_aside(store), .minute = now - now % 60, .good = true};
    if (flush.session == NULL) return note_outcome(traffic, false);
    flush.arena = arena_over(traffic->memory, sizeof traffic->memory);
    bool written = write_all(&flush) && forget(&flush, now);
    if (!written) store_abort(flush.session);
    bool good = written && store_commit(flush.session) == STORE_OK;
    note_outcome(traffic, good);
    if (!written) return;
    if (!good) lose_requests(traffic);
    memcpy(traffic->stored, traffic->read, PLACES * sizeof *traffic->stored);
    refused_counts_written(traffic->refused);
    if (good) traffic->use_count = traffic->sample_count = 0;
}

void traffic_tick(struct traffic *traffic, struct store *store, int64_t now)
{
    feedback_drain_uses(&traffic->feedback, keep_use, traffic);
    feedback_drain_samples(&traffic->feedback, keep_sample, traffic);
    if (now < traffic->flushed + FLUSH_EVERY && now >= traffic->flushed) return;
    traffic->flushed = now;
    traffic_flush(traffic, store, now);
}

static void pass_on(void *context, const struct feedback_wish *wish)
{
    key_fetcher_ask(context, text_of(wish->set, sizeof wish->set));
}

void traffic_take_wishes(struct traffic *traffic, struct key_fetcher *fetcher)
{
    feedback_drain_wishes(&traffic->feedback, pass_on, fetcher);
}

#include "control/refusals.h"

#include "base/json.h"
#include "base/text.h"
#include "control/anchor.h"
#include "control/log.h"
#include "control/routes.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define TEXT_SIZE      96 /* of what is kept of each text */
#define WINDOW_SECONDS 60
#define DETAILS_SIZE   (6 * 2 * TEXT_SIZE + 128)

/* What makes two refusals the same; and the rest, of the first of them. */
struct refusal_entry {
    char action[TEXT_SIZE], code[16], source[TEXT_SIZE], presented[TEXT_SIZE], actor[TEXT_SIZE], instance[TEXT_SIZE];
    char actor_name[TEXT_SIZE], project[TEXT_SIZE], request_id[ID_SIZE], subject[TEXT_SIZE];
    int64_t time;
    int64_t count;   /* not written yet */
    bool first_done; /* the first was written at once */
};

struct refusals {
    const struct daemon *daemon;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    bool stop;
    bool news;     /* an entry that was not written at all */
    time_t window; /* its begin */
    struct refusal_entry entries[REFUSALS_A_MINUTE];
    size_t used;
    int64_t beyond;
};

static void keep(char memory[static TEXT_SIZE], struct bytes text)
{
    struct bytes cut = text.length < TEXT_SIZE ? text : bytes_slice(text, 0, TEXT_SIZE - 1);
    while (cut.length > 0 && !utf8_is_valid(cut)) cut.length--; /* cut within a character, or no text at all */
    if (cut.length > 0) memcpy(memory, cut.data, cut.length);
    memory[cut.length] = '\0';
}

/* Passwords and codes that are guessed, and what the routes of IAM call forbidden. */
static bool is_attempt(enum error_code error)
{
    static const enum error_code attempts[] = {ERROR_IAM_FORBIDDEN, ERROR_IAM_LOCKED,   ERROR_IAM_PASSWORD,    ERROR_IAM_TOO_MANY,
                                               ERROR_IAM_PASSCODE,  ERROR_STEP_UP_CODE, ERROR_STEP_UP_TOO_MANY};
    for (size_t i = 0; i < sizeof attempts / sizeof *attempts; i++)
        if (error == attempts[i]) return true;
    return false;
}

/* 3xx: authentication; 10xx: tokens and rights. Nothing presented is no attempt. */
static bool matters(const struct call *call)
{
    if (call->error == ERROR_NONE || call->error == ERROR_CREDENTIALS_MISSING || call->route == NULL) return false;
    return (call->error >= 300 && call->error < 400) || (call->error >= 1000 && call->error < 1100) || is_attempt(call->error);
}

static void fill(struct refusal_entry *entry, const struct call *call)
{
    struct buffer code = buffer_over(entry->code, sizeof entry->code - 1);
    memset(entry, 0, sizeof *entry);
    error_write_code(&code, call->error);
    keep(entry->action, bytes_of_text(call->route->action));
    keep(entry->source, call->source);
    keep(entry->presented, call->presented);
    keep(entry->actor, call->actor_id);
    keep(entry->instance, call->instance_id);
    keep(entry->actor_name, call->actor_name);
    keep(entry->project, call->project_id.length > 0 ? call->project_id : call->caller.home_project_id);
    keep(entry->subject, bytes_of_text(call->subject));
    memcpy(entry->request_id, call->request_id, ID_SIZE);
    entry->time = call->now;
    entry->count = 1;
}

static bool is_same(const struct refusal_entry *a, const struct refusal_entry *b)
{
    return strcmp(a->action, b->action) == 0 && strcmp(a->code, b->code) == 0 && strcmp(a->source, b->source) == 0 &&
           strcmp(a->presented, b->presented) == 0 && strcmp(a->actor, b->actor) == 0 && strcmp(a->instance, b->instance) == 0;
}

static void remember(struct refusals *refusals, const struct refusal_entry *entry)
{
    for (size_t i = 0; i < refusals->used; i++) {
        if (!is_same(&refusals->entries[i], entry)) continue;
        refusals->entries[i].count++;
        return;
    }
    if (refusals->used == REFUSALS_A_MINUTE) {
        refusals->beyond++;
        return;
    }
    refusals->entries[refusals->used++] = *entry;
    refusals->news = true;
    pthread_cond_signal(&refusals->wake);
}

void refusals_note(struct refusals *refusals, const struct call *call)
{
    struct refusal_entry entry;
    if (refusals == NULL || !matters(call)) return;
    fill(&entry, call);
    pthread_mutex_lock(&refusals->lock);
    remember(refusals, &entry);
    pthread_mutex_unlock(&refusals->lock);
}

/* {"presented":…,"reason":…,"repeated":…} */
static struct bytes details(struct buffer *out, const struct refusal_entry *entry)
{
    buffer_add_text(out, "{\"presented\":");
    json_write_string(out, bytes_of_text(entry->presented));
    buffer_add_text(out, ",\"reason\":");
    json_write_string(out, bytes_of_text(entry->subject));
    buffer_add_text(out, ",\"repeated\":");
    buffer_add_number(out, entry->first_done ? entry->count : entry->count - 1);
    buffer_add_text(out, "}");
    return buffer_bytes(out);
}

static bool write_entry(struct session *session, const struct refusal_entry *entry)
{
    char memory[DETAILS_SIZE];
    struct buffer out = buffer_over(memory, sizeof memory);
    struct audit audit = {
        .actor = bytes_of_text(entry->actor),
        .actor_name = bytes_of_text(entry->actor_name),
        .source = bytes_of_text(entry->source),
        .action = bytes_of_text(entry->action),
        .resource = BYTES("call"),
        .instance_id = bytes_of_text(entry->instance),
        .project_id = bytes_of_text(entry->project),
        .request_id = bytes_of_text(entry->request_id),
        .result = bytes_of_text(entry->code),
        .after = details(&out, entry),
        .time = entry->time,
    };
    return store_audit(session, &audit) == STORE_OK;
}

/* What one write takes out of the window: entries whose first is not written, or, at its end, all that were counted. */
struct batch {
    struct refusal_entry entries[REFUSALS_A_MINUTE + 1];
    size_t count;
};

static bool is_due(const struct refusal_entry *entry, bool window_ends)
{
    return entry->count > 0 && (window_ends || !entry->first_done);
}

static void take_batch(struct refusals *refusals, struct batch *batch)
{
    bool ends = refusals->stop || time(NULL) - refusals->window >= WINDOW_SECONDS;
    batch->count = 0;
    for (size_t i = 0; i < refusals->used; i++) {
        struct refusal_entry *entry = &refusals->entries[i];
        if (!is_due(entry, ends)) continue;
        batch->entries[batch->count++] = *entry;
        entry->first_done = true;
        entry->count = 0;
    }
    refusals->news = false;
    if (!ends) return;
    if (refusals->beyond > 0) {
        struct refusal_entry rest = {
            .action = "others", .code = "APIG.0301", .time = time(NULL), .count = refusals->beyond, .first_done = true};
        batch->entries[batch->count++] = rest;
    }
    refusals->used = 0;
    refusals->beyond = 0;
    refusals->window = time(NULL);
}

static void write_batch(const struct daemon *daemon, const struct batch *batch)
{
    struct session *session = batch->count > 0 ? store_write(daemon->store) : NULL;
    bool written = session != NULL;
    if (batch->count == 0) return;
    for (size_t i = 0; written && i < batch->count; i++) written = write_entry(session, &batch->entries[i]);
    struct audit_point end = written ? store_audit_point(session) : (struct audit_point){{0}, {0}};
    if (!written) {
        store_abort(session);
    } else if (store_commit(session) == STORE_OK) {
        anchor_note(daemon->anchor, &end, (int64_t)time(NULL));
        return;
    }
    log_problem(LOG_ERROR, "audit_refusals", "refused calls could not be written to the audit; they stand in this log");
}

static void wait_for_news(struct refusals *refusals)
{
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += 1;
    while (!refusals->stop && !refusals->news) {
        if (pthread_cond_timedwait(&refusals->wake, &refusals->lock, &until) != 0) return;
    }
}

static void *work(void *context)
{
    static const struct timespec gather = {0, 100 * 1000 * 1000}; /* a burst goes into one transaction */
    struct refusals *refusals = context;
    struct batch batch;
    bool stop = false;
    while (!stop) {
        pthread_mutex_lock(&refusals->lock);
        wait_for_news(refusals);
        stop = refusals->stop;
        pthread_mutex_unlock(&refusals->lock);
        if (!stop) nanosleep(&gather, NULL);
        pthread_mutex_lock(&refusals->lock);
        take_batch(refusals, &batch);
        pthread_mutex_unlock(&refusals->lock);
        write_batch(refusals->daemon, &batch);
    }
    return NULL;
}

struct refusals *refusals_start(const struct daemon *daemon, char problem[static 256])
{
    struct refusals *refusals = calloc(1, sizeof *refusals);
    snprintf(problem, 256, "the thread for refused calls did not start");
    if (refusals == NULL) return NULL;
    refusals->daemon = daemon;
    refusals->window = time(NULL);
    pthread_mutex_init(&refusals->lock, NULL);
    pthread_cond_init(&refusals->wake, NULL);
    if (pthread_create(&refusals->thread, NULL, work, refusals) == 0) return refusals;
    free(refusals);
    return NULL;
}

void refusals_stop(struct refusals *refusals)
{
    if (refusals == NULL) return;
    pthread_mutex_lock(&refusals->lock);
    refusals->stop = true;
    pthread_cond_signal(&refusals->wake);
    pthread_mutex_unlock(&refusals->lock);
    pthread_join(refusals->thread, NULL);
    pthread_cond_destroy(&refusals->wake);
    pthread_mutex_destroy(&refusals->lock);
    free(refusals);
}

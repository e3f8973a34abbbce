#include "control/publisher.h"

#include "control/change_set.h"
#include "control/log.h"
#include "control/picture.h"
#include "crypto/secret.h"
#include "edge/reader.h"
#include "edge/writer.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#define ARENA_SIZE       (16u << 20)
#define LOOK_MS          250 /* how long a stop, a wanted rebuild or a dead reader may wait for the thread */
#define READERS_EVERY_S  5
#define FIRST_PAUSE_MS   100
#define LONGEST_PAUSE_MS 2000
#define SETTLE_MS        1000   /* the first answer for a new backend name */
#define CHANGES_KEPT     100000 /* for nodes that were away */

struct publisher {
    pthread_t thread;
    pthread_mutex_t lock; /* of what stands in this block */
    pthread_cond_t changed;
    bool stopping;
    bool rebuild_wanted;
    uint64_t failures;
    struct publisher_status status;

    pthread_mutex_t writing; /* of the edge: the publisher's and the resolver's threads take turns */
    struct edge_writer *writer;

    struct store *store;
    const struct store_keys *store_keys;
    struct resolver *resolver;
    char keys_directory[4096];
    uint64_t node_keys; /* the files of node keys as they were read */
    uint32_t node_key_id;
    char boot_id[EDGE_BOOT_ID_SIZE];
    bool names_known; /* the resolver was told what an edge that was taken over as it is refers to */
    time_t readers_checked;
    uint64_t tidied;
    struct change_set *seen;
    struct picture_batch *batch;
    struct arena arena;
    uint8_t *memory;
};

static struct timespec deadline_after(unsigned ms)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += ms / 1000;
    until.tv_nsec += (long)(ms % 1000) * 1000000;
    if (until.tv_nsec >= 1000000000) {
        until.tv_sec++;
        until.tv_nsec -= 1000000000;
    }
    return until;
}

/* What is asked of one attempt. */
struct attempt {
    struct publisher *publisher;
    struct picture picture;
    struct edge_meta meta;
    char store_id[33];
    uint64_t revision; /* of the store, as this attempt sees it */
    bool everything;
    bool good;
    char problem[256];
};

static bool apply_change(void *context, const struct change *change)
{
    struct attempt *attempt = context;
    attempt->everything = change->kind == CHANGE_EVERYTHING;
    if (!change_set_add(attempt->publisher->seen, change)) return true;
    attempt->good = attempt->everything || picture_apply(&attempt->picture, change);
    return attempt->good && !attempt->everything;
}

/* Of another store, format, node key or boot, or of a future that this store never had (a restored backup): nothing of it can be trusted.
 */
static bool is_ours(const struct attempt *attempt)
{
    const struct edge_meta *meta = &attempt->meta;
    return meta->format == EDGE_FORMAT && meta->node_key_id == attempt->publisher->node_key_id && meta->revision <= attempt->revision &&
           bytes_equal(meta->store_id, bytes_of_text(attempt->store_id)) &&
           bytes_equal(meta->boot_id, bytes_of_text(attempt->publisher->boot_id));
}

static bool apply_changes(struct attempt *attempt)
{
    uint64_t revision;
    attempt->good = true;
    change_set_clear(attempt->publisher->seen);
    enum store_result result = store_changes(attempt->picture.session, attempt->meta.revision, apply_change, attempt, &revision);
    if (result != STORE_OK) return picture_store_failed(&attempt->picture);
    if (!attempt->good || attempt->everything) return attempt->good;
    if (!picture_apply_gathered(&attempt->picture)) return false;
    if (attempt->publisher->names_known) return true;
    attempt->publisher->names_known = true;
    return picture_want_names(&attempt->picture);
}

static bool rebuild(struct attempt *attempt)
{
    struct publisher *publisher = attempt->publisher;
    if (!picture_rebuild(&attempt->picture)) return false;
    publisher->names_known = true;
    pthread_mutex_lock(&publisher->lock);
    publisher->status.rebuilds++;
    pthread_mutex_unlock(&publisher->lock);
    log_event(LOG_INFO, "edge_rebuilt", NULL, 0);
    return true;
}

static bool write_picture(struct attempt *attempt, bool wanted)
{
    enum edge_result found = edge_write_meta(attempt->publisher->writer, &attempt->meta);
    attempt->everything = wanted || found != EDGE_OK || !is_ours(attempt);
    if (found == EDGE_FAULT) return picture_wrote(&attempt->picture, found);
    if (!attempt->everything && !apply_changes(attempt)) return false;
    return !attempt->everything || rebuild(attempt);
}

static bool commit(struct attempt *attempt)
{
    struct publisher *publisher = attempt->publisher;
    return picture_wrote(&attempt->picture, edge_write_commit(publisher->writer, attempt->revision, bytes_of_text(attempt->store_id),
                                                              bytes_of_text(publisher->boot_id)));
}

/* With the edge's write lock. */
static bool write_edge(struct attempt *attempt, bool wanted)
{
    struct edge_writer *writer = attempt->publisher->writer;
    if (!picture_wrote(&attempt->picture, edge_write_begin(writer))) return false;
    if (write_picture(attempt, wanted)) return commit(attempt);
    edge_write_abort(writer);
    return false;
}

/* Changes with the files of node keys. */
static uint64_t look_at_node_keys(const struct publisher *publisher)
{
    static const char *const names[] = {"node.key", "node.next.key", "node.former.key"};
    uint64_t files = 0;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char path[4096 + 32];
        struct stat status;
        snprintf(path, sizeof path, "%s/%s", publisher->keys_directory, names[i]);
        if (stat(path, &status) != 0) status = (struct stat){.st_ino = 0};
        files = (files * 1000003 + (uint64_t)status.st_ino) * 1000003 + (uint64_t)status.st_ctim.tv_sec;
        files = files * 1000003 + (uint64_t)status.st_ctim.tv_nsec;
    }
    return files;
}

/* With the edge's write lock. Another node key than that of the picture makes all of it be written anew (is_ours). */
static bool take_node_keys(struct publisher *publisher, char problem[static 256])
{
    struct edge_keys keys;
    uint64_t files = look_at_node_keys(publisher);
    if (files == publisher->node_keys) return true;
    bool done = edge_keys_load(&keys, publisher->keys_directory, problem);
    if (done && !edge_writer_take_keys(publisher->writer, &keys)) {
        snprintf(problem, 256, "no memory for the node key");
        done = false;
    }
    if (done) {
        publisher->node_keys = files;
        publisher->node_key_id = keys.node_key_id;
    }
    secret_wipe(&keys, sizeof keys);
    return done;
}

static bool run_attempt(struct attempt *attempt, bool wanted)
{
    struct publisher *publisher = attempt->publisher;
    struct session *session = store_read(publisher->store);
    if (session == NULL) {
        store_trouble(publisher->store, attempt->problem);
        return false;
    }
    arena_reset(&publisher->arena);
    struct seal *seal = store_keys_seal(publisher->store_keys);
    attempt->picture =
        (struct picture){session, publisher->writer, seal, publisher->resolver, &publisher->arena, attempt->problem, publisher->batch};
    publisher->batch->count = 0;
    attempt->revision = store_revision(session);
    bool done = seal != NULL && (store_id(session, attempt->store_id) == STORE_OK || picture_store_failed(&attempt->picture));
    if (seal == NULL) snprintf(attempt->problem, sizeof attempt->problem, "no memory for the store key");
    pthread_mutex_lock(&publisher->writing);
    done = done && take_node_keys(publisher, attempt->problem) && write_edge(attempt, wanted);
    pthread_mutex_unlock(&publisher->writing);
    seal_destroy(seal);
    store_abort(session);
    return done;
}

/* Tells who waits. */
static void announce(struct publisher *publisher, const struct attempt *attempt, bool done)
{
    struct publisher_status *status = &publisher->status;
    struct edge_fill fill = edge_writer_fill(publisher->writer);
    pthread_mutex_lock(&publisher->lock);
    status->edge_used = fill.used;
    status->edge_size = fill.size;
    if (attempt->revision) {
        status->store_revision = attempt->revision;
        status->store_seen = time(NULL);
    }
    if (done) {
        status->edge_revision = attempt->revision;
        status->problem[0] = 0;
        status->problem_since = 0;
    } else {
        publisher->failures++;
        publisher->rebuild_wanted = publisher->rebuild_wanted || attempt->everything;
        snprintf(status->problem, sizeof status->problem, "%s", attempt->problem);
        if (status->problem_since == 0) status->problem_since = time(NULL);
    }
    pthread_cond_broadcast(&publisher->changed);
    pthread_mutex_unlock(&publisher->lock);
    if (!done) log_problem(LOG_ERROR, "publish_failed", attempt->problem);
}

static bool take_wish(struct publisher *publisher, uint64_t *edge_revision)
{
    pthread_mutex_lock(&publisher->lock);
    bool wanted = publisher->rebuild_wanted;
    publisher->rebuild_wanted = false;
    *edge_revision = publisher->status.edge_revision;
    pthread_mutex_unlock(&publisher->lock);
    return wanted;
}

/* Changes that every node has long seen go. What fails here is tried again after as many changes. */
static void tidy(struct publisher *publisher, uint64_t revision)
{
    if (revision < publisher->tidied + CHANGES_KEPT) return;
    struct session *session = store_write(publisher->store);
    publisher->tidied = revision;
    if (session == NULL) return;
    if (store_forget_changes(session, revision - CHANGES_KEPT) == STORE_OK)
        store_commit(session);
    else
        store_abort(session);
}

static void check_readers(struct publisher *publisher)
{
    time_t now = deadline_after(0).tv_sec;
    if (now < publisher->readers_checked + READERS_EVERY_S) return;
    publisher->readers_checked = now;
    pthread_mutex_lock(&publisher->writing);
    edge_writer_check_readers(publisher->writer);
    pthread_mutex_unlock(&publisher->writing);
}

/* True: the edge is up to date now. */
static bool publish(struct publisher *publisher)
{
    uint64_t edge_revision;
    struct attempt attempt = {.publisher = publisher};
    bool wanted = take_wish(publisher, &edge_revision);
    bool done = run_attempt(&attempt, wanted);
    /* A call that publishes an API with a new backend name returns when the name has its first answer, if that comes soon. */
    if (done) resolver_settle(publisher->resolver, SETTLE_MS);
    announce(publisher, &attempt, done);
    if (done) tidy(publisher, attempt.revision);
    return done;
}

static bool is_stopping(struct publisher *publisher)
{
    pthread_mutex_lock(&publisher->lock);
    bool stopping = publisher->stopping;
    pthread_mutex_unlock(&publisher->lock);
    return stopping;
}

static void pause_for(struct publisher *publisher, unsigned ms)
{
    struct timespec until = deadline_after(ms);
    int status = 0;
    pthread_mutex_lock(&publisher->lock);
    while (!publisher->stopping && status == 0) status = pthread_cond_timedwait(&publisher->changed, &publisher->lock, &until);
    pthread_mutex_unlock(&publisher->lock);
}

static void note_contact(struct publisher *publisher)
{
    pthread_mutex_lock(&publisher->lock);
    publisher->status.store_seen = time(NULL);
    pthread_mutex_unlock(&publisher->lock);
}

/* Is there anything to do? Blocks a moment for news. */
static bool await_news(struct publisher *publisher)
{
    pthread_mutex_lock(&publisher->lock);
    uint64_t edge_revision = publisher->status.edge_revision;
    bool wanted = publisher->rebuild_wanted;
    pthread_mutex_unlock(&publisher->lock);
    if (wanted) return true;
    store_wait(publisher->store, edge_revision, LOOK_MS);
    struct session *session = store_read(publisher->store);
    bool news = session == NULL || store_revision(session) != edge_revision || look_at_node_keys(publisher) != publisher->node_keys;
    if (session != NULL) note_contact(publisher);
    store_abort(session);
    return news;
}

static void *run(void *context)
{
    struct publisher *publisher = context;
    unsigned pause = FIRST_PAUSE_MS;
    bool done = publish(publisher);
    while (!is_stopping(publisher)) {
        if (!done) {
            pause_for(publisher, pause);
            pause = 2 * pause < LONGEST_PAUSE_MS ? 2 * pause : LONGEST_PAUSE_MS;
        }
        check_readers(publisher);
        if (is_stopping(publisher) || (done && !await_news(publisher))) continue;
        done = publish(publisher);
        if (done) pause = FIRST_PAUSE_MS;
    }
    return NULL;
}

/* Adds addresses to the picture as it is; meta stays what it was. */
static bool put_addresses(void *context, struct bytes authority, const struct edge_addresses *addresses)
{
    struct publisher *publisher = context;
    struct edge_meta meta;
    char memory[2 * EDGE_BOOT_ID_SIZE];
    struct arena arena = arena_over(memory, sizeof memory);
    pthread_mutex_lock(&publisher->writing);
    bool done = edge_write_begin(publisher->writer) == EDGE_OK && edge_write_meta(publisher->writer, &meta) == EDGE_OK;
    /* A picture of the node key before is about to be written anew: until then it must not be taken for one of the key of now. */
    done = done && meta.node_key_id == publisher->node_key_id;
    if (done) {
        struct bytes store_id = arena_copy(&arena, meta.store_id), boot_id = arena_copy(&arena, meta.boot_id);
        done = edge_put_backend_addresses(publisher->writer, authority, addresses) == EDGE_OK &&
               edge_write_commit(publisher->writer, meta.revision, store_id, boot_id) == EDGE_OK;
    }
    edge_write_abort(publisher->writer);
    pthread_mutex_unlock(&publisher->writing);
    return done;
}

static bool open_edge(struct publisher *publisher, const struct publisher_options *options, char problem[static 256])
{
    struct edge_keys keys;
    snprintf(publisher->keys_directory, sizeof publisher->keys_directory, "%s", options->keys_directory);
    publisher->node_keys = look_at_node_keys(publisher);
    if (!edge_keys_load(&keys, options->keys_directory, problem)) return false;
    publisher->node_key_id = keys.node_key_id;
    const struct edge_writer_place place = {options->edge_directory, options->group,
                                            options->edge_size > 0 ? options->edge_size : EDGE_MAP_SIZE};
    publisher->writer = edge_writer_open_sized(&place, &keys, problem);
    secret_wipe(&keys, sizeof keys);
    return publisher->writer != NULL;
}

static void init_locks(struct publisher *publisher)
{
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_mutex_init(&publisher->lock, NULL);
    pthread_mutex_init(&publisher->writing, NULL);
    pthread_cond_init(&publisher->changed, &attributes);
    pthread_condattr_destroy(&attributes);
}

static void release(struct publisher *publisher)
{
    resolver_stop(publisher->resolver);
    edge_writer_close(publisher->writer);
    free(publisher->memory);
    free(publisher->seen);
    free(publisher->batch);
    free(publisher);
}

static bool prepare(struct publisher *publisher, const struct publisher_options *options, char problem[static 256])
{
    publisher->store = options->store;
    publisher->store_keys = options->store_keys;
    publisher->memory = malloc(ARENA_SIZE);
    publisher->seen = calloc(1, sizeof *publisher->seen);
    publisher->batch = calloc(1, sizeof *publisher->batch);
    snprintf(problem, 256, "no memory, or the system does not tell its boot id");
    if (publisher->memory == NULL || publisher->seen == NULL || publisher->batch == NULL || !edge_boot_id(publisher->boot_id)) return false;
    publisher->arena = arena_over(publisher->memory, ARENA_SIZE);
    if (!open_edge(publisher, options, problem)) return false;
    snprintf(problem, 256, "no thread for the publisher, or --name-servers names none");
    publisher->resolver = resolver_start(options->name_servers, put_addresses, publisher);
    return publisher->resolver != NULL && pthread_create(&publisher->thread, NULL, run, publisher) == 0;
}

struct publisher *publisher_start(const struct publisher_options *options, char problem[static 256])
{
    struct publisher *publisher = calloc(1, sizeof *publisher);
    snprintf(problem, 256, "no memory");
    if (publisher == NULL) return NULL;
    init_locks(publisher);
    if (prepare(publisher, options, problem)) return publisher;
    release(publisher);
    return NULL;
}

void publisher_stop(struct publisher *publisher)
{
    if (publisher == NULL) return;
    pthread_mutex_lock(&publisher->lock);
    publisher->stopping = true;
    pthread_cond_broadcast(&publisher->changed);
    pthread_mutex_unlock(&publisher->lock);
    pthread_join(publisher->thread, NULL);
    release(publisher);
}

enum publisher_outcome publisher_wait(struct publisher *publisher, uint64_t revision, unsigned timeout_ms)
{
    struct timespec until = deadline_after(timeout_ms);
    int status = 0;
    pthread_mutex_lock(&publisher->lock);
    uint64_t failures = publisher->failures;
    while (publisher->status.edge_revision < revision && publisher->failures == failures && !publisher->stopping && status == 0) {
        status = pthread_cond_timedwait(&publisher->changed, &publisher->lock, &until);
    }
    bool done = publisher->status.edge_revision >= revision;
    bool failed = publisher->failures != failures;
    pthread_mutex_unlock(&publisher->lock);
    return done ? PUBLISHER_DONE : failed ? PUBLISHER_FAILED : PUBLISHER_LATE;
}

struct edge_reader *publisher_reader(struct publisher *publisher, char problem[static 256])
{
    pthread_mutex_lock(&publisher->writing); /* the keys may be changed */
    struct edge_reader *reader = edge_reader_beside(publisher->writer, problem);
    pthread_mutex_unlock(&publisher->writing);
    return reader;
}

void publisher_rebuild(struct publisher *publisher)
{
    pthread_mutex_lock(&publisher->lock);
    publisher->rebuild_wanted = true;
    pthread_mutex_unlock(&publisher->lock);
}

void publisher_status(struct publisher *publisher, struct publisher_status *status)
{
    pthread_mutex_lock(&publisher->lock);
    *status = publisher->status;
    pthread_mutex_unlock(&publisher->lock);
}

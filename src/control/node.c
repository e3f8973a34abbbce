#include "control/node.h"

#include "control/effect.h"
#include "control/log.h"
#include "control/node_rows.h"
#include "control/publisher.h"
#include "control/traffic.h"
#include "limit/limit.h"
#include "lock/lock.h"
#include "mapped/heartbeat.h"
#include "replay/replay.h"
#include "store/schema.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define EXPIRY_EVERY 60 /* seconds: it reads every credential that has an end */
#define SWEEP_PARTS  8  /* the whole memory is looked at in so many seconds */

struct node {
    pthread_t watching;   /* asks nothing of the store, so it goes on while a write hangs: workers hold the node to its heartbeat */
    pthread_t telling;    /* waits for the store's other writers */
    pthread_mutex_t lock; /* of what stands in this block */
    pthread_cond_t changed;
    bool stopping;
    struct node_status status;

    struct store *store;
    const struct daemon *daemon;
    struct mapped heartbeat;
    struct traffic *traffic;
    struct replay replay;
    int64_t expiry_looked_at;
    int64_t told; /* when the other nodes were told of this one */
    uint64_t part;
    uint64_t counted; /* in the parts of this sweep so far */
};

static void say_fill(const struct node_status *status)
{
    char text[128];
    snprintf(text, sizeof text, "%llu of %llu nonces", (unsigned long long)status->nonces, (unsigned long long)status->nonce_capacity);
    log_problem(status->nonces_alarm ? LOG_WARNING : LOG_INFO, status->nonces_alarm ? "replay_memory_filling" : "replay_memory_calm", text);
}

/* The alarm goes off lower than it came on, so that it does not flicker. */
static void note_fill(struct node *node, uint64_t nonces)
{
    struct node_status *status = &node->status;
    uint64_t percent = nonces * 100 / status->nonce_capacity;
    pthread_mutex_lock(&node->lock);
    bool before = status->nonces_alarm;
    status->nonces = nonces;
    status->nonces_alarm = percent >= (before ? NODE_CALM_PERCENT : NODE_ALARM_PERCENT);
    struct node_status now = *status;
    pthread_mutex_unlock(&node->lock);
    if (now.nonces_alarm != before) say_fill(&now);
}

static void sweep(struct node *node)
{
    uint64_t slots = node->replay.slot_count / SWEEP_PARTS;
    node->counted += replay_sweep(&node->replay, node->part * slots, slots, time(NULL));
    node->part = (node->part + 1) % SWEEP_PARTS;
    if (node->part != 0) return;
    note_fill(node, node->counted);
    node->counted = 0;
}

static bool count_ends(struct session *session, int64_t from, int64_t to, int64_t *count)
{
    const struct store_filter filters[] = {{CREDENTIAL_NOT_AFTER, STORE_AT_LEAST, value_integer(from)},
                                           {CREDENTIAL_NOT_AFTER, STORE_AT_MOST, value_integer(to)}};
    const struct store_query query = {.filters = filters, .filter_count = 2};
    return store_count(session, &entity_credential, &query, count) == STORE_OK;
}

/* An end of 0 is none. */
static void count_expiring(struct node *node, int64_t now)
{
    int64_t expired = 0, expiring = 0;
    if (now < node->expiry_looked_at + EXPIRY_EVERY && now >= node->expiry_looked_at) return;
    node->expiry_looked_at = now;
    struct session *session = store_read(node->store);
    bool known =
        session != NULL && count_ends(session, 1, now - 1, &expired) && count_ends(session, now, now + NODE_SOON_SECONDS, &expiring);
    store_abort(session);
    if (!known) return;
    pthread_mutex_lock(&node->lock);
    node->status.expired = (uint64_t)expired;
    node->status.expiring = (uint64_t)expiring;
    pthread_mutex_unlock(&node->lock);
}

/* True: it is time for the next round. False: stop. */
static bool wait_a_second(struct node *node)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec++;
    pthread_mutex_lock(&node->lock);
    int status = 0;
    while (!node->stopping && status == 0) status = pthread_cond_timedwait(&node->changed, &node->lock, &until);
    bool stopping = node->stopping;
    pthread_mutex_unlock(&node->lock);
    return !stopping;
}

/* Every worker reads it, and says no when it is too old. */
static void beat(struct node *node)
{
    struct publisher_status status;
    effect_status(node->daemon, &status);
    heartbeat_write(&node->heartbeat, status.store_seen);
}

/* What cannot be written now is written a little later: nothing depends on it. */
static void tell_others(struct node *node, int64_t now)
{
    if (now < node->told + NODE_TOLD_EVERY && now >= node->told) return;
    node->told = now;
    (void)node_row_tell(node->daemon, now);
}

static void *watch(void *context)
{
    struct node *node = context;
    for (unsigned i = 0; i < SWEEP_PARTS - 1; i++) sweep(node); /* the first look is at all of it */
    do {
        beat(node);
        sweep(node);
    } while (wait_a_second(node));
    return NULL;
}

static void *tell(void *context)
{
    struct node *node = context;
    do {
        count_expiring(node, time(NULL));
        traffic_tick(node->traffic, node->store, time(NULL));
        tell_others(node, time(NULL));
        traffic_take_wishes(node->traffic, node->daemon->fetcher);
    } while (wait_a_second(node));
    traffic_flush(node->traffic, node->store, time(NULL));
    return NULL;
}

static void init_locks(struct node *node)
{
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_mutex_init(&node->lock, NULL);
    pthread_cond_init(&node->changed, &attributes);
    pthread_condattr_destroy(&attributes);
}

/* The size that was asked for counts when the file is made; an older file keeps its own, since what it remembers must not be lost. */
static void say_size(const struct replay *replay, size_t wanted)
{
    if (replay->mapped.size == wanted) return;
    log_problem(LOG_WARNING, "replay_memory_size", "the file is there with another size, which it keeps (docs/operate/replay.md)");
}

static bool provide_files(struct node *node, const struct node_options *options, char problem[static 256])
{
    const struct mapped_place place = {options->state, options->group};
    size_t size = replay_size_for(options->nonce_rate);
    if (!mapped_provide(&place, &replay_form, size, problem) || !replay_open(&node->replay, options->state, problem)) return false;
    node->status.nonce_capacity = replay_capacity(&node->replay);
    say_size(&node->replay, size);
    if (!mapped_provide(&place, &lock_form, lock_size(), problem)) return false;
    if (!mapped_provide(&place, &limit_form, limit_size(), problem)) return false;
    if (!mapped_provide(&place, &heartbeat_form, heartbeat_form.least, problem)) return false;
    if (!mapped_open(&node->heartbeat, options->state, &heartbeat_form, problem)) return false;
    node->traffic = traffic_open(options, problem);
    return node->traffic != NULL;
}

static void release(struct node *node)
{
    traffic_close(node->traffic);
    mapped_close(&node->heartbeat);
    replay_close(&node->replay);
    free(node);
}

static void stop(struct node *node)
{
    pthread_mutex_lock(&node->lock);
    node->stopping = true;
    pthread_cond_broadcast(&node->changed);
    pthread_mutex_unlock(&node->lock);
}

static bool start_threads(struct node *node, char problem[static 256])
{
    snprintf(problem, 256, "no thread for the node");
    if (pthread_create(&node->watching, NULL, watch, node) != 0) return false;
    if (pthread_create(&node->telling, NULL, tell, node) == 0) return true;
    stop(node);
    pthread_join(node->watching, NULL);
    return false;
}

bool node_start(struct daemon *daemon, const struct node_options *options, char problem[static 256])
{
    struct node *node = calloc(1, sizeof *node);
    snprintf(problem, 256, "no memory");
    if (node == NULL) return false;
    init_locks(node);
    node->daemon = daemon;
    node->store = daemon->store;
    daemon->node = node; /* the threads ask for its status as others do */
    if (provide_files(node, options, problem) && start_threads(node, problem)) return true;
    daemon->node = NULL;
    release(node);
    return false;
}

void node_stop(struct daemon *daemon)
{
    struct node *node = daemon->node;
    if (node == NULL) return;
    stop(node);
    pthread_join(node->watching, NULL);
    pthread_join(node->telling, NULL);
    release(node);
    daemon->node = NULL;
}

void node_status(const struct daemon *daemon, struct node_status *status)
{
    struct node *node = daemon->node;
    pthread_mutex_lock(&node->lock);
    *status = node->status;
    pthread_mutex_unlock(&node->lock);
}

const struct traffic *node_traffic(const struct daemon *daemon)
{
    return daemon->node->traffic;
}

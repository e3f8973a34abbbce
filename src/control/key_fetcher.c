#include "control/key_fetcher.h"

#include "control/key_settle.h"
#include "control/log.h"
#include "control/options.h"
#include "control/token_rules.h"

#include <curl/curl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define THREADS     4 /* so that a server which answers slowly holds up only its own sets */
#define WISHES      64
#define PACES       256
#define TRIES       4 /* at a time */
#define LOOK_EVERY  2 /* seconds; each thread: what other nodes' calls made due is found by looking */
#define ARENA_SIZE  (2u * 1024 * 1024)
#define LEAST_CACHE 30
#define MOST_CACHE  604800

/* When this daemon fetched a URL last, whatever became of its row in the store. */
struct pace {
    char name[KEY_SET_NAME_SIZE];
    int64_t time;
};

/* What somebody's test has just found: should the URL be saved now, it need not be fetched once more. */
struct kept {
    char name[KEY_SET_NAME_SIZE]; /* empty: nothing */
    int64_t time, max_age;
    size_t keys, length;
    uint8_t set[JWK_SET_MAX_LENGTH];
};

struct key_fetcher {
    const struct daemon *daemon;
    struct key_fetch_options options;
    pthread_t threads[THREADS];
    size_t thread_count;
    pthread_mutex_t lock; /* of what stands below */
    pthread_cond_t changed;
    bool stopping;
    bool due; /* somebody said so */
    size_t wish_count, tries, pace_turn, kept_turn;
    char wishes[WISHES][KEY_SET_NAME_SIZE];
    struct pace paces[PACES];
    struct kept kept[TRIES];
};

int64_t key_fetcher_cache(const struct remote_url *url, const struct key_fetched *fetched)
{
    int64_t cache = fetched->max_age >= 0 ? fetched->max_age : url->cache_seconds;
    if (cache < LEAST_CACHE) return LEAST_CACHE;
    return cache > MOST_CACHE ? MOST_CACHE : cache;
}

/* With the lock. Seconds to wait, or 0: go on, it is noted. */
static int64_t enter_pace(struct key_fetcher *fetcher, const char *name, int64_t now)
{
    struct pace *pace = NULL;
    for (size_t i = 0; i < PACES && pace == NULL; i++)
        if (strcmp(fetcher->paces[i].name, name) == 0) pace = &fetcher->paces[i];
    if (pace == NULL) {
        pace = &fetcher->paces[fetcher->pace_turn++ % PACES];
        memcpy(pace->name, name, KEY_SET_NAME_SIZE);
        pace->time = 0;
    }
    int64_t wait = pace->time + KEY_FETCH_EVERY - now;
    if (wait > 0 && wait <= KEY_FETCH_EVERY) return wait;
    pace->time = now;
    return 0;
}

static bool may_fetch(struct key_fetcher *fetcher, const char *name)
{
    pthread_mutex_lock(&fetcher->lock);
    bool may = enter_pace(fetcher, name, time(NULL)) == 0;
    pthread_mutex_unlock(&fetcher->lock);
    return may;
}

static void keep(struct key_fetcher *fetcher, const char *name, const struct key_fetched *fetched)
{
    struct bytes set = buffer_bytes(&fetched->set);
    if (set.length > JWK_SET_MAX_LENGTH) return;
    pthread_mutex_lock(&fetcher->lock);
    struct kept *kept = &fetcher->kept[fetcher->kept_turn++ % TRIES];
    memcpy(kept->name, name, KEY_SET_NAME_SIZE);
    memcpy(kept->set, set.data, set.length);
    kept->length = set.length;
    kept->keys = fetched->keys;
    kept->max_age = fetched->max_age;
    kept->time = time(NULL);
    pthread_mutex_unlock(&fetcher->lock);
}

/* Once, and while it is as young as a fetch that would not be made again. */
static bool take_kept(struct key_fetcher *fetcher, const char *name, struct key_fetched *fetched)
{
    bool found = false;
    pthread_mutex_lock(&fetcher->lock);
    for (size_t i = 0; i < TRIES && !found; i++) {
        struct kept *kept = &fetcher->kept[i];
        int64_t age = time(NULL) - kept->time;
        if (strcmp(kept->name, name) != 0 || age < 0 || age > KEY_FETCH_EVERY) continue;
        buffer_add(&fetched->set, bytes_of(kept->set, kept->length));
        fetched->keys = kept->keys;
        fetched->max_age = kept->max_age;
        kept->name[0] = 0;
        found = !fetched->set.overflow;
    }
    pthread_mutex_unlock(&fetcher->lock);
    return found;
}

/* --- the threads -----------------------------------------------------------------------------------------------------------------------
 */

/* False: it may not be fetched so soon, and nobody's test has found it. */
static bool fetch(struct key_fetcher *fetcher, const struct key_claim *claim, struct arena *arena)
{
    struct remote_url url;
    struct key_fetched fetched = {.set = buffer_in(arena, JWK_SET_MAX_LENGTH)};
    struct key_settlement settlement = {.name = bytes_of_text(claim->name), .fetched = &fetched};
    bool readable = remote_url_read(bytes_of_text(claim->url), &url) == NULL, may = may_fetch(fetcher, claim->name);
    settlement.good = readable && (may ? key_fetch(&url, &fetcher->options, &fetched) : take_kept(fetcher, claim->name, &fetched));
    if (!may && !settlement.good) return false;
    settlement.now = time(NULL);
    if (settlement.good) settlement.cache = key_fetcher_cache(&url, &fetched);
    if (!key_settle(fetcher->daemon, &settlement, arena)) log_problem(LOG_WARNING, "key_set_not_stored", claim->name);
    return true;
}

/* What tokens asked for becomes due. */
static void take_wishes(struct key_fetcher *fetcher, struct arena *arena)
{
    char wishes[WISHES][KEY_SET_NAME_SIZE];
    pthread_mutex_lock(&fetcher->lock);
    size_t count = fetcher->wish_count;
    memcpy(wishes, fetcher->wishes, sizeof wishes);
    fetcher->wish_count = 0;
    pthread_mutex_unlock(&fetcher->lock);
    for (size_t i = 0; i < count; i++, arena_reset(arena))
        if (!key_hasten(fetcher->daemon, bytes_of_text(wishes[i]), time(NULL), arena))
            log_problem(LOG_WARNING, "key_set_not_hastened", wishes[i]);
}

/* True: there was something to do, and there may be more. */
static bool work(struct key_fetcher *fetcher, struct arena *arena)
{
    struct key_claim claim;
    take_wishes(fetcher, arena);
    bool claimed = key_claim_next(fetcher->daemon, time(NULL), arena, &claim);
    arena_reset(arena);
    if (!claimed) return false;
    key_fetcher_wake(fetcher);
    if (!fetch(fetcher, &claim, arena)) key_hasten(fetcher->daemon, bytes_of_text(claim.name), time(NULL), arena);
    arena_reset(arena);
    return true;
}

/* False: stop. */
static bool wait_for_work(struct key_fetcher *fetcher)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += LOOK_EVERY;
    pthread_mutex_lock(&fetcher->lock);
    for (int status = 0; !fetcher->stopping && !fetcher->due && fetcher->wish_count == 0 && status == 0;)
        status = pthread_cond_timedwait(&fetcher->changed, &fetcher->lock, &until);
    fetcher->due = false;
    bool stopping = fetcher->stopping;
    pthread_mutex_unlock(&fetcher->lock);
    return !stopping;
}

static bool is_stopping(struct key_fetcher *fetcher)
{
    pthread_mutex_lock(&fetcher->lock);
    bool stopping = fetcher->stopping;
    pthread_mutex_unlock(&fetcher->lock);
    return stopping;
}

static void *run(void *context)
{
    struct key_fetcher *fetcher = context;
    void *memory = malloc(ARENA_SIZE);
    struct arena arena = arena_over(memory, memory == NULL ? 0 : ARENA_SIZE);
    if (memory == NULL) log_problem(LOG_ERROR, "key_fetcher", "no memory");
    while (memory != NULL && !is_stopping(fetcher))
        if (!work(fetcher, &arena) && !wait_for_work(fetcher)) break;
    free(memory);
    return NULL;
}

static void init_locks(struct key_fetcher *fetcher)
{
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_mutex_init(&fetcher->lock, NULL);
    pthread_cond_init(&fetcher->changed, &attributes);
    pthread_condattr_destroy(&attributes);
}

bool key_fetcher_start(struct daemon *daemon, const struct options *options, char problem[static 256])
{
    struct key_fetcher *fetcher = calloc(1, sizeof *fetcher);
    snprintf(problem, 256, "no memory or no thread for the fetcher of key sets");
    if (fetcher == NULL || curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
        free(fetcher);
        return false;
    }
    init_locks(fetcher);
    fetcher->daemon = daemon;
    fetcher->options = (struct key_fetch_options){options->key_set_hosts, options->name_servers, options->key_set_ca};
    daemon->fetcher = fetcher;
    for (; fetcher->thread_count < THREADS; fetcher->thread_count++)
        if (pthread_create(&fetcher->threads[fetcher->thread_count], NULL, run, fetcher) != 0) return false;
    return true;
}

void key_fetcher_stop(struct daemon *daemon)
{
    struct key_fetcher *fetcher = daemon->fetcher;
    if (fetcher == NULL) return;
    pthread_mutex_lock(&fetcher->lock);
    fetcher->stopping = true;
    pthread_cond_broadcast(&fetcher->changed);
    pthread_mutex_unlock(&fetcher->lock);
    for (size_t i = 0; i < fetcher->thread_count; i++) pthread_join(fetcher->threads[i], NULL);
    daemon->fetcher = NULL;
    free(fetcher);
}

/* --- for others ------------------------------------------------------------------------------------------------------------------------
 */

void key_fetcher_wake(struct key_fetcher *fetcher)
{
    if (fetcher == NULL) return;
    pthread_mutex_lock(&fetcher->lock);
    fetcher->due = true;
    pthread_cond_signal(&fetcher->changed);
    pthread_mutex_unlock(&fetcher->lock);
}

static bool copy_name(char to[static KEY_SET_NAME_SIZE], struct bytes name)
{
    memset(to, 0, KEY_SET_NAME_SIZE);
    if (name.length == 0 || name.length >= KEY_SET_NAME_SIZE) return false;
    memcpy(to, name.data, name.length);
    return true;
}

void key_fetcher_ask(struct key_fetcher *fetcher, struct bytes name)
{
    char wish[KEY_SET_NAME_SIZE];
    bool known = false;
    if (fetcher == NULL || !copy_name(wish, name)) return;
    pthread_mutex_lock(&fetcher->lock);
    for (size_t i = 0; i < fetcher->wish_count; i++) known = known || strcmp(fetcher->wishes[i], wish) == 0;
    if (!known && fetcher->wish_count < WISHES) memcpy(fetcher->wishes[fetcher->wish_count++], wish, sizeof wish);
    pthread_cond_signal(&fetcher->changed);
    pthread_mutex_unlock(&fetcher->lock);
}

/* 0: go on. */
static int64_t enter_try(struct key_fetcher *fetcher, const char *name)
{
    pthread_mutex_lock(&fetcher->lock);
    int64_t wait = fetcher->tries < TRIES ? enter_pace(fetcher, name, time(NULL)) : 1;
    if (wait == 0) fetcher->tries++;
    pthread_mutex_unlock(&fetcher->lock);
    return wait;
}

enum key_fetcher_outcome key_fetcher_try(struct key_fetcher *fetcher, struct bytes text, struct key_fetched *fetched, unsigned *wait)
{
    struct remote_url url;
    char name[KEY_SET_NAME_SIZE];
    uint8_t memory[KEY_SET_NAME_SIZE];
    struct arena arena = arena_over(memory, sizeof memory);
    if (remote_url_read(text, &url) != NULL || !copy_name(name, token_remote_name(&arena, text))) return KEY_FETCHER_FAILED;
    *wait = (unsigned)enter_try(fetcher, name);
    if (*wait > 0) return KEY_FETCHER_BUSY;
    bool good = key_fetch(&url, &fetcher->options, fetched);
    if (good) keep(fetcher, name, fetched);
    pthread_mutex_lock(&fetcher->lock);
    fetcher->tries--;
    pthread_mutex_unlock(&fetcher->lock);
    return good ? KEY_FETCHER_GOOD : KEY_FETCHER_FAILED;
}

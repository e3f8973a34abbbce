#include "control/resolver.h"

#include "control/authority.h"
#include "control/log.h"
#include "control/name_client.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define SHORTEST_S      2   /* however short a TTL is */
#define LONGEST_S       300 /* … and however long */
#define FIRST_WAIT_S    1
#define LONGEST_PAUSE_S 60
#define LOOK_MS         1000 /* how long what has become due may wait */
#define MAX_NAMES       10000
#define AT_A_TIME       256 /* questions under way */
#define HOST_SIZE       256
#define AUTHORITY_SIZE  (AUTHORITY_MAX_LENGTH + 8)

struct name {
    struct name *next;
    time_t due; /* CLOCK_MONOTONIC, seconds */
    unsigned pause;
    bool wanted;   /* since the last sweep */
    bool is_new;   /* since the last resolver_settle */
    bool tried;    /* there was a first answer, good or bad */
    bool resolved; /* addresses hold a good one */
    bool unput;    /* … that is not in the edge yet */
    struct edge_addresses addresses;
    char authority[AUTHORITY_SIZE];
};

/* A question to the name servers, with copies: names come and go while servers are asked. */
struct inquiry {
    enum { INQUIRY_FREE, INQUIRY_DUE, INQUIRY_ASKED } state;
    struct name_question question;
    char authority[AUTHORITY_SIZE];
    char host[HOST_SIZE];
};

struct resolver {
    pthread_t thread;
    struct name_client *client; /* of the thread, as are the inquiries */
    struct inquiry inquiries[AT_A_TIME];
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool stopping;
    struct name *names;
    size_t count;
    resolver_put put;
    void *context;
};

static time_t seconds_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec;
}

/* The host as a C string, brackets removed, and the port. */
static bool split(struct bytes authority, char host[static HOST_SIZE], uint16_t *port)
{
    struct authority parts;
    if (authority_read(authority, &parts) != NULL || parts.port == 0 || parts.host.length >= HOST_SIZE) return false;
    memcpy(host, parts.host.data, parts.host.length);
    host[parts.host.length] = 0;
    *port = parts.port;
    return true;
}

/* An address written as digits. */
static bool read_literal(struct bytes authority, struct edge_addresses *addresses)
{
    char host[HOST_SIZE];
    uint16_t port;
    struct addrinfo *answers = NULL;
    const struct addrinfo hints = {.ai_flags = AI_NUMERICHOST, .ai_socktype = SOCK_STREAM};
    *addresses = (struct edge_addresses){0};
    if (!split(authority, host, &port) || getaddrinfo(host, NULL, &hints, &answers) != 0) return false;
    name_client_add_address(addresses, answers->ai_addr, port);
    freeaddrinfo(answers);
    return addresses->count > 0;
}

static bool same_addresses(const struct edge_addresses *a, const struct edge_addresses *b)
{
    if (a->count != b->count) return false;
    for (size_t i = 0; i < a->count; i++) {
        const struct edge_address *x = &a->items[i], *y = &b->items[i];
        if (x->v6 != y->v6 || x->port != y->port || !bytes_equal(bytes_of(x->ip, 16), bytes_of(y->ip, 16))) return false;
    }
    return true;
}

static struct name *find(struct resolver *resolver, struct bytes authority)
{
    struct name *name = resolver->names;
    while (name != NULL && !bytes_equal(bytes_of_text(name->authority), authority)) name = name->next;
    return name;
}

static struct inquiry *free_inquiry(struct resolver *resolver)
{
    for (size_t i = 0; i < AT_A_TIME; i++) {
        if (resolver->inquiries[i].state == INQUIRY_FREE) return &resolver->inquiries[i];
    }
    return NULL;
}

/* What is due, as far as there is room, each once: who is asked is due again only later. With the lock held. */
static void take_due(struct resolver *resolver)
{
    time_t now = seconds_now();
    struct inquiry *inquiry = free_inquiry(resolver);
    for (struct name *name = resolver->names; name != NULL && inquiry != NULL; name = name->next) {
        if (name->due > now) continue;
        name->due = now + LONGEST_S;
        memcpy(inquiry->authority, name->authority, sizeof name->authority);
        inquiry->question = (struct name_question){.host = inquiry->host};
        if (!split(bytes_of_text(name->authority), inquiry->host, &inquiry->question.port)) continue;
        inquiry->state = INQUIRY_DUE;
        inquiry = free_inquiry(resolver);
    }
}

static void log_failure(const char *authority)
{
    const struct log_item item = {"backend", bytes_of_text(authority)};
    log_event(LOG_WARNING, "backend_name_does_not_resolve", &item, 1);
}

static unsigned wait_after(struct name *name, bool good, unsigned ttl_s)
{
    if (good) return ttl_s < SHORTEST_S ? SHORTEST_S : ttl_s > LONGEST_S ? LONGEST_S : ttl_s;
    name->pause = name->pause == 0 ? FIRST_WAIT_S : 2 * name->pause;
    if (name->pause > LONGEST_PAUSE_S) name->pause = LONGEST_PAUSE_S;
    return name->pause;
}

/* When to ask again. With the lock held; the name may have been forgotten meanwhile. */
static void schedule(struct resolver *resolver, const char *authority, bool good, unsigned ttl_s)
{
    struct name *name = find(resolver, bytes_of_text(authority));
    if (name == NULL) return;
    if (!good && name->pause == 0) log_failure(authority);
    name->tried = true;
    name->unput = name->unput && !good;
    name->due = seconds_now() + wait_after(name, good, ttl_s);
    if (good) name->pause = 0;
    pthread_cond_broadcast(&resolver->changed);
}

/* Are these news? Noted before they are put: whoever rebuilds the edge in between puts them too. With the lock held. */
static bool note_addresses(struct resolver *resolver, const char *authority, const struct edge_addresses *addresses)
{
    struct name *name = find(resolver, bytes_of_text(authority));
    if (name == NULL || resolver->stopping) return false;
    if (name->resolved && !name->unput && same_addresses(&name->addresses, addresses)) return false;
    name->addresses = *addresses;
    name->resolved = true;
    name->unput = true;
    return true;
}

/* With the lock held, but for the moment in which the edge is written: that may take its time. */
static void take_answer(struct resolver *resolver, const char *authority, const struct name_question *question)
{
    bool good = question->good;
    if (good && note_addresses(resolver, authority, &question->addresses)) {
        pthread_mutex_unlock(&resolver->lock);
        good = resolver->put(resolver->context, bytes_of_text(authority), &question->addresses);
        pthread_mutex_lock(&resolver->lock);
    }
    schedule(resolver, authority, good, question->ttl_s);
}

/* Is there an answer? One from the hosts file is there at once. */
static bool ask_due(struct resolver *resolver)
{
    bool answered = false;
    for (size_t i = 0; i < AT_A_TIME; i++) {
        struct inquiry *inquiry = &resolver->inquiries[i];
        if (inquiry->state == INQUIRY_DUE) {
            name_client_ask(resolver->client, &inquiry->question);
            inquiry->state = INQUIRY_ASKED;
        }
        answered = answered || (inquiry->state == INQUIRY_ASKED && inquiry->question.done);
    }
    return answered;
}

/* With the lock held. */
static void take_answers(struct resolver *resolver)
{
    for (size_t i = 0; i < AT_A_TIME; i++) {
        struct inquiry *inquiry = &resolver->inquiries[i];
        if (inquiry->state != INQUIRY_ASKED || !inquiry->question.done) continue;
        take_answer(resolver, inquiry->authority, &inquiry->question);
        inquiry->state = INQUIRY_FREE;
    }
}

/* Asks without the lock: a name server may take its time, and what it has not said yet keeps no other name waiting. */
static void *run(void *context)
{
    struct resolver *resolver = context;
    pthread_mutex_lock(&resolver->lock);
    while (!resolver->stopping) {
        take_due(resolver);
        pthread_mutex_unlock(&resolver->lock);
        if (!ask_due(resolver)) name_client_wait(resolver->client, LOOK_MS);
        pthread_mutex_lock(&resolver->lock);
        take_answers(resolver);
    }
    pthread_mutex_unlock(&resolver->lock);
    return NULL;
}

struct resolver *resolver_start(const char *servers, resolver_put put, void *context)
{
    struct resolver *resolver = calloc(1, sizeof *resolver);
    if (resolver == NULL) return NULL;
    resolver->client = name_client_open(servers);
    if (resolver->client == NULL) {
        free(resolver);
        return NULL;
    }
    resolver->put = put;
    resolver->context = context;
    pthread_mutex_init(&resolver->lock, NULL);
    pthread_cond_init(&resolver->changed, NULL);
    if (pthread_create(&resolver->thread, NULL, run, resolver) == 0) return resolver;
    name_client_close(resolver->client);
    free(resolver);
    return NULL;
}

static void forget(struct resolver *resolver, bool all)
{
    struct name **link = &resolver->names;
    while (*link != NULL) {
        struct name *name = *link;
        if (name->wanted && !all) {
            name->wanted = false;
            link = &name->next;
            continue;
        }
        *link = name->next;
        resolver->count--;
        free(name);
    }
}

void resolver_stop(struct resolver *resolver)
{
    if (resolver == NULL) return;
    pthread_mutex_lock(&resolver->lock);
    resolver->stopping = true;
    pthread_mutex_unlock(&resolver->lock);
    name_client_wake(resolver->client);
    pthread_join(resolver->thread, NULL);
    forget(resolver, true);
    name_client_close(resolver->client);
    pthread_cond_destroy(&resolver->changed);
    pthread_mutex_destroy(&resolver->lock);
    free(resolver);
}

static struct name *add(struct resolver *resolver, struct bytes authority)
{
    struct name *name = NULL;
    if (resolver->count < MAX_NAMES && authority.length < sizeof name->authority) name = calloc(1, sizeof *name);
    if (name == NULL) return NULL;
    memcpy(name->authority, authority.data, authority.length);
    name->next = resolver->names;
    resolver->names = name;
    resolver->count++;
    name->is_new = true;
    name_client_wake(resolver->client);
    return name;
}

bool resolver_want(struct resolver *resolver, struct bytes authority, struct edge_addresses *addresses)
{
    if (read_literal(authority, addresses)) return true;
    pthread_mutex_lock(&resolver->lock);
    struct name *name = find(resolver, authority);
    if (name == NULL) name = add(resolver, authority);
    if (name != NULL) name->wanted = true;
    bool known = name != NULL && name->resolved;
    if (known) *addresses = name->addresses;
    pthread_mutex_unlock(&resolver->lock);
    return known;
}

void resolver_sweep(struct resolver *resolver)
{
    pthread_mutex_lock(&resolver->lock);
    forget(resolver, false);
    pthread_mutex_unlock(&resolver->lock);
}

static bool new_ones_are_tried(const struct resolver *resolver)
{
    const struct name *name = resolver->names;
    while (name != NULL && (name->tried || !name->is_new)) name = name->next;
    return name == NULL;
}

void resolver_settle(struct resolver *resolver, unsigned timeout_ms)
{
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += timeout_ms / 1000;
    until.tv_nsec += (long)(timeout_ms % 1000) * 1000000;
    if (until.tv_nsec >= 1000000000) {
        until.tv_sec++;
        until.tv_nsec -= 1000000000;
    }
    pthread_mutex_lock(&resolver->lock);
    while (!new_ones_are_tried(resolver) && pthread_cond_timedwait(&resolver->changed, &resolver->lock, &until) == 0) continue;
    for (struct name *name = resolver->names; name != NULL; name = name->next) name->is_new = false;
    pthread_mutex_unlock(&resolver->lock);
}

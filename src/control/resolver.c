#include "control/resolver.h"

#include "control/authority.h"
#include "control/log.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define REFRESH_S    60
#define FIRST_WAIT_S 1
#define STOP_WAIT_S  2
#define MAX_NAMES    10000

struct name {
    struct name *next;
    time_t due; /* CLOCK_MONOTONIC, seconds */
    time_t pause;
    bool wanted;   /* since the last sweep */
    bool tried;    /* there was a first answer, good or bad */
    bool resolved; /* addresses hold a good one */
    bool unput;    /* … that is not in the edge yet */
    struct edge_addresses addresses;
    char authority[AUTHORITY_MAX_LENGTH + 8];
};

struct resolver {
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool stopping;
    bool news; /* a name was added since the last resolver_settle */
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

static bool is_forbidden(const struct edge_address *address)
{
    return address->v6 ? address_v6_is_forbidden(address->ip) : address_v4_is_forbidden(address->ip);
}

void resolver_add_address(struct edge_addresses *addresses, const struct sockaddr *address)
{
    struct edge_address found = {.v6 = address->sa_family == AF_INET6};
    if (addresses->count == EDGE_MAX_ADDRESSES) return;
    if (address->sa_family == AF_INET) {
        const struct sockaddr_in *v4 = (const struct sockaddr_in *)(const void *)address;
        memcpy(found.ip, &v4->sin_addr, 4);
        found.port = ntohs(v4->sin_port);
    } else if (address->sa_family == AF_INET6) {
        const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)(const void *)address;
        memcpy(found.ip, &v6->sin6_addr, 16);
        found.port = ntohs(v6->sin6_port);
    } else {
        return;
    }
    if (!is_forbidden(&found)) addresses->items[addresses->count++] = found;
}

/* host and port as C strings, brackets removed. */
static bool split(struct bytes authority, char host[static 256], char port[static 8])
{
    struct authority parts;
    if (authority_read(authority, &parts) != NULL || parts.port == 0 || parts.host.length >= 256) return false;
    memcpy(host, parts.host.data, parts.host.length);
    host[parts.host.length] = 0;
    struct buffer digits = buffer_over(port, 7);
    buffer_add_number(&digits, parts.port);
    port[digits.length] = 0;
    return true;
}

static bool ask(struct bytes authority, int flags, struct edge_addresses *addresses)
{
    char host[256], port[8];
    struct addrinfo *answers = NULL;
    const struct addrinfo hints = {.ai_flags = flags | AI_NUMERICSERV, .ai_socktype = SOCK_STREAM};
    *addresses = (struct edge_addresses){0};
    if (!split(authority, host, port) || getaddrinfo(host, port, &hints, &answers) != 0) return false;
    for (const struct addrinfo *answer = answers; answer != NULL; answer = answer->ai_next) {
        resolver_add_address(addresses, answer->ai_addr);
    }
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

/* The name that waits longest; NULL while none is due. */
static struct name *next_due(struct resolver *resolver, time_t now)
{
    struct name *first = NULL;
    for (struct name *name = resolver->names; name != NULL; name = name->next) {
        if (name->due <= now && (first == NULL || name->due < first->due)) first = name;
    }
    return first;
}

static void log_failure(const char *authority)
{
    const struct log_item item = {"backend", bytes_of_text(authority)};
    log_event(LOG_WARNING, "backend_name_does_not_resolve", &item, 1);
}

/* When to ask again. With the lock held; the name may have been forgotten meanwhile. */
static void schedule(struct resolver *resolver, const char *authority, bool good)
{
    struct name *name = find(resolver, bytes_of_text(authority));
    if (name == NULL) return;
    if (!good && name->pause == 0) log_failure(authority);
    name->tried = true;
    name->unput = name->unput && !good;
    name->pause = good ? 0 : (name->pause == 0 ? FIRST_WAIT_S : 2 * name->pause);
    if (name->pause > REFRESH_S) name->pause = REFRESH_S;
    name->due = seconds_now() + (good ? REFRESH_S : name->pause);
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

/* Asks and puts without the lock: a name server may take its time, and so may whoever writes the edge. */
static void resolve(struct resolver *resolver, const struct name *due)
{
    struct edge_addresses addresses;
    char authority[sizeof due->authority];
    memcpy(authority, due->authority, sizeof authority);
    pthread_mutex_unlock(&resolver->lock);
    bool good = ask(bytes_of_text(authority), 0, &addresses);
    pthread_mutex_lock(&resolver->lock);
    if (good && note_addresses(resolver, authority, &addresses)) {
        pthread_mutex_unlock(&resolver->lock);
        good = resolver->put(resolver->context, bytes_of_text(authority), &addresses);
        pthread_mutex_lock(&resolver->lock);
    }
    schedule(resolver, authority, good);
}

static void *run(void *context)
{
    struct resolver *resolver = context;
    pthread_mutex_lock(&resolver->lock);
    while (!resolver->stopping) {
        struct timespec until;
        const struct name *due = next_due(resolver, seconds_now());
        if (due != NULL) {
            resolve(resolver, due);
            continue;
        }
        clock_gettime(CLOCK_REALTIME, &until);
        until.tv_sec++;
        pthread_cond_timedwait(&resolver->changed, &resolver->lock, &until);
    }
    pthread_mutex_unlock(&resolver->lock);
    return NULL;
}

struct resolver *resolver_start(resolver_put put, void *context)
{
    struct resolver *resolver = calloc(1, sizeof *resolver);
    if (resolver == NULL) return NULL;
    resolver->put = put;
    resolver->context = context;
    pthread_mutex_init(&resolver->lock, NULL);
    pthread_cond_init(&resolver->changed, NULL);
    if (pthread_create(&resolver->thread, NULL, run, resolver) == 0) return resolver;
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
    struct timespec until;
    if (resolver == NULL) return;
    pthread_mutex_lock(&resolver->lock);
    resolver->stopping = true;
    pthread_cond_broadcast(&resolver->changed);
    pthread_mutex_unlock(&resolver->lock);
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += STOP_WAIT_S;
    /* A thread inside getaddrinfo cannot be called back. It sees `stopping` when it returns, and needs the resolver until then. */
    if (pthread_timedjoin_np(resolver->thread, NULL, &until) != 0) {
        pthread_detach(resolver->thread);
        return;
    }
    forget(resolver, true);
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
    resolver->news = true;
    pthread_cond_broadcast(&resolver->changed);
    return name;
}

bool resolver_want(struct resolver *resolver, struct bytes authority, struct edge_addresses *addresses)
{
    if (ask(authority, AI_NUMERICHOST, addresses)) return true;
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

static bool all_tried(const struct resolver *resolver)
{
    const struct name *name = resolver->names;
    while (name != NULL && name->tried) name = name->next;
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
    while (resolver->news && !all_tried(resolver) && pthread_cond_timedwait(&resolver->changed, &resolver->lock, &until) == 0) continue;
    resolver->news = false;
    pthread_mutex_unlock(&resolver->lock);
}

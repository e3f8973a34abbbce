#include "gateway/pool.h"

#define BUCKETS      256
#define MAX_BERTHS   4096
#define MAX_AGE_MS   (3600 * 1000)
#define MAX_REQUESTS 10000
#define HASH_START   14695981039346656037u /* FNV-1a */
#define HASH_STEP    1099511628211u

/* One idle connection; c->data while it is idle. */
struct idle {
    ngx_queue_t in_berth;
    ngx_queue_t in_pool; /* all idle connections, latest first */
    ngx_connection_t *connection;
    struct berth *berth;
};

/* Per worker. */
static struct {
    bool ready;
    struct berth *buckets[BUCKETS];
    ngx_queue_t berths;
    size_t berth_count;
    ngx_queue_t idle;
    size_t idle_count;
    struct idle *spare; /* items for reuse, linked through in_pool.next */
} pool;

static size_t address_length(const struct edge_address *address)
{
    return address->v6 ? 16 : 4;
}

static size_t bucket_of(const struct edge_address *address, const struct tls_identity *identity)
{
    uint64_t hash = HASH_START ^ (uintptr_t)identity;
    for (size_t i = 0; i < address_length(address); i++) hash = (hash ^ address->ip[i]) * HASH_STEP;
    hash = (hash ^ address->port) * HASH_STEP;
    return (hash >> 32) % BUCKETS;
}

static bool same_address(const struct edge_address *a, const struct edge_address *b)
{
    size_t length = address_length(a);
    return a->v6 == b->v6 && a->port == b->port && bytes_equal(bytes_of(a->ip, length), bytes_of(b->ip, length));
}

static void write_socket_address(struct berth *berth)
{
    const struct edge_address *address = &berth->address;
    if (address->v6) {
        berth->socket_address.v6.sin6_family = AF_INET6;
        berth->socket_address.v6.sin6_port = htons(address->port);
        ngx_memcpy(&berth->socket_address.v6.sin6_addr, address->ip, address_length(address));
        berth->socket_length = sizeof berth->socket_address.v6;
    } else {
        berth->socket_address.v4.sin_family = AF_INET;
        berth->socket_address.v4.sin_port = htons(address->port);
        ngx_memcpy(&berth->socket_address.v4.sin_addr, address->ip, address_length(address));
        berth->socket_length = sizeof berth->socket_address.v4;
    }
    berth->name.data = berth->name_text;
    berth->name.len = ngx_sock_ntop(&berth->socket_address.any, berth->socket_length, berth->name_text, sizeof berth->name_text, 1);
}

static void berth_destroy(struct berth *berth)
{
    struct berth **link = &pool.buckets[bucket_of(&berth->address, berth->identity)];
    while (*link != berth) link = &(*link)->next_in_bucket;
    *link = berth->next_in_bucket;
    ngx_queue_remove(&berth->queue);
    pool.berth_count--;
    if (berth->session != NULL) ngx_ssl_free_session(berth->session);
    if (berth->identity != NULL) tls_identity_release(berth->identity);
    ngx_free(berth);
}

/* Addresses come and go; those that nobody uses any more go first. */
static void make_place(void)
{
    if (pool.berth_count < MAX_BERTHS) return;
    for (ngx_queue_t *q = ngx_queue_last(&pool.berths); q != ngx_queue_sentinel(&pool.berths); q = ngx_queue_prev(q)) {
        struct berth *berth = ngx_queue_data(q, struct berth, queue);
        if (berth->users > 0) continue;
        berth_destroy(berth);
        return;
    }
}

static void pool_prepare(void)
{
    if (pool.ready) return;
    ngx_queue_init(&pool.berths);
    ngx_queue_init(&pool.idle);
    pool.ready = true;
}

/* Only an address of this machine can be bound. */
static bool is_local(const struct berth *berth)
{
    struct berth any_port = *berth;
    ngx_inet_set_port(&any_port.socket_address.any, 0);
    ngx_socket_t probe = ngx_socket(any_port.socket_address.any.sa_family, SOCK_DGRAM, 0);
    if (probe == (ngx_socket_t)-1) return true;
    bool bound = bind(probe, &any_port.socket_address.any, any_port.socket_length) == 0;
    (void)ngx_close_socket(probe);
    return bound;
}

static bool is_own_listener(struct berth *berth)
{
    const ngx_listening_t *listeners = ngx_cycle->listening.elts;
    struct sockaddr *any = &berth->socket_address.any;
    for (ngx_uint_t i = 0; i < ngx_cycle->listening.nelts; i++) {
        struct sockaddr *own = listeners[i].sockaddr;
        if (ngx_cmp_sockaddr(own, listeners[i].socklen, any, berth->socket_length, 1) == NGX_OK) return true;
        bool everywhere = own->sa_family != AF_UNIX && ngx_inet_wildcard(own) && ngx_inet_get_port(own) == ngx_inet_get_port(any);
        if (everywhere && is_local(berth)) return true;
    }
    return false;
}

static struct berth *berth_create(const struct edge_address *address, struct tls_identity *identity)
{
    make_place();
    struct berth *berth = ngx_calloc(sizeof *berth, ngx_cycle->log);
    if (berth == NULL) return NULL;
    berth->address = *address;
    berth->identity = identity == NULL ? NULL : tls_identity_share(identity);
    ngx_queue_init(&berth->idle);
    write_socket_address(berth);
    berth->is_own = is_own_listener(berth);
    struct berth **bucket = &pool.buckets[bucket_of(address, identity)];
    berth->next_in_bucket = *bucket;
    *bucket = berth;
    pool.berth_count++;
    return berth;
}

struct berth *berth_get(const struct edge_address *address, struct tls_identity *identity)
{
    pool_prepare();
    struct berth *berth = pool.buckets[bucket_of(address, identity)];
    while (berth != NULL && (berth->identity != identity || !same_address(&berth->address, address))) berth = berth->next_in_bucket;
    if (berth != NULL) {
        ngx_queue_remove(&berth->queue);
    } else {
        berth = berth_create(address, identity);
        if (berth == NULL) return NULL;
    }
    ngx_queue_insert_head(&pool.berths, &berth->queue);
    berth->users++;
    return berth;
}

void berth_release(struct berth *berth)
{
    berth->users--;
}

static struct balance_rule rule_of(const struct pool_settings *settings)
{
    return (struct balance_rule){settings->max_fails, settings->fail_timeout};
}

bool berth_is_down(struct berth *berth, const struct pool_settings *settings)
{
    const struct balance_rule rule = rule_of(settings);
    return balance_is_down(&berth->health, &rule, ngx_current_msec);
}

void berth_failed(struct berth *berth, const struct pool_settings *settings)
{
    const struct balance_rule rule = rule_of(settings);
    balance_failed(&berth->health, &rule, ngx_current_msec);
}

void berth_worked(struct berth *berth)
{
    balance_worked(&berth->health);
}

static void close_connection(ngx_connection_t *c)
{
    if (c->ssl != NULL) {
        c->ssl->no_wait_shutdown = 1;
        c->ssl->no_send_shutdown = 1;
        if (ngx_ssl_shutdown(c) == NGX_AGAIN) {
            c->ssl->handler = close_connection;
            return;
        }
    }
    ngx_destroy_pool(c->pool);
    ngx_close_connection(c);
}

static ngx_connection_t *leave_pool(struct idle *idle)
{
    ngx_connection_t *c = idle->connection;
    ngx_queue_remove(&idle->in_berth);
    ngx_queue_remove(&idle->in_pool);
    pool.idle_count--;
    berth_release(idle->berth);
    idle->in_pool.next = pool.spare == NULL ? NULL : &pool.spare->in_pool;
    pool.spare = idle;
    return c;
}

static struct idle *take_spare(void)
{
    struct idle *idle = pool.spare;
    if (idle == NULL) return ngx_alloc(sizeof *idle, ngx_cycle->log);
    pool.spare = idle->in_pool.next == NULL ? NULL : ngx_queue_data(idle->in_pool.next, struct idle, in_pool);
    return idle;
}

static bool is_quiet(ngx_connection_t *c)
{
    char byte;
    return recv(c->fd, &byte, 1, MSG_PEEK) == -1 && ngx_socket_errno == NGX_EAGAIN;
}

static void idle_read(ngx_event_t *event)
{
    ngx_connection_t *c = event->data;
    if (!c->close && !c->read->timedout && is_quiet(c)) {
        event->ready = 0;
        if (ngx_handle_read_event(c->read, 0) == NGX_OK) return;
    }
    /* Closed by the backend, or it says something that nobody asked for. */
    (void)leave_pool(c->data);
    close_connection(c);
}

static void idle_write(ngx_event_t *event)
{
    (void)event;
}

static void set_log(ngx_connection_t *c, ngx_log_t *log)
{
    c->log = log;
    c->read->log = log;
    c->write->log = log;
    c->pool->log = log;
}

static void wake(ngx_connection_t *c, ngx_log_t *log)
{
    c->idle = 0;
    c->sent = 0;
    c->data = NULL;
    ngx_reusable_connection(c, 0);
    set_log(c, log);
    if (c->read->timer_set) ngx_del_timer(c->read);
}

ngx_connection_t *pool_take(struct berth *berth, ngx_log_t *log, bool look)
{
    while (!ngx_queue_empty(&berth->idle)) {
        struct idle *idle = ngx_queue_data(ngx_queue_head(&berth->idle), struct idle, in_berth);
        ngx_connection_t *c = leave_pool(idle);
        if (look && !is_quiet(c)) {
            close_connection(c);
            continue;
        }
        wake(c, log);
        return c;
    }
    return NULL;
}

static void make_room(const struct pool_settings *settings)
{
    while (pool.idle_count >= settings->idle) {
        struct idle *oldest = ngx_queue_data(ngx_queue_last(&pool.idle), struct idle, in_pool);
        close_connection(leave_pool(oldest));
    }
}

static void put_to_sleep(ngx_connection_t *c, struct idle *idle, ngx_msec_t timeout)
{
    c->read->delayed = 0;
    ngx_add_timer(c->read, timeout);
    if (c->write->timer_set) ngx_del_timer(c->write);
    c->read->handler = idle_read;
    c->write->handler = idle_write;
    c->data = idle;
    c->idle = 1; /* an old worker closes it and leaves */
    set_log(c, ngx_cycle->log);
    /* Clients come first when worker_connections run out. */
    ngx_reusable_connection(c, 1);
    if (c->read->ready) idle_read(c->read);
}

bool pool_keep(struct berth *berth, ngx_connection_t *c, const struct pool_settings *settings)
{
    if (settings->idle == 0 || c->requests >= MAX_REQUESTS || ngx_current_msec - c->start_time > MAX_AGE_MS) return false;
    if (ngx_terminate || ngx_exiting || ngx_handle_read_event(c->read, 0) != NGX_OK) return false;
    make_room(settings);
    struct idle *idle = take_spare();
    if (idle == NULL) return false;
    *idle = (struct idle){.connection = c, .berth = berth};
    berth->users++;
    ngx_queue_insert_head(&berth->idle, &idle->in_berth);
    ngx_queue_insert_head(&pool.idle, &idle->in_pool);
    pool.idle_count++;
    put_to_sleep(c, idle, settings->timeout);
    return true;
}

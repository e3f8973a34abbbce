/* Idle connections to backends, per worker. A berth is one (address, TLS identity): connections come back to the berth they left from, so
 * a connection that was verified for one identity is never used for another (stock keepalive looks at the address alone). */
#ifndef COUNTERSIGN_GATEWAY_POOL_H
#define COUNTERSIGN_GATEWAY_POOL_H

#include "balance/balance.h"
#include "gateway/tls.h"

struct pool_settings {
    ngx_uint_t idle;         /* connections kept, over all berths */
    ngx_msec_t timeout;      /* how long one may be idle */
    ngx_uint_t max_fails;    /* so many failures in a row, fail_timeout apart at most, take an address out; 0: never */
    ngx_msec_t fail_timeout; /* … for so long */
};

struct berth {
    ngx_queue_t queue; /* all berths, most recently used first */
    struct berth *next_in_bucket;
    struct edge_address address;
    struct tls_identity *identity; /* NULL: plain HTTP */
    ngx_queue_t idle;              /* its connections, latest first */
    ngx_ssl_session_t *session;    /* for resumption */
    size_t users;                  /* requests and connections that point here */
    struct balance_health health;  /* see pool_settings */
    union {
        struct sockaddr any;
        struct sockaddr_in v4;
        struct sockaddr_in6 v6;
    } socket_address;
    socklen_t socket_length;
    bool is_own;    /* this nginx listens there: a request would go in circles, or reach the management past its own port */
    ngx_str_t name; /* "127.0.0.1:80", for $upstream_addr */
    u_char name_text[NGX_SOCKADDR_STRLEN];
};

/* A reference to the berth; NULL: no memory. `identity` may be NULL. */
struct berth *berth_get(const struct edge_address *address, struct tls_identity *identity);
void berth_release(struct berth *berth);

/* Passive health, of this worker: what its own requests saw. After fail_timeout one request a fail_timeout tries again. */
bool berth_is_down(struct berth *berth, const struct pool_settings *settings);
void berth_failed(struct berth *berth, const struct pool_settings *settings);
void berth_worked(struct berth *berth);

/* An idle connection, out of the pool; NULL: connect. `look` asks the kernel first whether the backend has closed it meanwhile. */
ngx_connection_t *pool_take(struct berth *berth, ngx_log_t *log, bool look);
/* Keeps a connection whose answer was read to its end; false: the caller closes it. */
bool pool_keep(struct berth *berth, ngx_connection_t *connection, const struct pool_settings *settings);

#endif

#include "gateway/balancer.h"

#include "gateway/context.h"
#include "gateway/forward.h"
#include "gateway/wire.h"

#define DEFAULT_IDLE       256
#define DEFAULT_TIMEOUT_MS 55000

#define DEFAULT_MAX_FAILS 1
#define DEFAULT_REPEATS   1 /* huawei.md 4.5: "-1" */
#define DEFAULT_FAIL_MS   10000

/* One request's way to its backend. */
struct exchange {
    ngx_http_request_t *request;
    struct gateway_context *context;
    const struct pool_settings *settings;
    struct tls_identity *identity; /* NULL: plain HTTP */
    struct berth *berth;           /* of the current try */
    struct balance_round round;    /* over the addresses */
    unsigned number;               /* of the current try, from 1 */
    unsigned repeats;              /* how often it may still be sent again */
    bool repeatable;               /* the method sent may run twice (RFC 9110, 9.2.2) */
    bool sent;                     /* to somebody, as far as one can know */
    bool fresh;                    /* something failed: no idle connections any more */
};

_Static_assert(BACKEND_MAX_RETRIES + 2 * EDGE_MAX_ADDRESSES < FORWARD_MOST_TRIES, "the number of a try has two digits");

/* Per worker: spreads requests over the addresses of a backend. */
static size_t turn;

static ngx_int_t balancer_init(ngx_conf_t *cf, ngx_http_upstream_srv_conf_t *upstream);

bool balancer_owns(const ngx_http_upstream_srv_conf_t *upstream)
{
    return upstream->peer.init_upstream == balancer_init;
}

static bool is_up(void *context, size_t index)
{
    struct exchange *exchange = context;
    struct berth *berth = berth_get(&exchange->context->addresses.items[index], exchange->identity);
    if (berth == NULL) return true; /* no memory: the next who wants it says so */
    bool down = berth_is_down(berth, exchange->settings);
    berth_release(berth);
    return !down;
}

/* A reference; NULL: no memory. */
static struct berth *next_berth(struct exchange *exchange)
{
    const struct edge_addresses *addresses = &exchange->context->addresses;
    return berth_get(&addresses->items[balance_next(&exchange->round, addresses->count, is_up, exchange)], exchange->identity);
}

static ngx_int_t get_peer(ngx_peer_connection_t *pc, void *data)
{
    struct exchange *exchange = data;
    if (exchange->context->addresses.count == 0) return NGX_BUSY; /* 502 */
    exchange->number++;
    if (exchange->sent && !forward_again(exchange->context, exchange->number)) return NGX_BUSY; /* 502 */
    struct berth *berth = next_berth(exchange);
    if (berth == NULL) return NGX_ERROR;
    if (berth->is_own) {
        ngx_log_error(NGX_LOG_ERR, pc->log, 0, "countersign: no connection to the backend %V: this nginx itself listens there",
                      &berth->name);
        berth_release(berth);
        return NGX_BUSY; /* 502 */
    }
    exchange->berth = berth;
    pc->sockaddr = &berth->socket_address.any;
    pc->socklen = berth->socket_length;
    pc->name = &berth->name;
    pc->cached = 0;
    pc->connection = NULL;
    if (exchange->fresh) return NGX_OK;
    /* What must not run twice is not sent on a connection that is closed already, as far as one can know. */
    bool look = !exchange->repeatable || exchange->request->request_body_no_buffering;
    pc->connection = pool_take(berth, pc->log, look);
    if (pc->connection == NULL) return NGX_OK;
    pc->cached = 1;
    return wire_connected(exchange->context);
}

static bool is_reusable(const struct exchange *exchange, const ngx_connection_t *c, ngx_uint_t state)
{
    const ngx_http_upstream_t *u = exchange->request->upstream;
    return !(state & NGX_PEER_FAILED) && c != NULL && !c->read->eof && !c->read->error && !c->read->timedout && !c->write->error &&
           !c->write->timedout && u->keepalive && u->request_body_sent;
}

/* While nothing was sent the other addresses are tried. What was sent is sent again when its method may be repeated: as often as the API
 * says, but not after a timeout; and once more when an idle connection turned out closed, for which nginx itself grants the try. */
static void count_try(struct exchange *exchange, ngx_peer_connection_t *pc, bool sent)
{
    const ngx_connection_t *c = pc->connection;
    bool timed_out = c != NULL && (c->read->timedout || c->write->timedout);
    exchange->fresh = true;
    exchange->sent = exchange->sent || sent;
    pc->tries = balance_untried(&exchange->round, exchange->context->addresses.count);
    if (!sent) return;
    pc->tries = 0;
    if (!exchange->repeatable) {
        pc->cached = 0;
    } else if (!pc->cached && exchange->repeats > 0 && !timed_out) {
        exchange->repeats--;
        pc->tries = 1;
    }
}

static void note_health(const struct exchange *exchange, const ngx_peer_connection_t *pc, ngx_uint_t state)
{
    if (exchange->context->addresses.count <= 1) return;
    if (!(state & NGX_PEER_FAILED)) {
        berth_worked(exchange->berth);
    } else if (!pc->cached) {
        berth_failed(exchange->berth, exchange->settings);
    }
}

static void free_peer(ngx_peer_connection_t *pc, void *data, ngx_uint_t state)
{
    struct exchange *exchange = data;
    if (exchange->berth == NULL) return;
    bool sent = exchange->request->upstream->request_sent && pc->connection != NULL; /* without one it is the flag of the try before */
    note_health(exchange, pc, state);
    if (is_reusable(exchange, pc->connection, state) && pool_keep(exchange->berth, pc->connection, exchange->settings)) {
        pc->connection = NULL;
    }
    if (state != 0) count_try(exchange, pc, sent);
    berth_release(exchange->berth);
    exchange->berth = NULL;
}

static ngx_int_t set_session(ngx_peer_connection_t *pc, void *data)
{
    const struct exchange *exchange = data;
    return exchange->berth == NULL ? NGX_OK : ngx_ssl_set_session(pc->connection, exchange->berth->session);
}

/* Of this address and identity: a resumed session carries the verification of the first. */
static void save_session(ngx_peer_connection_t *pc, void *data)
{
    const struct exchange *exchange = data;
    ngx_ssl_session_t *session = ngx_ssl_get_session(pc->connection);
    if (session == NULL || exchange->berth == NULL) return;
    if (exchange->berth->session != NULL) ngx_ssl_free_session(exchange->berth->session);
    exchange->berth->session = session;
}

static void release_identity(void *data)
{
    tls_identity_release(data);
}

/* Nothing of this backend differs from what its location says. */
static bool suits(const ngx_http_upstream_conf_t *conf, const struct backend *backend)
{
    ngx_msec_t timeout = backend->timeout_ms;
    if (backend->kind == BACKEND_HTTPS) return false;
    return timeout == 0 || (conf->connect_timeout == timeout && conf->send_timeout == timeout && conf->read_timeout == timeout);
}

/* u->conf belongs to the location and is shared: what differs per request goes into a copy. */
static bool set_own_conf(ngx_http_request_t *r, struct exchange *exchange)
{
    ngx_http_upstream_t *u = r->upstream;
    const struct backend *backend = &exchange->context->publication->backend;
    if (suits(u->conf, backend)) return true;
    ngx_http_upstream_conf_t *conf = ngx_palloc(r->pool, sizeof *conf);
    if (conf == NULL) return false;
    *conf = *u->conf;
    if (backend->timeout_ms > 0) {
        conf->connect_timeout = backend->timeout_ms;
        conf->send_timeout = backend->timeout_ms;
        conf->read_timeout = backend->timeout_ms;
    }
    u->conf = conf;
    if (backend->kind != BACKEND_HTTPS) return true;

    const struct gateway_server *server = ngx_http_get_module_srv_conf(r, ngx_http_countersign_module);
    ngx_pool_cleanup_t *cleanup = ngx_pool_cleanup_add(r->pool, 0);
    struct tls_identity *identity = cleanup == NULL ? NULL : tls_identity_get(backend, server->clients, r->connection->log);
    if (identity == NULL) return false;
    cleanup->handler = release_identity;
    cleanup->data = identity;
    exchange->identity = identity;
    conf->ssl = &identity->ssl;
    conf->ssl_verify = identity->verify && !identity->by_address;
    conf->ssl_server_name = 1;
    conf->ssl_name = NULL;
    conf->ssl_certificate = NULL;
    conf->ssl_certificate_key = NULL;
    conf->ssl_session_reuse = 1;
    u->ssl = 1;
    u->ssl_name = identity->name;
    u->schema = (ngx_str_t)ngx_string("https://");
    return true;
}

static bool is_repeatable(ngx_str_t method)
{
    struct bytes text = bytes_of_str(method);
    return bytes_equal(text, BYTES("GET")) || bytes_equal(text, BYTES("HEAD")) || bytes_equal(text, BYTES("PUT")) ||
           bytes_equal(text, BYTES("DELETE")) || bytes_equal(text, BYTES("OPTIONS")) || bytes_equal(text, BYTES("TRACE"));
}

/* The last gate: nothing is connected without a verdict, and one verdict is good for one proxied request. Subrequests, which skip the
 * access phase, and locations without `countersign on` end here. */
static ngx_int_t init_peer(ngx_http_request_t *r, ngx_http_upstream_srv_conf_t *upstream)
{
    struct gateway_context *context = context_find(r);
    if (context == NULL || context->stage != STAGE_FORWARDED || !forward_settle(context)) {
        ngx_log_error(NGX_LOG_ERR, r->connection->log, 0, "countersign: no verdict for this request, so no connection to a backend");
        return NGX_ERROR;
    }
    struct exchange *exchange = ngx_pcalloc(r->pool, sizeof *exchange);
    if (exchange == NULL) return NGX_ERROR;
    exchange->request = r;
    exchange->context = context;
    exchange->settings = upstream->peer.data;
    if (context->addresses.count > 1) exchange->round.next = balance_first(&context->addresses, turn++);
    exchange->repeatable = is_repeatable(context->sent_method);
    exchange->repeats = context->publication->backend.retries < 0 ? DEFAULT_REPEATS : (unsigned)context->publication->backend.retries;
    if (!set_own_conf(r, exchange)) return NGX_ERROR;

    ngx_peer_connection_t *peer = &r->upstream->peer;
    peer->data = exchange;
    peer->get = get_peer;
    peer->free = free_peer;
    peer->tries = context->addresses.count == 0 ? 1 : context->addresses.count;
    peer->set_session = set_session; /* nginx calls both unchecked */
    peer->save_session = save_session;
    return NGX_OK;
}

static ngx_int_t balancer_init(ngx_conf_t *cf, ngx_http_upstream_srv_conf_t *upstream)
{
    if (upstream->servers->nelts > 1) {
        ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                      "countersign_balancer takes its servers from the edge: no \"server\" may stand in upstream \"%V\"", &upstream->host);
        return NGX_ERROR;
    }
    /* keepalive, random, zone … after ours wrap it. keepalive looks at addresses alone and would skip certificate checks. */
    if (!balancer_owns(upstream)) {
        ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                      "countersign_balancer has its own pool: no other balancing directive (keepalive, random, hash …) may stand in "
                      "upstream \"%V\"",
                      &upstream->host);
        return NGX_ERROR;
    }
    upstream->peer.init = init_peer;
    return NGX_OK;
}

static bool read_number(ngx_str_t argument, const char *name, ngx_uint_t *number)
{
    if (!bytes_start_with(bytes_of_str(argument), bytes_of_text(name))) return false;
    ngx_int_t read = ngx_atoi(argument.data + ngx_strlen(name), argument.len - ngx_strlen(name));
    *number = (ngx_uint_t)read;
    return read != NGX_ERROR;
}

static bool read_time(ngx_str_t argument, const char *name, ngx_msec_t *time)
{
    if (!bytes_start_with(bytes_of_str(argument), bytes_of_text(name))) return false;
    ngx_str_t value = {argument.len - ngx_strlen(name), argument.data + ngx_strlen(name)};
    ngx_int_t read = ngx_parse_time(&value, 0);
    *time = (ngx_msec_t)read;
    return read != NGX_ERROR && read > 0;
}

static char *read_setting(ngx_conf_t *cf, ngx_str_t argument, struct pool_settings *settings)
{
    if (read_number(argument, "idle=", &settings->idle) || read_number(argument, "max_fails=", &settings->max_fails) ||
        read_time(argument, "timeout=", &settings->timeout) || read_time(argument, "fail_timeout=", &settings->fail_timeout))
        return NGX_CONF_OK;
    ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                       "countersign_balancer: \"%V\" is none of idle=NUMBER, timeout=TIME, max_fails=NUMBER, fail_timeout=TIME", &argument);
    return NGX_CONF_ERROR;
}

char *balancer_directive(ngx_conf_t *cf, ngx_command_t *command, void *conf)
{
    (void)command;
    (void)conf;
    ngx_http_upstream_srv_conf_t *upstream = ngx_http_conf_get_module_srv_conf(cf, ngx_http_upstream_module);
    if (upstream->peer.init_upstream != NULL) return "must be the only balancing directive of its upstream";
    struct pool_settings *settings = ngx_pcalloc(cf->pool, sizeof *settings);
    /* Without a server nginx says "no servers are inside upstream". */
    ngx_http_upstream_server_t *server = settings == NULL ? NULL : ngx_array_push(upstream->servers);
    if (server == NULL) return NGX_CONF_ERROR;
    ngx_memzero(server, sizeof *server);

    *settings = (struct pool_settings){
        .idle = DEFAULT_IDLE, .timeout = DEFAULT_TIMEOUT_MS, .max_fails = DEFAULT_MAX_FAILS, .fail_timeout = DEFAULT_FAIL_MS};
    const ngx_str_t *arguments = cf->args->elts;
    for (ngx_uint_t i = 1; i < cf->args->nelts; i++) {
        if (read_setting(cf, arguments[i], settings) != NGX_CONF_OK) return NGX_CONF_ERROR;
    }
    upstream->flags = NGX_HTTP_UPSTREAM_CREATE;
    upstream->peer.init_upstream = balancer_init;
    upstream->peer.data = settings;
    return NGX_CONF_OK;
}

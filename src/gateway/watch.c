#include "gateway/watch.h"

#include "gateway/access.h"
#include "gateway/context.h"
#include "gateway/directory.h"
#include "gateway/guard.h"
#include "gateway/worker.h"

struct watch {
    ngx_event_t event;
    struct gateway_context *context;
    ngx_msec_t every;
};

static struct watch *watch_of(ngx_event_t *event)
{
    return (struct watch *)(void *)((u_char *)event - offsetof(struct watch, event));
}

static bool is_let_in(const struct gateway_context *context, const struct edge_view *view, const struct publication *publication)
{
    enum refusal refusal;
    return !publication->guarded || guard_api(context->request, view, publication, &refusal) == GUARD_OPEN;
}

static bool is_let_in_as(const struct gateway_context *context, const struct edge_view *view, const struct principal *principal)
{
    enum refusal refusal;
    return !principal->listed || guard_caller(context->request, view, principal, &refusal) == GUARD_OPEN;
}

/* The publication as it is now; of another one than the request came in with when it was published anew. */
static enum refusal ask(const struct gateway_context *context, struct edge_view *view, struct arena *arena)
{
    const struct publication *publication = NULL;
    enum edge_result result = edge_publication(view, context->publication->api_id, context->publication->environment_id, &publication);
    if (result != EDGE_OK) return REFUSAL_API_NOT_FOUND;
    enum refusal of_protocol = access_refusal_of_protocol(context->request, publication);
    if (of_protocol != REFUSAL_NONE) return of_protocol;
    if (!is_let_in(context, view, publication)) return REFUSAL_ADDRESS_DENIED;
    struct admission admission = context->admission;
    struct users users;
    const struct directory directory = directory_for(publication, view, &context->view, &users);
    const struct admit_context admit = {.publication = publication,
                                        .request = &context->view,
                                        .directory = &directory,
                                        .arena = arena,
                                        .now = ngx_time(),
                                        .tokens = worker_tokens(),
                                        .keys = worker_scalar_keys()};
    admit_again(&admit, context->body_known ? &context->body.facts : NULL, &admission);
    if (admission.outcome == ADMISSION_ACCEPTED)
        return is_let_in_as(context, view, &admission.credential.principal) ? REFUSAL_NONE : REFUSAL_APP_ADDRESS_DENIED;
    return admission.outcome == ADMISSION_REFUSED ? admission.refusal : REFUSAL_API_NOT_FOUND;
}

/* As when the request came: a large one needs a large arena. */
static enum refusal ask_with_much(const struct gateway_context *context, struct edge_view *view)
{
    void *memory = ngx_alloc(ADMIT_ARENA_SIZE, ngx_cycle->log);
    if (memory == NULL) return REFUSAL_REQUEST_TOO_COMPLEX;
    struct arena arena = arena_over(memory, ADMIT_ARENA_SIZE);
    enum refusal refusal = ask(context, view, &arena);
    ngx_free(memory);
    return refusal;
}

/* What cannot be looked up is not admitted either: a caller who comes anew would read 503. */
static enum refusal look_again(const struct gateway_context *context)
{
    const struct gateway_server *server = ngx_http_get_module_srv_conf(context->request, ngx_http_countersign_module);
    struct edge_reader *edge = worker_edge();
    enum refusal refusal = REFUSAL_API_NOT_FOUND;
    if (edge == NULL || edge_begin(edge) != EDGE_OK) return refusal;
    struct edge_view view = {edge, bytes_of_str(server->instance)};
    void *block = worker_block_take();
    struct arena arena = arena_over(block, block == NULL ? 0 : WORKER_BLOCK_SIZE);
    if (block != NULL) refusal = ask(context, &view, &arena);
    if (block != NULL) worker_block_return(block);
    if (block != NULL && arena.exhausted) refusal = ask_with_much(context, &view);
    edge_end(edge);
    return refusal;
}

/* As if the client took nothing more for too long: nginx knows how to end that on every protocol. Nothing of the request is left behind it.
 */
static void cut(struct gateway_context *context, enum refusal refusal)
{
    ngx_connection_t *c = context->request->connection;
    context->admission.refusal = refusal; /* for the access log; what was answered was accepted */
    ngx_log_error(NGX_LOG_WARN, c->log, 0, "countersign: cut off, its caller would not be admitted any more: %s", refusal_name(refusal));
    c->write->delayed = 0;
    c->write->timedout = 1;
    c->write->handler(c->write);
}

static void on_time(ngx_event_t *event)
{
    struct watch *watch = watch_of(event);
    enum refusal refusal = look_again(watch->context);
    if (refusal != REFUSAL_NONE) return cut(watch->context, refusal);
    ngx_add_timer(event, watch->every);
}

static void end(void *data)
{
    struct watch *watch = data;
    if (watch->event.timer_set) ngx_del_timer(&watch->event);
}

static bool is_event_stream(const ngx_http_request_t *r)
{
    return bytes_start_with_folded(bytes_of_str(r->headers_out.content_type), BYTES("text/event-stream"));
}

bool watch_answer(struct gateway_context *context)
{
    ngx_http_request_t *r = context->request;
    const struct gateway_server *server = ngx_http_get_module_srv_conf(r, ngx_http_countersign_module);
    if (context->stage != STAGE_FORWARDED) return true;
    if (is_event_stream(r)) {
        r->upstream->buffering = 0; /* each event goes on at once */
    } else if (r->headers_out.status != NGX_HTTP_SWITCHING_PROTOCOLS) {
        return true;
    }
    if (server->recheck == 0) return true;
    ngx_pool_cleanup_t *cleanup = ngx_pool_cleanup_add(r->pool, sizeof(struct watch));
    if (cleanup == NULL) return false;
    struct watch *watch = cleanup->data;
    *watch = (struct watch){.context = context, .every = server->recheck};
    watch->event.handler = on_time;
    watch->event.data = r->connection; /* nginx reads its descriptor for the debug log */
    watch->event.log = r->connection->log;
    watch->event.cancelable = 1; /* a worker that leaves waits for the connection, not for us */
    cleanup->handler = end;
    ngx_add_timer(&watch->event, watch->every);
    return true;
}

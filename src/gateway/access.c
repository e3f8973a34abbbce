#include "gateway/access.h"

#include "admit/countersign.h"
#include "directory/stage.h"
#include "gateway/app_token.h"
#include "gateway/body.h"
#include "gateway/context.h"
#include "gateway/cors.h"
#include "gateway/directory.h"
#include "gateway/forward.h"
#include "gateway/guard.h"
#include "gateway/lockout.h"
#include "gateway/parameters.h"
#include "gateway/public_key.h"
#include "gateway/recent.h"
#include "gateway/refuse.h"
#include "gateway/state.h"
#include "gateway/throttle.h"
#include "gateway/view.h"
#include "gateway/worker.h"

/* Before admission had its say, so the format is guessed from the request. */
static void refuse(struct gateway_context *context, enum refusal refusal)
{
    context->admission.outcome = ADMISSION_REFUSED;
    context->admission.refusal = refusal;
    context->admission.format = answer_format_of(&context->view);
}

static void fault(struct gateway_context *context, const char *what)
{
    context->admission.outcome = ADMISSION_FAULT;
    context->admission.format = answer_format_of(&context->view);
    ngx_log_error(NGX_LOG_ERR, context->request->connection->log, 0, "countersign: %s", what);
}

static struct edge_view view_of_instance(const ngx_http_request_t *r, struct edge_reader *edge)
{
    const struct gateway_server *server = ngx_http_get_module_srv_conf(r, ngx_http_countersign_module);
    return (struct edge_view){edge, bytes_of_str(server->instance)};
}

/* The names of parameters lie in the edge's map; they are needed after edge_end. */
static bool keep_route(struct gateway_context *context)
{
    for (size_t i = 0; i < context->route.param_count; i++) {
        struct route_param *param = &context->route.params[i];
        param->name = arena_copy(&context->arena, param->name);
    }
    return !context->arena.exhausted;
}

static enum edge_result find_publication(struct gateway_context *context, const struct edge_view *view, struct bytes api_id,
                                         struct bytes environment_id)
{
    const struct publication *publication = NULL;
    enum edge_result result = edge_publication(view, api_id, environment_id, &publication);
    if (result == EDGE_OK) context_keep_publication(context, publication);
    return result;
}

static enum edge_result find_route(struct gateway_context *context, const struct recent_question *question)
{
    const struct edge_view *view = question->view;
    context->addresses_known = recent_find(question, context);
    if (context->addresses_known) return EDGE_OK;
    enum edge_result result = edge_route(view, question->query, &context->route);
    if (result != EDGE_OK) return result;
    result = find_publication(context, view, context->route.api_id, context->route.environment_id);
    if (result == EDGE_OK && !keep_route(context)) refuse(context, REFUSAL_REQUEST_TOO_COMPLEX);
    return result;
}

/* Everything the request needs after the transaction: where to, and with which key. */
static void take_along(struct gateway_context *context, const struct edge_view *view)
{
    const struct publication *publication = context->publication;
    enum edge_result result = EDGE_OK;
    if (publication->backend.kind == BACKEND_MOCK) {
        context->addresses.count = 0;
        context->sealed = (struct signature_key){.type = SIGNATURE_NONE};
        return;
    }
    if (!context->addresses_known) result = edge_addresses_of(view->reader, &publication->backend, &context->addresses);
    if (result == EDGE_FAULT) return fault(context, "the edge cannot be read (backend addresses)");
    if (result == EDGE_NOTHING) context->addresses.count = 0; /* balancer.c: 502 */
    if (publication->signature_key_id.length == 0) return;
    result = context->addresses_known ? EDGE_OK : edge_signature_key_sealed(view, publication->signature_key_id, &context->sealed);
    if (result == EDGE_OK) result = edge_signature_key_open(view, &context->sealed, ngx_time(), &context->arena, &context->signature);
    if (result != EDGE_OK) fault(context, "the signature key bound to this API is not in the edge");
}

/* Who is known, and asks for what cannot be, is not counted. */
static void accept_within_limits(struct gateway_context *context, const struct edge_view *view)
{
    if (context->publication->parameters.length > 0 && !parameters_admit(context)) return;
    if (context->publication->throttle_id.length > 0 && !throttle_admits(context, view)) return;
    take_along(context, view);
}

static struct admit_context admit_context_of(struct gateway_context *context, const struct directory *directory)
{
    return (struct admit_context){.publication = context->publication,
                                  .request = &context->view,
                                  .directory = directory,
                                  .arena = &context->arena,
                                  .now = ngx_time(),
                                  .tokens = worker_tokens(),
                                  .keys = worker_scalar_keys(),
                                  .nonce_remembered = context->admission.nonce_remembered,
                                  .has_body = body_is_announced(context->request)};
}

/* What the bound key will cover of the body. It is no secret, and the caller is known: his body may be waited for. */
static void wait_for_signed_body(struct gateway_context *context, const struct edge_view *view, const struct admit_context *admit)
{
    const struct publication *publication = context->publication;
    struct signature_key key;
    if (!admit->has_body || publication->signature_key_id.length == 0) return;
    if (edge_signature_key_sealed(view, publication->signature_key_id, &key) != EDGE_OK)
        return fault(context, "the signature key bound to this API is not in the edge");
    struct http_request sent = context->view;
    sent.method = forward_method(context);
    unsigned uses = countersign_body_uses(key.type, &sent);
    bool reads = context->admission.outcome == ADMISSION_NEEDS_BODY || countersign_awaits_body(key.type);
    if (reads && uses != BODY_UNUSED) admit_need_body(admit, uses, &context->admission);
}

static bool is_admitted(const struct gateway_context *context)
{
    return context->admission.outcome == ADMISSION_ACCEPTED || context->admission.outcome == ADMISSION_NEEDS_BODY;
}

static bool came_in_clear(ngx_http_request_t *r)
{
    const struct gateway_server *server = ngx_http_get_module_srv_conf(r, ngx_http_countersign_module);
    return r->connection->ssl == NULL && !server->behind_tls;
}

/* gRPC ends with trailers, which nginx's proxy module does not pass on; grpc-web has none. */
static bool is_grpc(const ngx_http_request_t *r)
{
    if (r->headers_in.content_type == NULL) return false;
    struct bytes type = bytes_of_str(r->headers_in.content_type->value);
    return bytes_start_with_folded(type, BYTES("application/grpc")) && !bytes_start_with_folded(type, BYTES("application/grpc-web"));
}

enum refusal access_refusal_of_protocol(ngx_http_request_t *r, const struct publication *publication)
{
    if (publication->rules.https_only && came_in_clear(r)) return REFUSAL_HTTPS_REQUIRED;
    return is_grpc(r) ? REFUSAL_GRPC_NOT_SERVED : REFUSAL_NONE;
}

/* What a guard said, acted upon. */
static bool passes(struct gateway_context *context, enum guard_answer answer, enum refusal refusal)
{
    if (answer == GUARD_OPEN) return true;
    if (answer == GUARD_FAULT) {
        fault(context, "a list of addresses is not in the edge");
        return false;
    }
    context->admission.outcome = ADMISSION_REFUSED;
    context->admission.refusal = refusal;
    if (context->admission.claim.scheme == NULL) context->admission.format = answer_format_of(&context->view);
    return false;
}

static bool passes_guard(struct gateway_context *context, const struct edge_view *view)
{
    enum refusal refusal = REFUSAL_NONE;
    if (!context->publication->guarded) return true;
    enum guard_answer answer = guard_api(context->request, view, context->publication, &refusal);
    return passes(context, answer, refusal);
}

/* Who proved himself, as far as he could without his body, may have addresses of his own. */
static bool passes_callers_guard(struct gateway_context *context, const struct edge_view *view)
{
    enum refusal refusal = REFUSAL_NONE;
    if (!is_admitted(context)) return false;
    if (!context->admission.credential.principal.listed) return true;
    enum guard_answer answer = guard_caller(context->request, view, &context->admission.credential.principal, &refusal);
    return passes(context, answer, refusal);
}

/* Before anything that he proves is looked at. */
static bool may_ask(struct gateway_context *context, const struct edge_view *view)
{
    enum refusal refusal = access_refusal_of_protocol(context->request, context->publication);
    if (refusal != REFUSAL_NONE) refuse(context, refusal);
    return refusal == REFUSAL_NONE && passes_guard(context, view);
}

/* What the gateway answers by itself, whatever the routes say. */
static bool is_no_api(struct gateway_context *context, const struct edge_view *view)
{
    if (public_key_answer(context, view) || cors_answer(context, view)) return true;
    return app_token_may_be_asked(context) && app_token_asked(context, view);
}

static void leave_route(struct gateway_context *context, const struct edge_view *view, enum edge_result result)
{
    if (result == EDGE_FAULT) return fault(context, "the edge cannot be read (route)");
    if (!app_token_asked(context, view)) refuse(context, REFUSAL_API_NOT_FOUND);
}

static void begin_in_edge(struct gateway_context *context, struct edge_view *view)
{
    struct bytes stage;
    context->admission.outcome = ADMISSION_ACCEPTED;
    if (is_no_api(context, view)) return;
    if (!stage_of(&context->view, &stage)) return refuse(context, REFUSAL_API_NOT_FOUND);
    const struct route_query query = {.host = bytes_of_str(context->request->headers_in.server),
                                      .stage = stage,
                                      .method = context->view.method,
                                      .path = context->view.path};
    struct recent_question question;
    recent_ask(&question, view, &query);
    enum edge_result result = find_route(context, &question);
    if (result != EDGE_OK) return leave_route(context, view, result);
    if (context->admission.outcome != ADMISSION_ACCEPTED) return;
    if (!may_ask(context, view)) return;
    struct users users;
    struct directory directory = directory_for(context->publication, view, &context->view, &users);
    struct admit_context admit = admit_context_of(context, &directory);
    admit_begin(&admit, &context->admission);
    if (passes_callers_guard(context, view)) wait_for_signed_body(context, view, &admit);
    if (context->admission.outcome != ADMISSION_ACCEPTED) return;
    accept_within_limits(context, view);
    if (!context->addresses_known && context->admission.outcome == ADMISSION_ACCEPTED) recent_keep(&question, context);
}

static void finish_in_edge(struct gateway_context *context, struct edge_view *view)
{
    context->addresses_known = false; /* they may have changed while the body came in */
    enum edge_result result = find_publication(context, view, context->publication->api_id, context->publication->environment_id);
    if (result == EDGE_NOTHING) return refuse(context, REFUSAL_API_NOT_FOUND);
    if (result == EDGE_FAULT) return fault(context, "the edge cannot be read (publication)");
    if (!may_ask(context, view)) return;
    struct users users;
    struct directory directory = directory_for(context->publication, view, &context->view, &users);
    struct admit_context admit = admit_context_of(context, &directory);
    admit_finish(&admit, &context->body.facts, &context->admission);
    if (passes_callers_guard(context, view)) accept_within_limits(context, view);
}

/* One synchronous visit to the edge: no transaction spans an event. */
static void visit_edge(struct gateway_context *context, void (*visit)(struct gateway_context *, struct edge_view *))
{
    struct edge_reader *edge = worker_edge();
    if (state_is_stale(context->request->connection->log)) return fault(context, "the daemon has not heard from the store for too long");
    if (edge == NULL || edge_begin(edge) != EDGE_OK) return fault(context, "the edge is not there");
    struct edge_view view = view_of_instance(context->request, edge);
    visit(context, &view);
    edge_end(edge);
}

static void begin_once(struct gateway_context *context)
{
    enum refusal refusal = view_read(context);
    if (refusal != REFUSAL_NONE) {
        context->admission.claim.field = BYTES("target");
        return refuse(context, refusal);
    }
    visit_edge(context, begin_in_edge);
}

/* Nearly every request fits into the arena of its block; one that does not is looked at again with a large one. */
static void begin(struct gateway_context *context)
{
    begin_once(context);
    if (!context->arena.exhausted || !context_grow_arena(context, ADMIT_ARENA_SIZE)) return;
    bool nonce_remembered = context->admission.nonce_remembered;
    ngx_memzero(&context->admission, sizeof context->admission);
    context->admission.nonce_remembered = nonce_remembered;
    context_drop_publications(context);
    begin_once(context);
}

static void finish(struct gateway_context *context)
{
    struct admission begun = context->admission;
    if (context->grants) return visit_edge(context, app_token_grant);
    visit_edge(context, finish_in_edge);
    if (!context->arena.exhausted) return;
    if (!context_grow_arena(context, ADMIT_FORM_ARENA_SIZE(context->body.facts.form.length))) return;
    begun.nonce_remembered = context->admission.nonce_remembered;
    context->admission = begun;
    visit_edge(context, finish_in_edge);
}

/* A key that is locked gets no token, however right its secret. */
static void answer_grant(struct gateway_context *context)
{
    bool locked = context->admission.outcome == ADMISSION_REFUSED && context->admission.refusal == REFUSAL_KEY_LOCKED;
    if (locked || context->own_answer == NULL) return refuse_finalize(context);
    answer_send(context, context->own_answer);
    if (context->admission.outcome == ADMISSION_REFUSED) context->stage = STAGE_REFUSED;
}

static void body_arrived(ngx_http_request_t *r)
{
    struct gateway_context *context = ngx_http_get_module_ctx(r, ngx_http_countersign_module);
    if (context->body.too_large) {
        admit_refuse_large_body(&context->admission);
        return refuse_finalize(context);
    }
    finish(context);
    if (state_locks()) lockout_judge(context);
    if (context->grants) return answer_grant(context);
    context->stage = context->admission.outcome == ADMISSION_ACCEPTED ? STAGE_ACCEPTED : STAGE_REFUSED;
    r->preserve_body = 1;
    r->write_event_handler = ngx_http_core_run_phases;
    ngx_http_core_run_phases(r);
}

static ngx_int_t read_body(struct gateway_context *context)
{
    context->stage = STAGE_READING_BODY;
    ngx_int_t result = body_read(context, body_arrived);
    if (result != BODY_TOO_LARGE) return result;
    admit_refuse_large_body(&context->admission);
    return refuse_send(context);
}

static ngx_int_t decide(struct gateway_context *context)
{
    begin(context);
    if (state_locks()) lockout_judge(context);
    if (context->own_answer != NULL) {
        answer_send(context, context->own_answer);
        return NGX_DONE;
    }
    switch (context->admission.outcome) {
    case ADMISSION_NEEDS_BODY:
        return read_body(context);
    case ADMISSION_REFUSED:
    case ADMISSION_FAULT:
        return refuse_send(context);
    case ADMISSION_ACCEPTED:
        break;
    }
    if (!body_is_announced(context->request)) {
        context->body.facts = body_empty();
        context->body.gathered = ~0u;
        context->body_known = true;
    }
    context->stage = STAGE_ACCEPTED;
    return forward_install(context);
}

/* Runs again after a body was read, and after internal redirects: the verdict stands, it is never made twice. */
static ngx_int_t act_again(struct gateway_context *context)
{
    switch (context->stage) {
    case STAGE_READING_BODY:
        return NGX_DONE;
    case STAGE_ACCEPTED:
    case STAGE_FORWARDED:
        return forward_install(context);
    case STAGE_REFUSED:
        return refuse_send(context);
    case STAGE_NEW:
    case STAGE_ANSWERED:
        break;
    }
    return NGX_HTTP_INTERNAL_SERVER_ERROR;
}

ngx_int_t access_handler(ngx_http_request_t *r)
{
    const struct gateway_location *location = ngx_http_get_module_loc_conf(r, ngx_http_countersign_module);
    if (!location->on) return NGX_DECLINED;
    struct gateway_context *context = context_find(r);
    if (context != NULL) return act_again(context);
    context = context_create(r);
    if (context == NULL) return NGX_HTTP_INTERNAL_SERVER_ERROR;
    return decide(context);
}

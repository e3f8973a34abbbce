#include "gateway/throttle.h"

#include "gateway/source.h"
#include "gateway/state.h"

/* One request, and what was counted of it so far. */
struct counting {
    struct gateway_context *context;
    struct limit *limit;
    struct bytes instance;
    struct throttle throttle;
    struct limit_taken taken[THROTTLE_KINDS];
    size_t count;
};

static bool fault(struct gateway_context *context, const char *what)
{
    context->admission.outcome = ADMISSION_FAULT;
    ngx_log_error(NGX_LOG_ERR, context->request->connection->log, 0, "countersign: %s", what);
    return false;
}

static bool refuse(struct counting *counting, const struct throttled *reached)
{
    struct gateway_context *context = counting->context;
    struct throttled *throttled = arena_take(&context->arena, sizeof *throttled);
    while (counting->count > 0) limit_give_back(&counting->taken[--counting->count]);
    context->admission.outcome = ADMISSION_REFUSED;
    context->admission.refusal = throttled == NULL ? REFUSAL_REQUEST_TOO_COMPLEX : REFUSAL_THROTTLED;
    context->admission.throttled = throttled;
    if (throttled != NULL) *throttled = *reached;
    if (context->admission.claim.scheme == NULL) context->admission.format = answer_format_of(&context->view);
    return false;
}

/* `whose`: the principal, the source; empty for all of them. */
static bool take(struct counting *counting, enum throttle_kind kind, struct bytes whose)
{
    const struct publication *publication = counting->context->publication;
    const struct throttle *throttle = &counting->throttle;
    uint8_t letter = (uint8_t)kind;
    uint32_t limit = throttle_limit(throttle, kind, whose);
    if (limit == 0) return true;
    const struct limit_use use = {.name = {counting->instance, throttle->id, bytes_of(&letter, 1), whose,
                                           throttle->shared ? BYTES("") : publication->api_id,
                                           throttle->shared ? BYTES("") : publication->environment_id},
                                  .most = limit,
                                  .seconds = throttle->seconds,
                                  .now = ngx_time()};
    if (limit_take(counting->limit, &use, &counting->taken[counting->count])) {
        counting->count++;
        return true;
    }
    const struct throttled reached = {kind, limit, throttle->seconds, limit_wait(&use)};
    return refuse(counting, &reached);
}

/* Whoever proved himself; an account is all apps and consumers, since they belong to those who run this gateway. */
static bool take_of_caller(struct counting *counting)
{
    const struct admission *admission = &counting->context->admission;
    const struct principal *principal = &admission->credential.principal;
    enum throttle_kind kind = admission->known ? throttle_kind_of(principal->kind) : THROTTLE_KINDS;
    if (kind == THROTTLE_KINDS) return true;
    return take(counting, kind, principal->id) && (kind == THROTTLE_USER || take(counting, THROTTLE_USER, BYTES("")));
}

/* The narrow limits first, so that a caller who has used up his own takes nothing of the others'. */
static bool take_all(struct counting *counting)
{
    const ngx_connection_t *c = counting->context->request->connection;
    return take(counting, THROTTLE_IP, source_customer(c)) && take_of_caller(counting) && take(counting, THROTTLE_API, BYTES(""));
}

bool throttle_admits(struct gateway_context *context, const struct edge_view *view)
{
    struct counting counting = {.context = context, .limit = state_limit(), .instance = view->instance};
    if (context->counted) return true;
    if (counting.limit == NULL) return fault(context, "no memory of limits");
    if (edge_throttle(view, context->publication->throttle_id, &counting.throttle) != EDGE_OK)
        return fault(context, "the request throttling policy bound to this API is not in the edge");
    context->counted = take_all(&counting);
    return context->counted;
}

#include "gateway/forward.h"

#include "admit/countersign.h"
#include "gateway/claims.h"
#include "gateway/context.h"
#include "gateway/headers.h"
#include "gateway/mapping.h"
#include "gateway/refuse.h"
#include "gateway/target.h"
#include "gateway/wire.h"
#include "gateway/worker.h"
#include "scheme/pairs.h"

#define FORWARD_ROOM (4 * 1024) /* for the countersignature and its text, beside the target and the headers */

static struct own_name tell_app = {.text = TELL_APP};
static struct own_name tell_consumer = {.text = TELL_CONSUMER};
static struct own_name tell_user = {.text = TELL_USER};
static struct own_name tell_request_id = {.text = TELL_REQUEST_ID};
static struct own_name tell_hops = {.text = TELL_HOPS};
static struct own_name tell_try = {.text = TELL_TRY};

void forward_prepare(void)
{
    own_name_prepare(&tell_app);
    own_name_prepare(&tell_consumer);
    own_name_prepare(&tell_user);
    own_name_prepare(&tell_request_id);
    own_name_prepare(&tell_hops);
    own_name_prepare(&tell_try);
    headers_prepare();
}

static bool add_number(struct outgoing *outgoing, const struct own_name *name, unsigned number)
{
    uint8_t *digits = arena_take_unset(outgoing->arena, 2);
    if (digits == NULL) return false;
    digits[0] = (uint8_t)('0' + number / 10);
    digits[1] = (uint8_t)('0' + number % 10);
    return outgoing_add_own(outgoing, name, bytes_from(bytes_of(digits, 2), number < 10));
}

static bool tell_caller(const struct principal *principal, struct outgoing *outgoing)
{
    switch (principal->kind) {
    case PRINCIPAL_APP:
        return outgoing_add_own(outgoing, &tell_app, principal->id);
    case PRINCIPAL_CONSUMER:
        if (outgoing->consumer_header.length > 0) return outgoing_add_consumer(outgoing, principal->name);
        return outgoing_add_own(outgoing, &tell_consumer, principal->name);
    case PRINCIPAL_USER:
        return outgoing_add_own(outgoing, &tell_user, principal->id);
    case PRINCIPAL_NONE:
        break;
    }
    return true;
}

/* In the order of their names as far as it is known: so they are signed. */
static bool add_tells(struct gateway_context *context, struct outgoing *outgoing, unsigned number)
{
    const struct admission *admission = &context->admission;
    bool added = admission->token_tells.length == 0 || claims_add_headers(context, outgoing);
    outgoing->tells_from = outgoing->count;
    if (admission->known) added = added && tell_caller(&admission->credential.principal, outgoing);
    if (outgoing->gateways > 0) added = added && add_number(outgoing, &tell_hops, outgoing->gateways + 1);
    if (number > 1) added = added && add_number(outgoing, &tell_try, number);
    return added && outgoing_add_own(outgoing, &tell_request_id, bytes_of(context->request_id, REQUEST_ID_LENGTH));
}

/* The request exactly as it will be sent, as far as a signature covers it. */
static bool request_to_sign(struct gateway_context *context, const struct outgoing *outgoing, struct http_request *request)
{
    const ngx_table_elt_t *type = context->request->headers_in.content_type;
    size_t count = 1;
    struct http_field *fields = arena_take_unset(&context->arena, (outgoing->count - outgoing->tells_from + 2) * sizeof *fields);
    if (fields == NULL) return false;
    fields[0] = (struct http_field){BYTES("host"), context->publication->backend.host};
    for (size_t i = outgoing->tells_from; i < outgoing->count; i++) {
        const ngx_table_elt_t *tell = &outgoing->entries[i];
        fields[count++] = (struct http_field){bytes_of(tell->lowcase_key, tell->key.len), bytes_of_str(tell->value)};
    }
    if (type != NULL) fields[count++] = (struct http_field){BYTES("content-type"), bytes_of_str(type->value)};
    *request = (struct http_request){.method = bytes_of_str(context->sent_method), .fields = fields, .field_count = count};
    return http_request_set_target(request, outgoing->target);
}

/* Sets input->body; NULL: it streams, nobody knows its digest. False: the key became one of another type while the body came. */
static bool note_body(const struct gateway_context *context, struct countersigned *input)
{
    unsigned uses = countersign_body_uses(context->signature.type, input->request);
    bool known = context->body_known && (context->body.gathered & uses) == uses;
    input->body = known ? &context->body.facts : NULL;
    return known || uses == BODY_UNUSED || !countersign_awaits_body(context->signature.type);
}

static bool countersign(struct gateway_context *context, struct outgoing *outgoing)
{
    if (context->signature.type == SIGNATURE_NONE) return true;
    struct http_request request;
    struct signed_fields fields;
    if (worker_countersigner() == NULL || !request_to_sign(context, outgoing, &request)) return false;
    struct countersigned input = {.request = &request, .now = ngx_time()};
    if (!note_body(context, &input)) return false;
    bool done = countersign_request(worker_countersigner(), &context->signature, &input, &context->arena, &fields);
    countersign_forget(&context->signature);
    for (size_t i = 0; done && i < fields.count; i++) done = outgoing_add_signature(outgoing, &fields.items[i]);
    return done;
}

struct bytes forward_method(const struct gateway_context *context)
{
    struct bytes method = context->publication->backend.method;
    bool own = method.length > 0 && !bytes_equal(method, BYTES("ANY"));
    return own ? method : bytes_of_str(context->request->method_name);
}

static bool build(struct gateway_context *context, struct outgoing *outgoing, unsigned number)
{
    struct mapping mapping;
    bool mapped = mapping_resolve(context, &mapping);
    outgoing->unfit = mapping.unfit;
    if (!mapped) return false;
    context->sent_method = str_of_bytes(forward_method(context));
    outgoing->target = target_outgoing(context, &mapping);
    return outgoing->target.length > 0 && outgoing_start(outgoing, context) && mapping_add_headers(&mapping, outgoing) &&
           add_tells(context, outgoing, number) && countersign(context, outgoing);
}

static void swap(struct gateway_context *context, const struct outgoing *outgoing)
{
    ngx_http_request_t *r = context->request;
    context->saved = (struct gateway_saved){.swapped = true,
                                            .headers = r->headers_in.headers,
                                            .target = r->unparsed_uri,
                                            .method = r->method_name,
                                            .valid_target = r->valid_unparsed_uri,
                                            .version = context->saved.version};
    r->headers_in.headers = (ngx_list_t){.part = {.elts = outgoing->entries, .nelts = outgoing->count},
                                         .size = sizeof *outgoing->entries,
                                         .nalloc = outgoing->count,
                                         .pool = r->pool};
    r->headers_in.headers.last = &r->headers_in.headers.part;
    r->unparsed_uri = str_of_bytes(outgoing->target);
    r->valid_unparsed_uri = 1;
    r->method_name = context->sent_method;
}

static void restore(struct gateway_context *context)
{
    struct gateway_saved *saved = &context->saved;
    ngx_http_request_t *r = context->request;
    if (!saved->swapped) return;
    saved->swapped = false;
    bool last_is_own = saved->headers.last == &r->headers_in.headers.part;
    r->headers_in.headers = saved->headers;
    if (last_is_own) r->headers_in.headers.last = &r->headers_in.headers.part;
    r->unparsed_uri = saved->target;
    r->valid_unparsed_uri = saved->valid_target & 1;
    r->method_name = saved->method;
}

bool forward_settle(struct gateway_context *context)
{
    bool ours = context->saved.swapped || context->outgoing != NULL;
    restore(context);
    context->outgoing = NULL;
    return ours;
}

/* For the countersignature: its parameters are taken apart, sorted and written out again, those that claims fill as well. */
static size_t signing_room(const struct gateway_context *context)
{
    struct bytes query = context->view.query;
    size_t form = context->body_known ? context->body.facts.form.length : 0, length = context->view.target.length + form, parameters = 2;
    if (context->signature.type == SIGNATURE_NONE) return 0;
    for (size_t i = 0; i < query.length; i++) parameters += query.data[i] == '&';
    if (form > 0) parameters += ADMIT_FORM_MAX_FIELDS;
    if (context->admission.token_tells.length > 0) parameters += TOKEN_MAX_TELLS;
    return 4 * (length + target_path_room(context)) + 5 * claims_parameter_room(context) + 2 * parameters * sizeof(struct pair);
}

static size_t room_of(const struct gateway_context *context)
{
    size_t room = FORWARD_ROOM + 4 * context->view.target.length + target_path_room(context) + outgoing_room(context) +
                  signing_room(context) + claims_parameter_room(context);
    return context->publication->mapping_count == 0 ? room : room + mapping_room(context);
}

static bool make_room(struct gateway_context *context)
{
    size_t room = room_of(context);
    return context->arena.capacity - context->arena.used >= room || context_grow_arena(context, room);
}

/* The key as it is now: its secret was wiped when the first try was signed, and another one may have followed. */
static bool take_signature_key(struct gateway_context *context)
{
    const struct gateway_server *server = ngx_http_get_module_srv_conf(context->request, ngx_http_countersign_module);
    struct edge_reader *edge = worker_edge();
    if (edge == NULL || edge_begin(edge) != EDGE_OK) return false;
    const struct edge_view view = {edge, bytes_of_str(server->instance)};
    enum edge_result result =
        edge_signature_key(&view, context->publication->signature_key_id, ngx_time(), &context->arena, &context->signature);
    edge_end(edge);
    return result == EDGE_OK;
}

static bool build_again(struct gateway_context *context, struct outgoing *outgoing, unsigned number)
{
    size_t room = WORKER_BLOCK_SIZE + room_of(context);
    return context_grow_arena(context, room) && take_signature_key(context) && build(context, outgoing, number);
}

bool forward_again(struct gateway_context *context, unsigned number)
{
    ngx_http_request_t *r = context->request;
    struct outgoing outgoing;
    if (context->signature.type == SIGNATURE_NONE) return true;
    if (!build_again(context, &outgoing, number)) {
        ngx_log_error(NGX_LOG_ERR, r->connection->log, 0, "countersign: the request cannot be signed again, so it is not sent again");
        return false;
    }
    context->outgoing = &outgoing; /* for wire.c's writer; the other one is nginx's */
    swap(context, &outgoing);
    r->upstream->request_bufs = r->request_body == NULL ? NULL : r->request_body->bufs;
    ngx_int_t result = r->upstream->create_request(r);
    return forward_settle(context) && result == NGX_OK;
}

/* nginx counts on a content handler that has answered to hold the request once more. */
static ngx_int_t refuse_late(struct gateway_context *context, enum refusal refusal, const char *why)
{
    ngx_http_request_t *r = context->request;
    ngx_log_error(NGX_LOG_ERR, r->connection->log, 0, "countersign: %s", why);
    context->admission.outcome = ADMISSION_REFUSED;
    context->admission.refusal = refusal;
    context->admission.format = answer_format_of(&context->view);
    r->main->count++;
    ngx_int_t result = refuse_send(context);
    if (result != NGX_DONE) r->main->count--;
    return result;
}

static ngx_int_t forward_handler(ngx_http_request_t *r)
{
    struct gateway_context *context = context_find(r);
    if (context == NULL || context->stage != STAGE_ACCEPTED) {
        ngx_log_error(NGX_LOG_ERR, r->connection->log, 0, "countersign: one verdict is good for one proxied request");
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }
    context->stage = STAGE_FORWARDED;
    if (!make_room(context)) return NGX_HTTP_INTERNAL_SERVER_ERROR;
    struct outgoing outgoing;
    if (!build(context, &outgoing, 1)) {
        if (outgoing.unfit) return refuse_late(context, REFUSAL_TARGET_MALFORMED, "a parameter cannot be put into a header");
        ngx_log_error(NGX_LOG_ERR, r->connection->log, 0, "countersign: the request to the backend cannot be written");
        return NGX_HTTP_SERVICE_UNAVAILABLE;
    }
    if (outgoing.gateways >= OUTGOING_MOST_GATEWAYS) {
        return refuse_late(context, REFUSAL_LOOP, "the request came through too many gateways: it goes in circles");
    }
    context->saved.version = r->http_version;
    if (wire_suits(context)) return wire_forward(context, &outgoing);
    swap(context, &outgoing);
    ngx_int_t result = context->content_handler(r);
    /* Refused before a backend was looked for (a body that could not be read): error_page sees the caller's request. */
    if (result != NGX_DONE) (void)forward_settle(context);
    return result;
}

/* A mock backend: the definition says what is answered. */
static ngx_int_t mock_handler(ngx_http_request_t *r)
{
    struct gateway_context *context = context_find(r);
    if (context == NULL || context->stage != STAGE_ACCEPTED) return NGX_HTTP_INTERNAL_SERVER_ERROR;
    struct bytes body = context->publication->backend.mock_answer;
    bool is_json = body.length > 0 && (body.data[0] == '{' || body.data[0] == '[');
    const struct answer answer = {
        .status = 200, .content_type = is_json ? BYTES("application/json") : BYTES("text/plain; charset=utf-8"), .body = body};
    context->stage = STAGE_FORWARDED;
    return answer_content(r, &answer);
}

ngx_int_t forward_install(struct gateway_context *context)
{
    ngx_http_request_t *r = context->request;
    if (context->publication->backend.kind == BACKEND_MOCK) {
        r->content_handler = mock_handler;
        return NGX_OK;
    }
    /* Static files and the like are protected, not forwarded. */
    if (r->content_handler != NULL && r->content_handler != forward_handler) {
        context->content_handler = r->content_handler;
        r->content_handler = forward_handler;
    }
    return NGX_OK;
}

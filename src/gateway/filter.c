#include "gateway/filter.h"

#include "gateway/context.h"
#include "gateway/cors.h"
#include "gateway/refuse.h"
#include "gateway/view.h"
#include "gateway/watch.h"
#include "policy/tells.h"

#define CA_REQUEST_ID    "X-Ca-Request-Id"
#define FAILURE_ROOM     (4 * 1024)
#define HTTP_FIRST_ERROR 400

static ngx_http_output_header_filter_pt next_header_filter;
static ngx_http_output_body_filter_pt next_body_filter;

/* A backend's own field of this name goes: two ids would be none. */
static void drop_field(ngx_http_request_t *r, struct bytes name)
{
    for (ngx_list_part_t *part = &r->headers_out.headers.part; part != NULL; part = part->next) {
        ngx_table_elt_t *fields = part->elts;
        for (ngx_uint_t i = 0; i < part->nelts; i++) {
            if (bytes_equal_folded(bytes_of_str(fields[i].key), name)) fields[i].hash = 0;
        }
    }
}

static bool set_request_id(ngx_http_request_t *r, const struct gateway_context *context, struct bytes name)
{
    drop_field(r, name);
    ngx_table_elt_t *field = ngx_list_push(&r->headers_out.headers);
    if (field == NULL) return false;
    *field =
        (ngx_table_elt_t){.hash = 1, .key = str_of_bytes(name), .value = {REQUEST_ID_LENGTH, (u_char *)(uintptr_t)context->request_id}};
    return true;
}

/* nginx made this page itself (413, 502, 504 …): the backend did not, and no error_page of the operator took over. */
static bool is_own_page(const ngx_http_request_t *r)
{
    return r->err_status >= HTTP_FIRST_ERROR && r->headers_out.status == r->err_status && !r->internal;
}

static bool replace_page(ngx_http_request_t *r, struct gateway_context *context)
{
    if (!context_grow_arena(context, FAILURE_ROOM)) return false;
    struct answer *failure = arena_take(&context->arena, sizeof *failure);
    if (failure == NULL) return false;
    answer_write_failure((unsigned)r->err_status, context->admission.format, bytes_of(context->request_id, REQUEST_ID_LENGTH),
                         &context->arena, failure);
    failure->status = (unsigned)r->err_status;
    context->failure = failure;
    ngx_http_clear_content_length(r);
    return answer_set_head(r, failure);
}

/* A caller's GET that went out as HEAD: the answer announces a body that does not come. */
static void mend_length(ngx_http_request_t *r, const struct gateway_context *context)
{
    bool sent_head = context->sent_method.len == 4 && bytes_equal(bytes_of_str(context->sent_method), BYTES("HEAD"));
    if (!sent_head || r->method == NGX_HTTP_HEAD) return;
    ngx_http_clear_content_length(r);
    r->headers_out.content_length_n = 0;
}

/* nginx passes on a 1xx as if it were the answer, and bytes that are no HTTP as they are. Whoever shares the connection, a proxy in front
 * of us, would take what follows for answers to other requests. */
static bool is_no_answer(ngx_http_request_t *r, const struct gateway_context *context)
{
    if (r->upstream == NULL || context->saved.version == 0) return false;
    bool lowered = r->http_version != context->saved.version;
    r->http_version = context->saved.version;
    if (lowered) return true;
    if (r->headers_out.status >= NGX_HTTP_OK) return false;
    return r->headers_out.status != NGX_HTTP_SWITCHING_PROTOCOLS || !view_wants_websocket(r);
}

/* The status comes back to us as a page of nginx's own. */
static ngx_int_t drop_answer(ngx_http_request_t *r)
{
    for (ngx_list_part_t *part = &r->headers_out.headers.part; part != NULL; part = part->next) {
        ngx_table_elt_t *fields = part->elts;
        for (ngx_uint_t i = 0; i < part->nelts; i++) fields[i].hash = 0;
    }
    return NGX_HTTP_BAD_GATEWAY;
}

static ngx_int_t settle_head(ngx_http_request_t *r, struct gateway_context *context)
{
    if (is_own_page(r)) return replace_page(r, context) ? NGX_OK : NGX_ERROR;
    if (is_no_answer(r, context)) return drop_answer(r);
    mend_length(r, context);
    return watch_answer(context) ? NGX_OK : NGX_ERROR;
}

static bool is_open_to_browsers(const struct gateway_context *context)
{
    return context->publication != NULL && context->publication->rules.cors;
}

static ngx_int_t header_filter(ngx_http_request_t *r)
{
    const struct gateway_location *location = ngx_http_get_module_loc_conf(r, ngx_http_countersign_module);
    struct gateway_context *context = r == r->main ? context_find(r) : NULL;
    /* Refused by nginx before the access phase: it gets an id too. */
    if (context == NULL && location->on && r == r->main) context = context_create(r);
    if (context == NULL) return next_header_filter(r);

    ngx_int_t settled = settle_head(r, context);
    if (settled != NGX_OK) return settled;
    if (!set_request_id(r, context, BYTES(TELL_REQUEST_ID))) return NGX_ERROR;
    if (is_open_to_browsers(context) && !cors_open_answer(r)) return NGX_ERROR;
    if (context->admission.format == ANSWER_CA && !set_request_id(r, context, BYTES(CA_REQUEST_ID))) return NGX_ERROR;
    return next_header_filter(r);
}

static ngx_int_t body_filter(ngx_http_request_t *r, ngx_chain_t *in)
{
    struct gateway_context *context = ngx_http_get_module_ctx(r, ngx_http_countersign_module);
    if (context == NULL || context->failure == NULL || r != r->main) return next_body_filter(r, in);
    for (ngx_chain_t *link = in; link != NULL; link = link->next) link->buf->pos = link->buf->last;
    ngx_buf_t *body = answer_body(r, context->failure);
    context->failure = NULL;
    if (body == NULL) return NGX_ERROR;
    ngx_chain_t out = {.buf = body};
    return next_body_filter(r, &out);
}

void filter_install(void)
{
    next_header_filter = ngx_http_top_header_filter;
    ngx_http_top_header_filter = header_filter;
    next_body_filter = ngx_http_top_body_filter;
    ngx_http_top_body_filter = body_filter;
}

#include "gateway/body.h"

#include "gateway/context.h"

#define FORM_FIRST_ROOM 4096

static ngx_http_request_body_filter_pt next_filter;

bool body_is_announced(const ngx_http_request_t *r)
{
    return r->headers_in.content_length_n > 0 || r->headers_in.chunked;
}

/* Grows by doubling, so that a length that was only announced costs nothing. */
static bool form_make_room(struct gateway_context *context, size_t more)
{
    struct buffer *form = &context->body.form;
    size_t wanted = form->length + more;
    if (wanted <= form->capacity) return true;
    size_t capacity = form->capacity == 0 ? FORM_FIRST_ROOM : form->capacity;
    while (capacity < wanted) capacity *= 2;
    uint8_t *memory = ngx_palloc(context->request->pool, capacity);
    if (memory == NULL) return false;
    struct buffer larger = buffer_over(memory, capacity);
    buffer_add(&larger, buffer_bytes(form));
    if (form->data != NULL) (void)ngx_pfree(context->request->pool, form->data);
    *form = larger;
    return true;
}

static ngx_int_t body_add(struct gateway_context *context, struct bytes bytes)
{
    struct gateway_body *body = &context->body;
    body->length += bytes.length;
    if (body->length > body->limit) {
        body->too_large = true;
        return NGX_OK;
    }
    if (context->body_needs & BODY_SHA256) digest_add(&body->sha256, bytes);
    if (context->body_needs & BODY_MD5) digest_add(&body->md5, bytes);
    if (context->body_needs & BODY_SM3) digest_add(&body->sm3, bytes);
    if (context->body_needs & BODY_FORM) {
        if (!form_make_room(context, bytes.length)) return NGX_HTTP_INTERNAL_SERVER_ERROR;
        buffer_add(&body->form, bytes);
    }
    return NGX_OK;
}

static void body_finish(struct gateway_context *context)
{
    struct gateway_body *body = &context->body;
    body->facts = body_empty();
    body->facts.length = body->length;
    if (context->body_needs & BODY_SHA256) body->facts.sha256 = digest_finish(&body->sha256);
    if (context->body_needs & BODY_MD5) body->facts.md5 = digest_finish(&body->md5);
    if (context->body_needs & BODY_SM3) body->facts.sm3 = digest_finish(&body->sm3);
    if (context->body_needs & BODY_FORM) body->facts.form = buffer_bytes(&body->form);
    body->gathered = context->body_needs;
    context->body_known = true;
    context->body_needs = 0;
}

static void swallow(ngx_chain_t *in)
{
    for (; in != NULL; in = in->next) in->buf->pos = in->buf->last;
}

/* Out of the filter's caller, which still uses the request: now it can be answered. The rest of the body is read away while closing. */
static void resume_too_large(ngx_http_request_t *r)
{
    struct gateway_context *context = ngx_http_get_module_ctx(r, ngx_http_countersign_module);
    if (r->connection->read->timer_set) ngx_del_timer(r->connection->read);
    r->keepalive = 0;
    r->lingering_close = 1;
    if (r->stream == NULL) {
        r->read_event_handler = ngx_http_block_reading;
    } else {
        r->stream->skip_data = 1;
    }
    context->body_needs = 0;
    r->request_body->post_handler(r);
}

/* A status returned from here would be answered with nginx's own page: stop reading, and answer from an event of our own. */
static ngx_int_t stop_reading(ngx_http_request_t *r, ngx_chain_t *in)
{
    swallow(in);
    r->read_event_handler = resume_too_large;
    ngx_post_event(r->connection->read, &ngx_posted_events);
    return NGX_AGAIN;
}

/* Each call brings new data only, whatever the framing; without a body it is never called. */
static ngx_int_t body_filter(ngx_http_request_t *r, ngx_chain_t *in)
{
    struct gateway_context *context = ngx_http_get_module_ctx(r, ngx_http_countersign_module);
    if (context == NULL || context->body_needs == 0) return next_filter(r, in);
    if (context->body.too_large) {
        swallow(in);
        return NGX_AGAIN;
    }
    for (const ngx_chain_t *link = in; link != NULL; link = link->next) {
        const ngx_buf_t *piece = link->buf;
        ngx_int_t result = body_add(context, bytes_of(piece->pos, (size_t)(piece->last - piece->pos)));
        if (result != NGX_OK) return result;
        if (context->body.too_large) return stop_reading(r, in);
    }
    return next_filter(r, in);
}

static void body_is_read(ngx_http_request_t *r)
{
    struct gateway_context *context = ngx_http_get_module_ctx(r, ngx_http_countersign_module);
    ngx_http_client_body_handler_pt resume = context->body.resume;
    if (!context->body.too_large) body_finish(context);
    resume(r);
}

static void body_start(struct gateway_context *context, ngx_http_client_body_handler_pt resume)
{
    struct gateway_body *body = &context->body;
    ngx_memzero(body, sizeof *body);
    body->resume = resume;
    context->body_needs = context->admission.body_needs;
    body->limit = context->admission.body_limit;
    digest_start(&body->sha256, DIGEST_SHA256);
    digest_start(&body->md5, DIGEST_MD5);
    digest_start(&body->sm3, DIGEST_SM3);
}

ngx_int_t body_read(struct gateway_context *context, ngx_http_client_body_handler_pt resume)
{
    ngx_http_request_t *r = context->request;
    body_start(context, resume);
    if (r->headers_in.content_length_n > 0 && (uint64_t)r->headers_in.content_length_n > context->body.limit) {
        context->body.too_large = true;
        context->body_needs = 0;
        return BODY_TOO_LARGE;
    }
    r->request_body_no_buffering = 0;
    ngx_int_t result = ngx_http_read_client_request_body(r, body_is_read);
    if (result >= NGX_HTTP_SPECIAL_RESPONSE) return result;
    ngx_http_finalize_request(r, NGX_DONE);
    return NGX_DONE;
}

void body_install_filter(void)
{
    next_filter = ngx_http_top_request_body_filter;
    ngx_http_top_request_body_filter = body_filter;
}

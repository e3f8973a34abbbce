#include "gateway/refuse.h"

#include "gateway/context.h"

/* Clients take an HTTP/2 answer that comes before the end of their upload for an error (curl: 92). A small body is read first. */
#define HTTP2_PATIENCE (64 * 1024)
/* What an answer takes: its own text, escaped and not, and six bytes for each of the hint at worst (admit/answer.c bounds both). */
#define ANSWER_ROOM (24 * 1024)
#define ANSWER_MOST (160 * 1024)

bool answer_set_head(ngx_http_request_t *r, const struct answer *answer)
{
    r->headers_out.status = answer->status;
    r->headers_out.content_length_n = (off_t)answer->body.length;
    r->headers_out.content_type = str_of_bytes(answer->content_type);
    r->headers_out.content_type_len = answer->content_type.length;
    r->headers_out.content_type_lowcase = NULL;
    for (size_t i = 0; i < answer->field_count; i++) {
        ngx_table_elt_t *field = ngx_list_push(&r->headers_out.headers);
        if (field == NULL) return false;
        *field = (ngx_table_elt_t){.hash = 1, .key = str_of_bytes(answer->fields[i].name), .value = str_of_bytes(answer->fields[i].value)};
    }
    return true;
}

ngx_buf_t *answer_body(ngx_http_request_t *r, const struct answer *answer)
{
    ngx_buf_t *body = ngx_calloc_buf(r->pool);
    if (body == NULL) return NULL;
    ngx_str_t text = str_of_bytes(answer->body);
    body->pos = text.data;
    body->last = text.data + text.len;
    body->memory = text.len > 0;
    body->last_buf = 1;
    body->last_in_chain = 1;
    return body;
}

static ngx_int_t send_answer(ngx_http_request_t *r, const struct answer *answer)
{
    if (!answer_set_head(r, answer)) return NGX_ERROR;
    ngx_buf_t *body = answer_body(r, answer);
    if (body == NULL) return NGX_ERROR;
    ngx_int_t result = ngx_http_send_header(r);
    if (result == NGX_ERROR || result > NGX_OK || r->header_only) return result;
    ngx_chain_t out = {.buf = body};
    return ngx_http_output_filter(r, &out);
}

static bool make_room(struct gateway_context *context)
{
    size_t wanted = ngx_min(ANSWER_ROOM + 8 * context->admission.canonical.length, ANSWER_MOST);
    if (context->arena.capacity - context->arena.used >= wanted) return true;
    return context_grow_arena(context, wanted);
}

static ngx_int_t answer_now(struct gateway_context *context)
{
    ngx_http_request_t *r = context->request;
    struct answer answer = {0};
    if (!make_room(context)) return NGX_HTTP_INTERNAL_SERVER_ERROR;
    answer_write(&context->admission, context->publication, bytes_of(context->request_id, REQUEST_ID_LENGTH), &context->arena, &answer);
    /* The client waits for "100 Continue" and would not send the body that nginx then takes the next request for: close. */
    if (r->headers_in.expect != NULL && !r->expect_tested) {
        r->expect_tested = 1;
        r->keepalive = 0;
    }
    if (ngx_http_discard_request_body(r) != NGX_OK) r->keepalive = 0;
    return send_answer(r, &answer);
}

void refuse_finalize(struct gateway_context *context)
{
    context->stage = STAGE_REFUSED;
    ngx_http_finalize_request(context->request, answer_now(context));
}

ngx_int_t answer_content(ngx_http_request_t *r, const struct answer *answer)
{
    if (ngx_http_discard_request_body(r) != NGX_OK) r->keepalive = 0;
    return send_answer(r, answer);
}

void answer_send(struct gateway_context *context, const struct answer *answer)
{
    ngx_http_request_t *r = context->request;
    context->stage = STAGE_ANSWERED;
    ngx_http_finalize_request(r, answer_content(r, answer));
}

static void refuse_after_body(ngx_http_request_t *r)
{
    refuse_finalize(ngx_http_get_module_ctx(r, ngx_http_countersign_module));
}

static bool wait_for_body(const ngx_http_request_t *r)
{
    return r->stream != NULL && !r->stream->in_closed && r->request_body == NULL && r->headers_in.content_length_n >= 0 &&
           r->headers_in.content_length_n <= HTTP2_PATIENCE;
}

ngx_int_t refuse_send(struct gateway_context *context)
{
    ngx_http_request_t *r = context->request;
    context->stage = STAGE_REFUSED;
    if (!wait_for_body(r)) {
        refuse_finalize(context);
        return NGX_DONE;
    }
    r->request_body_no_buffering = 0;
    ngx_int_t result = ngx_http_read_client_request_body(r, refuse_after_body);
    if (result >= NGX_HTTP_SPECIAL_RESPONSE) return result;
    ngx_http_finalize_request(r, NGX_DONE);
    return NGX_DONE;
}

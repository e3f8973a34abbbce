#include "gateway/wire.h"

#include "gateway/context.h"
#include "gateway/forward.h"
#include "gateway/sending.h"
#include "gateway/view.h"
#include "gateway/worker.h"

#define VERSION        " HTTP/1.1\r\n"
#define HOST           "Host: "
#define CONTENT_LENGTH "Content-Length: "
#define LINE_END       "\r\n"

static bool is_method(ngx_str_t method, struct bytes name)
{
    return bytes_equal(bytes_of_str(method), name);
}

/* A body that is still on its way is nginx's to stream, and what follows an answer to HEAD or an upgrade is nginx's to know. */
bool wire_suits(const struct gateway_context *context)
{
    const ngx_http_request_t *r = context->request;
    const struct gateway_location *location = ngx_http_get_module_loc_conf(r, ngx_http_countersign_module);
    if (!location->own_headers_only || is_method(context->sent_method, BYTES("HEAD")) || view_wants_websocket(r)) return false;
    return r->request_body != NULL || (r->headers_in.content_length_n < 0 && !r->headers_in.chunked);
}

static u_char *put(u_char *to, struct bytes text)
{
    return ngx_cpymem(to, text.data, text.length);
}

static u_char *put_field(u_char *to, const ngx_table_elt_t *field)
{
    to = ngx_cpymem(to, field->key.data, field->key.len);
    *to++ = ':';
    *to++ = ' ';
    to = ngx_cpymem(to, field->value.data, field->value.len);
    *to++ = CR;
    *to++ = LF;
    return to;
}

static size_t head_length(const struct outgoing *outgoing, struct bytes host, ngx_str_t method)
{
    size_t length = method.len + 1 + outgoing->target.length + sizeof VERSION - 1 + sizeof HOST - 1 + host.length + sizeof LINE_END - 1 +
                    sizeof CONTENT_LENGTH - 1 + NGX_OFF_T_LEN + 2 * (sizeof LINE_END - 1);
    for (size_t i = 0; i < outgoing->count; i++)
        length += outgoing->entries[i].key.len + outgoing->entries[i].value.len + sizeof ": \r\n" - 1;
    return length;
}

static u_char *put_head(u_char *to, const struct gateway_context *context, const struct outgoing *outgoing, struct bytes host)
{
    off_t body = context->request->headers_in.content_length_n;
    to = ngx_cpymem(to, context->sent_method.data, context->sent_method.len);
    *to++ = ' ';
    to = put(to, outgoing->target);
    to = put(to, BYTES(VERSION));
    to = put(to, BYTES(HOST));
    to = put(to, host);
    to = put(to, BYTES(LINE_END));
    if (body >= 0) to = ngx_sprintf(to, CONTENT_LENGTH "%O" LINE_END, body);
    for (size_t i = 0; i < outgoing->count; i++) to = put_field(to, &outgoing->entries[i]);
    return put(to, BYTES(LINE_END));
}

/* Buffers of its own for the same bytes: nginx moves their positions as it sends, and sends them again from the beginning. */
static bool append_body(ngx_http_request_t *r, ngx_chain_t *last, const ngx_chain_t *body)
{
    for (; body != NULL; body = body->next) {
        ngx_chain_t *link = ngx_alloc_chain_link(r->pool);
        ngx_buf_t *buffer = ngx_alloc_buf(r->pool);
        if (link == NULL || buffer == NULL) return false;
        *buffer = *body->buf;
        *link = (ngx_chain_t){.buf = buffer};
        last->next = link;
        last = link;
    }
    last->buf->flush = 1;
    return true;
}

static ngx_int_t write_head(ngx_http_request_t *r, const struct outgoing *outgoing)
{
    const struct gateway_context *context = context_find(r);
    ngx_http_upstream_t *u = r->upstream;
    struct bytes host = context->publication->backend.host;
    ngx_buf_t *head = ngx_create_temp_buf(r->pool, head_length(outgoing, host, context->sent_method));
    ngx_chain_t *link = ngx_alloc_chain_link(r->pool);
    if (head == NULL || link == NULL) return NGX_ERROR;
    head->last = put_head(head->last, context, outgoing, host);
    *link = (ngx_chain_t){.buf = head};
    const ngx_chain_t *body = u->request_bufs;
    u->request_bufs = link;
    return append_body(r, link, body) ? NGX_OK : NGX_ERROR;
}

/* In place of nginx's own (u->create_request). */
static ngx_int_t create_request(ngx_http_request_t *r)
{
    const struct gateway_context *context = context_find(r);
    return context == NULL || context->outgoing == NULL ? NGX_ERROR : write_head(r, context->outgoing);
}

/* The whole answer came with its head. */
static bool is_complete(const ngx_http_upstream_t *u)
{
    off_t length = u->headers_in.content_length_n;
    return length > 0 && !u->headers_in.chunked && u->buffer.last - u->buffer.pos == length;
}

/* Reads the head of an answer; nginx's own, which knows what it replaces itself with for the lines that follow. */
static ngx_int_t (*read_head)(ngx_http_request_t *r);

/* A rate that the operator set, or a file that is to be written, is nothing for the way past the pipe. */
static bool may_pass_pipe(const ngx_http_request_t *r)
{
    const ngx_http_core_loc_conf_t *core = ngx_http_get_module_loc_conf(r, ngx_http_core_module);
    return core->limit_rate == NULL && !r->limit_rate_set && !r->upstream->store;
}

/* There is nothing to collect from the backend when all of it is there, so it is sent as it is, past the pipe that collects. */
static ngx_int_t process_header(ngx_http_request_t *r)
{
    ngx_int_t result = read_head(r);
    if (result == NGX_OK && is_complete(r->upstream) && may_pass_pipe(r)) r->upstream->buffering = 0;
    return result;
}

/* Room for the head of the answer, and often for all of it, where the verdict lies: nginx takes memory only when there is none. Without it
 * (a larger proxy_buffer_size, or no memory for lists) it does so. */
static void lend_room(ngx_http_request_t *r, struct gateway_context *context)
{
    ngx_http_upstream_t *u = r->upstream;
    if (u->conf->buffer_size > WORKER_ANSWER_SIZE) return;
    if (ngx_list_init(&u->headers_in.headers, r->pool, 8, sizeof(ngx_table_elt_t)) != NGX_OK) return;
    if (ngx_list_init(&u->headers_in.trailers, r->pool, 2, sizeof(ngx_table_elt_t)) != NGX_OK) return;
    u_char *room = worker_block_answer(context);
    u->buffer =
        (ngx_buf_t){.start = room, .pos = room, .last = room, .end = room + u->conf->buffer_size, .temporary = 1, .tag = u->output.tag};
}

/* What is in memory as a whole can be handed to the last writer of nginx, which sends what waits there. False: it is nginx's to send. */
static bool queue(ngx_http_request_t *r)
{
    ngx_http_upstream_t *u = r->upstream;
    for (const ngx_chain_t *link = u->request_bufs; link != NULL; link = link->next)
        if (link->buf->in_file) return false;
    for (const ngx_chain_t *link = u->request_bufs; link != NULL; link = link->next) {
        ngx_chain_t *copy = ngx_alloc_chain_link(r->pool);
        if (copy == NULL) {
            u->writer.out = NULL;
            u->writer.last = &u->writer.out;
            return false;
        }
        *copy = (ngx_chain_t){.buf = link->buf};
        *u->writer.last = copy;
        u->writer.last = &copy->next;
    }
    return true;
}

/* nginx asks the system whether a connection came about before it writes the first byte, also of one that was used before. That one is
 * told to be awaited (wire_connected), and to have begun already. */
static void send_over_held(ngx_http_request_t *r)
{
    ngx_http_upstream_t *u = r->upstream;
    if (u == NULL || u->peer.connection == NULL) return;
    sending_in_one_piece(r->connection);
    sending_in_one_piece(u->peer.connection);
    if (queue(r)) u->request_sent = 1;
    u->write_event_handler(r, u);
}

ngx_int_t wire_connected(struct gateway_context *context)
{
    if (!context->wire_begins) return NGX_DONE;
    context->wire_held = true;
    return NGX_AGAIN;
}

/* nginx's proxy module sets itself up and wants to begin. It does not begin while r->aio says that something is awaited
 * (ngx_http_upstream_init_request), so its callbacks can be exchanged; then it is told to begin. The request outlives all of that, whatever
 * becomes of it: the content phase still holds it. */
ngx_int_t wire_forward(struct gateway_context *context, const struct outgoing *outgoing)
{
    ngx_http_request_t *r = context->request;
    r->aio = 1;
    ngx_int_t result = context->content_handler(r);
    r->aio = 0;
    if (result != NGX_DONE) return result;
    lend_room(r, context);
    context->outgoing = outgoing;
    read_head = r->upstream->process_header;
    r->upstream->process_header = process_header;
    r->upstream->create_request = create_request;
    context->wire_begins = true;
    ngx_http_upstream_init(r);
    context->wire_begins = false;
    if (context->wire_held) send_over_held(r);
    context->wire_held = false;
    return NGX_DONE;
}

#include "gateway/view.h"

static size_t count_fields(const ngx_list_t *list)
{
    size_t count = 0;
    for (const ngx_list_part_t *part = &list->part; part != NULL; part = part->next) count += part->nelts;
    return count;
}

static void fill_fields(const ngx_list_t *list, struct http_field *fields)
{
    for (const ngx_list_part_t *part = &list->part; part != NULL; part = part->next) {
        const ngx_table_elt_t *entries = part->elts;
        for (ngx_uint_t i = 0; i < part->nelts; i++) {
            /* HTTP/2 values and tabs in HTTP/1 come untrimmed. */
            *fields++ = (struct http_field){bytes_of_str(entries[i].key), bytes_trim(bytes_of_str(entries[i].value))};
        }
    }
}

/* The target may name another host than the Host field (RFC 9112, 3.2.2): the one would be routed by, the other is what callers sign. */
static bool hosts_agree(const ngx_http_request_t *r)
{
    if (r->headers_in.host == NULL) return true;
    struct bytes host = bytes_of_str(r->headers_in.host->value), server = bytes_of_str(r->headers_in.server);
    if (host.length < server.length || !bytes_equal_folded(bytes_slice(host, 0, server.length), server)) return false;
    struct bytes rest = bytes_from(host, server.length); /* nginx took off a dot and a port */
    if (rest.length > 0 && rest.data[0] == '.') rest = bytes_from(rest, 1);
    return rest.length == 0 || rest.data[0] == ':';
}

enum refusal view_read(struct gateway_context *context)
{
    const ngx_http_request_t *r = context->request;
    struct http_request *view = &context->view;
    view->method = bytes_of_str(r->method_name);
    view->field_count = count_fields(&r->headers_in.headers);
    struct http_field *fields = arena_take_unset(&context->arena, view->field_count * sizeof *fields);
    if (fields == NULL) {
        view->field_count = 0;
        return REFUSAL_REQUEST_TOO_COMPLEX;
    }
    fill_fields(&r->headers_in.headers, fields);
    view->fields = fields;
    bool sound = hosts_agree(r) && http_request_set_target(view, bytes_of_str(r->unparsed_uri));
    return sound ? REFUSAL_NONE : REFUSAL_TARGET_MALFORMED;
}

bool view_wants_websocket(const ngx_http_request_t *r)
{
    return r->headers_in.upgrade != NULL && r->stream == NULL &&
           bytes_equal_folded(bytes_of_str(r->headers_in.upgrade->value), BYTES("websocket"));
}

#include "gateway/errorlog.h"

#include "gateway/context.h"
#include "gateway/target.h"

/* The address only: behind it nginx would print the target as sent, which may carry a credential that passes through. */
static u_char *add_upstream(const ngx_http_request_t *r, u_char *at, u_char *end)
{
    const ngx_http_upstream_t *u = r->upstream;
    if (u == NULL || u->peer.name == NULL) return at;
    return ngx_slprintf(at, end, ", upstream: \"%V%V\"", &u->schema, u->peer.name);
}

static u_char *write_request(ngx_http_request_t *r, ngx_http_request_t *current, u_char *at, size_t room)
{
    u_char *end = at + room;
    struct gateway_context *context = context_find(r);
    ngx_str_t target = str_of_bytes(target_masked(r, context));
    if (context != NULL) {
        at = ngx_slprintf(at, end, ", id: %*s", (size_t)REQUEST_ID_LENGTH, context->request_id);
        /* Before the API is known everything is masked; that text is not the final one. */
        if (context->publication != NULL) context->masked_target = bytes_of_str(target);
    }
    at = ngx_slprintf(at, end, ", request: \"%V %V\"", &r->method_name, &target);
    if (r != current) at = ngx_slprintf(at, end, ", subrequest: \"%V\"", &current->uri);
    at = add_upstream(current, at, end);
    return ngx_slprintf(at, end, ", host: \"%V\"", &r->headers_in.server);
}

ngx_int_t errorlog_handler(ngx_http_request_t *r)
{
    const struct gateway_server *server = ngx_http_get_module_srv_conf(r, ngx_http_countersign_module);
    if (server->instance.len > 0) r->log_handler = write_request;
    return NGX_DECLINED;
}

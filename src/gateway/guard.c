#include "gateway/guard.h"

#include "gateway/source.h"

static enum guard_answer shut(enum refusal *refusal, enum refusal why)
{
    *refusal = why;
    return GUARD_SHUT;
}

/* `denied`: what it is called when the list does not admit the address. */
static enum guard_answer ask_list(const ngx_http_request_t *r, const struct edge_view *view, struct bytes id, enum refusal denied,
                                  enum refusal *refusal)
{
    struct address_list list;
    struct bytes address = source_address(r->connection);
    if (edge_address_list(view, id, &list) != EDGE_OK) return GUARD_FAULT;
    if (address.length == 0) return shut(refusal, REFUSAL_ADDRESS_UNKNOWN);
    return address_list_admits(&list, address) ? GUARD_OPEN : shut(refusal, denied);
}

enum guard_answer guard_api(const ngx_http_request_t *r, const struct edge_view *view, const struct publication *publication,
                            enum refusal *refusal)
{
    const struct gateway_server *server = ngx_http_get_module_srv_conf(r, ngx_http_countersign_module);
    bool internal = server->side == SIDE_INTERNAL;
    if (publication->rules.disable_internet && !internal) return shut(refusal, REFUSAL_INTERNET_CLOSED);
    if (publication->rules.disable_internal && internal) return shut(refusal, REFUSAL_INTERNAL_CLOSED);
    if (publication->acl_id.length == 0) return GUARD_OPEN;
    return ask_list(r, view, publication->acl_id, REFUSAL_ADDRESS_DENIED, refusal);
}

enum guard_answer guard_caller(const ngx_http_request_t *r, const struct edge_view *view, const struct principal *principal,
                               enum refusal *refusal)
{
    return ask_list(r, view, principal->id, REFUSAL_APP_ADDRESS_DENIED, refusal);
}

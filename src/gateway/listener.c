#include "gateway/listener.h"

char *listener_directive(ngx_conf_t *cf, ngx_command_t *command, void *conf)
{
    struct gateway_server *server = conf;
    const ngx_str_t *arguments = cf->args->elts;
    static char twice[] = "is duplicate", wrong[] = "takes \"internal\" or \"external\"";
    (void)command;
    if (server->side != SIDE_UNSET) return twice;
    if (ngx_strcmp(arguments[1].data, "internal") == 0) server->side = SIDE_INTERNAL;
    if (ngx_strcmp(arguments[1].data, "external") == 0) server->side = SIDE_EXTERNAL;
    return server->side == SIDE_UNSET ? wrong : NGX_CONF_OK;
}

/* Of the servers that are gateways; others are none of ours. */
static bool is_of_one_side(const ngx_http_conf_addr_t *address)
{
    ngx_http_core_srv_conf_t **servers = address->servers.elts;
    enum gateway_side side = SIDE_UNSET;
    for (ngx_uint_t i = 0; i < address->servers.nelts; i++) {
        const struct gateway_server *server = servers[i]->ctx->srv_conf[ngx_http_countersign_module.ctx_index];
        if (server->instance.len == 0) continue;
        if (side != SIDE_UNSET && server->side != side) return false;
        side = server->side;
    }
    return true;
}

bool listener_check(ngx_conf_t *cf)
{
    const ngx_http_core_main_conf_t *core = ngx_http_conf_get_module_main_conf(cf, ngx_http_core_module);
    const ngx_http_conf_port_t *ports = core->ports == NULL ? NULL : core->ports->elts;
    for (ngx_uint_t i = 0; ports != NULL && i < core->ports->nelts; i++) {
        const ngx_http_conf_addr_t *addresses = ports[i].addrs.elts;
        for (ngx_uint_t j = 0; j < ports[i].addrs.nelts; j++) {
            if (is_of_one_side(&addresses[j])) continue;
            ngx_log_error(NGX_LOG_EMERG, cf->log, 0, "servers that are \"countersign_listener internal\" and others listen on %V",
                          &addresses[j].opt.addr_text);
            return false;
        }
    }
    return true;
}

/* The module: directives, where they may stand, and what is hooked where. */
#include "crypto/secret.h"
#include "gateway/access.h"
#include "gateway/balancer.h"
#include "gateway/body.h"
#include "gateway/errorlog.h"
#include "gateway/filter.h"
#include "gateway/forward.h"
#include "gateway/listener.h"
#include "gateway/lockout.h"
#include "gateway/report.h"
#include "gateway/state.h"
#include "gateway/stock.h"
#include "gateway/tls.h"
#include "gateway/variables.h"
#include "gateway/watch.h"
#include "gateway/worker.h"

static ngx_command_t directives[] = {
    {ngx_string("countersign_edge"), NGX_HTTP_MAIN_CONF | NGX_CONF_TAKE1, ngx_conf_set_str_slot, NGX_HTTP_MAIN_CONF_OFFSET,
     offsetof(struct gateway_main, edge_directory), NULL},
    {ngx_string("countersign_keys"), NGX_HTTP_MAIN_CONF | NGX_CONF_TAKE1, ngx_conf_set_str_slot, NGX_HTTP_MAIN_CONF_OFFSET,
     offsetof(struct gateway_main, keys_directory), NULL},
    {ngx_string("countersign_state"), NGX_HTTP_MAIN_CONF | NGX_CONF_TAKE1, ngx_conf_set_str_slot, NGX_HTTP_MAIN_CONF_OFFSET,
     offsetof(struct gateway_main, state_directory), NULL},
    {ngx_string("countersign_feedback"), NGX_HTTP_MAIN_CONF | NGX_CONF_FLAG, ngx_conf_set_flag_slot, NGX_HTTP_MAIN_CONF_OFFSET,
     offsetof(struct gateway_main, feedback), NULL},
    {ngx_string("countersign_lock"), NGX_HTTP_MAIN_CONF | NGX_CONF_1MORE, lockout_directive, NGX_HTTP_MAIN_CONF_OFFSET, 0, NULL},
    {ngx_string("countersign_max_staleness"), NGX_HTTP_MAIN_CONF | NGX_CONF_TAKE12, state_staleness_directive, NGX_HTTP_MAIN_CONF_OFFSET, 0,
     NULL},
    {ngx_string("countersign_instance"), NGX_HTTP_SRV_CONF | NGX_CONF_TAKE1, ngx_conf_set_str_slot, NGX_HTTP_SRV_CONF_OFFSET,
     offsetof(struct gateway_server, instance), NULL},
    {ngx_string("countersign_client_certificate"), NGX_HTTP_MAIN_CONF | NGX_HTTP_SRV_CONF | NGX_CONF_2MORE, tls_client_directive,
     NGX_HTTP_SRV_CONF_OFFSET, 0, NULL},
    {ngx_string("countersign_listener"), NGX_HTTP_MAIN_CONF | NGX_HTTP_SRV_CONF | NGX_CONF_TAKE1, listener_directive,
     NGX_HTTP_SRV_CONF_OFFSET, 0, NULL},
    {ngx_string("countersign_recheck"), NGX_HTTP_MAIN_CONF | NGX_HTTP_SRV_CONF | NGX_CONF_TAKE1, ngx_conf_set_msec_slot,
     NGX_HTTP_SRV_CONF_OFFSET, offsetof(struct gateway_server, recheck), NULL},
    {ngx_string("countersign_behind_tls"), NGX_HTTP_MAIN_CONF | NGX_HTTP_SRV_CONF | NGX_CONF_FLAG, ngx_conf_set_flag_slot,
     NGX_HTTP_SRV_CONF_OFFSET, offsetof(struct gateway_server, behind_tls), NULL},
    {ngx_string("countersign"), NGX_HTTP_LOC_CONF | NGX_CONF_FLAG, ngx_conf_set_flag_slot, NGX_HTTP_LOC_CONF_OFFSET,
     offsetof(struct gateway_location, on), NULL},
    {ngx_string("countersign_balancer"), NGX_HTTP_UPS_CONF | NGX_CONF_NOARGS | NGX_CONF_TAKE1234, balancer_directive, 0, 0, NULL},
    ngx_null_command,
};

static void *create_main(ngx_conf_t *cf)
{
    struct gateway_main *main = ngx_pcalloc(cf->pool, sizeof *main);
    if (main != NULL) main->feedback = NGX_CONF_UNSET;
    return main;
}

static void *create_server(ngx_conf_t *cf)
{
    struct gateway_server *server = ngx_pcalloc(cf->pool, sizeof *server);
    if (server == NULL) return NULL;
    server->behind_tls = NGX_CONF_UNSET;
    server->recheck = NGX_CONF_UNSET_MSEC;
    return server;
}

static void *create_location(ngx_conf_t *cf)
{
    struct gateway_location *location = ngx_pcalloc(cf->pool, sizeof *location);
    if (location != NULL) location->on = NGX_CONF_UNSET;
    return location;
}

static char *merge_server(ngx_conf_t *cf, void *parent, void *child)
{
    (void)cf;
    const struct gateway_server *outer = parent;
    struct gateway_server *inner = child;
    ngx_conf_merge_str_value(inner->instance, outer->instance, "");
    ngx_conf_merge_msec_value(inner->recheck, outer->recheck, WATCH_DEFAULT_MS);
    ngx_conf_merge_value(inner->behind_tls, outer->behind_tls, 0);
    if (inner->clients == NULL) inner->clients = outer->clients;
    if (inner->side == SIDE_UNSET) inner->side = outer->side == SIDE_UNSET ? SIDE_EXTERNAL : outer->side;
    return NGX_CONF_OK;
}

static const char *check_location(ngx_conf_t *cf)
{
    const struct gateway_main *main = ngx_http_conf_get_module_main_conf(cf, ngx_http_countersign_module);
    const struct gateway_server *server = ngx_http_conf_get_module_srv_conf(cf, ngx_http_countersign_module);
    if (main->edge_directory.len == 0) return "needs \"countersign_edge\" at http level";
    if (main->keys_directory.len == 0) return "needs \"countersign_keys\" at http level";
    if (server->instance.len == 0) return "needs \"countersign_instance\" in its server";
    return stock_check_location(cf);
}

static char *merge_location(ngx_conf_t *cf, void *parent, void *child)
{
    const struct gateway_location *outer = parent;
    struct gateway_location *inner = child;
    ngx_conf_merge_value(inner->on, outer->on, 0);
    if (!inner->on) return NGX_CONF_OK;
    const char *wrong = check_location(cf);
    inner->own_headers_only = wrong == NULL && stock_sets_own_headers_only(cf);
    if (wrong == NULL) return NGX_CONF_OK;
    const ngx_http_core_loc_conf_t *core = ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module);
    ngx_log_error(NGX_LOG_EMERG, cf->log, 0, "\"countersign on\" in location \"%V\" %s", &core->name, wrong);
    return NGX_CONF_ERROR;
}

static void wipe_keys(void *data)
{
    secret_wipe(data, sizeof(struct edge_keys));
}

/* As the master, who may read them; workers inherit the memory and never see the files. */
static char *init_main(ngx_conf_t *cf, void *conf)
{
    struct gateway_main *main = conf;
    char problem[256] = "";
    ngx_conf_init_value(main->feedback, 1);
    if (main->edge_directory.len == 0 || main->keys_directory.len == 0) return NGX_CONF_OK;
    if (ngx_conf_full_name(cf->cycle, &main->edge_directory, 0) != NGX_OK) return NGX_CONF_ERROR;
    if (ngx_conf_full_name(cf->cycle, &main->keys_directory, 0) != NGX_OK) return NGX_CONF_ERROR;
    if (main->state_directory.len == 0) main->state_directory = main->edge_directory;
    if (ngx_conf_full_name(cf->cycle, &main->state_directory, 0) != NGX_OK) return NGX_CONF_ERROR;
    ngx_pool_cleanup_t *cleanup = ngx_pool_cleanup_add(cf->pool, sizeof(struct edge_keys));
    if (cleanup == NULL) return NGX_CONF_ERROR;
    main->keys = cleanup->data;
    cleanup->handler = wipe_keys;
    if (edge_keys_load(main->keys, (const char *)main->keys_directory.data, problem)) return NGX_CONF_OK;
    ngx_log_error(NGX_LOG_EMERG, cf->log, 0, "countersign_keys \"%V\": %s", &main->keys_directory, problem);
    return NGX_CONF_ERROR;
}

static ngx_int_t add_handler(ngx_conf_t *cf, ngx_uint_t phase, ngx_http_handler_pt handler)
{
    ngx_http_core_main_conf_t *core = ngx_http_conf_get_module_main_conf(cf, ngx_http_core_module);
    ngx_http_handler_pt *slot = ngx_array_push(&core->phases[phase].handlers);
    if (slot == NULL) return NGX_ERROR;
    *slot = handler;
    return NGX_OK;
}

static ngx_int_t install(ngx_conf_t *cf)
{
    if (!listener_check(cf)) return NGX_ERROR;
    filter_install();
    body_install_filter();
    forward_prepare();
    if (add_handler(cf, NGX_HTTP_POST_READ_PHASE, errorlog_handler) != NGX_OK) return NGX_ERROR;
    if (add_handler(cf, NGX_HTTP_LOG_PHASE, report_handler) != NGX_OK) return NGX_ERROR;
    return add_handler(cf, NGX_HTTP_ACCESS_PHASE, access_handler);
}

static ngx_http_module_t context = {
    .preconfiguration = variables_add,
    .postconfiguration = install,
    .create_main_conf = create_main,
    .init_main_conf = init_main,
    .create_srv_conf = create_server,
    .merge_srv_conf = merge_server,
    .create_loc_conf = create_location,
    .merge_loc_conf = merge_location,
};

__attribute__((visibility("default"))) ngx_module_t ngx_http_countersign_module = {
    NGX_MODULE_V1,
    &context,
    directives,
    NGX_HTTP_MODULE,
    NULL, /* init master */
    NULL, /* init module: also runs in nginx -t, as root */
    worker_start,
    NULL, /* init thread */
    NULL, /* exit thread */
    worker_stop,
    NULL, /* exit master */
    NGX_MODULE_V1_PADDING,
};

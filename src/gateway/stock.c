#include "gateway/stock.h"

#include "admit/countersign.h"
#include "gateway/balancer.h"
#include "policy/tells.h"

extern ngx_module_t ngx_http_proxy_module;

/* nginx keeps the configuration of its proxy module to itself. These are its first members in all of 1.22 (src/http/modules/
 * ngx_http_proxy_module.c); nginx loads a module into the very version it was built for only, so they cannot differ at run time. */
#if nginx_version < 1022000 || nginx_version > 1022999
#error "compare struct proxy_location with this nginx's ngx_http_proxy_loc_conf_t, then widen the range"
#endif
struct proxy_headers {
    ngx_array_t *flushes;
    ngx_array_t *lengths;
    ngx_array_t *values;
    ngx_hash_t hash;
};
struct proxy_location {
    ngx_http_upstream_conf_t upstream;
    ngx_array_t *body_flushes;
    ngx_array_t *body_lengths;
    ngx_array_t *body_values;
    ngx_str_t body_source;
    struct proxy_headers headers;
#if (NGX_HTTP_CACHE)
    struct proxy_headers headers_cache;
#endif
    ngx_array_t *headers_source; /* ngx_keyval_t */
    ngx_array_t *proxy_lengths;
    ngx_array_t *proxy_values;
    ngx_array_t *redirects;
    ngx_array_t *cookie_domains;
    ngx_array_t *cookie_paths;
    ngx_array_t *cookie_flags;
    ngx_http_complex_value_t *method;
    ngx_str_t location;
    ngx_str_t url;
#if (NGX_HTTP_CACHE)
    ngx_http_complex_value_t cache_key;
#endif
    struct {
        ngx_str_t key_start;
        ngx_str_t schema;
        ngx_str_t host_header;
        ngx_str_t port;
        ngx_str_t uri;
    } vars;
    ngx_flag_t redirect;
    ngx_uint_t http_version;
};

/* What the module says through variables of its own. */
static const struct required {
    const char *name;
    const char *value;
} required_headers[] = {{"Host", "$countersign_host"}, {"Connection", "$countersign_connection"}, {"Upgrade", "$countersign_upgrade"}};

#define REQUIRED (sizeof required_headers / sizeof required_headers[0])

static bool is_among(struct bytes name, const char *const *names)
{
    for (; *names != NULL; names++)
        if (bytes_equal_folded(name, bytes_of_text(*names))) return true;
    return false;
}

static bool carries_signature(struct bytes name)
{
    for (enum signature_type type = SIGNATURE_NONE + 1; type < SIGNATURE_COUNT; type++)
        if (is_among(name, countersign_carriers(type))) return true;
    return false;
}

/* nginx silently drops what we add when a proxy_set_header of that name stands in the configuration. */
static const char *check_set_headers(const ngx_array_t *source)
{
    const ngx_keyval_t *headers = source == NULL ? NULL : source->elts;
    size_t count = source == NULL ? 0 : source->nelts;
    unsigned found = 0; /* a bit for each that is required */
    for (size_t i = 0; i < count; i++) {
        struct bytes name = bytes_of_str(headers[i].key);
        if (tells_reserve(name) || carries_signature(name)) {
            return "\"proxy_set_header\" names a header that the module sets itself (X-Countersign-*, X-Mse-Consumer, X-Request-Id, "
                   "Authorization, X-Sdk-*, X-Bce-Gateway-Auth, X-Bce-Content-Sha256, X-Ca-Proxy-Signature*, X-Ca-Timestamp)";
        }
        for (size_t j = 0; j < REQUIRED; j++) {
            if (!bytes_equal_folded(name, bytes_of_text(required_headers[j].name))) continue;
            if (bytes_equal(bytes_of_str(headers[i].value), bytes_of_text(required_headers[j].value))) found |= 1u << j;
        }
    }
    if (found == (1u << REQUIRED) - 1) return NULL;
    return "needs proxy_set_header Host $countersign_host, Connection $countersign_connection and Upgrade $countersign_upgrade";
}

static const char *check_proxy(const struct proxy_location *proxy)
{
    if (proxy->vars.uri.len > 0) return "needs a \"proxy_pass\" without a path: what was decided upon must be what is sent";
    if (proxy->method != NULL) return "excludes \"proxy_method\": the method comes from the API";
    if (proxy->body_source.data != NULL) return "excludes \"proxy_set_body\": the body was signed as it came";
    if (!proxy->upstream.pass_request_headers || !proxy->upstream.pass_request_body) {
        return "excludes \"proxy_pass_request_headers off\" and \"proxy_pass_request_body off\"";
    }
#if (NGX_HTTP_CACHE)
    if (proxy->upstream.cache) return "excludes \"proxy_cache\": an answer for one caller could go to another";
#endif
    return check_set_headers(proxy->headers_source);
}

bool stock_sets_own_headers_only(ngx_conf_t *cf)
{
    const struct proxy_location *proxy = ngx_http_conf_get_module_loc_conf(cf, ngx_http_proxy_module);
    const ngx_array_t *source = proxy->headers_source; /* all that are required stand in it, and none twice: check_set_headers */
    return source != NULL && source->nelts == REQUIRED && proxy->http_version == NGX_HTTP_VERSION_11;
}

const char *stock_check_location(ngx_conf_t *cf)
{
    const ngx_http_core_loc_conf_t *core = ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module);
    const struct proxy_location *proxy = ngx_http_conf_get_module_loc_conf(cf, ngx_http_proxy_module);
    if (core->satisfy == NGX_HTTP_SATISFY_ANY) return "excludes \"satisfy any\": another module could admit whom we refused";
    bool ours = proxy->upstream.upstream != NULL && proxy->proxy_lengths == NULL && balancer_owns(proxy->upstream.upstream);
    if (ours) return check_proxy(proxy);
    if (core->handler == NULL && proxy->upstream.upstream == NULL && proxy->proxy_lengths == NULL) return NULL; /* static files */
    return "forwards through an upstream with \"countersign_balancer\" only (credentials are stripped and requests signed there)";
}

#include "gateway/variables.h"

#include "base/text.h"
#include "gateway/context.h"
#include "gateway/target.h"
#include "gateway/view.h"

/* What a variable says about a request; empty: nothing to say. */
typedef struct bytes (*variable_read)(const struct gateway_context *context);

static const struct credential *known_credential(const struct gateway_context *context)
{
    return context->admission.known ? &context->admission.credential : NULL;
}

static struct bytes read_principal_kind(const struct gateway_context *context)
{
    const struct credential *credential = known_credential(context);
    return credential == NULL ? (struct bytes){0} : bytes_of_text(principal_kind_name(credential->principal.kind));
}

static struct bytes read_principal_id(const struct gateway_context *context)
{
    const struct credential *credential = known_credential(context);
    return credential == NULL ? (struct bytes){0} : credential->principal.id;
}

static struct bytes read_principal(const struct gateway_context *context)
{
    const struct credential *credential = known_credential(context);
    return credential == NULL ? (struct bytes){0} : credential->principal.name;
}

static struct bytes read_credential(const struct gateway_context *context)
{
    const struct credential *credential = known_credential(context);
    return credential == NULL ? (struct bytes){0} : credential->id;
}

static struct bytes read_scheme(const struct gateway_context *context)
{
    const struct scheme *scheme = context->admission.claim.scheme;
    return scheme == NULL ? (struct bytes){0} : bytes_of_text(scheme->name);
}

static struct bytes read_api(const struct gateway_context *context)
{
    return context->publication == NULL ? (struct bytes){0} : context->publication->api_id;
}

static struct bytes read_environment(const struct gateway_context *context)
{
    return context->publication == NULL ? (struct bytes){0} : context->publication->environment_name;
}

static struct bytes read_refusal(const struct gateway_context *context)
{
    bool refused = context->stage == STAGE_REFUSED && context->admission.outcome == ADMISSION_REFUSED;
    bool cut = context->stage == STAGE_FORWARDED; /* watch.c; otherwise there is none */
    return refused || cut ? bytes_of_text(refusal_name(context->admission.refusal)) : (struct bytes){0};
}

static struct bytes read_outcome(const struct gateway_context *context)
{
    switch (context->stage) {
    case STAGE_ACCEPTED:
    case STAGE_FORWARDED:
        return BYTES("accepted");
    case STAGE_REFUSED:
        return context->admission.outcome == ADMISSION_FAULT ? BYTES("fault") : BYTES("refused");
    case STAGE_ANSWERED:
        return BYTES("answered");
    case STAGE_NEW:
    case STAGE_READING_BODY:
        break;
    }
    return (struct bytes){0}; /* nginx refused it, or the caller went away */
}

static struct bytes read_request_id(const struct gateway_context *context)
{
    return bytes_of(context->request_id, REQUEST_ID_LENGTH);
}

static struct bytes read_host(const struct gateway_context *context)
{
    return context->publication == NULL ? (struct bytes){0} : context->publication->backend.host;
}

static struct bytes read_upgrade(const struct gateway_context *context)
{
    const ngx_http_request_t *r = context->request;
    return view_wants_websocket(r) ? bytes_of_str(r->headers_in.upgrade->value) : (struct bytes){0};
}

static struct bytes read_connection(const struct gateway_context *context)
{
    return read_upgrade(context).length > 0 ? BYTES("upgrade") : (struct bytes){0};
}

struct variable {
    ngx_str_t name;
    variable_read read;
};

/* Read through their row number; empty ones are "not found", which logs show as "-" or "". */
static const struct variable variables[] = {
    {ngx_string("countersign_principal_kind"), read_principal_kind},
    {ngx_string("countersign_principal_id"), read_principal_id},
    {ngx_string("countersign_principal"), read_principal},
    {ngx_string("countersign_credential"), read_credential},
    {ngx_string("countersign_scheme"), read_scheme},
    {ngx_string("countersign_api"), read_api},
    {ngx_string("countersign_environment"), read_environment},
    {ngx_string("countersign_refusal"), read_refusal},
    {ngx_string("countersign_outcome"), read_outcome},
    {ngx_string("countersign_request_id"), read_request_id},
    {ngx_string("countersign_host"), read_host},
    {ngx_string("countersign_upgrade"), read_upgrade},
    {ngx_string("countersign_connection"), read_connection},
};

static void set_value(ngx_http_variable_value_t *value, struct bytes text)
{
    value->not_found = text.length == 0;
    value->valid = text.length > 0;
    value->no_cacheable = 0;
    value->len = text.length & 0xfffffff;
    value->data = str_of_bytes(text).data;
}

static ngx_int_t get_variable(ngx_http_request_t *r, ngx_http_variable_value_t *value, uintptr_t row)
{
    const struct gateway_context *context = context_find(r);
    set_value(value, context == NULL ? (struct bytes){0} : variables[row].read(context));
    return NGX_OK;
}

/* These have something to say before the access phase, too. */
static ngx_int_t get_target(ngx_http_request_t *r, ngx_http_variable_value_t *value, uintptr_t data)
{
    (void)data;
    struct gateway_context *context = context_find(r);
    struct bytes target = target_masked(r, context);
    if (context != NULL) context->masked_target = target;
    set_value(value, target);
    return NGX_OK;
}

static ngx_int_t get_client_host(ngx_http_request_t *r, ngx_http_variable_value_t *value, uintptr_t data)
{
    (void)data;
    struct bytes host = bytes_of_str(r->headers_in.server);
    u_char *memory = ngx_pnalloc(r->pool, 3 * host.length + 1);
    if (memory == NULL) return NGX_ERROR;
    struct buffer text = buffer_over(memory, 3 * host.length + 1);
    for (size_t i = 0; i < host.length; i++) {
        if (host.data[i] < 0x80) {
            buffer_add_byte(&text, host.data[i]);
        } else {
            percent_encode(&text, bytes_slice(host, i, 1));
        }
    }
    set_value(value, buffer_bytes(&text));
    return NGX_OK;
}

static ngx_int_t add(ngx_conf_t *cf, ngx_str_t name, ngx_http_get_variable_pt get, uintptr_t data)
{
    /* Not cached: a value asked for before the verdict would stick. */
    ngx_http_variable_t *variable = ngx_http_add_variable(cf, &name, NGX_HTTP_VAR_NOCACHEABLE);
    if (variable == NULL) return NGX_ERROR;
    variable->get_handler = get;
    variable->data = data;
    return NGX_OK;
}

ngx_int_t variables_add(ngx_conf_t *cf)
{
    for (size_t row = 0; row < sizeof variables / sizeof variables[0]; row++) {
        if (add(cf, variables[row].name, get_variable, row) != NGX_OK) return NGX_ERROR;
    }
    if (add(cf, (ngx_str_t)ngx_string("countersign_target"), get_target, 0) != NGX_OK) return NGX_ERROR;
    return add(cf, (ngx_str_t)ngx_string("countersign_client_host"), get_client_host, 0);
}

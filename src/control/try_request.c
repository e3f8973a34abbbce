#include "control/try_request.h"

#include "base/text.h"
#include "control/charsets.h"
#include "control/resources.h"
#include "crypto/random.h"
#include "scheme/scheme.h"
#include "scheme/signing.h"

#include <jansson.h>

#define MAX_VALUES 32

static const char *const methods[] = {"GET", "POST", "PUT", "DELETE", "HEAD", "PATCH", "OPTIONS", NULL};
static const char *const proofs[] = {"none", "api-key", "app-code", "aliyun-ca", "sdk-hmac-sha256", NULL};
static const char *const sources[] = {"BEARER", "HEADER", "QUERY", NULL};

/* Of the connection, and what a proxy in front would say about the caller: nginx may believe those of this machine. */
static bool is_taken(struct bytes name)
{
    static const char *const taken[] = {"host",    "content-length", "transfer-encoding", "connection", "keep-alive", "upgrade", "te",
                                        "trailer", "expect",         "forwarded",         "via",        "x-real-ip"};
    for (size_t i = 0; i < sizeof taken / sizeof *taken; i++)
        if (bytes_equal_folded(name, bytes_of_text(taken[i]))) return true;
    return bytes_start_with_folded(name, BYTES("proxy-")) || bytes_start_with_folded(name, BYTES("x-forwarded-"));
}

static bool is_field_name(struct bytes name)
{
    return http_name_is_token(name) && !is_taken(name);
}

static const struct field value_items[] = {
    {.name = "name", .type = FIELD_STRING, .flags = FIELD_REQUIRED, .minimum = 1, .maximum = 64, .charset = &charset_printable},
    {.name = "value", .type = FIELD_STRING, .flags = FIELD_REQUIRED, .minimum = 1, .maximum = 512, .charset = &charset_printable},
};
static const struct fields value_fields = FIELDS_OF(value_items);
static const struct field header_items[] = {
    {.name = "name",
     .type = FIELD_STRING,
     .flags = FIELD_REQUIRED,
     .minimum = 1,
     .maximum = 64,
     .accepts = is_field_name,
     .rule = "the name of a header, but none of the connection or of proxies"},
    {.name = "value", .type = FIELD_STRING, .flags = FIELD_SECRET, .maximum = 4096, .charset = &charset_printable, .preset = "\"\""},
};
static const struct fields header_fields = FIELDS_OF(header_items);
static const struct field body_items[] = {
    {.name = "env_id", .type = FIELD_STRING, .minimum = 1, .maximum = 64, .charset = &charset_id, .preset = "\"" ENV_RELEASE_ID "\""},
    {.name = "domain", .type = FIELD_STRING, .maximum = 253},
    {.name = "method", .type = FIELD_STRING, .choices = methods},
    {.name = "path_values", .type = FIELD_OBJECTS, .members = &value_fields, .most_items = MAX_VALUES},
    {.name = "path_suffix", .type = FIELD_STRING, .maximum = 1024, .charset = &charset_printable},
    {.name = "query", .type = FIELD_STRING, .maximum = TRY_MAX_QUERY, .charset = &charset_printable},
    {.name = "headers", .type = FIELD_OBJECTS, .members = &header_fields, .most_items = TRY_MAX_FIELDS},
    {.name = "body", .type = FIELD_STRING, .flags = FIELD_SECRET, .maximum = TRY_MAX_BODY},
    {.name = "proof", .type = FIELD_STRING, .choices = proofs, .preset = "\"none\""},
    {.name = "key", .type = FIELD_STRING, .flags = FIELD_SECRET, .maximum = 512, .charset = &charset_printable},
    {.name = "key_source", .type = FIELD_STRING, .choices = sources, .preset = "\"BEARER\""},
    {.name = "key_name", .type = FIELD_STRING, .maximum = 64, .accepts = is_field_name, .rule = "the name of a header or query parameter"},
    {.name = "secret", .type = FIELD_STRING, .flags = FIELD_SECRET, .maximum = 512, .charset = &charset_printable},
    {.name = "use_stored_secret", .type = FIELD_BOOLEAN},
};
const struct fields try_body_fields = FIELDS_OF(body_items);

static void add_field(struct try_request *try, struct bytes name, struct bytes value)
{
    try->fields[try->field_count++] = (struct http_field){name, value};
    try->request.fields = try->fields;
    try->request.field_count = try->field_count;
}

static struct bytes member(const json_t *object, const char *name)
{
    const json_t *value = json_object_get(object, name);
    return bytes_of(json_string_value(value), json_string_length(value));
}

/* What was given for {name}; empty: nothing was. */
static struct bytes value_of(const struct call *call, struct bytes name)
{
    size_t index;
    json_t *item;
    json_array_foreach(json_object_get(call->body, "path_values"), index, item)
    {
        if (bytes_equal(member(item, "name"), name)) return member(item, "value");
    }
    return BYTES("");
}

/* The path of the API with its parameters filled in, each as one segment. False: one is missing. */
static bool add_path(struct call *call, struct bytes template, struct buffer *out)
{
    while (template.length > 0) {
        size_t open = bytes_find(template, '{');
        buffer_add(out, bytes_slice(template, 0, open));
        template = bytes_from(template, open);
        if (template.length == 0) break;
        size_t close = bytes_find(template, '}');
        struct bytes value = value_of(call, bytes_slice(template, 1, close - 1));
        if (value.length == 0) return call_refuse(call, ERROR_FIELD_MISSING, BYTES("path_values"));
        percent_encode(out, value);
        template = bytes_from(template, close + 1);
    }
    return true;
}

static bool add_suffix(struct call *call, const struct value *api, struct buffer *out)
{
    struct bytes suffix = call_text(call, "path_suffix");
    if (suffix.length > 0 && !bytes_equal(api[API_MATCH_MODE].bytes, BYTES("SWA")))
        return call_refuse_rule(call, "path_suffix", "absent, unless the API matches by prefix (match_mode SWA)");
    percent_encode_path(out, suffix);
    return true;
}

static bool is_key_in_query(const struct call *call)
{
    return bytes_equal(call_text(call, "proof"), BYTES("api-key")) && bytes_equal(call_text(call, "key_source"), BYTES("QUERY"));
}

static bool compose_target(struct call *call, const struct value *api, struct try_request *try)
{
    struct bytes query = call_text(call, "query");
    struct buffer out = buffer_in(&call->arena, 65536);
    if (!add_path(call, api[API_REQ_URI].bytes, &out) || !add_suffix(call, api, &out)) return false;
    if (query.length > 0) buffer_add_byte(&out, '?');
    buffer_add(&out, query);
    size_t shown = out.length;
    if (is_key_in_query(call)) {
        buffer_add_byte(&out, query.length > 0 ? '&' : '?');
        percent_encode(&out, call_text(call, "key_name"));
        buffer_add_byte(&out, '=');
        percent_encode(&out, try->key);
    }
    if (out.overflow || !http_request_set_target(&try->request, buffer_bytes(&out)))
        return call_refuse_rule(call, "query", "name=value pairs, percent-encoded: no blank, no '#', nothing beyond ASCII");
    try->shown_query = bytes_slice(buffer_bytes(&out), 0, shown);
    return true;
}

static bool compose_method(struct call *call, const struct value *api, struct try_request *try)
{
    struct bytes asked = call_text(call, "method"), defined = api[API_REQ_METHOD].bytes;
    bool any = bytes_equal(defined, BYTES("ANY"));
    if (!any && asked.length > 0 && !bytes_equal(asked, defined))
        return call_refuse_rule(call, "method", "that of the API, unless it takes any");
    try->request.method = asked.length > 0 ? asked : any ? BYTES("GET") : defined;
    return true;
}

/* The caller's own, and what a client would add by itself, so that it is there when a signature is made. */
static void compose_fields(struct call *call, struct try_request *try)
{
    size_t index;
    json_t *item;
    add_field(try, BYTES("Host"), try->host);
    json_array_foreach(json_object_get(call->body, "headers"), index, item)
    {
        struct bytes name = member(item, "name");
        bool own = !bytes_equal_folded(name, BYTES("accept")) && !bytes_equal_folded(name, BYTES("content-type"));
        if (own) try->signed_names[try->name_count++] = name;
        add_field(try, name, member(item, "value"));
    }
    if (http_field_find(&try->request, BYTES("accept")) == NULL) add_field(try, BYTES("Accept"), BYTES("*/*"));
    if (try->body.length > 0 && http_field_find(&try->request, BYTES("content-type")) == NULL)
        add_field(try, BYTES("Content-Type"), BYTES("application/json"));
    if (!bytes_equal(try->environment, BYTES(ENV_RELEASE_NAME))) add_field(try, BYTES("X-Stage"), try->environment);
    try->proof_field = try->field_count;
}

bool try_request_compose(struct call *call, const struct value *api, struct try_request *try)
{
    try->https = bytes_equal(api[API_REQ_PROTOCOL].bytes, BYTES("HTTPS"));
    try->body = call_text(call, "body");
    try->proof = call_text(call, "proof");
    if (is_key_in_query(call) && call_text(call, "key_name").length == 0) return call_refuse(call, ERROR_FIELD_MISSING, BYTES("key_name"));
    if (!compose_method(call, api, try) || !compose_target(call, api, try)) return false;
    compose_fields(call, try);
    return true;
}

static bool prove_by_key(struct call *call, struct try_request *try)
{
    bool code = bytes_equal(try->proof, BYTES("app-code"));
    struct bytes name = code ? BYTES("X-Apig-AppCode") : call_text(call, "key_name");
    try->hides_proof = true;
    if (is_key_in_query(call)) return true;
    if (code || bytes_equal(call_text(call, "key_source"), BYTES("HEADER"))) {
        if (name.length == 0) return call_refuse(call, ERROR_FIELD_MISSING, BYTES("key_name"));
        add_field(try, name, try->key);
        return true;
    }
    struct buffer bearer = buffer_in(&call->arena, try->key.length + 7);
    buffer_add_text(&bearer, "Bearer ");
    buffer_add(&bearer, try->key);
    add_field(try, BYTES("Authorization"), buffer_bytes(&bearer));
    return !bearer.overflow || call_fault(call, "no memory for a request");
}

static bool prove_by_signature(struct call *call, struct try_request *try, const struct scheme *scheme)
{
    struct body_facts body = body_facts_of(try->body);
    struct signed_fields added;
    char nonce[33];
    if (!random_id(nonce)) return call_fault(call, "no randomness for a nonce");
    struct signing signing = {.request = &try->request,
                              .body = &body,
                              .key_id = try->key,
                              .secret = {.text = try->secret},
                              .now = call->now,
                              .nonce = arena_copy(&call->arena, bytes_of(nonce, 32)),
                              .names = try->signed_names,
                              .name_count = try->name_count};
    if (!scheme->sign(&signing, &call->arena, &added)) return call_refuse_rule(call, "key", "one that this signature can carry");
    for (size_t i = 0; i < added.count; i++) add_field(try, added.items[i].name, added.items[i].value);
    return true;
}

bool try_request_prove(struct call *call, struct try_request *try)
{
    const struct scheme *scheme = scheme_by_name(try->proof);
    if (scheme == NULL) return true; /* none */
    if (try->key.length == 0) return call_refuse(call, ERROR_FIELD_MISSING, BYTES("key"));
    if (scheme->sign == NULL) return prove_by_key(call, try);
    if (try->secret.length == 0) return call_refuse(call, ERROR_FIELD_MISSING, BYTES("secret"));
    return prove_by_signature(call, try, scheme);
}

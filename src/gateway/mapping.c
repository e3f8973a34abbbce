#include "gateway/mapping.h"

#include "base/date.h"
#include "base/text.h"
#include "gateway/claims.h"
#include "scheme/pairs.h"

#define GROWTH 16 /* a byte of a value is written into the target and, in the text to sign, taken apart and written again */
#define KNOWN  256

/* A credential that the backend is not to see does not reach it under another name either. */
static bool is_credential(const struct gateway_context *context, const struct mapping_item *item, struct bytes raw_name)
{
    const struct claim *claim = &context->admission.claim;
    if (claim->scheme == NULL || claim->place->pass_through) return false;
    if (item->origin == MAPPED_HEADER) {
        bool cookie = claim->place->location == PLACE_COOKIE && http_name_is_alias(BYTES("cookie"), raw_name);
        return cookie || (claim->place->location == PLACE_HEADER && http_name_is_alias(claim->place->name, raw_name));
    }
    return claim->place->location == PLACE_QUERY && place_is_query_name(claim->place, raw_name);
}

/* The raw value of a parameter of the request. False: it is not there. */
static bool find_raw(const struct gateway_context *context, const struct mapping_item *item, struct bytes *raw)
{
    if (item->origin == MAPPED_HEADER) {
        const struct http_field *field = http_field_find(&context->view, item->value);
        if (field == NULL || is_credential(context, item, item->value)) return false;
        *raw = field->value;
        return true;
    }
    if (item->origin == MAPPED_PATH) {
        for (size_t i = 0; i < context->route.param_count; i++) {
            if (!bytes_equal(context->route.params[i].name, item->value)) continue;
            *raw = context->route.params[i].value;
            return true;
        }
        return false;
    }
    struct bytes rest = context->view.query;
    struct http_pair pair;
    while (http_pair_next(&rest, &pair)) {
        uint8_t memory[3 * MAPPING_MAX_NAME];
        struct buffer name = buffer_over(memory, sizeof memory);
        if (pair.name.length > sizeof memory || !percent_decode_form(&name, pair.name)) continue;
        if (!bytes_equal(buffer_bytes(&name), item->value)) continue;
        *raw = pair.value;
        return !is_credential(context, item, pair.name);
    }
    return false;
}

static struct bytes known_of_app(const struct gateway_context *context, struct bytes word)
{
    const struct principal *principal = &context->admission.credential.principal;
    if (!context->admission.known || principal->kind != PRINCIPAL_APP) return BYTES("");
    if (bytes_equal(word, BYTES("appId"))) return principal->id;
    return bytes_equal(word, BYTES("appName")) ? principal->name : BYTES("");
}

static struct bytes local_address(struct gateway_context *context)
{
    u_char *memory = arena_take_unset(&context->arena, NGX_SOCKADDR_STRLEN);
    ngx_str_t text = {NGX_SOCKADDR_STRLEN, memory};
    if (memory == NULL || ngx_connection_local_sockaddr(context->request->connection, &text, 0) != NGX_OK) return BYTES("");
    return bytes_of_str(text);
}

static struct bytes time_now(struct gateway_context *context)
{
    struct buffer out = buffer_in(&context->arena, 32);
    date_format_rfc3339(&out, ngx_time());
    return buffer_bytes(&out);
}

/* What the gateway knows; empty: nothing of the kind. */
static struct bytes known(struct gateway_context *context, struct bytes word)
{
    const struct publication *publication = context->publication;
    if (bytes_equal(word, BYTES("sourceIp"))) return bytes_of_str(context->request->connection->addr_text);
    if (bytes_equal(word, BYTES("stage"))) return publication->environment_name;
    if (bytes_equal(word, BYTES("apiId"))) return publication->api_id;
    if (bytes_equal(word, BYTES("apiName"))) return publication->api_name;
    if (bytes_equal(word, BYTES("requestId"))) return bytes_of(context->request_id, REQUEST_ID_LENGTH);
    if (bytes_equal(word, BYTES("serverName"))) return bytes_of_str(context->request->headers_in.server);
    if (bytes_equal(word, BYTES("serverAddr"))) return local_address(context);
    if (bytes_equal(word, BYTES("handleTime"))) return time_now(context);
    return known_of_app(context, word);
}

static size_t longest_value(const struct gateway_context *context, const struct mapping_item *item)
{
    struct bytes raw = BYTES("");
    if (item->origin == MAPPED_CONSTANT) return item->value.length;
    if (item->origin == MAPPED_SYSTEM) return KNOWN;
    if (item->place == MAPPED_NOWHERE) return 0;
    return find_raw(context, item, &raw) ? raw.length : item->fallback.length;
}

size_t mapping_room(const struct gateway_context *context)
{
    struct bytes rest = context->publication->mapping;
    struct mapping_item item;
    size_t room = 0;
    while (mapping_next(&rest, &item)) {
        room += GROWTH * (item.name.length + longest_value(context, &item) + 2) + 2 * KNOWN;
        room += sizeof(struct mapping_value) + sizeof(ngx_table_elt_t) + 2 * sizeof(struct pair);
    }
    return room;
}

static bool plain_value(struct gateway_context *context, const struct mapping_item *item, struct bytes *text)
{
    struct bytes raw;
    if (item->origin == MAPPED_CONSTANT) *text = item->value;
    if (item->origin == MAPPED_SYSTEM) *text = known(context, item->value);
    if (item->origin == MAPPED_CONSTANT || item->origin == MAPPED_SYSTEM) return text->length > 0;
    if (!find_raw(context, item, &raw)) return false;
    *text = raw;
    if (item->origin == MAPPED_HEADER) return true;
    struct buffer out = buffer_in(&context->arena, raw.length);
    bool decoded = item->origin == MAPPED_QUERY ? percent_decode_form(&out, raw) : percent_decode(&out, raw);
    if (decoded) *text = buffer_bytes(&out);
    return decoded;
}

static struct bytes encoded(struct gateway_context *context, struct bytes plain)
{
    struct buffer out = buffer_in(&context->arena, 3 * plain.length);
    percent_encode(&out, plain);
    return buffer_bytes(&out);
}

/* What claims say nobody else says, neither a caller nor a mapping in his words. */
static bool is_told(const struct gateway_context *context, const struct mapping_item *item)
{
    return item->place == MAPPED_TO_HEADER ? claims_own_header(context, item->name) : claims_own_parameter(context, item->name);
}

static void set_text(struct gateway_context *context, struct mapping_value *value, struct bytes plain)
{
    value->present = true;
    value->text = value->item.place == MAPPED_TO_QUERY ? encoded(context, plain) : plain;
}

/* What stands in for a parameter that the caller did not send. */
static bool resolve_fallback(struct gateway_context *context, struct mapping_value *value)
{
    if (value->item.fallback.length > 0) set_text(context, value, value->item.fallback);
    return true;
}

/* From a query into a query the caller's own bytes are kept. */
static bool resolve(struct gateway_context *context, struct mapping_value *value)
{
    const struct mapping_item *item = &value->item;
    struct bytes plain;
    if (item->place == MAPPED_NOWHERE || is_told(context, item)) return true;
    if (mapping_stays(item)) return find_raw(context, item, &plain) || resolve_fallback(context, value);
    bool keeps = item->origin == MAPPED_QUERY && item->place == MAPPED_TO_QUERY;
    value->present = keeps ? find_raw(context, item, &value->text) : plain_value(context, item, &plain);
    if (!value->present) return resolve_fallback(context, value);
    if (!keeps) set_text(context, value, plain);
    return item->place == MAPPED_TO_QUERY || http_value_is_clean(plain);
}

bool mapping_resolve(struct gateway_context *context, struct mapping *mapping)
{
    struct bytes rest = context->publication->mapping;
    struct mapping_item item;
    *mapping = (struct mapping){0};
    if (context->publication->mapping_count == 0) return true;
    mapping->values = arena_take_array(&context->arena, context->publication->mapping_count, sizeof *mapping->values);
    if (mapping->values == NULL) return false;
    while (mapping_next(&rest, &item) && !mapping->unfit) {
        struct mapping_value *value = &mapping->values[mapping->count++];
        value->item = item;
        mapping->unfit = !resolve(context, value);
    }
    return !mapping->unfit && !context->arena.exhausted;
}

bool mapping_takes_query(const struct mapping *mapping, struct bytes raw_name)
{
    uint8_t memory[3 * MAPPING_MAX_NAME];
    struct buffer name = buffer_over(memory, sizeof memory);
    if (raw_name.length > sizeof memory || !percent_decode_form(&name, raw_name)) return false;
    for (size_t i = 0; i < mapping->count; i++) {
        const struct mapping_item *item = &mapping->values[i].item;
        if (mapping_stays(item)) continue;
        if (item->place == MAPPED_TO_QUERY && bytes_equal(item->name, buffer_bytes(&name))) return true;
        if (item->origin == MAPPED_QUERY && bytes_equal(item->value, buffer_bytes(&name))) return true;
    }
    return false;
}

bool mapping_takes_header(struct bytes text, struct bytes name)
{
    struct mapping_item item;
    while (mapping_next(&text, &item)) {
        if (mapping_stays(&item)) continue;
        if (item.place == MAPPED_TO_HEADER && http_name_is_alias(item.name, name)) return true;
        if (item.origin == MAPPED_HEADER && http_name_is_alias(item.value, name)) return true;
    }
    return false;
}

void mapping_add_query(const struct mapping *mapping, struct buffer *out, uint8_t separator)
{
    for (size_t i = 0; i < mapping->count; i++) {
        const struct mapping_value *value = &mapping->values[i];
        if (!value->present || value->item.place != MAPPED_TO_QUERY) continue;
        buffer_add_byte(out, separator);
        percent_encode(out, value->item.name);
        buffer_add_byte(out, '=');
        buffer_add(out, value->text);
        separator = '&';
    }
}

bool mapping_add_headers(const struct mapping *mapping, struct outgoing *outgoing)
{
    for (size_t i = 0; i < mapping->count; i++) {
        const struct mapping_value *value = &mapping->values[i];
        if (!value->present || value->item.place != MAPPED_TO_HEADER) continue;
        if (!outgoing_add(outgoing, &(struct http_field){value->item.name, value->text})) return false;
    }
    return true;
}

#include "gateway/target.h"

#include "base/text.h"
#include "gateway/claims.h"

#define MAX_QUERY_NAME 128
#define MASK           "***"

static const struct place *stripped_query_place(const struct gateway_context *context)
{
    const struct claim *claim = &context->admission.claim;
    if (claim->scheme == NULL || claim->place->location != PLACE_QUERY || context->admission.pass_through || claim->place->pass_through)
        return NULL;
    return claim->place;
}

static struct bytes param_value(const struct route *route, struct bytes name)
{
    for (size_t i = 0; i < route->param_count; i++)
        if (bytes_equal(route->params[i].name, name)) return route->params[i].value;
    return (struct bytes){0};
}

/* "/a/{b}/c*": parameters in place, the rest of a prefix match behind it; its '*' only marks that. */
static bool add_path(struct buffer *out, struct bytes template, const struct route *route)
{
    if (template.length > 0 && template.data[template.length - 1] == '*') template.length--;
    bool doubled = template.length > 0 && template.data[template.length - 1] == '/' && route->rest.length > 0;
    if (doubled) template.length--;
    while (template.length > 0) {
        size_t brace = bytes_find(template, '{');
        buffer_add(out, bytes_slice(template, 0, brace));
        if (brace == template.length) break;
        struct bytes name = bytes_from(template, brace + 1);
        size_t end = bytes_find(name, '}');
        struct bytes value = param_value(route, bytes_slice(name, 0, end));
        if (end == name.length || value.length == 0) return false;
        buffer_add(out, value);
        template = bytes_from(name, end + 1);
    }
    buffer_add(out, route->rest);
    return true;
}

size_t target_path_room(const struct gateway_context *context)
{
    struct bytes template = context->publication->backend.path;
    size_t longest = 0, room = template.length + context->view.path.length;
    if (context->route.param_count == 0) return room;
    for (size_t i = 0; i < context->route.param_count; i++)
        if (context->route.params[i].value.length > longest) longest = context->route.params[i].value.length;
    for (size_t i = 0; i < template.length; i++)
        if (template.data[i] == '{') room += longest;
    return room;
}

/* How a query goes on: without the proof, and without what claims and the mapping say themselves. */
struct query_change {
    const struct gateway_context *context;
    const struct place *stripped;
    const struct mapping *mapping;
};

static bool is_dropped(const struct query_change *change, struct bytes raw_name)
{
    return (change->stripped != NULL && place_is_query_name(change->stripped, raw_name)) ||
           mapping_takes_query(change->mapping, raw_name) || claims_own_parameter(change->context, raw_name);
}

static void add_query(struct buffer *out, const struct query_change *change)
{
    uint8_t separator = '?';
    for (struct bytes rest = change->context->view.query, item; bytes_next_part(&rest, '&', &item);) {
        if (is_dropped(change, bytes_slice(item, 0, bytes_find(item, '=')))) continue;
        buffer_add_byte(out, separator);
        buffer_add(out, item);
        separator = '&';
    }
    size_t before = out->length;
    mapping_add_query(change->mapping, out, separator);
    claims_add_parameters(change->context, out->length > before ? '&' : separator, out);
}

struct bytes target_outgoing(struct gateway_context *context, const struct mapping *mapping)
{
    const struct http_request *view = &context->view;
    const struct query_change change = {context, stripped_query_place(context), mapping};
    struct bytes template = context->publication->backend.path;
    bool same_query = change.stripped == NULL && mapping->count == 0 && context->publication->told_parameters.length == 0;
    if (same_query && template.length == 0) return view->target;

    size_t most = target_path_room(context) + view->target.length + 1 + claims_parameter_room(context);
    for (size_t i = 0; i < mapping->count; i++) most += 3 * mapping->values[i].item.name.length + mapping->values[i].text.length + 2;
    struct buffer out = buffer_in(&context->arena, most);
    if (template.length == 0) {
        buffer_add(&out, view->path);
    } else if (!add_path(&out, template, &context->route)) {
        return (struct bytes){0};
    }
    if (same_query) {
        buffer_add(&out, bytes_from(view->target, view->path.length));
    } else {
        add_query(&out, &change);
    }
    return buffer_bytes(&out);
}

/* Nearly the name: a caller who wrote it in other case, or with more around it than letters, still wrote his credential behind it. */
static bool resembles(struct bytes raw, struct bytes name)
{
    uint8_t memory[3 * MAX_QUERY_NAME];
    struct buffer decoded = buffer_over(memory, sizeof memory);
    if (name.length > MAX_QUERY_NAME || raw.length > sizeof memory || !percent_decode(&decoded, raw)) return true;
    for (struct bytes rest = buffer_bytes(&decoded); rest.length >= name.length; rest = bytes_from(rest, 1)) {
        if (bytes_start_with_folded(rest, name)) return true;
    }
    return false;
}

static bool holds_credential(const struct gateway_context *context, struct bytes name)
{
    if (context == NULL || context->publication == NULL) return true;
    const struct proof_plan *plan = &context->publication->plan;
    for (size_t i = 0; i < plan->place_count; i++)
        if (plan->places[i].location == PLACE_QUERY && resembles(name, plan->places[i].name)) return true;
    return false;
}

static void add_printable(struct buffer *out, struct bytes text)
{
    for (size_t i = 0; i < text.length; i++) {
        if (text.data[i] > 0x20 && text.data[i] < 0x7f) {
            buffer_add_byte(out, text.data[i]);
        } else {
            percent_encode(out, bytes_slice(text, i, 1));
        }
    }
}

static void add_masked_query(struct buffer *out, struct bytes query, const struct gateway_context *context)
{
    uint8_t separator = '?';
    for (struct bytes rest = query, item; bytes_next_part(&rest, '&', &item);) {
        struct bytes name = bytes_slice(item, 0, bytes_find(item, '='));
        buffer_add_byte(out, separator);
        separator = '&';
        if (name.length < item.length && holds_credential(context, name)) {
            add_printable(out, name);
            buffer_add_text(out, "=" MASK);
        } else {
            add_printable(out, item);
        }
    }
}

struct bytes target_masked(ngx_http_request_t *r, const struct gateway_context *context)
{
    struct bytes target = bytes_of_str(r->unparsed_uri);
    if (context != NULL) {
        if (context->masked_target.length > 0) return context->masked_target;
        if (context->saved.swapped) target = bytes_of_str(context->saved.target);
    }
    size_t path_length = bytes_find(target, '?');
    size_t most = 3 * target.length + (sizeof MASK) * (1 + target.length - path_length);
    uint8_t *memory = ngx_pnalloc(r->pool, most);
    if (memory == NULL) return BYTES("-");
    struct buffer out = buffer_over(memory, most);
    add_printable(&out, bytes_slice(target, 0, path_length));
    if (path_length < target.length) add_masked_query(&out, bytes_from(target, path_length + 1), context);
    return buffer_bytes(&out);
}

#include "control/compile_mapping.h"

#include "base/text.h"
#include "policy/mapping.h"
#include "policy/parameter.h"

#include <string.h>

#define PATH_MOST       8192
#define PARAMETERS_ROOM (256 * 1024)
#define YES             1 /* the vendor's yes; no is 2 */
#define NO              2

static struct bytes text_of(const json_t *object, const char *name)
{
    const json_t *value = json_object_get(object, name);
    return bytes_of(json_string_value(value), json_string_length(value));
}

static bool is(const json_t *object, const char *name, const char *word)
{
    return bytes_equal(text_of(object, name), bytes_of_text(word));
}

/* The backend parameter of the path with this name, or NULL: it is the request's of the same name. */
static const json_t *of_path(const json_t *api, struct bytes name)
{
    const json_t *list = json_object_get(api, "backend_params"), *item;
    size_t i;
    json_array_foreach(list, i, item)
    {
        if (is(item, "location", "PATH") && bytes_equal(text_of(item, "name"), name)) return item;
    }
    return NULL;
}

static void add_param(struct buffer *out, const json_t *api, struct bytes name)
{
    const json_t *item = of_path(api, name);
    if (item != NULL && is(item, "origin", "CONSTANT")) {
        percent_encode(out, text_of(item, "value"));
        return;
    }
    buffer_add_byte(out, '{');
    buffer_add(out, item != NULL ? text_of(item, "value") : name);
    buffer_add_byte(out, '}');
}

struct bytes compile_path(struct arena *arena, const json_t *api, struct bytes path)
{
    struct buffer out = buffer_in(arena, PATH_MOST);
    while (path.length > 0) {
        size_t brace = bytes_find(path, '{');
        buffer_add(&out, bytes_slice(path, 0, brace));
        if (brace == path.length) break;
        struct bytes name = bytes_from(path, brace + 1);
        size_t end = bytes_find(name, '}');
        add_param(&out, api, bytes_slice(name, 0, end));
        path = bytes_from(name, end + 1);
    }
    return out.overflow ? BYTES("") : buffer_bytes(&out);
}

static bool integer_is(const json_t *object, const char *name, json_int_t expected)
{
    const json_t *value = json_object_get(object, name);
    return value != NULL && json_integer_value(value) == expected;
}

/* The request's parameter that a backend parameter takes. One with the same name in several places: that of the backend parameter's own,
 * if there is one. */
static const json_t *request_param(const json_t *api, const json_t *param)
{
    const json_t *list = json_object_get(api, "req_params"), *item, *found = NULL;
    struct bytes name = text_of(param, "value"), location = text_of(param, "location");
    size_t i;
    json_array_foreach(list, i, item)
    {
        if (!bytes_equal(text_of(item, "name"), name)) continue;
        if (bytes_equal(text_of(item, "location"), location)) return item;
        if (found == NULL) found = item;
    }
    return found;
}

static enum mapping_origin origin_of(const json_t *request)
{
    if (is(request, "location", "PATH")) return MAPPED_PATH;
    return is(request, "location", "QUERY") ? MAPPED_QUERY : MAPPED_HEADER;
}

static enum mapping_place place_of(const json_t *param)
{
    return is(param, "location", "QUERY") ? MAPPED_TO_QUERY : MAPPED_TO_HEADER;
}

/* Does any backend parameter, the path's among them, take this one of the request? */
static bool is_taken(const json_t *api, const json_t *request)
{
    const json_t *list = json_object_get(api, "backend_params"), *param;
    size_t i;
    json_array_foreach(list, i, param)
    {
        if (is(param, "origin", "REQUEST") && request_param(api, param) == request) return true;
    }
    return false;
}

/* What was written stays, what is free behind it is given back. */
static struct bytes keep(struct arena *arena, const struct buffer *out)
{
    if (out->data != NULL) arena_rewind(arena, (size_t)(out->data - arena->memory) + out->length);
    return buffer_bytes(out);
}

static struct mapping_item item_of(const json_t *api, const json_t *param)
{
    struct mapping_item item = {.place = place_of(param), .name = text_of(param, "name"), .value = text_of(param, "value")};
    if (is(param, "origin", "CONSTANT")) {
        item.origin = MAPPED_CONSTANT;
    } else if (is(param, "origin", "SYSTEM")) {
        item.origin = MAPPED_SYSTEM;
        if (bytes_start_with(item.value, BYTES("$context."))) item.value = bytes_from(item.value, strlen("$context."));
    } else {
        const json_t *request = request_param(api, param);
        item.origin = origin_of(request);
        item.fallback = text_of(request, "default_value");
    }
    return item;
}

/* A parameter of the request that no backend parameter takes: it stays, or goes nowhere. */
static struct mapping_item item_of_untaken(const json_t *request)
{
    struct bytes name = text_of(request, "name");
    bool stays = !integer_is(request, "pass_through", NO);
    return (struct mapping_item){.origin = origin_of(request),
                                 .place = stays ? place_of(request) : MAPPED_NOWHERE,
                                 .name = name,
                                 .value = name,
                                 .fallback = stays ? text_of(request, "default_value") : BYTES("")};
}

static void add_item(struct buffer *out, const struct mapping_item *item, size_t *count)
{
    if (mapping_stays(item) && item->fallback.length == 0) return;
    mapping_add(out, item);
    ++*count;
}

struct bytes compile_mapping(struct arena *arena, const json_t *api, size_t *count)
{
    const json_t *taking = json_object_get(api, "backend_params"), *params = json_object_get(api, "req_params"), *param;
    size_t i;
    *count = 0;
    if (json_array_size(taking) == 0 && json_array_size(params) == 0) return BYTES("");
    struct buffer out = buffer_in(arena, MAPPING_MOST);
    json_array_foreach(taking, i, param)
    {
        struct mapping_item item = item_of(api, param);
        if (!is(param, "location", "PATH")) add_item(&out, &item, count);
    }
    json_array_foreach(params, i, param)
    {
        struct mapping_item item = item_of_untaken(param);
        if (!is(param, "location", "PATH") && !is_taken(api, param)) add_item(&out, &item, count);
    }
    return keep(arena, &out);
}

static enum parameter_place parameter_place(const json_t *param)
{
    if (is(param, "location", "PATH")) return PARAMETER_IN_PATH;
    return is(param, "location", "QUERY") ? PARAMETER_IN_QUERY : PARAMETER_IN_HEADER;
}

void compile_parameter(const json_t *param, struct parameter_rule *rule)
{
    bool number = is(param, "type", "NUMBER");
    const json_t *least = json_object_get(param, number ? "min_num" : "min_size");
    const json_t *most = json_object_get(param, number ? "max_num" : "max_size");
    *rule = (struct parameter_rule){.place = parameter_place(param),
                                    .name = text_of(param, "name"),
                                    .required = !is(param, "location", "PATH") && integer_is(param, "required", YES),
                                    .checked = integer_is(param, "valid_enable", YES),
                                    .number = number,
                                    .least = json_integer_value(least),
                                    .most = json_integer_value(most),
                                    .choices = text_of(param, "enumerations")};
    /* Clients of the vendor send 0 for what was not set. */
    bool bounded = rule->least != 0 || rule->most != 0;
    rule->has_least = bounded && json_is_integer(least);
    rule->has_most = bounded && json_is_integer(most) && (rule->most != 0 || rule->least < 0);
}

struct bytes compile_parameters(struct arena *arena, const json_t *api)
{
    const json_t *params = json_object_get(api, "req_params"), *param;
    size_t i;
    if (json_array_size(params) == 0) return BYTES("");
    struct buffer out = buffer_in(arena, PARAMETERS_ROOM);
    json_array_foreach(params, i, param)
    {
        struct parameter_rule rule;
        compile_parameter(param, &rule);
        if (rule.required || rule.checked) parameter_add(&out, &rule);
    }
    return keep(arena, &out);
}

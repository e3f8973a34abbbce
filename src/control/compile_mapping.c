#include "control/compile_mapping.h"

#include "base/text.h"
#include "policy/mapping.h"

#include <string.h>

#define PATH_MOST    8192
#define MAPPING_MOST 32768

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

static const json_t *request_param(const json_t *api, struct bytes name)
{
    const json_t *list = json_object_get(api, "req_params"), *item;
    size_t i;
    json_array_foreach(list, i, item)
    {
        if (bytes_equal(text_of(item, "name"), name)) return item;
    }
    return NULL;
}

/* One with the same name in several places: that of the backend parameter's own, if there is one. */
static struct bytes place_in_request(const json_t *api, const json_t *param)
{
    const json_t *list = json_object_get(api, "req_params"), *item;
    struct bytes name = text_of(param, "value"), location = text_of(param, "location");
    size_t i;
    json_array_foreach(list, i, item)
    {
        if (bytes_equal(text_of(item, "name"), name) && bytes_equal(text_of(item, "location"), location)) return location;
    }
    return text_of(request_param(api, name), "location");
}

static enum mapping_origin origin_of(const json_t *api, const json_t *param)
{
    if (is(param, "origin", "CONSTANT")) return MAPPED_CONSTANT;
    if (is(param, "origin", "SYSTEM")) return MAPPED_SYSTEM;
    struct bytes location = place_in_request(api, param);
    if (bytes_equal(location, BYTES("PATH"))) return MAPPED_PATH;
    return bytes_equal(location, BYTES("QUERY")) ? MAPPED_QUERY : MAPPED_HEADER;
}

/* Under its own name in its own place: it stays as it came. */
static bool stays(const json_t *api, const json_t *param)
{
    return is(param, "origin", "REQUEST") && bytes_equal(text_of(param, "name"), text_of(param, "value")) &&
           bytes_equal(place_in_request(api, param), text_of(param, "location"));
}

struct bytes compile_mapping(struct arena *arena, const json_t *api, size_t *count)
{
    const json_t *list = json_object_get(api, "backend_params"), *param;
    size_t i;
    *count = 0;
    if (json_array_size(list) == 0) return BYTES("");
    struct buffer out = buffer_in(arena, MAPPING_MOST);
    json_array_foreach(list, i, param)
    {
        if (is(param, "location", "PATH") || stays(api, param)) continue;
        struct bytes value = text_of(param, "value");
        struct mapping_item item = {.origin = origin_of(api, param),
                                    .place = is(param, "location", "QUERY") ? MAPPED_TO_QUERY : MAPPED_TO_HEADER,
                                    .name = text_of(param, "name"),
                                    .value = value};
        if (item.origin == MAPPED_SYSTEM && bytes_start_with(value, BYTES("$context.")))
            item.value = bytes_from(value, strlen("$context."));
        mapping_add(&out, &item);
        ++*count;
    }
    return buffer_bytes(&out);
}

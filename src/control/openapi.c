#include "control/openapi.h"

#include "base/text.h"
#include "control/listing.h"
#include "control/resources.h"
#include "control/routes.h"
#include "control/unserved.h"

#include <pthread.h>
#include <string.h>

#define MAX_SEGMENT  64
#define SEGMENT_FORM "^[A-Za-z0-9_-]+$"

static void put(json_t *object, const char *name, json_t *value)
{
    json_object_set_new(object, name, value);
}

static json_t *text(struct bytes bytes)
{
    return json_stringn((const char *)bytes.data, bytes.length);
}

static json_t *parameter(const char *place, struct bytes name, bool required, json_t *schema)
{
    json_t *item = json_pack("{s:s, s:o, s:b, s:o}", "in", place, "name", text(name), "required", required, "schema", schema);
    return item;
}

static void add_path_parameters(json_t *list, const char *path)
{
    struct bytes rest = bytes_of_text(path);
    struct bytes segment;
    while (bytes_next_part(&rest, '/', &segment)) {
        if (!bytes_start_with(segment, BYTES("{"))) continue;
        json_t *schema =
            json_pack("{s:s, s:i, s:i, s:s}", "type", "string", "minLength", 1, "maxLength", MAX_SEGMENT, "pattern", SEGMENT_FORM);
        json_array_append_new(list, parameter("path", bytes_slice(segment, 1, segment.length - 2), true, schema));
    }
}

static bool is_listed(const json_t *list, const char *name)
{
    for (size_t i = 0; i < json_array_size(list); i++) {
        if (strcmp(json_string_value(json_object_get(json_array_get(list, i), "name")), name) == 0) return true;
    }
    return false;
}

static void add_query(json_t *list, const char *name, const char *type)
{
    if (is_listed(list, name)) return;
    json_array_append_new(list, parameter("query", bytes_of_text(name), false, json_pack("{s:s}", "type", type)));
}

/* Those of the route's own table first: they say more than a filter of the same name. */
static void add_query_parameters(json_t *list, const struct route *route)
{
    const struct fields *own = route->query;
    const struct listing *listing = route->listing;
    for (size_t i = 0; own != NULL && i < own->count; i++) {
        const struct field *field = &own->items[i];
        bool required = (field->flags & FIELD_REQUIRED) != 0;
        json_array_append_new(list, parameter("query", bytes_of_text(field->name), required, schema_of_parameter(field)));
    }
    for (size_t i = 0; listing != NULL && i < listing->filter_count; i++) {
        add_query(list, listing->filters[i].parameter, listing->filters[i].kind == FILTER_INTEGER ? "integer" : "string");
    }
    if (listing == NULL && route->items == NULL) return;
    add_query(list, "offset", "integer");
    add_query(list, "limit", "integer");
    if (listing != NULL) add_query(list, "precise_search", "string");
}

static json_t *content(json_t *schema)
{
    return json_pack("{s:{s:o}}", "application/json", "schema", schema);
}

static json_t *page_of(const char *items, const struct fields *fields)
{
    return json_pack("{s:s, s:{s:{s:s}, s:{s:s}, s:{s:s, s:o}}, s:[s, s, s]}", "type", "object", "properties", "total", "type", "integer",
                     "size", "type", "integer", items, "type", "array", "items", schema_of_answer(fields), "required", "total", "size",
                     items);
}

/* NULL: no body. */
static json_t *answer_schema(const struct route *route)
{
    if (route->listing != NULL) return page_of(route->listing->items, route->listing->resource->fields);
    if (route->answer == NULL) return NULL;
    return route->items != NULL ? page_of(route->items, route->answer) : schema_of_answer(route->answer);
}

/* Lines of text have no schema but that. */
static void put_content(json_t *success, const struct route *route)
{
    json_t *schema = answer_schema(route);
    if (route->text != NULL) put(success, "content", json_pack("{s:{s:{s:s}}}", route->text, "schema", "type", "string"));
    if (schema != NULL) put(success, "content", content(schema));
}

static json_t *error_answer(const char *words)
{
    return json_pack("{s:s, s:{s:{s:{s:s}}}}", "description", words, "content", "application/json", "schema", "$ref",
                     "#/components/schemas/error");
}

static json_t *responses(const struct route *route)
{
    char memory[8];
    struct buffer status = buffer_over(memory, sizeof memory - 1);
    json_t *success = json_pack("{s:s}", "description", route_status(route) != 204 ? "done" : "done; no body");
    json_t *all = json_object();
    buffer_add_number(&status, route_status(route));
    memory[status.length] = '\0';
    put_content(success, route);
    put(all, memory, success);
    put(all, "4XX", error_answer("refused: nothing was changed"));
    put(all, "5XX", error_answer("a fault; APIG.9998: stored, not yet effective"));
    return all;
}

/* "apis" of /v2/…/apis/action: what the call is about. */
static struct bytes tag_of(const struct route *route)
{
    struct bytes rest = bytes_of_text(route->path);
    struct bytes segment = BYTES("");
    if (bytes_start_with(rest, BYTES(IN_INSTANCE "/")))
        rest = bytes_from(rest, strlen(IN_INSTANCE "/"));
    else if (bytes_start_with(rest, BYTES(IN_PROJECT)))
        return BYTES("instances");
    else if (rest.length > 0)
        rest = bytes_from(rest, 1);
    bytes_next_part(&rest, '/', &segment);
    return segment;
}

static json_t *operation(const struct route *route)
{
    json_t *parameters = json_array();
    json_t *item = json_pack("{s:s, s:[o]}", "operationId", route->action, "tags", text(tag_of(route)));
    add_path_parameters(parameters, route->path);
    add_query_parameters(parameters, route);
    put(item, "parameters", parameters);
    if (route->body != NULL) {
        json_t *body = json_pack("{s:o}", "content", content(schema_of_body(route->body, route->filling)));
        put(body, "required", json_boolean(!fields_may_be_absent(route->body)));
        put(item, "requestBody", body);
    }
    put(item, "responses", responses(route));
    put(item, "x-right", json_string(right_name(route->right)));
    if (route->right == RIGHT_ANYONE) put(item, "security", json_array());
    return item;
}

static const char *method_key(const char *method)
{
    static const char *const keys[][2] = {{"GET", "get"}, {"PUT", "put"}, {"POST", "post"}, {"DELETE", "delete"}, {"HEAD", "head"}};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        if (strcmp(keys[i][0], method) == 0) return keys[i][1];
    }
    return "trace";
}

static json_t *paths(void)
{
    const struct route *route;
    json_t *all = json_object();
    for (size_t i = 0; (route = route_at(i)) != NULL; i++) {
        json_t *path = json_object_get(all, route->path);
        if (path == NULL) put(all, route->path, path = json_object());
        put(path, method_key(route->method), operation(route));
    }
    return all;
}

static json_t *error_codes(void)
{
    const struct error *error;
    json_t *all = json_object();
    for (size_t i = 0; (error = error_at(i)) != NULL; i++) {
        char memory[17];
        struct buffer code = buffer_over(memory, sizeof memory - 1);
        error_write_code(&code, error->code);
        memory[code.length] = '\0';
        json_t *list = json_object_get(all, memory);
        if (list == NULL) put(all, memory, list = json_array());
        json_array_append_new(list, json_pack("{s:i, s:s}", "status", (int)error->status, "text", error->text));
    }
    return all;
}

static json_t *proof(const char *place, const char *name, const char *words)
{
    return json_pack("{s:s, s:s, s:s, s:s}", "type", "apiKey", "in", place, "name", name, "description", words);
}

static json_t *proofs(void)
{
    json_t *signature = proof("header", "Authorization", "SDK-HMAC-SHA256 with X-Sdk-Date, by an access key");
    json_t *token = proof("header", "X-Auth-Token", "of POST /v3/auth/tokens");
    return json_pack("{s:o, s:o}", "access_key", signature, "token", token);
}

static json_t *not_served(void)
{
    const struct unserved *row;
    json_t *all = json_array();
    for (size_t i = 0; (row = unserved_at(i)) != NULL; i++) {
        json_array_append_new(all, json_pack("{s:s, s:s?, s:s}", "first", row->first, "second", row->second, "why", row->why));
    }
    return all;
}

static json_t *components(void)
{
    json_t *error = json_pack("{s:s, s:{s:{s:s, s:{}}, s:{s:s}, s:{s:s}, s:{s:s}}, s:[s, s]}", "type", "object", "properties", "error",
                              "type", "object", "properties", "error_code", "type", "string", "error_msg", "type", "string", "request_id",
                              "type", "string", "required", "error_code", "error_msg");
    return json_pack("{s:{s:o}, s:o}", "schemas", "error", error, "securitySchemes", proofs());
}

json_t *openapi_describe(void)
{
    return json_pack("{s:s, s:{s:s, s:s, s:s}, s:[{s:[]}, {s:[]}], s:o, s:o, s:o, s:o}", "openapi", "3.1.0", "info", "title",
                     "Countersign management API", "version", "v2", "description",
                     "null, and \"\" for a text that may not be empty, count as absent. Unknown members are ignored.", "security",
                     "access_key", "token", "paths", paths(), "components", components(), "x-error-codes", error_codes(), "x-not-served",
                     not_served());
}

bool openapi_print(FILE *out)
{
    json_t *description = openapi_describe();
    bool done = description != NULL && json_dumpf(description, out, JSON_INDENT(1)) == 0 && fputc('\n', out) != EOF;
    json_decref(description);
    return done;
}

static pthread_once_t once = PTHREAD_ONCE_INIT;
static char *description_text; /* for as long as the process lives: what it says does not change */

static void make_text(void)
{
    json_t *description = openapi_describe();
    description_text = description != NULL ? json_dumps(description, JSON_COMPACT) : NULL;
    json_decref(description);
}

/* Anyone may ask, so it is made once. */
static bool show(struct call *call)
{
    pthread_once(&once, make_text);
    if (description_text == NULL) return call_fault(call, "no memory for the description");
    call->answer_text = bytes_of_text(description_text);
    call->status = 200;
    return true;
}

static const struct field description_items[] = {
    ANSWERED("openapi", FIELD_STRING),
    {.name = "info", .type = FIELD_OBJECT, .flags = FIELD_READ_ONLY, .members = &fields_any},
    {.name = "security", .type = FIELD_OBJECTS, .flags = FIELD_READ_ONLY, .members = &fields_any},
    {.name = "paths", .type = FIELD_OBJECT, .flags = FIELD_READ_ONLY, .members = &fields_any},
    {.name = "components", .type = FIELD_OBJECT, .flags = FIELD_READ_ONLY, .members = &fields_any},
    {.name = "x-not-served", .type = FIELD_OBJECTS, .flags = FIELD_READ_ONLY, .members = &fields_any},
    {.name = "x-error-codes", .type = FIELD_OBJECT, .flags = FIELD_READ_ONLY, .members = &fields_any},
};
static const struct fields description_fields = FIELDS_OF(description_items);

static const struct route routes[] = {
    {"GET", "/openapi.json", "show_openapi", RIGHT_ANYONE, NULL, FILL_PRESETS, show, .answer = &description_fields},
};
const struct routes routes_openapi = ROUTES_OF(routes);

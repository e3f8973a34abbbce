#include "cli/names.h"

#include <stdio.h>
#include <string.h>

#include "cli/operations.h"
#include "cli/print.h"

#define ENV_RELEASE "DEFAULT_ENVIRONMENT_RELEASE_ID"

static bool looks_like_id(const char *text)
{
    return (strlen(text) == 32 && strspn(text, "0123456789abcdef") == 32) || strcmp(text, ENV_RELEASE) == 0;
}

/* `api-group` is what group_id means, too. */
static bool is_list_of(const struct operation *operation, const char *noun)
{
    size_t whole = strlen(operation->resource), part = strlen(noun);
    if (strcmp(operation->verb, "list") != 0 || operation->param_count > 0 || whole < part) return false;
    return strcmp(operation->resource + whole - part, noun) == 0 && (whole == part || operation->resource[whole - part - 1] == '-');
}

/* The list of what "group_id" or "group_ids" is about: the resource of that name, else one that ends with it. */
static bool find_list(const char *member, struct operation *operation)
{
    char noun[OPERATION_WORD];
    struct operation each;
    size_t length = strlen(member);
    if (length > 4 && strcmp(member + length - 4, "_ids") == 0) length--;
    if (length < 4 || length >= OPERATION_WORD || strncmp(member + length - 3, "_id", 3) != 0) return false;
    snprintf(noun, sizeof noun, "%.*s", (int)length - 3, member);
    operation_dashed(noun);
    if (operation_find(noun, "list", operation) && operation->param_count == 0) return true;
    for (size_t i = 0; operation_at(i, &each); i++) {
        if (!is_list_of(&each, noun)) continue;
        *operation = each;
        return true;
    }
    return false;
}

static enum connection_outcome list_by(struct connection *connection, const struct operation *list, const char *filter, const char *value,
                                       json_t **answer)
{
    char query[QUERY_SIZE] = "";
    query_add(query, filter, value);
    query_add(query, "precise_search", filter);
    query_add(query, "limit", "500");
    struct connection_call call = {.method = "GET", .path = list->route->path, .query = query};
    return connection_send(connection, &call, answer);
}

/* Its "name"; of an access control policy its "acl_name", as the vendor has it. NULL: it has none. */
static const char *name_of_item(const struct operation *list, const json_t *item)
{
    char member[OPERATION_WORD + 8];
    const char *name = json_string_value(json_object_get(item, "name"));
    snprintf(member, sizeof member, "%s_name", list->resource);
    return name != NULL ? name : json_string_value(json_object_get(item, member));
}

/* The one item of this name. */
static const json_t *only_item(json_t *answer, const struct operation *list, const char *value, size_t *found)
{
    const json_t *items = answer_items(answer), *only = NULL;
    *found = 0;
    for (size_t i = 0; i < json_array_size(items); i++) {
        const json_t *item = json_array_get(items, i);
        const char *text = name_of_item(list, item);
        if (text == NULL || strcmp(text, value) != 0) continue;
        only = item;
        ++*found;
    }
    return only;
}

enum connection_outcome name_resolve(struct connection *connection, const char *member, const char *text, char id[static ID_TEXT])
{
    struct operation list;
    json_t *answer;
    size_t found;
    if (looks_like_id(text) || !find_list(member, &list)) {
        snprintf(id, ID_TEXT, "%s", text);
        return CONNECTION_DONE;
    }
    enum connection_outcome outcome = list_by(connection, &list, "name", text, &answer);
    if (outcome != CONNECTION_DONE) return outcome;
    const char *value = json_string_value(json_object_get(only_item(answer, &list, text, &found), "id"));
    if (found == 1 && value != NULL) {
        snprintf(id, ID_TEXT, "%s", value);
    } else {
        snprintf(connection->problem, sizeof connection->problem, "there %s %.40s named %.100s", found == 0 ? "is no" : "is more than one",
                 list.resource, text);
        outcome = CONNECTION_REFUSED;
    }
    json_decref(answer);
    return outcome;
}

bool name_of_id(struct connection *connection, const char *member, const char *id, char name[static 256])
{
    struct operation list;
    json_t *answer;
    if (!find_list(member, &list) || list_by(connection, &list, "id", id, &answer) != CONNECTION_DONE) return false;
    const char *value = NULL;
    const json_t *items = answer_items(answer);
    for (size_t i = 0; value == NULL && i < json_array_size(items); i++) {
        const json_t *item = json_array_get(items, i);
        const char *own = json_string_value(json_object_get(item, "id"));
        if (own != NULL && strcmp(own, id) == 0) value = name_of_item(&list, item);
    }
    if (value != NULL) snprintf(name, 256, "%s", value);
    json_decref(answer);
    return value != NULL;
}

bool name_of_instance(struct connection *connection, const char *path, char name[static 256])
{
    json_t *answer = NULL;
    struct connection_call call = {.method = "GET", .path = path};
    enum connection_outcome outcome = connection_send(connection, &call, &answer);
    const char *value = json_string_value(json_object_get(answer, "instance_name"));
    if (value != NULL) snprintf(name, 256, "%s", value);
    json_decref(answer);
    return outcome == CONNECTION_DONE && value != NULL;
}

static enum connection_outcome resolve_list(struct connection *connection, const char *member, json_t *list)
{
    char id[ID_TEXT];
    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *text = json_string_value(json_array_get(list, i));
        enum connection_outcome outcome = text != NULL ? name_resolve(connection, member, text, id) : CONNECTION_DONE;
        if (outcome != CONNECTION_DONE) return outcome;
        if (text != NULL) json_array_set_new(list, i, json_string(id));
    }
    return CONNECTION_DONE;
}

/* What a member of the body names: an "object_id" what "object_type" beside it says. */
static const char *meant_by(const json_t *body, const char *member)
{
    static const char *const types[][2] = {{"APP", "app_id"}, {"CONSUMER", "consumer_id"}, {"USER", "user_id"}};
    const char *type = json_string_value(json_object_get(body, "object_type"));
    for (size_t i = 0; type != NULL && strcmp(member, "object_id") == 0 && i < sizeof types / sizeof *types; i++)
        if (strcmp(type, types[i][0]) == 0) return types[i][1];
    return member;
}

enum connection_outcome names_resolve_body(struct connection *connection, json_t *body)
{
    const char *name;
    json_t *value;
    char id[ID_TEXT];
    json_object_foreach(body, name, value)
    {
        size_t length = strlen(name);
        enum connection_outcome outcome = CONNECTION_DONE;
        if (json_is_array(value) && length > 4 && strcmp(name + length - 4, "_ids") == 0) outcome = resolve_list(connection, name, value);
        if (json_is_string(value) && length > 3 && strcmp(name + length - 3, "_id") == 0) {
            outcome = name_resolve(connection, meant_by(body, name), json_string_value(value), id);
            if (outcome == CONNECTION_DONE) json_string_set(value, id);
        }
        if (outcome != CONNECTION_DONE) return outcome;
    }
    return CONNECTION_DONE;
}

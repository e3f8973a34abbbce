#include "cli/operations.h"

#include <string.h>

#include "base/buffer.h"

/* A word of an action, or several joined by '_'. */
static bool action_exists(const char *verb, const char *noun, const char *ending)
{
    char wanted[2 * OPERATION_WORD + 8];
    const struct route *route;
    snprintf(wanted, sizeof wanted, "%s_%s%s", verb, noun, ending);
    for (size_t i = 0; (route = route_at(i)) != NULL; i++) {
        if (strcmp(route->action, wanted) == 0) return true;
    }
    return false;
}

/* What can be made, or be listed, is a resource. */
static bool is_resource(const char *noun)
{
    return action_exists("create", noun, "") || action_exists("list", noun, "s");
}

static bool drop_ending(char *noun)
{
    size_t length = strlen(noun);
    bool plural = length > 1 && noun[length - 1] == 's';
    if (plural) noun[length - 1] = '\0';
    return plural;
}

void operation_dashed(char text[static OPERATION_WORD])
{
    for (; *text != '\0'; text++) {
        if (*text == '_') *text = '-';
    }
}

/* The longest beginning of `rest` that is a resource, in its singular; the length of what it takes, 0: there is none. */
static size_t take_resource(const char *verb, const char *rest, char resource[static OPERATION_WORD])
{
    for (size_t length = strlen(rest); length > 0; length--) {
        if (rest[length] != '\0' && rest[length] != '_') continue;
        snprintf(resource, OPERATION_WORD, "%.*s", (int)length, rest);
        if (is_resource(resource)) return length;
        if (!drop_ending(resource) || !is_resource(resource)) continue;
        /* "publish_apis" beside "publish_api": its own resource, `apis` */
        if (rest[length] == '\0' && strcmp(verb, "list") != 0 && action_exists(verb, resource, "")) {
            snprintf(resource, OPERATION_WORD, "%s", rest);
        }
        return length;
    }
    return 0;
}

static void name_operation(struct operation *operation)
{
    const char *action = operation->route->action;
    size_t length = strcspn(action, "_");
    const char *rest = action[length] == '_' ? action + length + 1 : action + length;
    snprintf(operation->verb, sizeof operation->verb, "%.*s", (int)length, action);
    size_t taken = take_resource(operation->verb, rest, operation->resource);
    if (taken == 0) snprintf(operation->resource, sizeof operation->resource, "%s", rest);
    if (taken > 0 && rest[taken] == '_') {
        size_t used = strlen(operation->verb);
        snprintf(operation->verb + used, sizeof operation->verb - used, "-%s", rest + taken + 1);
    }
    operation_dashed(operation->resource);
    operation_dashed(operation->verb);
}

static void name_params(struct operation *operation)
{
    struct bytes rest = bytes_of_text(operation->route->path), part;
    operation->param_count = 0;
    while (bytes_next_part(&rest, '/', &part)) {
        if (!bytes_start_with(part, BYTES("{")) || bytes_equal(part, BYTES("{project_id}")) || bytes_equal(part, BYTES("{instance_id}")))
            continue;
        if (operation->param_count == OPERATION_PARAMS) return;
        snprintf(operation->params[operation->param_count++], OPERATION_WORD, "%.*s", (int)part.length - 2, (const char *)part.data + 1);
    }
}

bool operation_at(size_t index, struct operation *operation)
{
    operation->route = route_at(index);
    if (operation->route == NULL) return false;
    name_operation(operation);
    name_params(operation);
    return true;
}

bool operation_find(const char *resource, const char *verb, struct operation *operation)
{
    for (size_t i = 0; operation_at(i, operation); i++) {
        if (strcmp(operation->resource, resource) == 0 && strcmp(operation->verb, verb) == 0) return true;
    }
    return false;
}

bool operation_resource_exists(const char *resource)
{
    struct operation operation;
    for (size_t i = 0; operation_at(i, &operation); i++) {
        if (strcmp(operation.resource, resource) == 0) return true;
    }
    return false;
}

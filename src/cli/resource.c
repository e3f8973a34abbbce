/* countersign RESOURCE VERB: one call of the management API, put together from arguments, options and the tables of routes and fields. */
#include "cli/resource.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "cli/body.h"
#include "cli/command.h"
#include "cli/local.h"
#include "cli/names.h"
#include "cli/operations.h"
#include "cli/print.h"
#include "cli/terminal.h"
#include "crypto/secret.h"

struct order {
    struct operation operation;
    struct connection_options where;
    struct connection connection;
    json_t *body; /* NULL: the call takes none */
    const char *given[OPERATION_PARAMS];
    size_t given_count;
    char ids[OPERATION_PARAMS][ID_TEXT];
    char query[QUERY_SIZE];
    const char *yes; /* the name of what is to be deleted */
    bool as_json;
    char problem[256];
};

static bool misuse(struct order *order, const char *what, const char *about)
{
    snprintf(order->problem, sizeof order->problem, "%.120s%.110s", about, what);
    return false;
}

static bool read_body_file(struct order *order, const char *path)
{
    struct bytes content;
    if (order->body == NULL) return misuse(order, ": this call takes no body", path);
    if (!local_read_file(path, &content)) return misuse(order, " cannot be read", path);
    json_t *given = json_loadb((const char *)content.data, content.length, JSON_REJECT_DUPLICATES, NULL);
    free((void *)(uintptr_t)content.data);
    bool read = json_is_object(given) && json_object_update(order->body, given) == 0;
    json_decref(given);
    return read || misuse(order, " is no JSON object", path);
}

static bool add_query_pair(struct order *order, const char *pair)
{
    char name[128];
    size_t length = strcspn(pair, "=");
    if (pair[length] != '=' || length >= sizeof name) return misuse(order, " is not NAME=VALUE", pair);
    snprintf(name, sizeof name, "%.*s", (int)length, pair);
    return query_add(order->query, name, pair + length + 1) || misuse(order, "the query is too long", "");
}

static bool ask_secret(struct order *order, const char *option)
{
    char secret[TERMINAL_LINE];
    const struct field *field = order->body != NULL ? body_field(order->operation.route->body, option) : NULL;
    if (field == NULL) return misuse(order, " is no field here", option);
    bool done = terminal_ask_secret(option, secret, order->problem) &&
                body_set(order->body, order->operation.route->body, option, secret, order->problem);
    secret_wipe(secret, sizeof secret);
    return done;
}

/* A secret out of a file, without the line's end that editors put there. */
static bool read_secret_file(struct order *order, const char *option, const char *path)
{
    struct bytes content;
    if (!local_read_file(path, &content)) return misuse(order, " cannot be read", path);
    while (content.length > 0 && content.data[content.length - 1] == '\n') content.length--;
    char *text = strndup((const char *)content.data, content.length);
    bool done = text != NULL && body_set(order->body, order->operation.route->body, option, text, order->problem);
    if (text != NULL) secret_wipe(text, strlen(text));
    secret_wipe((void *)(uintptr_t)content.data, content.length);
    free(text);
    free((void *)(uintptr_t)content.data);
    return done;
}

/* --app-secret-file FILE: the field behind it, or NULL. */
static const struct field *field_of_file_option(const struct fields *fields, const char *option, char name[static 256])
{
    size_t length = strlen(option);
    if (fields == NULL || length <= 5 || length > 255 || strcmp(option + length - 5, "-file") != 0) return NULL;
    snprintf(name, 256, "%.*s", (int)length - 5, option);
    const struct field *field = body_field(fields, name);
    return field != NULL && (field->flags & FIELD_SECRET) != 0 ? field : NULL;
}

/* A field of the body, or, where there is none, a parameter of the query. */
static bool take_field(struct order *order, const char *option, const char *value)
{
    char name[256];
    const struct fields *fields = order->operation.route->body;
    const struct field *field = fields != NULL ? body_field(fields, option) : NULL;
    if (field != NULL && (field->flags & FIELD_SECRET) != 0) {
        return misuse(order, ": everybody on this machine sees a command line; use --ask or a file", option);
    }
    if (field != NULL) return body_set(order->body, fields, option, value, order->problem);
    if (field_of_file_option(fields, option, name) != NULL) return read_secret_file(order, name, value);
    snprintf(name, sizeof name, "%s", option);
    for (char *c = name; *c != '\0'; c++) {
        if (*c == '-') *c = '_';
    }
    if (!route_reads(order->operation.route, name)) return misuse(order, " is no field and no parameter here", option);
    return query_add(order->query, name, value) || misuse(order, "the query is too long", "");
}

static bool take_option(struct order *order, const char *option, const char *value)
{
    const struct {
        const char *name;
        const char **place;
    } texts[] = {{"data", &order->where.data},
                 {"profile", &order->where.profile},
                 {"endpoint", &order->where.endpoint},
                 {"instance", &order->where.instance},
                 {"yes", &order->yes}};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        if (strcmp(option, texts[i].name) != 0) continue;
        *texts[i].place = value;
        return true;
    }
    if (strcmp(option, "body") == 0) return read_body_file(order, value);
    if (strcmp(option, "query") == 0) return add_query_pair(order, value);
    if (strcmp(option, "ask") == 0) return ask_secret(order, value);
    return take_field(order, option, value);
}

static bool take_argument(struct order *order, const char *argument)
{
    if (order->given_count == order->operation.param_count) return misuse(order, " is one argument too many", argument);
    order->given[order->given_count++] = argument;
    return true;
}

/* --name value or --name=value. */
static bool read_arguments(struct order *order, int argc, char **argv)
{
    char option[256];
    for (int i = 0; i < argc; i++) {
        const char *word = argv[i];
        if (strncmp(word, "--", 2) != 0) {
            if (!take_argument(order, word)) return false;
            continue;
        }
        if (strcmp(word, "--json") == 0) {
            order->as_json = true;
            continue;
        }
        size_t length = strcspn(word + 2, "=");
        if (length >= sizeof option) return misuse(order, " is no option", word);
        snprintf(option, sizeof option, "%.*s", (int)length, word + 2);
        const char *value = word[2 + length] == '=' ? word + 3 + length : i + 1 < argc ? argv[++i] : NULL;
        if (value == NULL) return misuse(order, " lacks its value", word);
        if (!take_option(order, option, value)) return false;
    }
    return order->given_count == order->operation.param_count ||
           misuse(order, order->operation.params[order->given_count], "an argument is missing: ");
}

static enum connection_outcome resolve_params(struct order *order)
{
    enum connection_outcome outcome = CONNECTION_DONE;
    for (size_t i = 0; outcome == CONNECTION_DONE && i < order->given_count; i++) {
        outcome = name_resolve(&order->connection, order->operation.params[i], order->given[i], order->ids[i]);
    }
    if (outcome == CONNECTION_DONE && order->body != NULL) outcome = names_resolve_body(&order->connection, order->body);
    return outcome;
}

/* The name of what would be deleted: of what the last argument says, or of the gateway itself. False: it has none. */
static bool name_what_goes(struct order *order, char name[static 256])
{
    const char *path = order->operation.route->path, *tail = strrchr(path, '/');
    size_t count = order->operation.param_count;
    if (count > 0) return name_of_id(&order->connection, order->operation.params[count - 1], order->ids[count - 1], name);
    return strcmp(tail, "/{instance_id}") == 0 && name_of_instance(&order->connection, path, name);
}

/* Who deletes what has a name says its name: on the terminal, or with --yes. */
static bool is_confirmed(struct order *order)
{
    char name[256], question[512], line[TERMINAL_LINE] = "";
    if (strcmp(order->operation.route->method, "DELETE") != 0 || !name_what_goes(order, name)) return true;
    const char *said = order->yes;
    if (said == NULL) {
        snprintf(question, sizeof question, "To delete the %s %s, type its name: ", order->operation.resource, name);
        if (terminal_ask(question, line)) said = line;
    }
    if (said != NULL && strcmp(said, name) == 0) return true;
    snprintf(order->connection.problem, sizeof order->connection.problem,
             "nothing was deleted: its name is %.150s; confirm with --yes NAME", name);
    return false;
}

static enum connection_outcome run_connected(struct order *order)
{
    json_t *answer = NULL;
    const char *params[OPERATION_PARAMS];
    enum connection_outcome outcome = resolve_params(order);
    if (outcome != CONNECTION_DONE) return outcome;
    if (!is_confirmed(order)) return CONNECTION_REFUSED;
    for (size_t i = 0; i < OPERATION_PARAMS; i++) params[i] = order->ids[i];
    struct connection_call call = {.method = order->operation.route->method,
                                   .path = order->operation.route->path,
                                   .params = params,
                                   .query = order->query,
                                   .body = order->body};
    outcome = connection_send(&order->connection, &call, &answer);
    if (outcome == CONNECTION_DONE && !print_answer(answer, order->as_json)) {
        snprintf(order->connection.problem, sizeof order->connection.problem, "the answer could not be printed");
        outcome = CONNECTION_FAULT;
    }
    json_decref(answer);
    return outcome;
}

static int run(struct order *order)
{
    char name[2 * OPERATION_WORD + 2];
    snprintf(name, sizeof name, "%s %s", order->operation.resource, order->operation.verb);
    enum connection_outcome outcome = CONNECTION_FAULT;
    if (connection_open(&order->connection, &order->where)) outcome = run_connected(order);
    if (outcome != CONNECTION_DONE) fprintf(stderr, "countersign %s: %s\n", name, order->connection.problem);
    connection_close(&order->connection);
    return outcome == CONNECTION_DONE ? COMMAND_OK : outcome == CONNECTION_REFUSED ? COMMAND_REFUSED : COMMAND_FAULT;
}

static int print_help(const char *resource, const char *verb)
{
    struct operation operation;
    if (verb != NULL && operation_find(resource, verb, &operation)) {
        operation_print_usage(stdout, &operation);
    } else {
        operations_print_verbs(stdout, resource);
    }
    return COMMAND_OK;
}

static bool asks_for_help(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--help") == 0) return true;
    }
    return false;
}

int resource_main(int argc, char **argv)
{
    const char *verb = argc > 1 && argv[1][0] != '-' ? argv[1] : NULL;
    if (asks_for_help(argc, argv)) return print_help(argv[0], verb);
    struct order *order = calloc(1, sizeof *order);
    if (order == NULL) return command_failed(argv[0], "out of memory");
    if (verb == NULL || !operation_find(argv[0], verb, &order->operation)) {
        fprintf(stderr, "countersign %s: say what to do with it\n", argv[0]);
        operations_print_verbs(stderr, argv[0]);
        free(order);
        return COMMAND_USAGE;
    }
    order->body = order->operation.route->body != NULL ? json_object() : NULL;
    int result = COMMAND_USAGE;
    if (read_arguments(order, argc - 2, argv + 2)) {
        result = run(order);
    } else {
        fprintf(stderr, "countersign %s %s: %s\n", argv[0], verb, order->problem);
        operation_print_usage(stderr, &order->operation);
    }
    json_decref(order->body);
    free(order);
    return result;
}

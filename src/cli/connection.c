#include "cli/connection.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buffer.h"
#include "base/text.h"

#define PATH_SIZE 4096

static bool give_up(struct connection *connection, const char *what, const char *about)
{
    snprintf(connection->problem, sizeof connection->problem, "%.80s: %.160s", about, what);
    return false;
}

/* A profile is a name in the user's configuration, or a file when it has a '/'. */
static bool profile_path(const char *profile, char path[static PATH_SIZE])
{
    const char *home = getenv("HOME"), *configuration = getenv("XDG_CONFIG_HOME");
    if (profile == NULL) profile = getenv("COUNTERSIGN_PROFILE");
    if (profile == NULL || profile[0] == '\0') profile = "default";
    int length;
    if (strchr(profile, '/') != NULL) {
        length = snprintf(path, PATH_SIZE, "%s", profile);
    } else if (configuration != NULL && configuration[0] == '/') {
        length = snprintf(path, PATH_SIZE, "%s/countersign/%s.json", configuration, profile);
    } else {
        length = snprintf(path, PATH_SIZE, "%s/.config/countersign/%s.json", home != NULL ? home : "", profile);
    }
    return length >= 0 && length < PATH_SIZE;
}

/* It holds a secret access key: nobody else may read it. */
static json_t *read_profile(struct connection *connection, const char *path)
{
    struct stat found;
    json_error_t error;
    if (stat(path, &found) != 0) {
        give_up(connection, strerror(errno), path);
        return NULL;
    }
    if ((found.st_mode & 0077) != 0) {
        give_up(connection, "it holds a secret key and others may read it; chmod 600", path);
        return NULL;
    }
    json_t *profile = json_load_file(path, JSON_REJECT_DUPLICATES, &error);
    if (profile == NULL) give_up(connection, "is no JSON document", path);
    return profile;
}

/* Empty when it is not there. */
static struct bytes member(struct connection *connection, const json_t *profile, const char *name)
{
    const json_t *value = json_object_get(profile, name);
    struct bytes text = bytes_of(json_string_value(value), json_string_length(value));
    return arena_copy(&connection->arena, text);
}

static bool take_profile(struct connection *connection, const json_t *profile, const char *path)
{
    struct management *management = &connection->management;
    management->access = member(connection, profile, "access");
    management->secret = member(connection, profile, "secret");
    management->project_id = member(connection, profile, "project_id");
    management->instance_id = member(connection, profile, "instance_id");
    management->base = member(connection, profile, "endpoint");
    if (management->access.length > 0 && management->secret.length > 0 && management->project_id.length > 0) return true;
    return give_up(connection, "access, secret or project_id is missing", path);
}

static bool find_profile(struct connection *connection, const struct connection_options *options)
{
    char path[PATH_SIZE];
    int length = options->data != NULL ? snprintf(path, sizeof path, "%s/admin.json", options->data) : 0;
    if (length >= PATH_SIZE || (options->data == NULL && !profile_path(options->profile, path))) {
        return give_up(connection, "the name is too long", "profile");
    }
    json_t *profile = read_profile(connection, path);
    bool taken = profile != NULL && take_profile(connection, profile, path);
    json_decref(profile);
    return taken;
}

/* With a data directory, and no endpoint, the daemon is asked itself. */
static bool find_endpoint(struct connection *connection, const struct connection_options *options)
{
    struct management *management = &connection->management;
    if (options->endpoint != NULL) management->base = bytes_of_text(options->endpoint);
    if (options->endpoint == NULL && options->data != NULL) {
        int length = snprintf(connection->socket, sizeof connection->socket, "%s/countersignd.sock", options->data);
        if (length >= (int)sizeof connection->socket) return give_up(connection, "the name is too long", options->data);
        management->socket = connection->socket;
        management->base = BYTES("http://localhost");
    }
    if (options->instance != NULL) management->instance_id = bytes_of_text(options->instance);
    bool usable = bytes_start_with(management->base, BYTES("http://")) || bytes_start_with(management->base, BYTES("https://"));
    return usable || give_up(connection, "must begin with http:// or https://, in the profile or with --endpoint", "endpoint");
}

bool connection_open(struct connection *connection, const struct connection_options *options)
{
    void *memory = malloc(CONNECTION_ARENA);
    *connection = (struct connection){.arena = arena_over(memory, memory != NULL ? CONNECTION_ARENA : 0)};
    if (memory == NULL) return give_up(connection, "out of memory", "connection");
    connection->management.whole_targets = true;
    connection->management.limit = CONNECTION_REPLY;
    return find_profile(connection, options) && find_endpoint(connection, options);
}

void connection_close(struct connection *connection)
{
    if (connection->arena.memory != NULL) explicit_bzero(connection->arena.memory, connection->arena.used);
    free(connection->arena.memory);
}

bool query_add(char query[static QUERY_SIZE], const char *name, const char *value)
{
    size_t used = strlen(query);
    struct buffer out = buffer_over(query + used, QUERY_SIZE - 1 - used);
    if (used > 0) buffer_add_byte(&out, '&');
    percent_encode(&out, bytes_of_text(name));
    buffer_add_byte(&out, '=');
    percent_encode(&out, bytes_of_text(value));
    query[used + (out.overflow ? 0 : out.length)] = '\0';
    return !out.overflow;
}

/* The route's path with its parameters filled in, and the query. */
static struct bytes target_of(struct connection *connection, const struct connection_call *call)
{
    struct buffer out = buffer_in(&connection->arena, strlen(call->path) + QUERY_SIZE + 1024);
    struct bytes rest = bytes_from(bytes_of_text(call->path), 1), part;
    const char *const *param = call->params;
    while (bytes_next_part(&rest, '/', &part)) {
        buffer_add_byte(&out, '/');
        if (!bytes_start_with(part, BYTES("{"))) {
            buffer_add(&out, part);
        } else if (bytes_equal(part, BYTES("{project_id}"))) {
            buffer_add(&out, connection->management.project_id);
        } else if (bytes_equal(part, BYTES("{instance_id}"))) {
            buffer_add(&out, connection->management.instance_id);
        } else {
            percent_encode(&out, bytes_of_text(*param++));
        }
    }
    if (call->query != NULL && call->query[0] != '\0') {
        buffer_add_byte(&out, '?');
        buffer_add_text(&out, call->query);
    }
    return buffer_bytes(&out);
}

static json_t *document_of(const struct http_reply *reply, bool lines_too)
{
    const char *text = (const char *)reply->body.data;
    if (reply->body.length == 0) return NULL;
    json_t *document = json_loadb(text, reply->body.length, 0, NULL);
    return document != NULL || !lines_too ? document : json_stringn(text, reply->body.length);
}

static enum connection_outcome judge(struct connection *connection, const struct http_reply *reply, json_t **answer)
{
    bool done = reply->status >= 200 && reply->status < 300;
    *answer = document_of(reply, done);
    if (done && (*answer != NULL || reply->body.length == 0)) return CONNECTION_DONE;
    const char *code = json_string_value(json_object_get(*answer, "error_code"));
    const char *text = json_string_value(json_object_get(*answer, "error_msg"));
    snprintf(connection->problem, sizeof connection->problem, "%u %s %.200s", reply->status, code != NULL ? code : "",
             text != NULL ? text : "the answer is no JSON document");
    json_decref(*answer);
    *answer = NULL;
    return reply->status >= 400 && reply->status < 500 ? CONNECTION_REFUSED : CONNECTION_FAULT;
}

enum connection_outcome connection_send(struct connection *connection, const struct connection_call *call, json_t **answer)
{
    *answer = NULL;
    size_t mark = connection->arena.used;
    char *body = call->body != NULL ? json_dumps(call->body, JSON_COMPACT) : NULL;
    struct management_call management = {.method = call->method, .target = target_of(connection, call), .body = bytes_of_text(body)};
    struct http_reply reply;
    bool sent = management_send(&connection->management, &management, &connection->arena, &reply, connection->problem);
    enum connection_outcome outcome = sent ? judge(connection, &reply, answer) : CONNECTION_FAULT;
    if (body != NULL) explicit_bzero(body, strlen(body));
    free(body);
    arena_rewind(&connection->arena, mark);
    return outcome;
}

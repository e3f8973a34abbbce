#include "control/server.h"

#include "control/authenticate.h"
#include "control/dispatch.h"
#include "control/linger.h"
#include "control/listen.h"
#include "control/log.h"
#include "control/refusals.h"
#include "crypto/random.h"
#include "http/parse.h"

#include <microhttpd.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define CONNECTION_MEMORY (128u * 1024) /* request line and header fields of one call: the vendor's limit (huawei.md 2.2, 0201) */
#define STOP_WAIT_MS      15000         /* more than a call may wait for its effect */

struct server {
    const struct daemon *daemon;
    struct MHD_Daemon *mhd;
    char *path;
    atomic_uint running; /* calls that have begun and are not sent yet */
};

/* One request and its answer. The raw target is kept before libmicrohttpd decodes its copy. */
struct exchange {
    struct call call;
    struct server *server;
    char *target;
    bool begun;
    bool answered;
    bool unread;    /* answered while its body was still to come */
    size_t dropped; /* bytes of a body that is too large */
    uint8_t *body;
    size_t body_length;
    size_t body_capacity;
    struct http_field fields[HTTP_MAX_FIELDS];
    size_t field_count;
    bool too_many_fields;
};

static void *exchange_open(void *context, const char *target, struct MHD_Connection *connection)
{
    (void)connection;
    struct exchange *exchange = calloc(1, sizeof *exchange);
    uint8_t *memory = malloc(CALL_ARENA_SIZE);
    char *copy = strdup(target);
    if (exchange == NULL || memory == NULL || copy == NULL) {
        free(exchange);
        free(memory);
        free(copy);
        return NULL;
    }
    exchange->server = context;
    exchange->target = copy;
    exchange->call.arena = arena_over(memory, CALL_ARENA_SIZE);
    return exchange;
}

static void exchange_close(void *context, struct MHD_Connection *connection, void **request, enum MHD_RequestTerminationCode how)
{
    (void)context, (void)how;
    struct exchange *exchange = *request;
    if (exchange == NULL) return;
    if (exchange->begun) atomic_fetch_sub(&exchange->server->running, 1);
    if (exchange->unread) linger(MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd);
    json_decref(exchange->call.body);
    json_decref(exchange->call.prepared);
    json_decref(exchange->call.answer);
    if (exchange->body != NULL) explicit_bzero(exchange->body, exchange->body_length); /* it may hold secrets */
    explicit_bzero(exchange->call.arena.memory, exchange->call.arena.used);
    free(exchange->body);
    free(exchange->call.arena.memory);
    free(exchange->target);
    free(exchange);
    *request = NULL;
}

static enum MHD_Result keep_field(void *context, enum MHD_ValueKind kind, const char *name, size_t name_length, const char *value,
                                  size_t value_length)
{
    (void)kind;
    struct exchange *exchange = context;
    exchange->too_many_fields = exchange->field_count == HTTP_MAX_FIELDS;
    if (exchange->too_many_fields) return MHD_NO;
    exchange->fields[exchange->field_count++] = (struct http_field){bytes_of(name, name_length), bytes_trim(bytes_of(value, value_length))};
    return MHD_YES;
}

static bool answer_is_queued(struct exchange *exchange, struct MHD_Connection *connection, struct bytes text, char *owned)
{
    struct call *call = &exchange->call;
    enum MHD_ResponseMemoryMode mode = owned != NULL ? MHD_RESPMEM_MUST_FREE : MHD_RESPMEM_MUST_COPY;
    void *memory = owned != NULL ? owned : (void *)(uintptr_t)text.data;
    struct MHD_Response *response = MHD_create_response_from_buffer(text.length, memory, mode);
    if (response == NULL) {
        free(owned);
        return false;
    }
    const char *type = call->answer_type != NULL ? call->answer_type : "application/json";
    if (text.length > 0 || call->answer_type != NULL) MHD_add_response_header(response, "Content-Type", type);
    MHD_add_response_header(response, "X-Request-Id", call->request_id);
    MHD_add_response_header(response, "Cache-Control", "no-store");
    for (size_t i = 0; i < call->answer_field_count; i++) {
        const struct http_field *field = &call->answer_fields[i];
        MHD_add_response_header(response, (const char *)field->name.data, (const char *)field->value.data);
    }
    bool queued = MHD_queue_response(connection, call->status, response) == MHD_YES;
    MHD_destroy_response(response);
    return queued;
}

static enum MHD_Result answer(struct exchange *exchange, struct MHD_Connection *connection)
{
    char *owned;
    struct bytes text = dispatch_answer(&exchange->call, &owned);
    log_answer(&exchange->call);
    refusals_note(exchange->call.daemon->refusals, &exchange->call);
    exchange->answered = true;
    return answer_is_queued(exchange, connection, text, owned) ? MHD_YES : MHD_NO;
}

static bool announces_body(const struct call *call)
{
    const struct http_field *length = http_field_find(&call->request, BYTES("content-length"));
    if (length != NULL) return !bytes_equal(length->value, BYTES("0"));
    return http_field_find(&call->request, BYTES("transfer-encoding")) != NULL;
}

/* What the request says of its body's length is too much already. */
static bool announces_too_much(const struct call *call)
{
    const struct http_field *field = http_field_find(&call->request, BYTES("content-length"));
    return field != NULL && strtoull((const char *)field->value.data, NULL, 10) > call->body_limit;
}

/* With the header fields: false when the call is answered now. */
static bool begin(struct exchange *exchange, struct MHD_Connection *connection, const char *method)
{
    struct call *call = &exchange->call;
    exchange->begun = true;
    atomic_fetch_add(&exchange->server->running, 1);
    call->daemon = exchange->server->daemon;
    call->now = (int64_t)time(NULL);
    call->body_limit = SIGNED_BODY_LIMIT;
    if (!random_id(call->request_id)) return call_fault(call, "no randomness for a request id");
    MHD_get_connection_values_n(connection, MHD_HEADER_KIND, keep_field, exchange);
    call->request.method = bytes_of_text(method);
    call->request.fields = exchange->fields;
    call->request.field_count = exchange->field_count;
    call->source = http_field_value(&call->request, BYTES("x-forwarded-for")); /* set by nginx, the only one who reaches the socket */
    if (exchange->too_many_fields) return call_refuse(call, ERROR_REQUEST_MALFORMED, BYTES("Request headers too large."));
    if (!dispatch_head(call, bytes_of_text(exchange->target))) return false;
    return !announces_too_much(call) || authenticate_refuse_size(call);
}

static bool grow(struct exchange *exchange, size_t wanted)
{
    if (wanted <= exchange->body_capacity) return true;
    size_t capacity = exchange->body_capacity > 0 ? exchange->body_capacity : 4096;
    while (capacity < wanted) capacity *= 2;
    uint8_t *body = realloc(exchange->body, capacity);
    if (body == NULL) return false;
    exchange->body = body;
    exchange->body_capacity = capacity;
    return true;
}

/* What is over the limit is dropped, and the answer comes once the sender stops; a sender who does not stop is cut off. */
static enum MHD_Result keep_body(struct exchange *exchange, const char *data, size_t *length)
{
    size_t wanted = exchange->body_length + *length;
    if (exchange->dropped > 0 || wanted > exchange->call.body_limit) {
        exchange->dropped += *length;
        *length = 0;
        return exchange->dropped <= exchange->call.body_limit ? MHD_YES : MHD_NO;
    }
    if (!grow(exchange, wanted)) return MHD_NO;
    memcpy(exchange->body + exchange->body_length, data, *length);
    exchange->body_length = wanted;
    *length = 0;
    return MHD_YES;
}

static enum MHD_Result serve(void *context, struct MHD_Connection *connection, const char *url, const char *method, const char *version,
                             const char *data, size_t *length, void **request)
{
    (void)context, (void)url, (void)version;
    struct exchange *exchange = *request;
    if (exchange == NULL) return MHD_NO;
    if (!exchange->begun) {
        if (begin(exchange, connection, method)) return MHD_YES;
        exchange->unread = announces_body(&exchange->call);
        return answer(exchange, connection);
    }
    if (exchange->answered) return MHD_YES;
    if (*length > 0) return keep_body(exchange, data, length);
    if (exchange->dropped > 0) {
        authenticate_refuse_size(&exchange->call);
    } else {
        dispatch_body(&exchange->call, bytes_of(exchange->body, exchange->body_length));
    }
    return answer(exchange, connection);
}

static void log_library(void *context, const char *format, va_list arguments) __attribute__((format(printf, 2, 0)));
static void log_library(void *context, const char *format, va_list arguments)
{
    (void)context;
    char text[256];
    vsnprintf(text, sizeof text, format, arguments);
    log_problem(LOG_WARNING, "http", text);
}

static struct MHD_Daemon *start_library(struct server *server, int fd)
{
    return MHD_start_daemon(
        MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_THREAD_PER_CONNECTION | MHD_USE_POLL | MHD_USE_ERROR_LOG | MHD_USE_ITC, 0, NULL, NULL,
        serve, NULL, MHD_OPTION_EXTERNAL_LOGGER, log_library, NULL, MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_URI_LOG_CALLBACK,
        exchange_open, server, MHD_OPTION_NOTIFY_COMPLETED, exchange_close, NULL, MHD_OPTION_CONNECTION_LIMIT,
        (unsigned)SERVER_MAX_CONNECTIONS, MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)SERVER_TIMEOUT_SECONDS,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_MEMORY, MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_END);
}

struct server *server_start(const struct daemon *daemon, const char *path, const char *group, char problem[static 256])
{
    int fd = listen_at(path, group, problem);
    if (fd < 0) return NULL;
    struct server *server = calloc(1, sizeof *server);
    if (server != NULL) {
        server->daemon = daemon;
        server->path = strdup(path);
        server->mhd = server->path != NULL ? start_library(server, fd) : NULL;
        if (server->mhd != NULL) return server;
        free(server->path);
        free(server);
    }
    snprintf(problem, 256, "the HTTP server did not start at %s", path);
    close(fd);
    unlink(path);
    return NULL;
}

/* Connections that only stay open (nginx keeps some) are not waited for. */
static void wait_for_calls(struct server *server)
{
    const struct timespec pause = {.tv_nsec = 10 * 1000 * 1000};
    for (unsigned waited = 0; atomic_load(&server->running) > 0 && waited < STOP_WAIT_MS; waited += 10) nanosleep(&pause, NULL);
}

void server_stop(struct server *server)
{
    if (server == NULL) return;
    unlink(server->path);
    MHD_socket fd = MHD_quiesce_daemon(server->mhd);
    wait_for_calls(server);
    MHD_stop_daemon(server->mhd); /* ends and joins its threads */
    if (fd != MHD_INVALID_SOCKET) close(fd);
    free(server->path);
    free(server);
}

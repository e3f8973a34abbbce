#include "control/sample_backend.h"

#include <arpa/inet.h>
#include <microhttpd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "admit/countersign_verify.h"
#include "base/json.h"
#include "http/parse.h"
#include "policy/tells.h"

#define VISIT_ARENA      (512u * 1024)
#define ANSWER_LIMIT     (256u * 1024)
#define CONNECTION_LIMIT 512u
#define IDLE_SECONDS     75u /* longer than the gateway keeps idle connections, so that it is never surprised by a close */
#define HEAD_LIMIT       ((size_t)(160 * 1024))
#define FORM_LIMIT       (1024u * 1024) /* as much as the gateway reads of one */

struct sample_backend {
    struct MHD_Daemon *mhd;
    struct countersign_checker checker;
};

/* One request. The body is digested as it arrives and not kept, unless it is a form, whose fields a signature may cover. */
struct visit {
    struct arena arena;
    struct http_request request;
    struct http_field fields[HTTP_MAX_FIELDS];
    struct body_facts body;
    struct digest sha256, md5;
    struct buffer form;
    char *target; /* raw, before libmicrohttpd decodes its copy */
    bool begun;
    bool readable;
};

static void *visit_open(void *context, const char *target, struct MHD_Connection *connection)
{
    (void)context, (void)connection;
    struct visit *visit = calloc(1, sizeof *visit);
    void *memory = malloc(VISIT_ARENA);
    char *copy = strdup(target);
    if (visit == NULL || memory == NULL || copy == NULL) {
        free(visit);
        free(memory);
        free(copy);
        return NULL;
    }
    visit->target = copy;
    visit->arena = arena_over(memory, VISIT_ARENA);
    return visit;
}

static void visit_close(void *context, struct MHD_Connection *connection, void **request, enum MHD_RequestTerminationCode how)
{
    (void)context, (void)connection, (void)how;
    struct visit *visit = *request;
    if (visit == NULL) return;
    free(visit->arena.memory);
    free(visit->form.data);
    free(visit->target);
    free(visit);
    *request = NULL;
}

static enum MHD_Result keep_field(void *context, enum MHD_ValueKind kind, const char *name, size_t name_length, const char *value,
                                  size_t value_length)
{
    (void)kind;
    struct visit *visit = context;
    visit->readable = visit->readable && visit->request.field_count < HTTP_MAX_FIELDS;
    if (!visit->readable) return MHD_NO;
    visit->fields[visit->request.field_count++] =
        (struct http_field){bytes_of(name, name_length), bytes_trim(bytes_of(value, value_length))};
    return MHD_YES;
}

static void begin(struct visit *visit, struct MHD_Connection *connection, const char *method)
{
    visit->begun = true;
    visit->request.method = bytes_of_text(method);
    visit->request.fields = visit->fields;
    visit->readable = http_request_set_target(&visit->request, bytes_of_text(visit->target));
    MHD_get_connection_values_n(connection, MHD_HEADER_KIND, keep_field, visit);
    visit->body = body_empty();
    digest_start(&visit->sha256, DIGEST_SHA256);
    digest_start(&visit->md5, DIGEST_MD5);
    if (!http_request_is_form(&visit->request)) return;
    void *memory = malloc(FORM_LIMIT);
    visit->readable = visit->readable && memory != NULL;
    if (memory != NULL) visit->form = buffer_over(memory, FORM_LIMIT);
}

static enum refusal judge(const struct sample_backend *backend, struct visit *visit, struct claim *claim)
{
    if (!visit->readable) return REFUSAL_TARGET_MALFORMED;
    if (visit->form.overflow) return REFUSAL_FORM_TOO_LARGE;
    visit->body.sha256 = digest_finish(&visit->sha256);
    visit->body.md5 = digest_finish(&visit->md5);
    visit->body.form = buffer_bytes(&visit->form);
    struct countersigned incoming = {.request = &visit->request, .body = &visit->body, .now = (int64_t)time(NULL)};
    return countersign_verify(&backend->checker, &incoming, &visit->arena, claim);
}

static void add_member(struct buffer *out, const char *name, struct bytes value)
{
    buffer_add_text(out, out->length > 1 ? ",\"" : "\"");
    buffer_add_text(out, name);
    buffer_add_text(out, "\":");
    json_write_string(out, value);
}

/* Who called, as the gateway tells; only to be read when the request is countersigned. */
static void add_caller(struct buffer *out, const struct http_request *request)
{
    const struct http_field *app = http_field_find(request, BYTES(TELL_APP));
    const struct http_field *consumer = http_field_find(request, BYTES(TELL_CONSUMER));
    if (app != NULL) add_member(out, "caller_kind", BYTES("app"));
    if (consumer != NULL) add_member(out, "caller_kind", BYTES("consumer"));
    if (app != NULL) add_member(out, "caller", app->value);
    if (consumer != NULL) add_member(out, "caller", consumer->value);
}

static struct bytes compose(struct visit *visit, enum refusal refusal, struct bytes field)
{
    struct buffer out = buffer_in(&visit->arena, ANSWER_LIMIT);
    buffer_add_text(&out, refusal == REFUSAL_NONE ? "{\"verified\":true" : "{\"verified\":false");
    if (refusal != REFUSAL_NONE) {
        add_member(&out, "reason", bytes_of_text(refusal_name(refusal)));
        if (field.length > 0) add_member(&out, "field", field);
    } else {
        add_caller(&out, &visit->request);
        add_member(&out, "request_id", http_field_value(&visit->request, BYTES(TELL_REQUEST_ID)));
        add_member(&out, "method", visit->request.method);
        add_member(&out, "path", visit->request.path);
        add_member(&out, "query", visit->request.query);
        buffer_add_text(&out, ",\"body_bytes\":");
        buffer_add_number(&out, (int64_t)visit->body.length);
    }
    buffer_add_text(&out, "}\n");
    return buffer_bytes(&out);
}

static enum MHD_Result answer(const struct sample_backend *backend, struct visit *visit, struct MHD_Connection *connection)
{
    struct claim claim = {0};
    enum refusal refusal = judge(backend, visit, &claim);
    struct bytes text = compose(visit, refusal, claim.field);
    struct MHD_Response *response = MHD_create_response_from_buffer(text.length, (void *)(uintptr_t)text.data, MHD_RESPMEM_MUST_COPY);
    if (response == NULL) return MHD_NO;
    MHD_add_response_header(response, "Content-Type", "application/json");
    enum MHD_Result queued = MHD_queue_response(connection, refusal == REFUSAL_NONE ? 200 : 401, response);
    MHD_destroy_response(response);
    return queued;
}

static enum MHD_Result serve(void *context, struct MHD_Connection *connection, const char *url, const char *method, const char *version,
                             const char *data, size_t *length, void **request)
{
    (void)url, (void)version;
    struct visit *visit = *request;
    if (visit == NULL) return MHD_NO;
    if (!visit->begun) {
        begin(visit, connection, method);
        return MHD_YES;
    }
    if (*length == 0) return answer(context, visit, connection);
    digest_add(&visit->sha256, bytes_of(data, *length));
    digest_add(&visit->md5, bytes_of(data, *length));
    if (visit->form.data != NULL) buffer_add(&visit->form, bytes_of(data, *length));
    visit->body.length += *length;
    *length = 0;
    return MHD_YES;
}

static struct MHD_Daemon *start_library(struct sample_backend *backend, uint16_t port, struct sockaddr_in *address)
{
    return MHD_start_daemon(MHD_USE_AUTO | MHD_USE_INTERNAL_POLLING_THREAD, port, NULL, NULL, serve, backend, MHD_OPTION_SOCK_ADDR, address,
                            MHD_OPTION_URI_LOG_CALLBACK, visit_open, NULL, MHD_OPTION_NOTIFY_COMPLETED, visit_close, NULL,
                            MHD_OPTION_CONNECTION_LIMIT, CONNECTION_LIMIT, MHD_OPTION_CONNECTION_TIMEOUT, IDLE_SECONDS,
                            MHD_OPTION_CONNECTION_MEMORY_LIMIT, HEAD_LIMIT, MHD_OPTION_END);
}

struct sample_backend *sample_backend_start(const char *address, uint16_t port, const struct signature_key *key, char problem[static 256])
{
    struct sockaddr_in where = {.sin_family = AF_INET, .sin_port = htons(port)};
    if (inet_pton(AF_INET, address, &where.sin_addr) != 1) {
        snprintf(problem, 256, "%.100s is no IPv4 address", address);
        return NULL;
    }
    struct sample_backend *backend = calloc(1, sizeof *backend);
    if (backend == NULL || !countersign_checker_prepare(&backend->checker, key)) {
        free(backend);
        snprintf(problem, 256, "this is no key of type %s", signature_type_name(key->type));
        return NULL;
    }
    backend->mhd = start_library(backend, port, &where);
    if (backend->mhd != NULL) return backend;
    countersign_checker_destroy(&backend->checker);
    free(backend);
    snprintf(problem, 256, "cannot listen at %.100s:%u (is the port in use?)", address, port);
    return NULL;
}

void sample_backend_stop(struct sample_backend *backend)
{
    if (backend == NULL) return;
    MHD_stop_daemon(backend->mhd);
    countersign_checker_destroy(&backend->checker);
    free(backend);
}

#include "control/http_client.h"

#include <curl/curl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "base/buffer.h"
#include "control/authority.h"

/* "name: value" lines; an empty value is written "name;", or libcurl would leave the header out. NULL when memory ran out. */
static struct curl_slist *list_fields(const struct http_request *request, struct arena *arena)
{
    /* libcurl would wait for "100 Continue" before a body of some size. */
    struct curl_slist *list = curl_slist_append(NULL, "Expect:");
    for (size_t i = 0; list != NULL && i < request->field_count; i++) {
        const struct http_field *field = &request->fields[i];
        struct buffer line = buffer_in(arena, field->name.length + field->value.length + 3);
        buffer_add(&line, field->name);
        buffer_add_text(&line, field->value.length > 0 ? ": " : ";");
        buffer_add(&line, field->value);
        buffer_add_byte(&line, 0);
        struct curl_slist *longer = line.overflow ? NULL : curl_slist_append(list, (const char *)line.data);
        if (longer == NULL) curl_slist_free_all(list);
        list = longer;
    }
    return list;
}

static char *url_of(const struct http_call *call, struct arena *arena)
{
    struct buffer url = buffer_in(arena, call->base.length + call->request.target.length);
    buffer_add(&url, call->base);
    buffer_add(&url, call->request.target);
    return arena_copy_text(arena, buffer_bytes(&url));
}

struct taking {
    struct buffer body;
    bool start_will_do, cut;
};

static size_t take_body(const char *data, size_t size, size_t count, void *context)
{
    struct taking *taking = context;
    size_t room = buffer_room(&taking->body);
    if (size * count > room) {
        taking->cut = true;
        if (!taking->start_will_do) return 0;
    }
    buffer_add(&taking->body, bytes_slice(bytes_of(data, size * count), 0, room));
    return size * count;
}

/* The address that is connected to is judged, whatever name led there. */
static curl_socket_t open_guarded(void *context, curlsocktype purpose, struct curl_sockaddr *address)
{
    (void)context, (void)purpose;
    uint8_t bytes[16];
    bool forbidden = true;
    if (address->family == AF_INET) {
        memcpy(bytes, &((const struct sockaddr_in *)(const void *)&address->addr)->sin_addr, 4);
        forbidden = address_v4_is_forbidden(bytes);
    } else if (address->family == AF_INET6) {
        memcpy(bytes, &((const struct sockaddr_in6 *)(const void *)&address->addr)->sin6_addr, 16);
        forbidden = address_v6_is_forbidden(bytes);
    }
    if (forbidden) return CURL_SOCKET_BAD;
    return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

/* A port of this machine in place of what the URL names: no name is asked for, and what is sent does not leave the machine. */
static struct curl_slist *set_connection(CURL *curl, const struct http_call *call, struct arena *arena)
{
    if (call->connect_to == NULL) return NULL;
    struct buffer line = buffer_in(arena, strlen(call->connect_to) + 3);
    buffer_add_text(&line, "::");
    buffer_add_text(&line, call->connect_to);
    buffer_add_byte(&line, 0);
    struct curl_slist *list = line.overflow ? NULL : curl_slist_append(NULL, (const char *)line.data);
    curl_easy_setopt(curl, CURLOPT_CONNECT_TO, list);
    curl_easy_setopt(curl, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 0L);
    curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 0L);
    return list;
}

static void set_options(CURL *curl, const struct http_call *call, struct taking *answer)
{
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl, CURLOPT_NOPROXY, "*");
    curl_easy_setopt(curl, CURLOPT_PATH_AS_IS, 1L);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, call->timeout_ms > 0 ? call->timeout_ms : HTTP_TIMEOUT_MS);
    if (call->guarded) curl_easy_setopt(curl, CURLOPT_OPENSOCKETFUNCTION, open_guarded);
    if (call->socket != NULL) curl_easy_setopt(curl, CURLOPT_UNIX_SOCKET_PATH, call->socket);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_body);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, answer);
    if (call->body.length > 0) {
        curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)call->body.length);
        curl_easy_setopt(curl, CURLOPT_POSTFIELDS, call->body.data);
    }
}

/* Names and values as they came; what has no room in the arena is left out. */
static void take_fields(CURL *curl, struct arena *arena, struct http_reply *reply)
{
    struct curl_header *header = NULL;
    struct http_field *fields = arena_take_array(arena, HTTP_REPLY_FIELDS, sizeof *fields);
    reply->fields = fields;
    reply->field_count = 0;
    while (fields != NULL && reply->field_count < HTTP_REPLY_FIELDS) {
        header = curl_easy_nextheader(curl, CURLH_HEADER, -1, header);
        if (header == NULL) return;
        struct http_field *field = &fields[reply->field_count++];
        field->name = arena_copy(arena, bytes_of_text(header->name));
        field->value = arena_copy(arena, bytes_of_text(header->value));
    }
}

static bool perform(CURL *curl, const struct http_call *call, struct arena *arena, struct http_reply *reply)
{
    struct taking answer = {.body = buffer_in(arena, call->limit > 0 ? call->limit : HTTP_REPLY_LIMIT),
                            .start_will_do = call->start_will_do};
    struct curl_slist *connection = set_connection(curl, call, arena);
    char *url = url_of(call, arena);
    char *method = arena_copy_text(arena, call->request.method);
    struct curl_slist *fields = list_fields(&call->request, arena);
    bool done = false;
    if (url != NULL && method != NULL && fields != NULL && (connection != NULL || call->connect_to == NULL)) {
        set_options(curl, call, &answer);
        curl_easy_setopt(curl, CURLOPT_URL, url);
        curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, method);
        if (strcmp(method, "HEAD") == 0) curl_easy_setopt(curl, CURLOPT_NOBODY, 1L); /* its answer has a length and no body */
        curl_easy_setopt(curl, CURLOPT_HTTPHEADER, fields);
        done = curl_easy_perform(curl) == CURLE_OK;
    }
    curl_slist_free_all(fields);
    curl_slist_free_all(connection);
    long status = 0;
    if (done) curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    if (done && call->wants_fields) take_fields(curl, arena, reply);
    reply->status = (unsigned)status;
    reply->body = buffer_bytes(&answer.body);
    reply->cut = answer.cut;
    return done;
}

bool http_call(const struct http_call *call, struct arena *arena, struct http_reply *reply, char problem[static 256])
{
    char detail[CURL_ERROR_SIZE] = "";
    CURL *curl = curl_easy_init();
    bool done = false;
    if (curl != NULL) {
        curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, detail);
        done = perform(curl, call, arena, reply);
        curl_easy_cleanup(curl);
    }
    if (!done) snprintf(problem, 256, "%.255s", detail[0] != 0 ? detail : "out of memory");
    return done;
}

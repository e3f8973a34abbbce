/* sample PORT: a backend that believes the gateway only; its key is in the environment (../README.md). Plain sockets, one request after
 * another: a real backend gives the library what its own HTTP parser read. */
#include "countersign.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#define MOST_HEADERS 100
#define MOST_HEAD    65536
#define MOST_BODY    (12U << 20)

typedef struct incoming {
    char head[MOST_HEAD + 1];
    char *body;
    countersign_header headers[MOST_HEADERS];
    countersign_request request;
} incoming;

static const char *variable(const char *name)
{
    const char *value = getenv(name);
    return value == NULL ? "" : value;
}

typedef struct key_parts {
    const char *id, *secret, *key;
} key_parts;

static countersign_key *key_of(const key_parts *parts, countersign_error *error)
{
    const char *type = variable("COUNTERSIGN_TYPE"), *id = parts->id, *secret = parts->secret;
    countersign_aes aes = {variable("COUNTERSIGN_ALGORITHM"), parts->key, secret};
    if (type[0] == '\0' || strcmp(type, "hmac") == 0) return countersign_key_hmac(id, secret, error);
    if (strcmp(type, "basic") == 0) return countersign_key_basic(id, secret, error);
    if (strcmp(type, "aes") == 0) return countersign_key_aes(id, &aes, error);
    if (strcmp(type, "public_key") == 0) return countersign_key_public(id, parts->key, error);
    if (strcmp(type, "bce") == 0) return countersign_key_bce(id, secret, error);
    if (strcmp(type, "aliyun") == 0) return countersign_key_aliyun(id, secret, error);
    snprintf(error->detail, sizeof error->detail, "COUNTERSIGN_TYPE %s is none", type);
    return NULL;
}

static const char *other(const char *name, const char *otherwise)
{
    return getenv(name) != NULL ? getenv(name) : otherwise;
}

/* While the gateway's key is changed: the one that signs now, and the one that follows. */
static countersign_verifier *verifier_of_environment(countersign_error *error)
{
    key_parts now = {variable("COUNTERSIGN_ID"), variable("COUNTERSIGN_SECRET"), variable("COUNTERSIGN_KEY")};
    key_parts next = {other("COUNTERSIGN_NEXT_ID", now.id), other("COUNTERSIGN_NEXT_SECRET", now.secret), other("COUNTERSIGN_NEXT_KEY", now.key)};
    bool changes = getenv("COUNTERSIGN_NEXT_SECRET") != NULL || getenv("COUNTERSIGN_NEXT_KEY") != NULL;
    countersign_key *keys[2] = {key_of(&now, error), NULL};
    if (keys[0] != NULL && changes) keys[1] = key_of(&next, error);
    if (keys[0] == NULL || (changes && keys[1] == NULL)) return NULL;
    return countersign_verifier_new(keys, changes ? 2 : 1, NULL, error);
}

/* Reads to the empty line; what came behind it is the beginning of the body. The size of both, or 0. */
static size_t read_head(int connection, char head[MOST_HEAD + 1], char **rest)
{
    for (size_t size = 0; size < MOST_HEAD;) {
        ssize_t more = recv(connection, head + size, MOST_HEAD - size, 0);
        if (more <= 0) return 0;
        size += (size_t)more;
        head[size] = '\0';
        char *end = strstr(head, "\r\n\r\n");
        if (end == NULL) continue;
        *rest = end + 4;
        end[2] = '\0';
        return size;
    }
    return 0;
}

static char *cut(char **rest, const char *separator)
{
    char *begin = *rest, *end = strstr(begin, separator);
    if (end == NULL) return NULL;
    *end = '\0';
    *rest = end + strlen(separator);
    return begin;
}

static bool parse_head(incoming *exchange)
{
    char *rest = exchange->head, *line = cut(&rest, "\r\n"), *header;
    countersign_request *request = &exchange->request;
    if (line == NULL) return false;
    request->method = cut(&line, " ");
    request->target = cut(&line, " ");
    request->headers = exchange->headers;
    while ((header = cut(&rest, "\r\n")) != NULL) {
        if (request->header_count == MOST_HEADERS) return false;
        countersign_header *read = &exchange->headers[request->header_count++];
        read->name = cut(&header, ":");
        read->value = header;
        if (read->name == NULL) return false;
    }
    return request->target != NULL;
}

/* No chunks: this sample reads bodies of a declared length alone. */
static bool body_size(const countersign_request *request, size_t *size)
{
    size_t found = 0;
    *size = 0;
    for (size_t i = 0; i < request->header_count; i++) {
        if (strcasecmp(request->headers[i].name, "transfer-encoding") == 0) return false;
        if (strcasecmp(request->headers[i].name, "content-length") != 0) continue;
        const char *text = request->headers[i].value + strspn(request->headers[i].value, " ");
        if (!isdigit((unsigned char)*text)) return false;
        *size = strtoul(text, NULL, 10);
        found++;
    }
    return found <= 1 && *size <= MOST_BODY;
}

static bool read_request(int connection, incoming *exchange)
{
    char *rest = NULL;
    size_t size = read_head(connection, exchange->head, &rest), wanted = 0;
    if (size == 0 || strlen(exchange->head) != (size_t)(rest - exchange->head) - 2 || !parse_head(exchange)) return false;
    if (!body_size(&exchange->request, &wanted) || (exchange->body = malloc(wanted + 1)) == NULL) return false;
    size_t have = size - (size_t)(rest - exchange->head);
    if (have > wanted) have = wanted;
    memcpy(exchange->body, rest, have);
    while (have < wanted) {
        ssize_t more = recv(connection, exchange->body + have, wanted - have, 0);
        if (more <= 0) return false;
        have += (size_t)more;
    }
    exchange->request.body = exchange->body;
    exchange->request.body_size = wanted;
    return true;
}

static void send_answer(int connection, const char *status, const char *json)
{
    char head[256];
    int size =
        snprintf(head, sizeof head, "HTTP/1.1 %s\r\nContent-Type: application/json\r\nContent-Length: %zu\r\nConnection: close\r\n\r\n",
                 status, strlen(json));
    if (send(connection, head, (size_t)size, MSG_NOSIGNAL) == size) send(connection, json, strlen(json), MSG_NOSIGNAL);
}

/* Text of a JSON string: what would need an escape is shown as "?". */
static void add_text(FILE *json, const char *name, const char *text)
{
    fprintf(json, ",\"%s\":\"", name);
    for (; *text != '\0'; text++) fputc((unsigned char)*text < ' ' || *text == '"' || *text == '\\' ? '?' : *text, json);
    fputc('"', json);
}

static void answer(int connection, const countersign_verifier *verifier, const countersign_request *request)
{
    countersign_verified *verified;
    countersign_error error;
    char *text = NULL;
    size_t size = 0;
    countersign_code code = countersign_verify(verifier, request, &verified, &error);
    FILE *json = open_memstream(&text, &size);
    if (json == NULL) return;
    if (code != COUNTERSIGN_OK) {
        fprintf(stderr, "refused: %s: %s\n", countersign_code_name(code), error.detail);
        fprintf(json, "{\"error\":\"%s\"}", countersign_code_name(code));
    } else {
        fprintf(json, "{\"verified\":true");
        add_text(json, "type", verified->type);
        add_text(json, "key_id", verified->key_id);
        add_text(json, "caller", verified->caller);
        add_text(json, "method", request->method);
        add_text(json, "target", request->target);
        fprintf(json, ",\"body_bytes\":%zu}", request->body_size);
    }
    fclose(json);
    send_answer(connection, code == COUNTERSIGN_OK ? "200 OK" : "401 Unauthorized", text);
    free(text);
    countersign_verified_free(verified);
}

static void serve(int connection, const countersign_verifier *verifier)
{
    struct timeval patience = {.tv_sec = 10};
    incoming *exchange = calloc(1, sizeof *exchange);
    setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    if (exchange != NULL && read_request(connection, exchange))
        answer(connection, verifier, &exchange->request);
    else
        send_answer(connection, "400 Bad Request", "{\"error\":\"no request that this sample reads\"}");
    if (exchange != NULL) free(exchange->body);
    free(exchange);
    close(connection);
}

static int listen_at(const char *port)
{
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons((uint16_t)strtoul(port, NULL, 10)), .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t size = sizeof address;
    int server = socket(AF_INET, SOCK_STREAM, 0), yes = 1;
    setsockopt(server, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (bind(server, (struct sockaddr *)&address, size) != 0 || listen(server, 64) != 0) {
        perror("sample");
        exit(1);
    }
    getsockname(server, (struct sockaddr *)&address, &size);
    printf("listening at http://127.0.0.1:%d\n", ntohs(address.sin_port));
    fflush(stdout);
    return server;
}

int main(int count, char **arguments)
{
    countersign_error error;
    if (count != 2) return fprintf(stderr, "usage: sample PORT\n"), 2;
    countersign_verifier *verifier = verifier_of_environment(&error);
    if (verifier == NULL) return fprintf(stderr, "sample: %s\n", error.detail), 1;
    for (int server = listen_at(arguments[1]);;) {
        int connection = accept(server, NULL, NULL);
        if (connection >= 0) serve(connection, verifier);
    }
}

/* countersign sign: the request that a client would send, signed; as a curl command, or raw. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"
#include "cli/key_options.h"
#include "cli/local.h"
#include "cli/token.h"
#include "crypto/random.h"

#define MAX_HEADERS 64

struct order {
    struct key_options key;
    const char *url;
    const char *body_path; /* NULL: no body */
    bool raw;
    struct bytes method, nonce, body;
    struct bytes scope; /* v11-hmac-sha256 */
    struct http_field fields[MAX_HEADERS];
    struct bytes names[MAX_HEADERS];
    size_t field_count; /* the first is Host */
    struct http_request request;
    struct signed_fields added;
};

static const char *add_header(struct order *order, struct bytes line)
{
    size_t colon = bytes_find(line, ':');
    struct http_field field = {bytes_slice(line, 0, colon), bytes_trim(bytes_from(line, colon + 1))};
    if (colon == line.length || !http_name_is_token(field.name)) return "-H: write it as 'Name: value'";
    for (size_t i = 0; i < line.length; i++)
        if (line.data[i] < 0x20 || line.data[i] == 0x7f) return "-H: a control character";
    if (order->field_count == MAX_HEADERS) return "-H: too many headers";
    order->fields[order->field_count++] = field;
    return NULL;
}

enum { OPTION_METHOD = OPTION_OWN, OPTION_BODY_FILE, OPTION_RAW, OPTION_NONCE, OPTION_SCOPE };

/* Two names that stay as they are in a header. */
static bool is_scope(struct bytes scope)
{
    size_t slash = bytes_find(scope, '/');
    return http_name_is_token(bytes_slice(scope, 0, slash)) && http_name_is_token(bytes_from(scope, slash + 1));
}

static const char *take_option(struct order *order, int option, const char *value)
{
    switch (option) {
    case 'H':
        return add_header(order, bytes_of_text(value));
    case OPTION_METHOD:
        order->method = bytes_of_text(value);
        return http_name_is_token(order->method) ? NULL : "--method is no method";
    case OPTION_BODY_FILE:
        order->body_path = value;
        return NULL;
    case OPTION_RAW:
        order->raw = true;
        return NULL;
    case OPTION_NONCE:
        order->nonce = bytes_of_text(value);
        return NULL;
    case OPTION_SCOPE:
        order->scope = bytes_of_text(value);
        return is_scope(order->scope) ? NULL : "--scope: write it as region/service";
    default:
        return key_options_take(&order->key, option, value);
    }
}

static const char *read_options(struct order *order, int argc, char **argv)
{
    static const struct option table[] = {KEY_OPTIONS_ROWS,
                                          {"method", required_argument, NULL, OPTION_METHOD},
                                          {"body-file", required_argument, NULL, OPTION_BODY_FILE},
                                          {"raw", no_argument, NULL, OPTION_RAW},
                                          {"nonce", required_argument, NULL, OPTION_NONCE},
                                          {"scope", required_argument, NULL, OPTION_SCOPE},
                                          {NULL, 0, NULL, 0}};
    int option;
    key_options_start(&order->key);
    order->field_count = 1;
    while ((option = getopt_long(argc, argv, "H:", table, NULL)) != -1) {
        const char *problem = take_option(order, option, optarg);
        if (problem != NULL) return problem;
    }
    if (optind != argc - 1) return "name one URL";
    order->url = argv[optind];
    if (order->key.scheme == NULL) return "--scheme is missing";
    if (order->key.scheme->sign == NULL) return "--scheme: nothing is signed here, send the key itself";
    if (order->key.key_id.length == 0) return "--key is missing";
    if (order->key.scheme->id == SCHEME_V11_HMAC_SHA256 && order->scope.length == 0)
        return "--scope region/service is missing: its keys are derived for that";
    return order->key.secret.length > 0 ? NULL : "no secret: --secret-file, or the variable " KEY_OPTIONS_SECRET_VARIABLE;
}

/* http(s)://authority/path?query */
static const char *read_url(struct order *order, struct arena *arena)
{
    struct bytes url = bytes_of_text(order->url);
    if (!bytes_start_with(url, BYTES("http://")) && !bytes_start_with(url, BYTES("https://")))
        return "the URL begins with http:// or https://";
    struct bytes rest = bytes_from(url, bytes_find(url, ':') + 3);
    size_t end = 0;
    while (end < rest.length && rest.data[end] != '/' && rest.data[end] != '?') end++;
    struct bytes target = bytes_from(rest, end);
    if (target.length == 0 || target.data[0] == '?') {
        struct buffer rooted = buffer_in(arena, target.length + 1);
        buffer_add_byte(&rooted, '/');
        buffer_add(&rooted, target);
        target = buffer_bytes(&rooted);
    }
    if (end == 0 || bytes_find(bytes_slice(rest, 0, end), '@') < end) return "the URL needs a host, without user and password";
    if (!http_request_set_target(&order->request, target)) return "the URL has a fragment, a blank or a bad percent escape";
    order->fields[0] = (struct http_field){BYTES("Host"), bytes_slice(rest, 0, end)};
    return NULL;
}

static bool make_nonce(struct order *order, struct arena *arena)
{
    char id[33];
    if (order->nonce.length > 0) return true;
    if (!random_id(id)) return false;
    order->nonce = arena_copy(arena, bytes_of(id, 32));
    return true;
}

/* Every header that was given is signed. */
static bool sign_order(struct order *order, struct arena *arena)
{
    struct body_facts body = body_facts_of(order->body);
    for (size_t i = 1; i < order->field_count; i++) order->names[i - 1] = order->fields[i].name;
    order->request.fields = order->fields;
    order->request.field_count = order->field_count;
    order->request.method = order->method;
    struct signing signing = {.request = &order->request,
                              .body = &body,
                              .key_id = order->key.key_id,
                              .secret = {.text = order->key.secret},
                              .now = order->key.now,
                              .nonce = order->nonce,
                              .scope = order->scope,
                              .names = order->names,
                              .name_count = order->field_count - 1};
    return order->key.scheme->sign(&signing, arena, &order->added);
}

static void print_bytes(struct bytes text)
{
    fwrite(text.data, 1, text.length, stdout);
}

/* In single quotes for a POSIX shell. */
static void print_quoted(struct bytes text)
{
    putchar('\'');
    for (size_t i = 0; i < text.length; i++) {
        if (text.data[i] == '\'') {
            fputs("'\\''", stdout);
        } else {
            putchar(text.data[i]);
        }
    }
    putchar('\'');
}

static void print_curl_field(const struct arena *arena, struct http_field field)
{
    struct arena scratch = *arena;
    struct buffer line = buffer_in(&scratch, field.name.length + field.value.length + 2);
    buffer_add(&line, field.name);
    /* "Name;" is how curl is told to send an empty value. */
    buffer_add_text(&line, field.value.length == 0 ? ";" : ": ");
    buffer_add(&line, field.value);
    fputs(" \\\n  -H ", stdout);
    print_quoted(buffer_bytes(&line));
}

static bool is_given(const struct order *order, struct bytes name)
{
    return http_field_find(&order->request, name) != NULL;
}

/* curl adds Accept and, to a body, Content-Type; both would be signed by some scheme, so they are taken off. */
static void print_curl(const struct order *order, const struct arena *arena)
{
    fputs("curl --globoff --path-as-is -X ", stdout);
    print_quoted(order->method);
    if (!is_given(order, BYTES("accept"))) fputs(" -H 'Accept:'", stdout);
    if (order->body_path != NULL && !is_given(order, BYTES("content-type"))) fputs(" -H 'Content-Type:'", stdout);
    for (size_t i = 1; i < order->field_count; i++) print_curl_field(arena, order->fields[i]);
    for (size_t i = 0; i < order->added.count; i++) print_curl_field(arena, order->added.items[i]);
    if (order->body_path != NULL) {
        fputs(" \\\n  --data-binary @", stdout);
        print_quoted(bytes_of_text(order->body_path));
    }
    fputs(" \\\n  ", stdout);
    print_quoted(bytes_of_text(order->url));
    putchar('\n');
}

static void print_raw_field(struct http_field field)
{
    print_bytes(field.name);
    fputs(": ", stdout);
    print_bytes(field.value);
    fputs("\r\n", stdout);
}

static void print_raw(const struct order *order)
{
    print_bytes(order->method);
    putchar(' ');
    print_bytes(order->request.target);
    fputs(" HTTP/1.1\r\n", stdout);
    for (size_t i = 0; i < order->field_count; i++) print_raw_field(order->fields[i]);
    for (size_t i = 0; i < order->added.count; i++) print_raw_field(order->added.items[i]);
    if (order->body_path != NULL && !is_given(order, BYTES("content-length"))) printf("Content-Length: %zu\r\n", order->body.length);
    fputs("\r\n", stdout);
    print_bytes(order->body);
}

int sign_main(int argc, char **argv)
{
    if (token_is_meant(argc, argv)) return token_sign_main(argc, argv);
    struct arena arena = local_arena();
    struct order order = {0};
    const char *problem = read_options(&order, argc, argv);
    if (problem == NULL) problem = read_url(&order, &arena);
    if (problem != NULL) return command_misused("sign", problem);
    if (order.body_path != NULL && !local_read_file(order.body_path, &order.body)) return COMMAND_FAULT;
    if (order.method.length == 0) order.method = order.body_path != NULL ? BYTES("POST") : BYTES("GET");
    if (!make_nonce(&order, &arena)) return command_failed("sign", "the system has no randomness");
    if (!sign_order(&order, &arena)) return command_misused("sign", "the key id or a header cannot be written in this scheme");
    if (order.raw) {
        print_raw(&order);
    } else {
        print_curl(&order, &arena);
    }
    return COMMAND_OK;
}

/* run-vectors FOLDER: checks every case of the vectors (vectors/README.md). Last line: "N passed, N failed". */
#include "countersign.h"

#include <glob.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define MOST_KEYS    4
#define MOST_HEADERS 64

/* A file, and the request that its lines are. */
typedef struct message_file {
    char *data;
    countersign_header headers[MOST_HEADERS];
    countersign_request request;
} message_file;

static char *read_file(const char *folder, const char *name, size_t *size)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "rb");
    if (file == NULL) return NULL;
    char *data = calloc(1, 1 << 20);
    *size = fread(data, 1, (1 << 20) - 1, file);
    fclose(file);
    return data;
}

static char *cut(char **rest, const char *separator)
{
    char *begin = *rest, *end = strstr(begin, separator);
    if (end == NULL) return NULL;
    *end = '\0';
    *rest = end + strlen(separator);
    return begin;
}

static bool read_message(message_file *message, const char *folder, const char *name)
{
    size_t size = 0;
    memset(message, 0, sizeof *message);
    message->data = read_file(folder, name, &size);
    if (message->data == NULL) return false;
    char *rest = message->data, *head = cut(&rest, "\n\n"), *line;
    if (head == NULL) return false;
    countersign_request *request = &message->request;
    request->body = rest;
    request->body_size = size - (size_t)(rest - message->data);
    rest[-2] = '\n';
    rest[-1] = '\0';
    request->method = cut(&head, " ");
    request->target = cut(&head, " ");
    request->headers = message->headers;
    if (request->target == NULL || cut(&head, "\n") == NULL) return false;
    while ((line = cut(&head, "\n")) != NULL && request->header_count < MOST_HEADERS) {
        countersign_header *header = &message->headers[request->header_count++];
        header->name = cut(&line, ":");
        if (header->name == NULL) return false;
        header->value = line;
    }
    return true;
}

static const char *header_of(const countersign_request *request, const char *name)
{
    for (size_t i = 0; i < request->header_count; i++)
        if (strcasecmp(request->headers[i].name, name) == 0) return request->headers[i].value + strspn(request->headers[i].value, " \t");
    return "";
}

static const char *text_of(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));
    return text == NULL ? "" : text;
}

static countersign_key *make_key(const json_t *known, countersign_error *error)
{
    const char *type = text_of(known, "type"), *id = text_of(known, "id"), *secret = text_of(known, "secret");
    countersign_aes aes = {text_of(known, "algorithm"), text_of(known, "key"), secret};
    countersign_key *key = NULL;
    if (strcmp(type, "hmac") == 0) key = countersign_key_hmac(id, secret, error);
    if (strcmp(type, "basic") == 0) key = countersign_key_basic(id, secret, error);
    if (strcmp(type, "aes") == 0) key = countersign_key_aes(id, &aes, error);
    if (strcmp(type, "public_key") == 0) key = countersign_key_public(id, text_of(known, "public_key"), error);
    if (strcmp(type, "bce") == 0) key = countersign_key_bce(id, secret, error);
    if (strcmp(type, "aliyun") == 0) key = countersign_key_aliyun(id, secret, error);
    json_t *end = json_object_get(known, "not_after");
    if (key != NULL && end != NULL) countersign_key_until(key, json_integer_value(end));
    return key;
}

static int64_t now_of_context(void *context)
{
    return json_integer_value(json_object_get(context, "now"));
}

static countersign_verifier *make_verifier(json_t *context, countersign_error *error)
{
    json_t *known = json_object_get(context, "keys"), *options = json_object_get(context, "options");
    countersign_key *keys[MOST_KEYS] = {NULL};
    size_t count = json_array_size(known);
    for (size_t i = 0; i < count && i < MOST_KEYS; i++) keys[i] = make_key(json_array_get(known, i), error);
    countersign_options chosen = countersign_options_default();
    if (json_object_get(options, "window") != NULL) chosen.window = json_integer_value(json_object_get(options, "window"));
    chosen.require_signed_body = json_is_true(json_object_get(options, "require_signed_body"));
    chosen.accept_undated = json_is_true(json_object_get(options, "accept_undated"));
    chosen.clock = now_of_context;
    chosen.clock_data = context;
    countersign_verifier *verifier = countersign_verifier_new(keys, count, &chosen, error);
    for (size_t i = 0; verifier == NULL && i < MOST_KEYS; i++) countersign_key_free(keys[i]);
    return verifier;
}

static bool fail(char problem[1024], const char *what, const char *more)
{
    snprintf(problem, 1024, "%s%s", what, more);
    return false;
}

static bool is_text_of_file(const char *folder, const char *name, const char *text, size_t size)
{
    size_t expected_size = 0;
    char *expected = read_file(folder, name, &expected_size);
    bool same = expected == NULL || (expected_size == size && memcmp(expected, text, size) == 0);
    free(expected);
    return same;
}

/* Of a client scheme, or of a type whose signature a client can make too. */
static countersign_signed *sign(json_t *context, const char *type, countersign_request *request, countersign_error *error)
{
    const json_t *key = json_object_get(context, "key"), *names = json_object_get(context, "signed_headers");
    const char *wanted[MOST_HEADERS];
    if (key == NULL) key = json_array_get(json_object_get(context, "keys"), 0);
    countersign_credential credential = {text_of(key, "id"), text_of(key, "secret")};
    countersign_signing options = {.now = now_of_context(context), .signed_headers = wanted, .signed_header_count = json_array_size(names)};
    for (size_t i = 0; i < options.signed_header_count && i < MOST_HEADERS; i++) wanted[i] = json_string_value(json_array_get(names, i));
    countersign_signed *made = NULL;
    if (strcmp(type, "bce") == 0) options.header = "X-Bce-Gateway-Auth";
    if (strcmp(type, "aliyun-ca") == 0)
        countersign_sign_aliyun_ca(request, &credential, &options, &made, error);
    else if (strncmp(type, "bce", 3) == 0)
        countersign_sign_bce(request, &credential, &options, &made, error);
    else
        countersign_sign_sdk_hmac(request, &credential, &options, &made, error);
    return made;
}

static const char *proof_header(json_t *context, const char *type)
{
    if (strcmp(type, "bce") == 0) return "x-bce-gateway-auth";
    return strcmp(type, "hmac") == 0 ? "authorization" : text_of(context, "proof");
}

static bool check_signing(const char *folder, json_t *context, const countersign_request *expected, char problem[1024])
{
    const char *type = text_of(context, "type");
    message_file unsigned_message;
    if (!read_message(&unsigned_message, folder, "request.txt")) return fail(problem, "no request.txt", "");
    countersign_request *request = &unsigned_message.request;
    if (strcmp(type, "hmac") == 0)
        unsigned_message.headers[request->header_count++] = (countersign_header){"X-Sdk-Date", header_of(expected, "x-sdk-date")};
    countersign_error error;
    countersign_signed *made = sign(context, type, request, &error);
    bool good = made != NULL || fail(problem, "not signed: ", error.detail);
    const char *name = proof_header(context, type);
    if (good) {
        countersign_request proofs = {.headers = made->headers, .header_count = made->header_count};
        const char *proof = header_of(&proofs, name);
        good = strcmp(proof, header_of(expected, name)) == 0 || fail(problem, "signed otherwise: ", proof);
    }
    if (good)
        good = is_text_of_file(folder, "string-to-sign.txt", made->string_to_sign, made->string_to_sign_size) ||
               fail(problem, "another string-to-sign.txt", "");
    if (good)
        good = is_text_of_file(folder, "canonical-request.txt", made->canonical_request, made->canonical_request_size) ||
               fail(problem, "another canonical-request.txt", "");
    countersign_signed_free(made);
    free(unsigned_message.data);
    return good;
}

static bool check_texts(const char *folder, const countersign_verified *verified, char problem[1024])
{
    if (!is_text_of_file(folder, "string-to-sign.txt", verified->string_to_sign, verified->string_to_sign_size))
        return fail(problem, "another string-to-sign.txt", "");
    return is_text_of_file(folder, "canonical-request.txt", verified->canonical_request, verified->canonical_request_size) ||
           fail(problem, "another canonical-request.txt", "");
}

static bool check_verifying(const char *folder, json_t *context, const char *name, const countersign_request *request, char problem[1024])
{
    const char *expected = text_of(json_object_get(context, "expect"), name);
    countersign_error error = {.code = COUNTERSIGN_OK};
    countersign_verifier *verifier = make_verifier(context, &error);
    countersign_verified *verified = NULL;
    if (verifier == NULL) return fail(problem, "no verifier: ", error.detail);
    const char *got = countersign_code_name(countersign_verify(verifier, request, &verified, &error));
    bool good = strcmp(got, strcmp(expected, "accept") == 0 ? "ok" : expected) == 0;
    if (!good) snprintf(problem, 1024, "expected %s, got %s: %s", expected, got, error.detail);
    if (good && verified != NULL && strcmp(name, "signed-request.txt") == 0)
        good = check_texts(folder, verified, problem) &&
               (json_object_get(context, "signed_headers") == NULL || check_signing(folder, context, request, problem));
    countersign_verified_free(verified);
    countersign_verifier_free(verifier);
    return good;
}

static bool check_case(const char *folder, json_t *context, const char *name, char problem[1024])
{
    message_file given;
    bool good = read_message(&given, folder, name) || fail(problem, "no request in it", "");
    if (good && strcmp(text_of(json_object_get(context, "expect"), name), "signed") == 0)
        good = check_signing(folder, context, &given.request, problem);
    else if (good)
        good = check_verifying(folder, context, name, &given.request, problem);
    free(given.data);
    return good;
}

static void check_folder(const char *root, char *path, size_t counts[2])
{
    json_t *context = json_load_file(path, 0, NULL), *expected;
    const char *name;
    *strrchr(path, '/') = '\0';
    if (context == NULL) {
        printf("FAIL %s/context.json: no JSON\n", path + strlen(root) + 1);
        counts[1]++;
    }
    json_object_foreach(json_object_get(context, "expect"), name, expected)
    {
        char problem[1024] = "";
        bool good = check_case(path, context, name, problem);
        counts[good ? 0 : 1]++;
        if (!good) printf("FAIL %s/%s: %s\n", path + strlen(root) + 1, name, problem);
    }
    json_decref(context);
}

int main(int count, char **arguments)
{
    size_t counts[2] = {0, 0};
    char pattern[4096];
    glob_t found = {0};
    if (count != 2) return fprintf(stderr, "usage: run-vectors FOLDER\n"), 2;
    snprintf(pattern, sizeof pattern, "%s/*/*/context.json", arguments[1]);
    if (glob(pattern, 0, NULL, &found) == 0)
        for (size_t i = 0; i < found.gl_pathc; i++) check_folder(arguments[1], found.gl_pathv[i], counts);
    globfree(&found);
    printf("%zu passed, %zu failed\n", counts[0], counts[1]);
    return counts[0] > 0 && counts[1] == 0 ? 0 : 1;
}

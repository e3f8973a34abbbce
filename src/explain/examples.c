#include "explain/examples.h"

#include "base/text.h"
#include "crypto/digest.h"

#define LONGEST_BODY 2048

const char *example_language_name(enum example_language language)
{
    static const char *const names[EXAMPLE_LANGUAGES] = {"curl", "python", "java", "javascript", "go"};
    return names[language];
}

const char *example_secret(const struct example *example)
{
    static const char *const names[SCHEME_COUNT] = {
        [SCHEME_API_KEY] = "API_KEY", [SCHEME_APP_CODE] = "APP_CODE", [SCHEME_JWT] = "TOKEN", [SCHEME_AUTH_TOKEN] = "TOKEN"};
    const char *name = names[example->scheme->id];
    return name == NULL ? "APP_SECRET" : name;
}

static bool is_one_of(struct bytes name, const char *const *names)
{
    for (; *names != NULL; names++)
        if (bytes_equal_folded(name, bytes_of_text(*names))) return true;
    return false;
}

/* Is it in the list as presented, whatever separates its names? */
static bool is_listed(struct bytes list, struct bytes name)
{
    struct bytes part, item;
    while (bytes_next_part(&list, ',', &part))
        while (bytes_next_part(&part, ';', &item))
            if (bytes_equal_folded(bytes_trim(item), name)) return true;
    return false;
}

/* The signer makes these anew, or the HTTP library does; and what else proves who calls is nobody's business here. */
static bool is_made_anew(const struct example *example, struct bytes name)
{
    static const char *const names[] = {"host",
                                        "content-length",
                                        "transfer-encoding",
                                        "connection",
                                        "accept-encoding",
                                        "user-agent",
                                        "authorization",
                                        "cookie",
                                        "date",
                                        "content-md5",
                                        "x-ca-key",
                                        "x-ca-timestamp",
                                        "x-ca-nonce",
                                        "x-sdk-date",
                                        "x-bce-date",
                                        "x-bce-signature",
                                        "x-bce-content-sha256",
                                        "x-security-token",
                                        "x-auth-token",
                                        "x-hw-id",
                                        "x-hw-appkey",
                                        NULL};
    if (bytes_start_with_folded(name, BYTES("x-ca-signature")) || bytes_start_with_folded(name, BYTES("x-sdk-content-"))) return true;
    bool of_place = example->place->location == PLACE_HEADER && bytes_equal_folded(name, example->place->name);
    return of_place || is_one_of(name, names);
}

static bool is_wanted(struct bytes name)
{
    static const char *const names[] = {"accept", "content-type", "x-stage", "x-ca-stage", "x-bce-stage", NULL};
    return is_one_of(name, names);
}

static void add_field(struct example *example, struct http_field field, bool listed)
{
    if (example->field_count + 2 > EXAMPLE_MAX_FIELDS) return;
    example->fields[example->field_count++] = field;
    bool fixed = example->scheme->id == SCHEME_ALIYUN_CA && is_wanted(field.name) && !bytes_start_with_folded(field.name, BYTES("x-"));
    if (listed && !fixed) example->names[example->name_count++] = field.name;
}

static void take_fields(const struct example_question *question, struct example *example)
{
    for (size_t i = 0; i < question->request->field_count; i++) {
        const struct http_field *field = &question->request->fields[i];
        bool listed = is_listed(question->claim->signed_names, field->name);
        if (!is_made_anew(example, field->name) && (listed || is_wanted(field->name))) add_field(example, *field, listed);
    }
}

static bool has_field(const struct example *example, const char *name)
{
    for (size_t i = 0; i < example->field_count; i++)
        if (bytes_equal_folded(example->fields[i].name, bytes_of_text(name))) return true;
    return false;
}

/* Without a Content-Type libraries choose one of their own; and bce-auth-v1 covers a body by a header only. */
static void complete_body(struct arena *arena, struct example *example)
{
    if (example->body.length == 0) return;
    if (!has_field(example, "content-type")) {
        struct http_field type = {BYTES("Content-Type"), BYTES("application/octet-stream")};
        add_field(example, type, false);
    }
    if (example->scheme->id != SCHEME_BCE_AUTH_V1) return;
    struct digest_value sha256 = digest_of(DIGEST_SHA256, example->body);
    struct buffer hex = buffer_in(arena, 64);
    hex_encode(&hex, digest_bytes(&sha256));
    add_field(example, (struct http_field){BYTES("x-bce-content-sha256"), buffer_bytes(&hex)}, true);
}

static bool is_text(struct bytes body)
{
    return utf8_is_valid(body) && bytes_find(body, 0) == body.length && bytes_find(body, '\r') == body.length;
}

/* A secret in the query becomes its name. */
static struct bytes masked_target(const struct example_question *question, struct arena *arena)
{
    const struct place *place = question->claim->place;
    struct bytes rest = question->request->query;
    if (place->location != PLACE_QUERY) return question->request->target;
    struct buffer out = buffer_in(arena, question->request->target.length + 64);
    buffer_add(&out, question->request->path);
    buffer_add_byte(&out, '?');
    for (struct http_pair pair; http_pair_next(&rest, &pair);) {
        if (place_is_query_name(place, pair.name)) continue;
        buffer_add(&out, pair.name);
        if (pair.has_value) buffer_add_byte(&out, '=');
        buffer_add(&out, pair.value);
        buffer_add_byte(&out, '&');
    }
    buffer_add(&out, place->name);
    buffer_add_byte(&out, '=');
    return buffer_bytes(&out);
}

/* The sisters derive keys, or take hashes, which no shell does in a line; every key that signs so signs as SDK-HMAC-SHA256 too. */
static const struct scheme *taught(const struct scheme *scheme)
{
    return (scheme_sdk_family() >> scheme->id & 1) != 0 ? &scheme_sdk_hmac_sha256 : scheme;
}

bool example_prepare(const struct example_question *question, struct arena *arena, struct example *example)
{
    if (question->claim->scheme == NULL || question->claim->place == NULL) return false;
    *example = (struct example){.method = question->request->method,
                                .host = http_field_value(question->request, BYTES("host")),
                                .target = masked_target(question, arena),
                                .body = question->body,
                                .body_in_file = question->body.length > LONGEST_BODY || !is_text(question->body),
                                .scheme = taught(question->claim->scheme),
                                .place = question->claim->place,
                                .key_id = question->claim->key_id};
    if (example->key_id.length == 0) example->key_id = BYTES("<APP_KEY>");
    take_fields(question, example);
    complete_body(arena, example);
    struct buffer url = buffer_in(arena, example->host.length + example->target.length + 16);
    buffer_add_text(&url, question->https ? "https://" : "http://");
    buffer_add(&url, example->host);
    buffer_add(&url, example->target);
    example->url = buffer_bytes(&url);
    return example->host.length > 0 && !arena->exhausted;
}

bool example_write(const struct example *example, enum example_language language, struct arena *arena, struct buffer *out)
{
    return language == EXAMPLE_CURL ? example_write_curl(example, arena, out) : example_write_code(example, language, out);
}

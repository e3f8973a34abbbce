/* What usually goes wrong between signing and sending. */
#include "base/text.h"
#include "explain/trial.h"

static struct http_field *find(struct trial *trial, struct bytes name)
{
    for (size_t i = 0; i < trial->request.field_count; i++)
        if (bytes_equal_folded(trial->fields[i].name, name)) return &trial->fields[i];
    return NULL;
}

/* Not there before: it is added. */
static bool put(struct trial *trial, struct bytes name, struct bytes value)
{
    struct http_field *field = find(trial, name);
    if (field != NULL && bytes_equal(field->value, value)) return false;
    if (field == NULL) {
        field = &trial->fields[trial->request.field_count++];
        field->name = name;
    }
    field->value = value;
    return true;
}

static bool take_off(struct trial *trial, struct bytes name)
{
    struct http_field *field = find(trial, name);
    if (field == NULL) return false;
    *field = trial->fields[--trial->request.field_count];
    return true;
}

static bool set_field(struct trial *trial, const struct change *change)
{
    struct bytes name = bytes_of_text(change->name);
    return change->value == NULL ? take_off(trial, name) : put(trial, name, bytes_of_text(change->value));
}

static struct bytes joined(struct trial *trial, struct bytes text, const char *end)
{
    struct bytes more = bytes_of_text(end);
    struct buffer out = buffer_in(trial->question->arena, text.length + more.length);
    buffer_add(&out, text);
    buffer_add(&out, more);
    return buffer_bytes(&out);
}

/* The value up to its first parameter, with `value` behind it. */
static bool set_charset(struct trial *trial, const struct change *change)
{
    const struct http_field *field = find(trial, BYTES("content-type"));
    if (field == NULL) return false;
    struct bytes type = bytes_trim(bytes_slice(field->value, 0, bytes_find(field->value, ';')));
    return put(trial, field->name, joined(trial, type, change->value));
}

static bool set_method(struct trial *trial, const struct change *change)
{
    struct bytes method = bytes_of_text(change->value);
    if (bytes_equal(trial->request.method, method)) return false;
    trial->request.method = method;
    return true;
}

static bool set_host(struct trial *trial, const struct change *change)
{
    const struct http_field *field = find(trial, BYTES("host"));
    if (field == NULL) return false;
    struct bytes name = bytes_slice(field->value, 0, bytes_find(field->value, ':'));
    return put(trial, field->name, joined(trial, name, change->value));
}

static bool set_target(struct trial *trial, struct bytes path, struct bytes query)
{
    struct buffer out = buffer_in(trial->question->arena, path.length + query.length + 1);
    buffer_add(&out, path);
    if (query.length > 0) buffer_add_byte(&out, '?');
    buffer_add(&out, query);
    return !out.overflow && http_request_set_target(&trial->request, buffer_bytes(&out));
}

static bool end_path(struct trial *trial, const struct change *change)
{
    struct bytes path = trial->request.path;
    (void)change;
    bool ends = path.length > 0 && path.data[path.length - 1] == '/';
    if (ends && path.length == 1) return false;
    return set_target(trial, ends ? bytes_slice(path, 0, path.length - 1) : joined(trial, path, "/"), trial->request.query);
}

static bool drop_query(struct trial *trial, const struct change *change)
{
    (void)change;
    return trial->request.query.length > 0 && set_target(trial, trial->request.path, BYTES(""));
}

/* Each `name` of the query becomes `value`. */
static bool replace_in_query(struct trial *trial, const struct change *change)
{
    struct bytes rest = trial->request.query, old = bytes_of_text(change->name);
    struct buffer out = buffer_in(trial->question->arena, 3 * rest.length);
    bool replaced = false;
    while (rest.length > 0) {
        bool here = bytes_start_with_folded(rest, old);
        if (here) {
            buffer_add_text(&out, change->value);
        } else {
            buffer_add_byte(&out, rest.data[0]);
        }
        replaced = replaced || here;
        rest = bytes_from(rest, here ? old.length : 1);
    }
    return replaced && set_target(trial, trial->request.path, buffer_bytes(&out));
}

/* Encoded once more: a client that signs what it has encoded already. */
static bool encode_path(struct trial *trial, const struct change *change)
{
    struct bytes path = trial->request.path;
    (void)change;
    if (bytes_find(path, '%') == path.length) return false;
    struct buffer out = buffer_in(trial->question->arena, 3 * path.length);
    percent_encode_path(&out, path);
    return set_target(trial, buffer_bytes(&out), trial->request.query);
}

static bool empty_body(struct trial *trial, const struct change *change)
{
    (void)change;
    if (trial->body.length == 0) return false;
    trial->body = BYTES("");
    return true;
}

static bool end_body(struct trial *trial, const struct change *change)
{
    struct bytes body = trial->body;
    (void)change;
    if (body.length == 0) return false;
    bool ends = body.data[body.length - 1] == '\n';
    trial->body = ends ? bytes_slice(body, 0, body.length - 1) : joined(trial, body, "\n");
    return true;
}

/* number 0: base64 of the MD5, 1: its hex, 2: base64 of the hex. */
static bool set_md5(struct trial *trial, const struct change *change)
{
    struct digest_value md5 = digest_of(DIGEST_MD5, trial->body);
    struct buffer hex = buffer_in(trial->question->arena, 32), out = buffer_in(trial->question->arena, 64);
    hex_encode(&hex, digest_bytes(&md5));
    if (change->number == 1) {
        buffer_add(&out, buffer_bytes(&hex));
    } else {
        base64_encode(&out, change->number == 0 ? digest_bytes(&md5) : buffer_bytes(&hex));
    }
    return trial->body.length > 0 && put(trial, BYTES("content-md5"), buffer_bytes(&out));
}

static bool change_text(struct trial *trial, const struct change *change)
{
    if (trial->text != TEXT_AS_IT_IS) return false;
    trial->text = (enum text_change)change->number;
    return true;
}

static bool change_secret(struct trial *trial, const struct change *change)
{
    if (trial->secret != SECRET_AS_IT_IS) return false;
    trial->secret = (enum secret_change)change->number;
    return true;
}

#define FIELD(cause_, name_, value_)                                                                                                       \
    {                                                                                                                                      \
        cause_, set_field, name_, value_, 0, NULL                                                                                          \
    }
#define WITHOUT(cause_, name_)                                                                                                             \
    {                                                                                                                                      \
        cause_, set_field, name_, NULL, 0, "without " name_                                                                                \
    }
#define METHOD(value_)                                                                                                                     \
    {                                                                                                                                      \
        CAUSE_METHOD, set_method, "the method", value_, 0, NULL                                                                            \
    }

const struct change changes[] = {
    WITHOUT(CAUSE_ACCEPT, "Accept"),
    FIELD(CAUSE_ACCEPT, "Accept", "*/*"),
    FIELD(CAUSE_ACCEPT, "Accept", "application/json"),
    FIELD(CAUSE_ACCEPT, "Accept", "application/json; charset=utf-8"),
    FIELD(CAUSE_ACCEPT, "Accept", "application/json, text/plain, */*"),
    FIELD(CAUSE_ACCEPT, "Accept", "application/json, */*"),
    FIELD(CAUSE_ACCEPT, "Accept", "text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2"),
    {CAUSE_CHARSET, set_charset, NULL, "", 0, "Content-Type without charset"},
    {CAUSE_CHARSET, set_charset, "Content-Type", "; charset=utf-8", 0, NULL},
    {CAUSE_CHARSET, set_charset, "Content-Type", "; charset=UTF-8", 0, NULL},
    {CAUSE_CHARSET, set_charset, "Content-Type", ";charset=utf-8", 0, NULL},
    {CAUSE_CHARSET, set_charset, "Content-Type", ";charset=UTF-8", 0, NULL},
    WITHOUT(CAUSE_CONTENT_TYPE, "Content-Type"),
    FIELD(CAUSE_CONTENT_TYPE, "Content-Type", "application/json"),
    FIELD(CAUSE_CONTENT_TYPE, "Content-Type", "application/json; charset=utf-8"),
    FIELD(CAUSE_CONTENT_TYPE, "Content-Type", "application/octet-stream; charset=utf-8"),
    FIELD(CAUSE_CONTENT_TYPE, "Content-Type", "text/plain"),
    FIELD(CAUSE_CONTENT_TYPE, "Content-Type", "application/x-www-form-urlencoded"),
    FIELD(CAUSE_CONTENT_TYPE, "Content-Type", "application/x-www-form-urlencoded; charset=utf-8"),
    WITHOUT(CAUSE_DIGEST, "Content-MD5"),
    {CAUSE_DIGEST, set_md5, NULL, NULL, 0, "Content-MD5 of the body"},
    {CAUSE_DIGEST, set_md5, NULL, NULL, 1, "Content-MD5 in hex"},
    {CAUSE_DIGEST, set_md5, NULL, NULL, 2, "Content-MD5 in base64 of hex"},
    WITHOUT(CAUSE_HEADER_VALUE, "Date"),
    {CAUSE_BODY, empty_body, NULL, NULL, 0, "an empty body"},
    {CAUSE_BODY, end_body, NULL, NULL, 0, "another line end behind the body"},
    FIELD(CAUSE_BODY_UNSIGNED, "x-sdk-content-sha256", "UNSIGNED-PAYLOAD"),
    METHOD("GET"),
    METHOD("POST"),
    METHOD("PUT"),
    METHOD("DELETE"),
    METHOD("PATCH"),
    {CAUSE_PATH_SLASH, end_path, NULL, NULL, 0, "another '/' at the end of the path"},
    {CAUSE_ENCODING, encode_path, NULL, NULL, 0, "the path encoded twice"},
    {CAUSE_QUERY, drop_query, NULL, NULL, 0, "no query"},
    {CAUSE_ENCODING, replace_in_query, "+", "%20", 0, "a blank as %20 in the query"},
    {CAUSE_ENCODING, replace_in_query, "%20", "+", 0, "a blank as + in the query"},
    {CAUSE_ENCODING, replace_in_query, "%", "%25", 0, "the query encoded twice"},
    {CAUSE_HOST, set_host, NULL, "", 0, "Host without port"},
    {CAUSE_HOST, set_host, "Host", ":443", 0, NULL},
    {CAUSE_HOST, set_host, "Host", ":80", 0, NULL},
    FIELD(CAUSE_ALGORITHM, "X-Ca-Signature-Method", "HmacSHA1"),
    FIELD(CAUSE_ALGORITHM, "X-Ca-Signature-Method", "HmacSHA256"),
    {CAUSE_LINE_END, change_text, NULL, NULL, TEXT_WITH_LINE_END, "a line end behind the text"},
    {CAUSE_LINE_END, change_text, NULL, NULL, TEXT_WITH_CRLF, "lines that end with CR LF"},
    {CAUSE_HEADER_NAMES, change_text, NULL, NULL, TEXT_WITHOUT_HEADERS, "no header lines"},
    {CAUSE_PATH_SLASH, change_text, NULL, NULL, TEXT_WITHOUT_SLASH, "no '/' at the end of the canonical path"},
    {CAUSE_SECRET_SPELLING, change_secret, NULL, NULL, SECRET_WITH_LINE_END, "a line end behind the secret"},
    {CAUSE_SECRET_SPELLING, change_secret, NULL, NULL, SECRET_WITH_CRLF, "CR LF behind the secret"},
    {CAUSE_SECRET_SPELLING, change_secret, NULL, NULL, SECRET_FROM_BASE64, "the secret decoded from base64"},
    {CAUSE_SECRET_SPELLING, change_secret, NULL, NULL, SECRET_FROM_HEX, "the secret decoded from hex"},
    {CAUSE_SECRET_SPELLING, change_secret, NULL, NULL, SECRET_IS_KEY, "the key in place of the secret"},
};
const size_t change_count = sizeof changes / sizeof changes[0];

/* The text:
 *   METHOD \n Content-MD5 \n (name in lower case:value \n)* path[?name=value&…]
 * Unlike the client's signature it has no lines for Accept, Content-Type and Date, and an empty value keeps its '='. */
#include "scheme/aliyun_proxy.h"

#include "base/text.h"
#include "crypto/hmac.h"
#include "crypto/secret.h"
#include "scheme/names.h"

#define MAX_NAMES      16
#define SIGNATURE_ROOM 64

const char *const aliyun_proxy_carriers[] = {"x-ca-proxy-signature", "x-ca-proxy-signature-secret-key", "x-ca-proxy-signature-headers",
                                             "x-ca-timestamp", NULL};

static bool is_body_method(struct bytes method)
{
    return bytes_equal(method, BYTES("POST")) || bytes_equal(method, BYTES("PUT"));
}

unsigned aliyun_proxy_body(const struct http_request *request)
{
    if (http_request_is_form(request)) return BODY_FORM;
    return is_body_method(request->method) ? BODY_MD5 : BODY_UNUSED;
}

static bool covers_form(const struct signing *signing)
{
    return signing->body != NULL && signing->body->form.length > 0 && http_request_is_form(signing->request);
}

static void add_md5(const struct signing *signing, struct buffer *out)
{
    bool covered = signing->body != NULL && signing->body->length > 0 && signing->body->md5.length > 0 &&
                   is_body_method(signing->request->method) && !http_request_is_form(signing->request);
    if (covered) base64_encode(out, digest_bytes(&signing->body->md5));
    buffer_add_byte(out, '\n');
}

static bool read_pairs(struct arena *arena, struct bytes text, struct pairs *pairs)
{
    for (struct http_pair raw; http_pair_next(&text, &raw);) {
        struct pair *pair = &pairs->items[pairs->count++];
        if (!pairs_decode(arena, raw.name, true, &pair->name) || !pairs_decode(arena, raw.value, true, &pair->value)) return false;
    }
    return true;
}

/* Of a repeated name the first value counts, query before form (alibaba.md 4.4). */
static bool add_parameters(const struct signing *signing, struct arena *arena, struct buffer *out)
{
    struct pairs pairs;
    struct bytes query = signing->request->query, form = covers_form(signing) ? signing->body->form : bytes_of(NULL, 0);
    if (!pairs_room(&pairs, arena, query, form)) return false;
    if (!read_pairs(arena, query, &pairs) || !read_pairs(arena, form, &pairs) || !pairs_sort_by_name(&pairs, arena)) return false;
    for (size_t i = 0; i < pairs.count; i++) {
        if (i > 0 && bytes_equal(pairs.items[i].name, pairs.items[i - 1].name)) continue;
        buffer_add_byte(out, i == 0 ? '?' : '&');
        buffer_add(out, pairs.items[i].name);
        buffer_add_byte(out, '=');
        buffer_add(out, pairs.items[i].value);
    }
    return true;
}

static bool add_lines(const struct http_request *request, const struct pairs *names, struct arena *arena, struct buffer *out)
{
    for (size_t i = 0; i < names->count; i++) {
        struct bytes name = names->items[i].name;
        buffer_add(out, name);
        buffer_add_byte(out, ':');
        buffer_add(out, http_field_value(request, name));
        buffer_add_byte(out, '\n');
    }
    return !out->overflow && !arena->exhausted;
}

static struct bytes timestamp(struct arena *arena, int64_t now)
{
    struct buffer text = buffer_in(arena, 24);
    buffer_add_number(&text, now);
    buffer_add_text(&text, "000");
    return buffer_bytes(&text);
}

/* The request with the timestamp that will be sent along. */
static bool stamp(const struct signing *signing, struct arena *arena, struct http_request *request)
{
    struct http_field *fields = arena_take_array(arena, signing->request->field_count + 1, sizeof *fields);
    if (fields == NULL) return false;
    *request = *signing->request;
    for (size_t i = 0; i < request->field_count; i++) fields[i + 1] = request->fields[i];
    fields[0] = (struct http_field){BYTES("X-Ca-Timestamp"), timestamp(arena, signing->now)};
    request->fields = fields;
    request->field_count++;
    return fields[0].value.length > 0;
}

static size_t text_bound(const struct signing *signing)
{
    size_t bound = 256 + signing->request->method.length + 2 * signing->request->target.length;
    for (size_t i = 0; i < signing->request->field_count; i++)
        bound += signing->request->fields[i].name.length + signing->request->fields[i].value.length + 2;
    return bound + (covers_form(signing) ? 2 * signing->body->form.length : 0);
}

static bool write_text(const struct signing *signing, const struct http_request *request, struct pairs *names, struct arena *arena,
                       struct buffer *out)
{
    buffer_add_upper(out, request->method);
    buffer_add_byte(out, '\n');
    add_md5(signing, out);
    if (!add_lines(request, names, arena, out)) return false;
    buffer_add(out, request->path);
    return add_parameters(signing, arena, out) && !out->overflow;
}

static bool add_signature(const struct signing *signing, const struct http_request *request, struct pairs *names, struct arena *arena,
                          struct buffer *out)
{
    struct buffer text = buffer_in(arena, text_bound(signing));
    if (!write_text(signing, request, names, arena, &text)) return false;
    struct digest_value mac = hmac_by(DIGEST_SHA256, &signing->secret, buffer_bytes(&text));
    base64_encode(out, digest_bytes(&mac));
    return !out->overflow;
}

static void set_fields(const struct signing *signing, const struct http_request *request, struct bytes list, struct bytes signature,
                       struct signed_fields *fields)
{
    fields->items[0] = request->fields[0];
    fields->items[1] = (struct http_field){BYTES("X-Ca-Proxy-Signature-Secret-Key"), signing->key_id};
    fields->items[2] = (struct http_field){BYTES("X-Ca-Proxy-Signature-Headers"), list};
    fields->items[3] = (struct http_field){BYTES("X-Ca-Proxy-Signature"), signature};
    fields->count = 4;
}

bool aliyun_proxy_sign(const struct signing *signing, struct arena *arena, struct signed_fields *fields)
{
    struct pair memory[MAX_NAMES];
    struct pairs names = {.items = memory, .capacity = MAX_NAMES};
    struct http_request request = *signing->request;
    struct bytes list;
    bool fits = signing->secret.text.length > 0 && stamp(signing, arena, &request) && names_add(&names, arena, BYTES("x-ca-timestamp"));
    for (size_t i = 0; i < signing->request->field_count; i++)
        if (!bytes_equal(signing->request->fields[i].name, BYTES("host")))
            fits = fits && names_add(&names, arena, signing->request->fields[i].name);
    if (!fits || !names_join(&names, ',', arena, &list)) return false;
    struct buffer signature = buffer_in(arena, SIGNATURE_ROOM);
    if (!add_signature(signing, &request, &names, arena, &signature)) return false;
    set_fields(signing, &request, list, buffer_bytes(&signature), fields);
    return true;
}

static enum refusal at_field(struct claim *claim, struct bytes field, enum refusal refusal)
{
    claim->field = field;
    return refusal;
}

/* Of a header that is there twice it would be a guess which counts. */
static enum refusal read_one(const struct http_request *request, struct bytes name, struct claim *claim, struct bytes *value)
{
    size_t count = 0;
    for (size_t i = 0; i < request->field_count; i++) {
        if (!bytes_equal_folded(request->fields[i].name, name)) continue;
        *value = bytes_trim(request->fields[i].value);
        count++;
    }
    if (count == 1 && value->length > 0) return REFUSAL_NONE;
    return at_field(claim, name, count > 1 ? REFUSAL_PROOF_AMBIGUOUS : REFUSAL_SIGNED_FIELD_MISSING);
}

/* Each listed header is there, once. A timestamp that is not listed is nobody's word. */
static enum refusal check_names(const struct http_request *request, struct claim *claim)
{
    struct bytes rest = claim->signed_names, name, value;
    size_t count = 0;
    while (bytes_next_part(&rest, ',', &name)) {
        name = bytes_trim(name);
        if (!http_name_is_token(name)) return at_field(claim, BYTES("x-ca-proxy-signature-headers"), REFUSAL_PROOF_MALFORMED);
        if (++count > MAX_NAMES) return at_field(claim, BYTES("x-ca-proxy-signature-headers"), REFUSAL_REQUEST_TOO_COMPLEX);
        enum refusal refusal = read_one(request, name, claim, &value);
        if (refusal == REFUSAL_PROOF_AMBIGUOUS) refusal = REFUSAL_SIGNED_FIELD_MISSING;
        if (refusal != REFUSAL_NONE) return refusal;
        claim->time_is_signed = claim->time_is_signed || bytes_equal_folded(name, BYTES("x-ca-timestamp"));
    }
    return claim->time_is_signed ? REFUSAL_NONE : at_field(claim, BYTES("x-ca-timestamp"), REFUSAL_DATE_UNSIGNED);
}

static enum refusal read_time(const struct http_request *request, struct claim *claim)
{
    int64_t milliseconds;
    enum refusal refusal = read_one(request, BYTES("x-ca-timestamp"), claim, &claim->time_text);
    if (refusal != REFUSAL_NONE) return refusal == REFUSAL_PROOF_AMBIGUOUS ? refusal : REFUSAL_DATE_MISSING;
    if (!number_parse(claim->time_text, &milliseconds)) return at_field(claim, BYTES("x-ca-timestamp"), REFUSAL_DATE_MALFORMED);
    claim->time = milliseconds / 1000;
    claim->timed = true;
    return REFUSAL_NONE;
}

enum refusal aliyun_proxy_read(const struct http_request *request, struct claim *claim)
{
    *claim = (struct claim){.hash = DIGEST_SHA256};
    enum refusal refusal = read_one(request, BYTES("x-ca-proxy-signature"), claim, &claim->proof);
    if (refusal != REFUSAL_NONE) return refusal == REFUSAL_PROOF_AMBIGUOUS ? refusal : REFUSAL_PROOF_MISSING;
    refusal = read_one(request, BYTES("x-ca-proxy-signature-secret-key"), claim, &claim->key_id);
    if (refusal == REFUSAL_NONE) refusal = read_one(request, BYTES("x-ca-proxy-signature-headers"), claim, &claim->signed_names);
    if (refusal == REFUSAL_NONE) refusal = read_time(request, claim);
    return refusal == REFUSAL_NONE ? check_names(request, claim) : refusal;
}

/* Of a repeated name one value is signed: whoever reads the others reads what anybody may have written. */
static bool repeats_a_name(const struct signing *signing, struct arena *arena)
{
    struct pairs pairs;
    struct bytes query = signing->request->query, form = covers_form(signing) ? signing->body->form : bytes_of(NULL, 0);
    if (!pairs_room(&pairs, arena, query, form)) return true;
    if (!read_pairs(arena, query, &pairs) || !read_pairs(arena, form, &pairs) || !pairs_sort_by_name(&pairs, arena)) return true;
    for (size_t i = 1; i < pairs.count; i++)
        if (bytes_equal(pairs.items[i].name, pairs.items[i - 1].name)) return true;
    return false;
}

enum refusal aliyun_proxy_check(const struct signing *signing, const struct claim *claim, struct arena *arena)
{
    struct pair memory[MAX_NAMES];
    struct pairs names = {.items = memory, .capacity = MAX_NAMES};
    struct bytes rest = claim->signed_names, name, list;
    struct buffer signature = buffer_in(arena, SIGNATURE_ROOM);
    if (repeats_a_name(signing, arena)) return REFUSAL_NAME_REPEATED;
    while (bytes_next_part(&rest, ',', &name))
        if (!names_add(&names, arena, bytes_trim(name))) return REFUSAL_REQUEST_TOO_COMPLEX;
    if (!names_join(&names, ',', arena, &list) || !add_signature(signing, signing->request, &names, arena, &signature))
        return REFUSAL_REQUEST_TOO_COMPLEX;
    return secret_equal(buffer_bytes(&signature), claim->proof) ? REFUSAL_NONE : REFUSAL_SIGNATURE_MISMATCH;
}

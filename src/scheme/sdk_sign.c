/* Writing what sdk_hmac_read.c reads. The gateway does it for every request that it countersigns, so the lines are put in order as they are
 * found: nothing is copied, listed and taken apart again. */
#include "scheme/sdk_sign.h"

#include "base/date.h"
#include "base/eights.h"
#include "base/text.h"
#include "scheme/names.h"
#include "scheme/sdk_hmac.h"

#define ACCESS         " Access="
#define CREDENTIAL     " Credential="
#define SIGNED_HEADERS ", SignedHeaders="
#define SIGNATURE      ", Signature="
#define MAX_PRESENTED  1024 /* of a signature: RSA-4096 in base64 has 684 characters */

/* What the signature is made of, before it is. */
struct sdk_draft {
    const struct signing *signing;
    const struct sdk_hmac_dialect *dialect;
    struct arena *arena;
    struct bytes date;
    size_t list_length; /* of the names, with a separator for each */
    struct sdk_hmac_reading reading;
    struct claim claim;
};

/* Sorted by name, and by value where a name is repeated: the vendors' checkers rebuild the whole header and compare text (huawei.md 3.2).
 */
static void insert_line(struct sdk_hmac_reading *reading, struct bytes name, struct bytes value)
{
    size_t to = reading->line_count++;
    for (; to > 0; to--) {
        const struct http_field *before = &reading->lines[to - 1];
        int order = bytes_compare(before->name, name);
        if (order < 0 || (order == 0 && bytes_compare(before->value, value) <= 0)) break;
        reading->lines[to] = *before;
    }
    reading->lines[to] = (struct http_field){name, value};
}

static void add_own_line(struct sdk_draft *draft, struct bytes name, struct bytes value)
{
    insert_line(&draft->reading, name, value);
    draft->list_length += name.length + 1;
}

static bool has_line(const struct sdk_hmac_reading *reading, struct bytes name)
{
    for (size_t i = 0; i < reading->line_count; i++)
        if (bytes_equal(reading->lines[i].name, name)) return true;
    return false;
}

/* Whoever chose the fields looked at their names. */
static void add_whole(struct sdk_draft *draft)
{
    const struct http_request *request = draft->signing->request;
    for (size_t i = 0; i < request->field_count; i++) add_own_line(draft, request->fields[i].name, request->fields[i].value);
}

/* Every field of that name. `name` is in lower case. */
static void add_lines(struct sdk_draft *draft, struct bytes name)
{
    const struct http_request *request = draft->signing->request;
    size_t before = draft->reading.line_count;
    for (size_t i = 0; i < request->field_count; i++) {
        const struct http_field *field = &request->fields[i];
        if (field->name.length == name.length && bytes_equal_folded(field->name, name)) insert_line(&draft->reading, name, field->value);
    }
    if (draft->reading.line_count > before) draft->list_length += name.length + 1;
}

/* The date and the mark of a body that streams stand there already, and the proof does not sign itself. */
static bool add_named(struct sdk_draft *draft, struct bytes name)
{
    if (has_line(&draft->reading, name)) return true;
    if (bytes_equal(name, BYTES("authorization")) || bytes_equal(name, bytes_of_text(draft->dialect->payload))) return false;
    size_t before = draft->reading.line_count;
    add_lines(draft, name);
    return draft->reading.line_count > before;
}

static bool add_all_named(struct sdk_draft *draft)
{
    add_lines(draft, BYTES("host"));
    for (size_t i = 0; i < draft->signing->name_count; i++)
        if (!add_named(draft, draft->signing->names[i])) return false;
    return true;
}

static void note_stream(struct sdk_draft *draft)
{
    draft->reading.payload = SDK_HMAC_PAYLOAD_UNSIGNED;
    draft->reading.payload_text = BYTES(SDK_HMAC_UNSIGNED);
    add_own_line(draft, bytes_of_text(draft->dialect->payload), BYTES(SDK_HMAC_UNSIGNED));
}

static inline uint8_t *put_text(uint8_t *to, struct bytes text)
{
    return eight_copy(to, text.data, text.length);
}

/* The names of the lines, each once, where they go out: the text that is signed has them from there. */
static uint8_t *put_names(struct sdk_draft *draft, uint8_t *to)
{
    const struct sdk_hmac_reading *reading = &draft->reading;
    const uint8_t *from = to;
    for (size_t i = 0; i < reading->line_count; i++) {
        struct bytes name = reading->lines[i].name;
        if (i > 0 && bytes_equal(name, reading->lines[i - 1].name)) continue;
        if (i > 0) *to++ = ';';
        to = put_text(to, name);
    }
    draft->claim.signed_names = bytes_of(from, (size_t)(to - from));
    return to;
}

static bool key_is_writable(struct bytes key)
{
    return key.length > 0 && text_is_visible(key) && bytes_find(key, ',') == key.length;
}

/* V11: the day of the date, and the region and service for which the key counts. */
static bool add_scope(struct sdk_draft *draft)
{
    if (!draft->dialect->is_derived) return true;
    struct buffer scope = buffer_in(draft->arena, 9 + draft->signing->scope.length);
    buffer_add(&scope, bytes_slice(draft->date, 0, 8));
    buffer_add_byte(&scope, '/');
    buffer_add(&scope, draft->signing->scope);
    draft->reading.scope = buffer_bytes(&scope);
    return draft->signing->scope.length > 0 && !scope.overflow;
}

static bool draft_start(struct sdk_draft *draft)
{
    const struct signing *signing = draft->signing;
    draft->reading.lines = arena_take_unset(draft->arena, (signing->request->field_count + 2) * sizeof(struct http_field));
    if (draft->date.length == 0) {
        struct buffer date = buffer_in(draft->arena, sizeof "20191115T033655Z");
        date_format_basic(&date, signing->now);
        draft->date = buffer_bytes(&date);
    }
    if (draft->reading.lines == NULL || draft->date.length == 0 || !key_is_writable(signing->key_id)) return false;
    draft->claim.time_text = draft->date;
    if (!add_scope(draft)) return false;
    if (signing->whole) add_whole(draft);
    add_own_line(draft, BYTES(SDK_HMAC_DATE), draft->date);
    if (signing->body == NULL) note_stream(draft);
    return signing->whole || add_all_named(draft);
}

/* At most one line more than there are fields is of ours, and a path or query grows threefold at worst. */
static size_t text_bound(const struct sdk_draft *draft)
{
    const struct http_request *request = draft->signing->request;
    size_t bound = 256 + request->method.length + 3 * request->target.length + draft->list_length;
    for (size_t i = 0; i < draft->reading.line_count; i++)
        bound += draft->reading.lines[i].name.length + draft->reading.lines[i].value.length + 2;
    return bound;
}

static bool add_signature(const struct sdk_draft *draft, const struct sdk_proof *proof, struct buffer *out)
{
    uint8_t memory[256];
    struct buffer text = buffer_over(memory, sizeof memory), canonical = buffer_in(draft->arena, text_bound(draft));
    struct scheme_input input = {
        .request = draft->signing->request, .claim = &draft->claim, .body = draft->signing->body, .arena = draft->arena};
    if (!sdk_hmac_canonical(&input, 0, &canonical) || canonical.overflow) return false;
    if (proof->write == NULL) {
        draft->claim.scheme->signature(&draft->claim, &draft->signing->secret, buffer_bytes(&canonical), out);
        return !out->overflow;
    }
    sdk_hmac_string_to_sign(&draft->claim, proof->algorithm, buffer_bytes(&canonical), &text);
    return !text.overflow && proof->write(proof, buffer_bytes(&text), out) && !out->overflow;
}

/* Without its signature the proof is no longer than this. */
static size_t start_bound(const struct sdk_draft *draft, const struct sdk_proof *proof)
{
    return proof->algorithm.length + sizeof CREDENTIAL + draft->claim.key_id.length + draft->reading.scope.length + sizeof SIGNED_HEADERS +
           draft->list_length + sizeof SIGNATURE;
}

static bool start_proof(struct sdk_draft *draft, const struct sdk_proof *proof, struct buffer *out)
{
    struct bytes scope = draft->reading.scope, key = draft->claim.key_id;
    uint8_t *start = buffer_reserve(out, start_bound(draft, proof)), *to = start;
    if (start == NULL) return false;
    to = put_text(to, proof->algorithm);
    to = put_text(to, scope.length > 0 ? BYTES(CREDENTIAL) : BYTES(ACCESS));
    to = put_text(to, key);
    if (scope.length > 0) *to++ = '/';
    to = put_text(to, scope);
    to = put_text(to, BYTES(SIGNED_HEADERS));
    to = put_names(draft, to);
    to = put_text(to, BYTES(SIGNATURE));
    out->length = (size_t)(to - start);
    return true;
}

bool sdk_sign(const struct signing *signing, struct sdk_proof *proof, struct arena *arena, struct signed_fields *fields)
{
    const struct sdk_hmac_dialect *dialect = sdk_hmac_dialect_of(proof->scheme);
    struct sdk_draft draft = {
        .signing = signing,
        .dialect = dialect,
        .arena = arena,
        .date = signing->date,
        .claim = {.scheme = proof->scheme, .hash = dialect->hash, .reading = &draft.reading, .key_id = signing->key_id}};
    proof->signing = signing;
    if (!draft_start(&draft)) return false;
    struct buffer text = buffer_in(arena, start_bound(&draft, proof) + MAX_PRESENTED);
    if (!start_proof(&draft, proof, &text) || !add_signature(&draft, proof, &text)) return false;
    fields->count = 0;
    fields->items[fields->count++] = (struct http_field){BYTES("X-Sdk-Date"), draft.date};
    if (signing->body == NULL)
        fields->items[fields->count++] = (struct http_field){bytes_of_text(draft.dialect->payload_shown), BYTES(SDK_HMAC_UNSIGNED)};
    struct bytes carrier = signing->carrier.length > 0 ? signing->carrier : BYTES("Authorization");
    fields->items[fields->count++] = (struct http_field){carrier, buffer_bytes(&text)};
    return true;
}

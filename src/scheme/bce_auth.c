/* bce-auth-v1: the signature of Baidu AI Cloud (baidu.md 1), for app authentication (2.2) and for backends (2.4). */
#include "scheme/bce_auth.h"

#include "base/date.h"
#include "base/text.h"
#include "scheme/names.h"

static const char *const carriers[] = {"x-bce-signature", NULL};

static size_t present(const struct http_request *request, const struct place *place)
{
    size_t count = 0;
    for (size_t i = 0; i < request->field_count; i++) {
        const struct http_field *field = &request->fields[i];
        if (field->name.length != place->name.length || !bytes_equal_folded(field->name, place->name)) continue;
        count += bytes_start_with(field->value, place->prefix);
    }
    return count;
}

static enum refusal mismatch(const struct scheme_input *input, struct bytes field)
{
    if (input->field != NULL) *input->field = field;
    return REFUSAL_BODY_DIGEST_MISMATCH;
}

/* Whether the vendor compares a signed digest with the body is not known; one that is not compared would protect nothing. */
static enum refusal check_body(const struct scheme_input *input, const struct admission_rules *rules)
{
    const struct bce_auth_reading *reading = input->claim->reading;
    uint8_t memory[2 * DIGEST_MAX_SIZE];
    bool open = reading->content_md5 == NULL && reading->content_sha256 == NULL && (input->body == NULL || input->body->length > 0);
    if (open && rules->require_body_digest) {
        if (input->field != NULL) *input->field = BYTES("x-bce-content-sha256");
        return REFUSAL_BODY_DIGEST_MISSING;
    }
    if (input->body == NULL) return REFUSAL_NONE;
    if (reading->content_md5 != NULL) {
        struct buffer text = buffer_over(memory, sizeof memory);
        base64_encode(&text, digest_bytes(&input->body->md5));
        if (!bytes_equal(buffer_bytes(&text), reading->content_md5->value)) return mismatch(input, BYTES("Content-MD5"));
    }
    if (reading->content_sha256 != NULL) {
        struct buffer text = buffer_over(memory, sizeof memory);
        hex_encode(&text, digest_bytes(&input->body->sha256));
        if (!bytes_equal(buffer_bytes(&text), reading->content_sha256->value)) return mismatch(input, BYTES("x-bce-content-sha256"));
    }
    return REFUSAL_NONE;
}

/* Always listed, in order: with a blank list the vendor's own verifier counts the header that carries the proof (baidu.md 2.4). */
static bool list_names(const struct signing *signing, struct arena *arena, struct bytes *list)
{
    struct pair memory[BCE_AUTH_MAX_NAMES];
    struct pairs names = {.items = memory, .capacity = BCE_AUTH_MAX_NAMES};
    bool typed = http_field_find(signing->request, BYTES("content-type")) != NULL;
    bool fits = names_add(&names, arena, BYTES("host")) && (!typed || names_add(&names, arena, BYTES("content-type")));
    for (size_t i = 0; i < signing->name_count; i++) fits = fits && names_add(&names, arena, signing->names[i]);
    return fits && names_join(&names, ';', arena, list);
}

/* Puts a field where its name belongs. False: that name is there already, and which of them counts would be a guess. */
static bool insert_field(const struct http_field **fields, size_t count, const struct http_field *field)
{
    size_t to = count;
    for (; to > 0; to--) {
        int order = bytes_compare(fields[to - 1]->name, field->name);
        if (order == 0) return false;
        if (order < 0) break;
        fields[to] = fields[to - 1];
    }
    fields[to] = field;
    return true;
}

/* Every field of the request, in the order of names; one without a value is listed, and has no line in the text (baidu.md 1.4). */
static bool list_whole(const struct signing *signing, struct arena *arena, struct bce_auth_reading *reading, struct bytes *list)
{
    const struct http_request *request = signing->request;
    size_t length = 0;
    reading->lines = arena_take_unset(arena, (request->field_count + 1) * sizeof *reading->lines);
    for (size_t i = 0; reading->lines != NULL && i < request->field_count; i++) {
        if (!insert_field(reading->lines, i, &request->fields[i])) return false;
        length += request->fields[i].name.length + 1;
    }
    struct buffer names = buffer_in(arena, length);
    for (size_t i = 0; reading->lines != NULL && i < request->field_count; i++) {
        const struct http_field *field = reading->lines[i];
        if (i > 0) buffer_add_byte(&names, ';');
        buffer_add(&names, field->name);
        if (bytes_trim(field->value).length > 0) reading->lines[reading->line_count++] = field;
    }
    *list = buffer_bytes(&names);
    return reading->lines != NULL && !names.overflow;
}

static bool collect(const struct signing *signing, struct arena *arena, struct claim *claim, struct bce_auth_reading *reading)
{
    if (signing->whole) return list_whole(signing, arena, reading, &claim->signed_names);
    return list_names(signing, arena, &claim->signed_names) && bce_auth_collect(signing->request, arena, claim, reading) == REFUSAL_NONE;
}

/* The string is split at '/', so a key that holds one cannot be written. */
static bool key_is_writable(struct bytes key)
{
    return key.length > 0 && text_is_visible(key) && bytes_find(key, '/') == key.length;
}

#define PREFIX_START BCE_AUTH_VERSION "/"
#define PREFIX_TIME  "/2015-04-27T08:23:49Z/"

/* The prefix that the derived key was made for, if it is the one of this second and key. */
static struct bytes kept_prefix(const struct signing *signing)
{
    const struct derived_key *kept = signing->derived;
    const size_t start = sizeof PREFIX_START - 1, length = signing->key_id.length;
    if (kept == NULL || kept->now != signing->now || kept->prefix_length <= start + length + sizeof PREFIX_TIME - 1)
        return bytes_of(NULL, 0);
    bool same = bytes_equal(bytes_of(kept->prefix + start, length), signing->key_id) && kept->prefix[start + length] == '/';
    return bytes_of(kept->prefix, same ? kept->prefix_length : 0);
}

static void add_prefix(const struct signing *signing, struct buffer *out)
{
    struct bytes kept = kept_prefix(signing);
    if (kept.length > 0) return buffer_add(out, kept);
    buffer_add_text(out, PREFIX_START);
    buffer_add(out, signing->key_id);
    buffer_add_byte(out, '/');
    date_format_rfc3339(out, signing->now);
    buffer_add_byte(out, '/');
    buffer_add_number(out, BCE_AUTH_LIFETIME);
}

static bool sign(const struct signing *signing, struct arena *arena, struct signed_fields *fields)
{
    struct bce_auth_reading reading = {0};
    const struct place place = {.location = PLACE_HEADER,
                                .name = signing->carrier.length > 0 ? signing->carrier : BYTES("X-Bce-Signature")};
    struct claim claim = {.scheme = &scheme_bce_auth_v1, .place = &place, .hash = DIGEST_SHA256, .reading = &reading};
    if (signing->secret.text.length == 0 || !key_is_writable(signing->key_id) || !collect(signing, arena, &claim, &reading)) return false;

    struct buffer proof = buffer_in(arena, signing->key_id.length + claim.signed_names.length + 160);
    add_prefix(signing, &proof);
    reading.prefix = buffer_bytes(&proof);
    struct scheme_input input = {.request = signing->request, .claim = &claim, .body = signing->body, .arena = arena};
    struct buffer canonical = buffer_in(arena, scheme_text_bound(&input));
    if (!bce_auth_canonical(&input, 0, &canonical) || canonical.overflow) return false;
    buffer_add_byte(&proof, '/');
    buffer_add(&proof, claim.signed_names);
    buffer_add_byte(&proof, '/');
    bce_auth_signature_with(&claim, signing, buffer_bytes(&canonical), &proof);
    fields->items[0] = (struct http_field){place.name, buffer_bytes(&proof)};
    fields->count = 1;
    return !proof.overflow;
}

const struct scheme scheme_bce_auth_v1 = {
    .id = SCHEME_BCE_AUTH_V1,
    .name = BCE_AUTH_VERSION,
    .proof_kind = PROOF_MAC,
    .format = ANSWER_BCE,
    .carriers = carriers,
    .encodes_fields = true,
    .present = present,
    .read = bce_auth_read,
    .candidate_count = 2,
    .canonical = bce_auth_canonical,
    .signature = bce_auth_signature,
    .check_body = check_body,
    .sign = sign,
};

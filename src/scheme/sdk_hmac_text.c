/* The canonical request of SDK-HMAC-SHA256 (huawei.md 1.1):
 *   METHOD \n CanonicalURI \n CanonicalQuery \n (name:value \n)* \n SignedHeaders \n PayloadHash
 * and its variants (1.5, 5), as bits of the candidate: signers differ in how they read '+', in what they sort, and in what they sign
 * for an empty body. 8 texts at most. */
#include "base/eights.h"
#include "base/text.h"
#include "crypto/hmac.h"
#include "crypto/secret.h"
#include "scheme/pairs.h"
#include "scheme/sdk_hmac.h"

enum variant {
    VARIANT_PLUS_IS_SPACE = 1, /* Go parses the query as a form */
    VARIANT_ENCODED_ORDER = 2, /* Java sorts the encoded names */
    VARIANT_EMPTY_PAYLOAD = 4  /* Python signs the hash of nothing although it sends UNSIGNED-PAYLOAD */
};

/* The digests of an empty body in hex: most requests have none. */
#define NOTHING_SHA256 "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
#define NOTHING_SM3    "1ab21d8355cfa17f8e61194831e81a8f22bec8c728fefb747ed035eb5082aa2b"

static void give_up(struct buffer *out)
{
    out->overflow = true;
}

/* The trailing slash is for signing only; dot segments and empty segments stay (no vendor signer removes them). */
static void add_path(const struct scheme_input *input, struct buffer *out)
{
    struct bytes path = input->request->path, decoded;
    if (percent_is_plain_path(path)) {
        buffer_add(out, path);
    } else if (pairs_decode(input->arena, path, false, &decoded)) {
        percent_encode_path(out, decoded);
        path = decoded;
    } else {
        give_up(out);
    }
    if (path.length == 0 || path.data[path.length - 1] != '/') buffer_add_byte(out, '/');
    buffer_add_byte(out, '\n');
}

static bool encode(struct arena *arena, struct bytes *text)
{
    if (percent_is_plain(*text)) return true;
    struct buffer out = buffer_in(arena, 3 * text->length);
    percent_encode(&out, *text);
    *text = buffer_bytes(&out);
    return !out.overflow;
}

static bool read_query(const struct scheme_input *input, bool plus_is_space, struct pairs *pairs)
{
    struct bytes rest = input->request->query;
    bool plain = percent_is_plain_query(rest);
    if (!pairs_room(pairs, input->arena, rest, bytes_of(NULL, 0))) return false;
    for (struct http_pair raw; http_pair_next(&rest, &raw);) {
        struct pair *pair = &pairs->items[pairs->count];
        if (raw.name.length == 0) continue;
        *pair = (struct pair){raw.name, raw.value};
        pairs->count++;
        if (plain) continue;
        if (!pairs_decode(input->arena, raw.name, plus_is_space, &pair->name)) return false;
        if (!pairs_decode(input->arena, raw.value, plus_is_space, &pair->value)) return false;
    }
    return pairs_sort(pairs, input->arena);
}

static bool encode_pairs(const struct scheme_input *input, struct pairs *pairs)
{
    if (percent_is_plain_query(input->request->query)) return true;
    for (size_t i = 0; i < pairs->count; i++) {
        if (!encode(input->arena, &pairs->items[i].name)) return false;
        if (!encode(input->arena, &pairs->items[i].value)) return false;
    }
    return true;
}

/* False: sorting the encoded names gives nothing new. */
static bool add_query(const struct scheme_input *input, unsigned candidate, struct buffer *out)
{
    struct pairs pairs = {0};
    if (input->request->query.length == 0) return true;
    if (!read_query(input, (candidate & VARIANT_PLUS_IS_SPACE) != 0, &pairs) || !encode_pairs(input, &pairs)) {
        give_up(out);
        return true;
    }
    if ((candidate & VARIANT_ENCODED_ORDER) != 0) {
        if (pairs_are_sorted(&pairs)) return false;
        if (!pairs_sort(&pairs, input->arena)) give_up(out);
    }
    for (size_t i = 0; i < pairs.count; i++) {
        if (i > 0) buffer_add_byte(out, '&');
        buffer_add(out, pairs.items[i].name);
        buffer_add_byte(out, '=');
        buffer_add(out, pairs.items[i].value);
    }
    return true;
}

static size_t length_of_headers(const struct sdk_hmac_reading *reading, struct bytes names)
{
    size_t length = names.length + 2;
    for (size_t i = 0; i < reading->line_count; i++) length += reading->lines[i].name.length + reading->lines[i].value.length + 2;
    return length;
}

static void add_headers(const struct scheme_input *input, struct buffer *out)
{
    const struct sdk_hmac_reading *reading = input->claim->reading;
    struct bytes names = input->claim->signed_names;
    uint8_t *to = buffer_reserve(out, length_of_headers(reading, names));
    if (to == NULL) return;
    for (const struct http_field *line = reading->lines, *end = line + reading->line_count; line < end; line++) {
        to = eight_copy(to, line->name.data, line->name.length);
        *to++ = ':';
        to = eight_copy(to, line->value.data, line->value.length);
        *to++ = '\n';
    }
    *to++ = '\n';
    to = eight_copy(to, names.data, names.length);
    *to = '\n';
}

static void add_body_digest(const struct sdk_hmac_dialect *dialect, const struct body_facts *body, struct buffer *out)
{
    if (body->length == 0) {
        buffer_add(out, dialect->hash == DIGEST_SM3 ? BYTES(NOTHING_SM3) : BYTES(NOTHING_SHA256));
    } else {
        hex_encode(out, digest_bytes(sdk_hmac_body_digest(dialect, body)));
    }
}

static void add_payload(const struct scheme_input *input, unsigned candidate, struct buffer *out)
{
    const struct sdk_hmac_reading *reading = input->claim->reading;
    bool from_body = reading->payload == SDK_HMAC_PAYLOAD_BODY || (candidate & VARIANT_EMPTY_PAYLOAD) != 0;
    if (!from_body) {
        buffer_add(out, reading->payload_text);
    } else if (input->body != NULL) {
        add_body_digest(sdk_hmac_dialect_of(input->claim->scheme), input->body, out);
    } else {
        give_up(out);
    }
}

static bool variant_applies(const struct scheme_input *input, unsigned candidate)
{
    const struct sdk_hmac_reading *reading = input->claim->reading;
    struct bytes query = input->request->query;
    if ((candidate & VARIANT_PLUS_IS_SPACE) != 0 && bytes_find(query, '+') == query.length) return false;
    if ((candidate & VARIANT_ENCODED_ORDER) != 0 && bytes_find(query, '&') == query.length) return false;
    if ((candidate & VARIANT_EMPTY_PAYLOAD) != 0)
        return reading->payload == SDK_HMAC_PAYLOAD_UNSIGNED && input->body != NULL && input->body->length == 0;
    return true;
}

bool sdk_hmac_canonical(const struct scheme_input *input, unsigned candidate, struct buffer *out)
{
    if (!variant_applies(input, candidate)) return false;
    buffer_add_upper(out, input->request->method);
    buffer_add_byte(out, '\n');
    add_path(input, out);
    if (!add_query(input, candidate, out)) return false;
    buffer_add_byte(out, '\n');
    add_headers(input, out);
    add_payload(input, candidate, out);
    return true;
}

/* V11 has the scope of the key in a line of its own (1.3). */
void sdk_hmac_string_to_sign(const struct claim *claim, struct bytes algorithm, struct bytes canonical, struct buffer *out)
{
    struct bytes scope = ((const struct sdk_hmac_reading *)claim->reading)->scope;
    struct digest_value digest = digest_of(claim->hash, canonical);
    uint8_t *to = buffer_reserve(out, algorithm.length + 1 + claim->time_text.length + 1 + scope.length + (scope.length > 0));
    if (to == NULL) return;
    to = eight_copy(to, algorithm.data, algorithm.length);
    *to++ = '\n';
    to = eight_copy(to, claim->time_text.data, claim->time_text.length);
    *to++ = '\n';
    if (scope.length > 0) *eight_copy(to, scope.data, scope.length) = '\n';
    hex_encode(out, digest_bytes(&digest));
}

/* HKDF-SHA256 (RFC 5869) of one block: secret, key id as salt, scope as info. Its 32 bytes count as their lower-case hex (huawei.md 1.3).
 */
static struct digest_value derived_mac(const struct claim *claim, const struct hmac_secret *secret, struct bytes text)
{
    const struct sdk_hmac_reading *reading = claim->reading;
    uint8_t hex[2 * DIGEST_MAX_SIZE], info[256];
    struct buffer key = buffer_over(hex, sizeof hex), block = buffer_over(info, sizeof info);
    struct digest_value extracted = hmac_of(DIGEST_SHA256, claim->key_id, secret->text);
    buffer_add(&block, reading->scope);
    buffer_add_byte(&block, 1);
    struct digest_value expanded = hmac_of(DIGEST_SHA256, digest_bytes(&extracted), buffer_bytes(&block));
    hex_encode(&key, digest_bytes(&expanded));
    struct digest_value mac = hmac_of(DIGEST_SHA256, buffer_bytes(&key), text);
    secret_wipe(hex, sizeof hex);
    secret_wipe(&extracted, sizeof extracted);
    secret_wipe(&expanded, sizeof expanded);
    return mac;
}

/* The key is the secret itself, but of V11. */
void sdk_hmac_signature(const struct claim *claim, const struct hmac_secret *secret, struct bytes canonical, struct buffer *out)
{
    const struct sdk_hmac_dialect *dialect = sdk_hmac_dialect_of(claim->scheme);
    uint8_t memory[512];
    struct buffer text = buffer_over(memory, sizeof memory);
    sdk_hmac_string_to_sign(claim, bytes_of_text(dialect->algorithm), canonical, &text);
    struct digest_value mac =
        dialect->is_derived ? derived_mac(claim, secret, buffer_bytes(&text)) : hmac_by(claim->hash, secret, buffer_bytes(&text));
    hex_encode(out, digest_bytes(&mac));
}

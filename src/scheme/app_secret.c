/* app-secret and app-basic: an app's key and secret as they are (huawei.md 1.4, features app_secret and app_basic). Nothing is signed. The
 * secret is compared with the ones that live, like a signature: by digests, so that its length does not show in the time either. */
#include "base/text.h"
#include "scheme/names.h"
#include "scheme/scheme.h"

#define MAX_KEY_LENGTH    256
#define MAX_SECRET_LENGTH 512

static const char *const secret_carriers[] = {"x-hw-appkey", NULL};
static const char *const basic_carriers[] = {NULL};

/* Fields of this name whose value begins as the place says. */
static size_t present(const struct http_request *request, const struct place *place)
{
    size_t count = 0;
    for (size_t i = 0; i < request->field_count; i++) {
        const struct http_field *field = &request->fields[i];
        if (field->name.length != place->name.length || !bytes_equal_folded(field->name, place->name)) continue;
        count += bytes_start_with_folded(field->value, place->prefix);
    }
    return count;
}

static enum refusal at_field(struct claim *claim, struct bytes field, enum refusal refusal)
{
    claim->field = field;
    return refusal;
}

static enum refusal lay(struct claim *claim, struct arena *arena, struct bytes key, struct bytes secret)
{
    if (key.length == 0) return REFUSAL_KEY_MISSING;
    if (key.length > MAX_KEY_LENGTH || !text_is_visible(key)) return REFUSAL_PROOF_MALFORMED;
    if (secret.length > MAX_SECRET_LENGTH || !text_is_visible(secret)) return REFUSAL_PROOF_MALFORMED;
    struct digest_value digest = digest_of(DIGEST_SHA256, secret);
    claim->key_id = key;
    claim->proof = arena_copy(arena, digest_bytes(&digest));
    return claim->proof.length == 0 ? REFUSAL_REQUEST_TOO_COMPLEX : REFUSAL_NONE;
}

/* X-HW-ID: <key>, X-HW-AppKey: <secret> */
static enum refusal read_secret(const struct http_request *request, struct arena *arena, struct claim *claim)
{
    const struct http_field *key = http_field_find(request, claim->place->name), *secret = http_field_find(request, BYTES("x-hw-appkey"));
    claim->field = BYTES("X-HW-ID");
    if (http_field_count(request, claim->place->name) != 1) return REFUSAL_PROOF_AMBIGUOUS;
    if (http_field_count(request, BYTES("x-hw-appkey")) > 1) return at_field(claim, BYTES("X-HW-AppKey"), REFUSAL_PROOF_AMBIGUOUS);
    if (secret == NULL || secret->value.length == 0) return at_field(claim, BYTES("X-HW-AppKey"), REFUSAL_SIGNATURE_MISSING);
    return lay(claim, arena, key->value, secret->value);
}

/* Authorization: Basic base64(<key>:<secret>) (RFC 7617, 2) */
static enum refusal read_basic(const struct http_request *request, struct arena *arena, struct claim *claim)
{
    claim->field = BYTES("Authorization");
    const struct http_field *field = http_field_find(request, claim->place->name);
    if (http_field_count(request, claim->place->name) != 1) return REFUSAL_PROOF_AMBIGUOUS;
    struct bytes text = bytes_trim(bytes_from(field->value, claim->place->prefix.length));
    if (text.length == 0) return REFUSAL_KEY_MISSING;
    if (text.length > 2 * (MAX_KEY_LENGTH + MAX_SECRET_LENGTH)) return REFUSAL_PROOF_MALFORMED;
    struct buffer pair = buffer_in(arena, text.length);
    if (!base64_decode(&pair, text)) return REFUSAL_PROOF_MALFORMED;
    struct bytes decoded = buffer_bytes(&pair);
    size_t colon = bytes_find(decoded, ':');
    if (colon + 1 >= decoded.length) return REFUSAL_SIGNATURE_MISSING;
    return lay(claim, arena, bytes_slice(decoded, 0, colon), bytes_from(decoded, colon + 1));
}

/* There is no text to sign. */
static bool canonical(const struct scheme_input *input, unsigned candidate, struct buffer *out)
{
    (void)input, (void)out;
    return candidate == 0;
}

static void signature(const struct claim *claim, const struct hmac_secret *secret, struct bytes text, struct buffer *out)
{
    (void)claim, (void)text;
    struct digest_value digest = digest_of(DIGEST_SHA256, secret->text);
    buffer_add(out, digest_bytes(&digest));
}

static bool sign_secret(const struct signing *signing, struct arena *arena, struct signed_fields *fields)
{
    if (signing->key_id.length == 0 || signing->secret.text.length == 0) return false;
    fields->count = 2;
    fields->items[0] = (struct http_field){BYTES("X-HW-ID"), arena_copy(arena, signing->key_id)};
    fields->items[1] = (struct http_field){BYTES("X-HW-AppKey"), arena_copy(arena, signing->secret.text)};
    return !arena->exhausted;
}

static bool sign_basic(const struct signing *signing, struct arena *arena, struct signed_fields *fields)
{
    size_t length = signing->key_id.length + 1 + signing->secret.text.length;
    struct buffer pair = buffer_in(arena, length), value = buffer_in(arena, sizeof "Basic " + 4 * (length / 3 + 1));
    if (signing->key_id.length == 0 || signing->secret.text.length == 0) return false;
    buffer_add(&pair, signing->key_id);
    buffer_add_byte(&pair, ':');
    buffer_add(&pair, signing->secret.text);
    buffer_add_text(&value, "Basic ");
    base64_encode(&value, buffer_bytes(&pair));
    fields->count = 1;
    fields->items[0] = (struct http_field){BYTES("Authorization"), buffer_bytes(&value)};
    return !pair.overflow && !value.overflow;
}

const struct scheme scheme_app_secret = {
    .id = SCHEME_APP_SECRET,
    .name = "app-secret",
    .proof_kind = PROOF_SECRET,
    .format = ANSWER_APIG,
    .carriers = secret_carriers,
    .present = present,
    .read = read_secret,
    .candidate_count = 1,
    .canonical = canonical,
    .signature = signature,
    .sign = sign_secret,
};

const struct scheme scheme_app_basic = {
    .id = SCHEME_APP_BASIC,
    .name = "app-basic",
    .proof_kind = PROOF_SECRET,
    .format = ANSWER_APIG,
    .carriers = basic_carriers,
    .present = present,
    .read = read_basic,
    .candidate_count = 1,
    .canonical = canonical,
    .signature = signature,
    .sign = sign_basic,
};

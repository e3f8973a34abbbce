/* app-token: an access token for which an app has exchanged its key and secret (huawei.md 1.4, feature app_token; RFC 6749, 4.4). How the
 * vendor's tokens look and travel is not public: this form is the gateway's own, behind "Bearer" (RFC 6750, 2.1).
 *
 *   csat1-<base64url of: when it was issued, eight bytes | the app's key | HMAC-SHA256 over word and both, with the app's secret>
 *
 * So nothing is kept of a token: every node knows it again, and it ends with the secret. How long it lasts is what the operator says now,
 * not what the token says. A refresh token differs in its first word. */
#include "scheme/app_token.h"

#include "base/text.h"
#include "scheme/names.h"

#define TIME_SIZE      8
#define MAC_SIZE       32
#define MAX_KEY_LENGTH 256
#define MAX_TOKEN      1024

static const char *const carriers[] = {NULL};

struct place app_token_place(enum app_token_kind kind, struct bytes lifetime)
{
    struct place place = scheme_default_place(SCHEME_APP_TOKEN);
    if (kind == APP_TOKEN_REFRESH) place.prefix = BYTES("Bearer csrt1-");
    place.claim = lifetime;
    return place;
}

static bool carries_proof(const struct http_field *field, const struct place *place)
{
    if (field->name.length != place->name.length || !bytes_equal_folded(field->name, place->name)) return false;
    return bytes_start_with_folded(field->value, place->prefix);
}

static size_t present(const struct http_request *request, const struct place *place)
{
    size_t count = 0;
    for (size_t i = 0; i < request->field_count; i++) count += carries_proof(&request->fields[i], place);
    return count;
}

static int64_t read_time(struct bytes bytes)
{
    uint64_t time = 0;
    for (size_t i = 0; i < TIME_SIZE; i++) time = time << 8 | bytes.data[i];
    return (int64_t)time;
}

static enum refusal read(const struct http_request *request, struct arena *arena, struct claim *claim)
{
    const struct http_field *field = http_field_find(request, claim->place->name);
    claim->field = BYTES("Authorization");
    if (http_field_count(request, claim->place->name) != 1) return REFUSAL_PROOF_AMBIGUOUS;
    struct bytes text = bytes_trim(bytes_from(field->value, claim->place->prefix.length));
    if (text.length > MAX_TOKEN) return REFUSAL_PROOF_MALFORMED;
    struct buffer token = buffer_in(arena, text.length);
    if (!base64url_decode(&token, text)) return arena->exhausted ? REFUSAL_REQUEST_TOO_COMPLEX : REFUSAL_PROOF_MALFORMED;
    if (token.length <= TIME_SIZE + MAC_SIZE || token.length > TIME_SIZE + MAC_SIZE + MAX_KEY_LENGTH) return REFUSAL_PROOF_MALFORMED;
    struct bytes said = bytes_slice(buffer_bytes(&token), 0, token.length - MAC_SIZE);
    claim->key_id = bytes_from(said, TIME_SIZE);
    claim->proof = bytes_from(buffer_bytes(&token), said.length);
    if (!text_is_visible(claim->key_id) || !number_parse(claim->place->claim, &claim->lifetime)) return REFUSAL_PROOF_MALFORMED;
    claim->time = read_time(said);
    claim->timed = claim->time_is_signed = true;
    claim->field = bytes_of(NULL, 0);
    return REFUSAL_NONE;
}

/* Nothing of the request is covered. */
static bool canonical(const struct scheme_input *input, unsigned candidate, struct buffer *out)
{
    (void)input, (void)out;
    return candidate == 0;
}

/* The word says what it is, so that no refresh token passes for an access token, and that it is no signature of another scheme. */
static void signature(const struct claim *claim, const struct hmac_secret *secret, struct bytes text, struct buffer *out)
{
    uint8_t memory[64 + TIME_SIZE + MAX_KEY_LENGTH];
    struct buffer said = buffer_over(memory, sizeof memory);
    (void)text;
    buffer_add(&said, claim->place->prefix);
    buffer_add_byte(&said, 0);
    buffer_add_u64(&said, (uint64_t)claim->time);
    buffer_add(&said, claim->key_id);
    struct digest_value mac = hmac_by(DIGEST_SHA256, secret, buffer_bytes(&said));
    if (said.overflow) mac.length = 0;
    buffer_add(out, digest_bytes(&mac));
}

bool app_token_write(const struct signing *signing, enum app_token_kind kind, struct arena *arena, struct bytes *token)
{
    struct place place = app_token_place(kind, BYTES(""));
    struct claim claim = {.scheme = &scheme_app_token, .place = &place, .key_id = signing->key_id, .time = signing->now};
    struct buffer said = buffer_in(arena, TIME_SIZE + signing->key_id.length + MAC_SIZE), text = buffer_in(arena, MAX_TOKEN);
    if (signing->key_id.length == 0 || signing->key_id.length > MAX_KEY_LENGTH || signing->secret.text.length == 0) return false;
    buffer_add_u64(&said, (uint64_t)signing->now);
    buffer_add(&said, signing->key_id);
    signature(&claim, &signing->secret, BYTES(""), &said);
    buffer_add(&text, bytes_from(place.prefix, sizeof "Bearer " - 1));
    base64url_encode(&text, buffer_bytes(&said));
    *token = buffer_bytes(&text);
    return !said.overflow && !text.overflow && text_is_visible(signing->key_id);
}

static bool sign(const struct signing *signing, struct arena *arena, struct signed_fields *fields)
{
    struct bytes token;
    struct buffer value = buffer_in(arena, MAX_TOKEN + sizeof "Bearer ");
    if (!app_token_write(signing, APP_TOKEN_ACCESS, arena, &token)) return false;
    buffer_add_text(&value, "Bearer ");
    buffer_add(&value, token);
    fields->count = 1;
    fields->items[0] = (struct http_field){BYTES("Authorization"), buffer_bytes(&value)};
    return !value.overflow;
}

const struct scheme scheme_app_token = {
    .id = SCHEME_APP_TOKEN,
    .name = "app-token",
    .proof_kind = PROOF_SECRET,
    .format = ANSWER_APIG,
    .lifetime_is_ours = true,
    .carriers = carriers,
    .present = present,
    .read = read,
    .candidate_count = 1,
    .canonical = canonical,
    .signature = signature,
    .sign = sign,
};

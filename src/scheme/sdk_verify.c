#include "scheme/sdk_verify.h"

#include "scheme/names.h"
#include "scheme/sdk_hmac.h"

#include <string.h>

#define MOST_PRESENTED 1024 /* of a signature: RSA-4096 in base64 has 684 characters */
#define LAST           ", Signature="
#define PLACEHOLDER    "0000000000000000000000000000000000000000000000000000000000000000"

static enum refusal find_proof(const struct http_request *request, struct claim *claim, size_t *at)
{
    size_t count = 0;
    for (size_t i = 0; i < request->field_count; i++) {
        if (!bytes_equal_folded(request->fields[i].name, claim->place->name)) continue;
        *at = i;
        count++;
    }
    if (count == 1) return REFUSAL_NONE;
    return count == 0 ? REFUSAL_PROOF_MISSING : REFUSAL_PROOF_AMBIGUOUS;
}

/* "ALGORITHM …, Signature=…" as SDK-HMAC-SHA256 would say it, with any signature of the right length. */
static bool reframe(struct bytes value, struct bytes algorithm, struct arena *arena, struct http_field *field, struct bytes *signature)
{
    struct bytes rest = bytes_from(value, algorithm.length);
    const uint8_t *last = memmem(rest.data, rest.length, LAST, sizeof LAST - 1);
    size_t length = last != NULL ? (size_t)(last - rest.data) : rest.length;
    struct buffer out = buffer_in(arena, value.length + sizeof SDK_HMAC_ALGORITHM LAST PLACEHOLDER);
    *signature = bytes_from(rest, length + sizeof LAST - 1);
    buffer_add_text(&out, SDK_HMAC_ALGORITHM);
    buffer_add(&out, bytes_slice(rest, 0, length));
    if (last != NULL) buffer_add_text(&out, LAST PLACEHOLDER);
    field->value = buffer_bytes(&out);
    return !out.overflow;
}

enum refusal sdk_verify_read(const struct http_request *request, struct bytes algorithm, struct arena *arena, struct claim *claim)
{
    static const struct place place = {.scheme = SCHEME_SDK_HMAC_SHA256,
                                       .location = PLACE_HEADER,
                                       .name = BYTES("authorization"),
                                       .prefix = BYTES(SDK_HMAC_ALGORITHM " ")};
    struct http_request framed = *request;
    struct bytes signature;
    size_t at = 0;
    *claim = (struct claim){.scheme = &scheme_sdk_hmac_sha256, .place = &place, .field = place.name};
    enum refusal refusal = find_proof(request, claim, &at);
    if (refusal != REFUSAL_NONE) return refusal;
    struct bytes value = bytes_trim(request->fields[at].value);
    if (!bytes_start_with(value, algorithm) || bytes_find(value, ' ') != algorithm.length) return REFUSAL_SCHEME_NOT_ALLOWED;
    struct http_field *fields = arena_take_array(arena, request->field_count, sizeof *fields);
    if (fields == NULL) return REFUSAL_REQUEST_TOO_COMPLEX;
    for (size_t i = 0; i < request->field_count; i++) fields[i] = request->fields[i];
    framed.fields = fields;
    if (!reframe(value, algorithm, arena, &fields[at], &signature)) return REFUSAL_REQUEST_TOO_COMPLEX;
    refusal = sdk_hmac_read(&framed, arena, claim);
    if (refusal == REFUSAL_NONE && (signature.length == 0 || signature.length > MOST_PRESENTED || !text_is_visible(signature))) {
        claim->field = BYTES("Signature");
        refusal = signature.length == 0 ? REFUSAL_SIGNATURE_MISSING : REFUSAL_PROOF_MALFORMED;
    }
    claim->proof = signature;
    return refusal;
}

bool sdk_verify_text(const struct scheme_input *input, struct bytes algorithm, struct buffer *text)
{
    struct buffer canonical = buffer_in(input->arena, scheme_text_bound(input));
    if (!sdk_hmac_canonical(input, 0, &canonical) || canonical.overflow) return false;
    sdk_hmac_string_to_sign(input->claim, algorithm, buffer_bytes(&canonical), text);
    return !text->overflow;
}

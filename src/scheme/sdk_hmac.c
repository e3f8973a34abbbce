/* sdk-hmac-sha256: Huawei Cloud's request signature, for clients (huawei.md 1), the management API, and backends (3.2). */
#include "scheme/sdk_hmac.h"

#include <string.h>

#include "base/date.h"
#include "base/text.h"
#include "crypto/hmac.h"
#include "scheme/names.h"
#include "scheme/sdk_sign.h"

static const char *const carriers[] = {"authorization", SDK_HMAC_DATE, SDK_HMAC_PAYLOAD, NULL};
static const char *const sm3_carriers[] = {"authorization", SDK_HMAC_DATE, "x-sdk-content-sm3", NULL};

const struct sdk_hmac_dialect *sdk_hmac_dialect_of(const struct scheme *scheme)
{
    static const struct sdk_hmac_dialect sha256 = {SDK_HMAC_ALGORITHM, SDK_HMAC_PAYLOAD, "X-Sdk-Content-Sha256",
                                                   DIGEST_SHA256,      BODY_SHA256,      false};
    static const struct sdk_hmac_dialect sm3 = {"SDK-HMAC-SM3", "x-sdk-content-sm3", "X-Sdk-Content-Sm3", DIGEST_SM3, BODY_SM3, false};
    static const struct sdk_hmac_dialect v11 = {"V11-HMAC-SHA256", SDK_HMAC_PAYLOAD, "X-Sdk-Content-Sha256",
                                                DIGEST_SHA256,     BODY_SHA256,      true};
    if (scheme == &scheme_sdk_hmac_sm3) return &sm3;
    return scheme == &scheme_v11_hmac_sha256 ? &v11 : &sha256;
}

const struct digest_value *sdk_hmac_body_digest(const struct sdk_hmac_dialect *dialect, const struct body_facts *body)
{
    return dialect->body == BODY_SM3 ? &body->sm3 : &body->sha256;
}

/* "SDK-HMAC-SHA256" alone or before a blank: "SDK-HMAC-SHA256X" is another scheme. */
static bool carries_proof(const struct http_field *field, const struct place *place)
{
    if (field->name.length != place->name.length || !bytes_equal_folded(field->name, place->name)) return false;
    if (!bytes_start_with_folded(field->value, place->prefix)) return false;
    struct bytes rest = bytes_from(field->value, place->prefix.length);
    return rest.length == 0 || rest.data[0] == ' ' || rest.data[0] == '\t';
}

static size_t present(const struct http_request *request, const struct place *place)
{
    size_t count = 0;
    for (size_t i = 0; i < request->field_count; i++) count += carries_proof(&request->fields[i], place);
    return count;
}

/* A digest that the header declares was signed as text; now it must also be the body's. UNSIGNED-PAYLOAD leaves the body open, which an
 * operator may refuse. */
static enum refusal check_body(const struct scheme_input *input, const struct admission_rules *rules)
{
    const struct sdk_hmac_reading *reading = input->claim->reading;
    const struct sdk_hmac_dialect *dialect = sdk_hmac_dialect_of(input->claim->scheme);
    bool open = reading->payload == SDK_HMAC_PAYLOAD_UNSIGNED && (input->body == NULL || input->body->length > 0);
    if (open && rules->require_body_digest) {
        if (input->field != NULL) *input->field = bytes_of_text(dialect->payload_shown);
        return REFUSAL_BODY_DIGEST_MISSING;
    }
    if (reading->payload != SDK_HMAC_PAYLOAD_DIGEST) return REFUSAL_NONE;
    uint8_t memory[DIGEST_MAX_SIZE];
    struct buffer declared = buffer_over(memory, sizeof memory);
    if (input->body != NULL && hex_decode(&declared, reading->payload_text) &&
        bytes_equal(buffer_bytes(&declared), digest_bytes(sdk_hmac_body_digest(dialect, input->body))))
        return REFUSAL_NONE;
    if (input->field != NULL) *input->field = bytes_of_text(dialect->payload_shown);
    return REFUSAL_BODY_DIGEST_MISMATCH;
}

static bool is_carrier(struct bytes name)
{
    for (size_t i = 0; carriers[i] != NULL; i++)
        if (bytes_equal_folded(name, bytes_of_text(carriers[i]))) return true;
    return false;
}

static struct http_field field_of(struct bytes name, struct bytes value)
{
    return (struct http_field){name, value};
}

/* The request as it will be: without earlier carriers, with the date and, for a body that streams, UNSIGNED-PAYLOAD. */
static bool complete_request(const struct signing *signing, struct arena *arena, struct http_request *request)
{
    struct http_field *fields = arena_take_array(arena, signing->request->field_count + 2, sizeof *fields);
    struct buffer date = buffer_in(arena, sizeof "20191115T033655Z");
    date_format_basic(&date, signing->now);
    if (fields == NULL || date.overflow) return false;
    *request = *signing->request;
    size_t count = 0;
    for (size_t i = 0; i < signing->request->field_count; i++)
        if (!is_carrier(signing->request->fields[i].name)) fields[count++] = signing->request->fields[i];
    fields[count++] = field_of(BYTES("X-Sdk-Date"), buffer_bytes(&date));
    if (signing->body == NULL) fields[count++] = field_of(BYTES("X-Sdk-Content-Sha256"), BYTES(SDK_HMAC_UNSIGNED));
    request->fields = fields;
    request->field_count = count;
    return true;
}

/* Sorted, since the vendors' checkers rebuild the whole header and compare text (huawei.md 3.2). */
static bool list_names(const struct signing *signing, const struct http_request *request, struct arena *arena, struct bytes *list)
{
    struct pair memory[SDK_HMAC_MAX_NAMES];
    struct pairs names = {.items = memory, .capacity = SDK_HMAC_MAX_NAMES};
    bool fits = names_add(&names, arena, BYTES(SDK_HMAC_DATE));
    if (http_field_find(request, BYTES("host")) != NULL) fits = fits && names_add(&names, arena, BYTES("host"));
    if (signing->body == NULL) fits = fits && names_add(&names, arena, BYTES(SDK_HMAC_PAYLOAD));
    for (size_t i = 0; i < signing->name_count; i++) fits = fits && names_add(&names, arena, signing->names[i]);
    return fits && names_join(&names, ';', arena, list);
}

static bool add_signature(const struct scheme_input *input, const struct sdk_proof *proof, struct buffer *out)
{
    uint8_t memory[256];
    struct buffer text = buffer_over(memory, sizeof memory), canonical = buffer_in(input->arena, scheme_text_bound(input));
    if (!sdk_hmac_canonical(input, 0, &canonical) || canonical.overflow) return false;
    sdk_hmac_string_to_sign(input->claim, proof->algorithm, buffer_bytes(&canonical), &text);
    return !text.overflow && proof->write(proof, buffer_bytes(&text), out) && !out->overflow;
}

static bool key_is_writable(struct bytes key)
{
    for (size_t i = 0; i < key.length; i++)
        if (key.data[i] < 0x21 || key.data[i] > 0x7e || key.data[i] == ',') return false;
    return key.length > 0;
}

/* What the signature is made of, before it is. */
struct sdk_draft {
    struct http_request request;
    struct sdk_hmac_reading reading;
    struct claim claim;
};

static bool draft_start(struct sdk_draft *draft, const struct signing *signing, struct arena *arena)
{
    struct claim *claim = &draft->claim;
    *draft = (struct sdk_draft){
        .claim = {.scheme = &scheme_sdk_hmac_sha256, .hash = DIGEST_SHA256, .reading = &draft->reading, .key_id = signing->key_id}};
    if (!key_is_writable(signing->key_id) || !complete_request(signing, arena, &draft->request)) return false;
    if (!list_names(signing, &draft->request, arena, &claim->signed_names)) return false;
    if (sdk_hmac_collect(&draft->request, arena, claim, &draft->reading) != REFUSAL_NONE) return false;
    claim->time_text = http_field_value(&draft->request, BYTES(SDK_HMAC_DATE));
    if (signing->body != NULL) return true;
    draft->reading.payload = SDK_HMAC_PAYLOAD_UNSIGNED;
    draft->reading.payload_text = BYTES(SDK_HMAC_UNSIGNED);
    return true;
}

#define MAX_PRESENTED 1024 /* of a signature: RSA-4096 in base64 has 684 characters */

static bool write_proof(const struct sdk_draft *draft, const struct sdk_proof *proof, struct arena *arena, struct bytes *text)
{
    struct bytes names = draft->claim.signed_names;
    struct buffer out = buffer_in(arena, draft->claim.key_id.length + names.length + MAX_PRESENTED);
    buffer_add_text(&out, proof->algorithm);
    buffer_add_text(&out, " Access=");
    buffer_add(&out, draft->claim.key_id);
    buffer_add_text(&out, ", SignedHeaders=");
    buffer_add(&out, names);
    buffer_add_text(&out, ", Signature=");
    struct scheme_input input = {.request = &draft->request, .claim = &draft->claim, .body = proof->signing->body, .arena = arena};
    if (!add_signature(&input, proof, &out)) return false;
    *text = buffer_bytes(&out);
    return true;
}

bool sdk_sign(const struct signing *signing, struct sdk_proof *proof, struct arena *arena, struct signed_fields *fields)
{
    struct sdk_draft draft;
    struct bytes text;
    proof->signing = signing;
    if (!draft_start(&draft, signing, arena) || !write_proof(&draft, proof, arena, &text)) return false;
    fields->count = 0;
    for (size_t i = 0; i < draft.request.field_count; i++)
        if (is_carrier(draft.request.fields[i].name)) fields->items[fields->count++] = draft.request.fields[i];
    struct bytes carrier = signing->carrier.length > 0 ? signing->carrier : BYTES("Authorization");
    fields->items[fields->count++] = field_of(carrier, text);
    return true;
}

static bool write_hmac(const struct sdk_proof *proof, struct bytes string_to_sign, struct buffer *out)
{
    struct digest_value mac = hmac_by(DIGEST_SHA256, &proof->signing->secret, string_to_sign);
    hex_encode(out, digest_bytes(&mac));
    return true;
}

static bool sign(const struct signing *signing, struct arena *arena, struct signed_fields *fields)
{
    struct sdk_proof proof = {.algorithm = SDK_HMAC_ALGORITHM, .write = write_hmac};
    return signing->secret.text.length > 0 && sdk_sign(signing, &proof, arena, fields);
}

const struct scheme scheme_sdk_hmac_sha256 = {
    .id = SCHEME_SDK_HMAC_SHA256,
    .name = "sdk-hmac-sha256",
    .proof_kind = PROOF_MAC,
    .format = ANSWER_APIG,
    .carriers = carriers,
    .present = present,
    .read = sdk_hmac_read,
    .candidate_count = 8,
    .canonical = sdk_hmac_canonical,
    .signature = sdk_hmac_signature,
    .check_body = check_body,
    .sign = sign,
};

/* GB/T 32905 in place of SHA-256, throughout. */
const struct scheme scheme_sdk_hmac_sm3 = {
    .id = SCHEME_SDK_HMAC_SM3,
    .name = "sdk-hmac-sm3",
    .proof_kind = PROOF_MAC,
    .format = ANSWER_APIG,
    .carriers = sm3_carriers,
    .present = present,
    .read = sdk_hmac_read,
    .candidate_count = 8,
    .canonical = sdk_hmac_canonical,
    .signature = sdk_hmac_signature,
    .check_body = check_body,
};

/* With a key that is derived for a day, a region and a service. */
const struct scheme scheme_v11_hmac_sha256 = {
    .id = SCHEME_V11_HMAC_SHA256,
    .name = "v11-hmac-sha256",
    .proof_kind = PROOF_MAC,
    .format = ANSWER_APIG,
    .carriers = carriers,
    .present = present,
    .read = sdk_hmac_read,
    .candidate_count = 8,
    .canonical = sdk_hmac_canonical,
    .signature = sdk_hmac_signature,
    .check_body = check_body,
};

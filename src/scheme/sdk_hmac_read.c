/* Reading what an SDK-HMAC-SHA256 request claims:
 *   Authorization: SDK-HMAC-SHA256 Access=<key>, SignedHeaders=<a;b;c>, Signature=<64 hex>     (huawei.md 1.1)
 *   V11-HMAC-SHA256 Credential=<key>/<YYYYMMDD>/<region>/<service>, …                          (1.3)
 *   SDK-ECDSA-P256-SHA256 and SDK-SM2-SM3, whose Signature is the hex of DER                     (1.3) */
#include "base/date.h"
#include "base/text.h"
#include "crypto/scalar_key.h"
#include "scheme/names.h"
#include "scheme/sdk_hmac.h"

#define MAX_KEY_LENGTH   256
#define SIGNATURE_LENGTH 64
#define MAX_REPEATS      32
#define MAX_SCOPE_PART   64

/* The fields that steer this scheme, found in one pass. */
struct steering {
    const struct http_field *proof, *date, *payload;
    size_t proof_count, date_count, payload_count;
};

static void note(const struct http_field *field, struct bytes name, const struct http_field **first, size_t *count)
{
    if (field->name.length != name.length || !bytes_equal_folded(field->name, name)) return;
    if (*count == 0) *first = field;
    (*count)++;
}

static struct steering find_steering(const struct http_request *request, const struct claim *claim)
{
    struct steering found = {0};
    struct bytes proof_name = claim->place->name, payload_name = bytes_of_text(sdk_hmac_dialect_of(claim->scheme)->payload);
    for (size_t i = 0; i < request->field_count; i++) {
        const struct http_field *field = &request->fields[i];
        note(field, proof_name, &found.proof, &found.proof_count);
        note(field, BYTES(SDK_HMAC_DATE), &found.date, &found.date_count);
        note(field, payload_name, &found.payload, &found.payload_count);
    }
    return found;
}

static enum refusal at_field(struct claim *claim, struct bytes field, enum refusal refusal)
{
    claim->field = field;
    return refusal;
}

/* "Name=value" at the start of `rest`, the value up to a comma or the end; moves behind the comma and one blank. */
static bool take_parameter(struct bytes *rest, struct bytes name, struct bytes *value)
{
    if (!bytes_start_with(*rest, name)) return false;
    struct bytes behind = bytes_from(*rest, name.length);
    size_t comma = bytes_find(behind, ',');
    *value = bytes_slice(behind, 0, comma);
    *rest = bytes_from(behind, comma + 1);
    if (rest->length > 0 && (rest->data[0] == ' ' || rest->data[0] == '\t')) *rest = bytes_from(*rest, 1);
    return true;
}

/* "<key>/<YYYYMMDD>/<region>/<service>". */
static bool split_scope(struct claim *claim, struct bytes *scope)
{
    struct bytes part, rest;
    size_t parts = 0;
    size_t slash = bytes_find(claim->key_id, '/');
    *scope = rest = bytes_from(claim->key_id, slash + 1);
    claim->key_id = bytes_slice(claim->key_id, 0, slash);
    for (; bytes_next_part(&rest, '/', &part); parts++)
        if (part.length == 0 || part.length > MAX_SCOPE_PART) return false;
    return parts == 3 && scope->data[scope->length - 1] != '/' && text_is_visible(*scope);
}

static enum refusal read_key(struct bytes *parameters, struct claim *claim, struct sdk_hmac_reading *reading)
{
    bool derived = sdk_hmac_dialect_of(claim->scheme)->is_derived;
    struct bytes name = derived ? BYTES("Credential=") : BYTES("Access=");
    claim->field = bytes_slice(name, 0, name.length - 1);
    if (!take_parameter(parameters, name, &claim->key_id) || claim->key_id.length == 0) return REFUSAL_KEY_MISSING;
    if (derived && !split_scope(claim, &reading->scope)) return REFUSAL_PROOF_MALFORMED;
    if (claim->key_id.length == 0) return REFUSAL_KEY_MISSING;
    return claim->key_id.length > MAX_KEY_LENGTH || !text_is_visible(claim->key_id) ? REFUSAL_PROOF_MALFORMED : REFUSAL_NONE;
}

/* A MAC has one length, two numbers in DER have several. */
static bool has_length(const struct claim *claim)
{
    size_t length = claim->proof.length;
    if (!sdk_hmac_dialect_of(claim->scheme)->is_der) return length == SIGNATURE_LENGTH;
    return length % 2 == 0 && length >= 2 * SCALAR_MIN_SIGNATURE && length <= 2 * SCALAR_MAX_SIGNATURE;
}

/* Upper-case hex is refused: Huawei's own checkers compare text. */
static enum refusal read_signature(struct bytes parameters, struct claim *claim)
{
    claim->field = BYTES("Signature");
    if (!bytes_start_with(parameters, BYTES("Signature="))) return REFUSAL_SIGNATURE_MISSING;
    claim->proof = bytes_from(parameters, sizeof "Signature=" - 1);
    if (claim->proof.length == 0) return REFUSAL_SIGNATURE_MISSING;
    return !has_length(claim) || !text_is_lower_hex(claim->proof) ? REFUSAL_PROOF_MALFORMED : REFUSAL_NONE;
}

/* The three parameters in their one order, as Huawei's own checkers demand. */
static enum refusal read_parameters(struct bytes value, struct claim *claim, struct sdk_hmac_reading *reading)
{
    struct bytes parameters = bytes_trim(bytes_from(value, claim->place->prefix.length));
    enum refusal refusal = read_key(&parameters, claim, reading);
    if (refusal != REFUSAL_NONE) return refusal;
    if (!take_parameter(&parameters, BYTES("SignedHeaders="), &claim->signed_names) || claim->signed_names.length == 0)
        return at_field(claim, BYTES("SignedHeaders"), REFUSAL_PROOF_MALFORMED);
    return read_signature(parameters, claim);
}

static bool is_lower_token(struct bytes name)
{
    for (size_t i = 0; i < name.length; i++)
        if (byte_to_lower(name.data[i]) != name.data[i]) return false;
    return http_name_is_token(name);
}

static bool stands_before(const struct bytes *names, size_t count, struct bytes name)
{
    for (size_t i = 0; i < count; i++)
        if (bytes_equal(names[i], name)) return true;
    return false;
}

static enum refusal split_names(struct claim *claim, struct bytes names[static SDK_HMAC_MAX_NAMES], size_t *count)
{
    struct bytes rest = claim->signed_names, name;
    bool dangling = rest.length > 0 && rest.data[rest.length - 1] == ';';
    for (*count = 0; bytes_next_part(&rest, ';', &name); names[(*count)++] = name) {
        if (*count == SDK_HMAC_MAX_NAMES) return at_field(claim, BYTES("SignedHeaders"), REFUSAL_REQUEST_TOO_COMPLEX);
        if (!is_lower_token(name) || stands_before(names, *count, name)) dangling = true;
    }
    return dangling ? at_field(claim, BYTES("SignedHeaders"), REFUSAL_PROOF_MALFORMED) : REFUSAL_NONE;
}

/* One line per value, values of one name sorted (huawei.md 1.1, "Repeated header lines"). Stops behind MAX_REPEATS: sorting thousands would
 * be a stranger's way to keep us busy. */
static size_t add_lines(const struct http_request *request, struct bytes name, struct http_field *lines)
{
    size_t count = 0;
    for (size_t i = 0; i < request->field_count && count <= MAX_REPEATS; i++) {
        const struct http_field *field = &request->fields[i];
        if (field->name.length != name.length || !bytes_equal_folded(field->name, name)) continue;
        size_t to = count++;
        for (; to > 0 && bytes_compare(lines[to - 1].value, field->value) > 0; to--) lines[to] = lines[to - 1];
        lines[to] = (struct http_field){name, field->value};
    }
    return count;
}

enum refusal sdk_hmac_collect(const struct http_request *request, struct arena *arena, struct claim *claim,
                              struct sdk_hmac_reading *reading)
{
    struct bytes names[SDK_HMAC_MAX_NAMES];
    size_t count = 0;
    enum refusal refusal = split_names(claim, names, &count);
    if (refusal != REFUSAL_NONE) return refusal;
    /* Names are distinct, so no field gives two lines. */
    reading->lines = arena_take_array(arena, request->field_count, sizeof *reading->lines);
    if (reading->lines == NULL) return REFUSAL_REQUEST_TOO_COMPLEX;
    for (size_t i = 0; i < count; i++) {
        size_t added = add_lines(request, names[i], reading->lines + reading->line_count);
        if (added == 0) return at_field(claim, names[i], REFUSAL_SIGNED_FIELD_MISSING);
        if (added > MAX_REPEATS) return at_field(claim, names[i], REFUSAL_REQUEST_TOO_COMPLEX);
        reading->line_count += added;
    }
    return REFUSAL_NONE;
}

static size_t lines_named(const struct sdk_hmac_reading *reading, struct bytes name)
{
    size_t count = 0;
    for (size_t i = 0; i < reading->line_count; i++) count += bytes_equal(reading->lines[i].name, name);
    return count;
}

static bool is_scope_of(struct bytes scope, struct bytes date)
{
    return scope.length > 8 && scope.data[8] == '/' && bytes_equal(bytes_slice(scope, 0, 8), bytes_slice(date, 0, 8));
}

/* Not among the signed headers, the date could be renewed by anybody who saw the request once. */
static enum refusal read_date(const struct steering *found, const struct sdk_hmac_reading *reading, struct claim *claim)
{
    claim->field = BYTES("X-Sdk-Date");
    if (found->date_count == 0) return REFUSAL_DATE_MISSING;
    if (found->date_count > 1) return REFUSAL_SIGNED_FIELD_MISSING;
    if (!date_parse_basic(found->date->value, &claim->time)) return REFUSAL_DATE_MALFORMED;
    if (lines_named(reading, BYTES(SDK_HMAC_DATE)) == 0) return REFUSAL_DATE_UNSIGNED;
    /* The day for which the key is derived is that of the date. */
    if (reading->scope.length > 0 && !is_scope_of(reading->scope, found->date->value))
        return at_field(claim, BYTES("Credential"), REFUSAL_PROOF_MALFORMED);
    claim->timed = claim->time_is_signed = true;
    claim->time_text = found->date->value;
    claim->field = bytes_of(NULL, 0);
    return REFUSAL_NONE;
}

/* An unsigned header could declare any body to be unsigned, so it counts only among the signed ones (huawei.md 1.1, "OURS"). */
static enum refusal read_payload(const struct steering *found, struct sdk_hmac_reading *reading, struct claim *claim)
{
    const struct sdk_hmac_dialect *dialect = sdk_hmac_dialect_of(claim->scheme);
    struct bytes shown = bytes_of_text(dialect->payload_shown);
    claim->body_in_proof = dialect->body;
    if (found->payload_count == 0) return REFUSAL_NONE;
    struct bytes value = found->payload->value;
    if (lines_named(reading, bytes_of_text(dialect->payload)) == 0) return at_field(claim, shown, REFUSAL_PAYLOAD_HEADER_UNSIGNED);
    if (found->payload_count > 1) return at_field(claim, shown, REFUSAL_SIGNED_FIELD_MISSING);
    reading->payload_text = value;
    claim->body_in_proof = BODY_UNUSED;
    if (bytes_equal(value, BYTES(SDK_HMAC_UNSIGNED))) {
        reading->payload = SDK_HMAC_PAYLOAD_UNSIGNED;
        return REFUSAL_NONE;
    }
    if (value.length != SIGNATURE_LENGTH || !text_is_lower_hex(value)) return at_field(claim, shown, REFUSAL_PROOF_MALFORMED);
    reading->payload = SDK_HMAC_PAYLOAD_DIGEST;
    claim->body_after = dialect->body;
    return REFUSAL_NONE;
}

enum refusal sdk_hmac_read(const struct http_request *request, struct arena *arena, struct claim *claim)
{
    struct steering found = find_steering(request, claim);
    if (found.proof_count != 1) return at_field(claim, claim->place->name, REFUSAL_PROOF_AMBIGUOUS);
    struct sdk_hmac_reading *reading = arena_take(arena, sizeof *reading);
    if (reading == NULL) return REFUSAL_REQUEST_TOO_COMPLEX;
    enum refusal refusal = read_parameters(found.proof->value, claim, reading);
    if (refusal != REFUSAL_NONE) return refusal;
    claim->field = bytes_of(NULL, 0);
    if (found.date_count == 0) return at_field(claim, BYTES("X-Sdk-Date"), REFUSAL_DATE_MISSING);
    claim->hash = sdk_hmac_dialect_of(claim->scheme)->hash;
    claim->reading = reading;
    refusal = sdk_hmac_collect(request, arena, claim, reading);
    if (refusal == REFUSAL_NONE) refusal = read_date(&found, reading, claim);
    return refusal == REFUSAL_NONE ? read_payload(&found, reading, claim) : refusal;
}

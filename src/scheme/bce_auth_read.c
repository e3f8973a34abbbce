/* Reading what a bce-auth-v1 request claims (baidu.md 1.1, 1.4):
 *   bce-auth-v1/{key}/{timestamp}/{lifetime}/{signed headers}/{64 hex} */
#include "base/date.h"
#include "base/text.h"
#include "scheme/bce_auth.h"
#include "scheme/names.h"

#define MAX_KEY_LENGTH   256
#define MAX_LIFETIME     INT32_MAX
#define SIGNATURE_LENGTH 64

enum part { PART_VERSION, PART_KEY, PART_TIME, PART_LIFETIME, PART_NAMES, PART_SIGNATURE, PARTS };

static enum refusal at_field(struct claim *claim, struct bytes field, enum refusal refusal)
{
    claim->field = field;
    return refusal;
}

/* Exactly six parts; the vendor's own verifier takes a seventh, we do not. */
static bool split(struct bytes value, struct bytes parts[static PARTS])
{
    for (size_t i = 0; i < PARTS; i++) {
        size_t slash = bytes_find(value, '/');
        parts[i] = bytes_slice(value, 0, slash);
        if ((slash == value.length) != (i == PART_SIGNATURE)) return false;
        value = bytes_from(value, slash + 1);
    }
    return true;
}

/* -1, "never expires" for pre-signed links elsewhere, is no number here: a request that is good for ever can be replayed for ever. */
static enum refusal read_time(const struct bytes parts[static PARTS], struct claim *claim)
{
    claim->field = BYTES("timestamp");
    claim->time_text = parts[PART_TIME];
    if (claim->time_text.length != sizeof "2015-04-27T08:23:49Z" - 1 || !date_parse_rfc3339(claim->time_text, &claim->time))
        return REFUSAL_DATE_MALFORMED;
    claim->field = BYTES("expirationPeriodInSeconds");
    if (!number_parse(parts[PART_LIFETIME], &claim->lifetime) || claim->lifetime < 1 || claim->lifetime > MAX_LIFETIME)
        return REFUSAL_PROOF_MALFORMED;
    claim->timed = claim->time_is_signed = true;
    claim->field = bytes_of(NULL, 0);
    return REFUSAL_NONE;
}

static enum refusal read_parts(struct bytes value, struct claim *claim, struct bce_auth_reading *reading)
{
    struct bytes parts[PARTS];
    if (!split(value, parts) || !bytes_equal(parts[PART_VERSION], BYTES(BCE_AUTH_VERSION)))
        return at_field(claim, claim->place->name, REFUSAL_PROOF_MALFORMED);
    claim->key_id = parts[PART_KEY];
    claim->signed_names = parts[PART_NAMES];
    claim->proof = parts[PART_SIGNATURE];
    if (claim->key_id.length == 0) return at_field(claim, BYTES("accessKeyId"), REFUSAL_KEY_MISSING);
    if (claim->key_id.length > MAX_KEY_LENGTH || !text_is_visible(claim->key_id))
        return at_field(claim, BYTES("accessKeyId"), REFUSAL_PROOF_MALFORMED);
    if (claim->proof.length == 0) return at_field(claim, BYTES("signature"), REFUSAL_SIGNATURE_MISSING);
    if (claim->proof.length != SIGNATURE_LENGTH || !text_is_lower_hex(claim->proof))
        return at_field(claim, BYTES("signature"), REFUSAL_PROOF_MALFORMED);
    reading->prefix = bytes_of(value.data, (size_t)(parts[PART_LIFETIME].data + parts[PART_LIFETIME].length - value.data));
    return read_time(parts, claim);
}

/* The default set (baidu.md 1.3). The header that carries the proof cannot sign itself. */
static bool is_default(struct bytes name, struct bytes carrier)
{
    static const struct bytes names[] = {BYTES("host"), BYTES("content-length"), BYTES("content-type"), BYTES("content-md5")};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (bytes_equal_folded(name, names[i])) return true;
    return bytes_start_with_folded(name, BYTES("x-bce-")) && !bytes_equal_folded(name, carrier);
}

/* The names that are listed as signed, taken apart once; most fields differ from all of them in their length. */
struct listed {
    struct bytes names[BCE_AUTH_MAX_NAMES];
    size_t count;
    uint64_t lengths; /* a bit for the length of each name, modulo 64 */
};

static bool is_listed(const struct listed *listed, struct bytes name)
{
    if ((listed->lengths >> (name.length & 63) & 1) == 0) return false;
    for (size_t i = 0; i < listed->count; i++)
        if (bytes_equal_folded(listed->names[i], name)) return true;
    return false;
}

/* A signed field that is there twice is refused: which of them counts would be a guess (baidu.md 1.2). */
static enum refusal add_line(struct claim *claim, struct bce_auth_reading *reading, const struct http_field *field)
{
    for (size_t i = 0; i < reading->line_count; i++)
        if (bytes_equal_folded(reading->lines[i]->name, field->name)) return at_field(claim, field->name, REFUSAL_SIGNED_FIELD_MISSING);
    reading->lines[reading->line_count++] = field;
    if (bytes_equal_folded(field->name, BYTES("content-md5"))) reading->content_md5 = field;
    if (bytes_equal_folded(field->name, BYTES("x-bce-content-sha256"))) reading->content_sha256 = field;
    return REFUSAL_NONE;
}

static enum refusal read_names(struct claim *claim, struct listed *listed)
{
    struct bytes rest = claim->signed_names;
    listed->count = 0;
    listed->lengths = 0;
    for (struct bytes name; bytes_next_part(&rest, ';', &name);) {
        if (!http_name_is_token(name)) return at_field(claim, BYTES("signedHeaders"), REFUSAL_PROOF_MALFORMED);
        if (listed->count == BCE_AUTH_MAX_NAMES) return at_field(claim, BYTES("signedHeaders"), REFUSAL_REQUEST_TOO_COMPLEX);
        listed->names[listed->count++] = name;
        listed->lengths |= 1ull << (name.length & 63);
    }
    return REFUSAL_NONE;
}

/* The one hard rule of the vendor: the host is signed (baidu.md 1.3). */
static enum refusal check_host(struct claim *claim, const struct bce_auth_reading *reading)
{
    for (size_t i = 0; i < reading->line_count; i++)
        if (bytes_equal_folded(reading->lines[i]->name, BYTES("host"))) return REFUSAL_NONE;
    return at_field(claim, BYTES("host"), REFUSAL_SIGNED_FIELD_MISSING);
}

/* A listed name that is not there is left out of the text, and so is an empty one: the signature then decides (baidu.md 1.4, 6). */
enum refusal bce_auth_collect(const struct http_request *request, struct arena *arena, struct claim *claim,
                              struct bce_auth_reading *reading)
{
    bool blank = claim->signed_names.length == 0;
    struct listed listed;
    enum refusal refusal = read_names(claim, &listed);
    if (refusal != REFUSAL_NONE) return refusal;
    reading->lines = arena_take_array(arena, request->field_count, sizeof(struct http_field *));
    if (reading->lines == NULL) return REFUSAL_REQUEST_TOO_COMPLEX;
    for (size_t i = 0; i < request->field_count; i++) {
        const struct http_field *field = &request->fields[i];
        bool is_signed = blank ? is_default(field->name, claim->place->name) : is_listed(&listed, field->name);
        if (!is_signed || bytes_trim(field->value).length == 0) continue;
        refusal = add_line(claim, reading, field);
        if (refusal != REFUSAL_NONE) return refusal;
    }
    return check_host(claim, reading);
}

/* The one field that carries a proof; two of them are two proofs. */
static enum refusal find_carrier(const struct http_request *request, struct claim *claim, struct bytes *value)
{
    size_t count = 0;
    for (size_t i = 0; i < request->field_count; i++) {
        const struct http_field *field = &request->fields[i];
        if (!bytes_equal_folded(field->name, claim->place->name) || !bytes_start_with(field->value, claim->place->prefix)) continue;
        *value = bytes_trim(field->value);
        count++;
    }
    if (count == 1) return REFUSAL_NONE;
    return at_field(claim, claim->place->name, count == 0 ? REFUSAL_PROOF_MALFORMED : REFUSAL_PROOF_AMBIGUOUS);
}

enum refusal bce_auth_read(const struct http_request *request, struct arena *arena, struct claim *claim)
{
    struct bce_auth_reading *reading = arena_take(arena, sizeof *reading);
    struct bytes value;
    if (reading == NULL) return REFUSAL_REQUEST_TOO_COMPLEX;
    claim->reading = reading;
    claim->hash = DIGEST_SHA256;
    enum refusal refusal = find_carrier(request, claim, &value);
    if (refusal == REFUSAL_NONE) refusal = read_parts(value, claim, reading);
    if (refusal == REFUSAL_NONE) refusal = bce_auth_collect(request, arena, claim, reading);
    if (reading->content_md5 != NULL) claim->body_after |= BODY_MD5;
    if (reading->content_sha256 != NULL) claim->body_after |= BODY_SHA256;
    return refusal;
}

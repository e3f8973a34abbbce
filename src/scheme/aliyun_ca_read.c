/* Reading what an aliyun-ca request claims (alibaba.md 1.3). */
#include "base/date.h"
#include "base/eights.h"
#include "base/text.h"
#include "scheme/aliyun_ca.h"
#include "scheme/names.h"

#define MAX_KEY_LENGTH     256
#define MILLISECOND_DIGITS 13 /* a shorter timestamp is in seconds (alibaba.md 1.6) */

static const struct {
    struct bytes name;
    bool fixed; /* never a header line */
} slots[SLOT_COUNT] = {
    [SLOT_KEY] = {BYTES("X-Ca-Key"), false},
    [SLOT_SIGNATURE] = {BYTES("X-Ca-Signature"), true},
    [SLOT_NAMES] = {BYTES("X-Ca-Signature-Headers"), true},
    [SLOT_METHOD] = {BYTES("X-Ca-Signature-Method"), false},
    [SLOT_TIMESTAMP] = {BYTES("X-Ca-Timestamp"), false},
    [SLOT_NONCE] = {BYTES("X-Ca-Nonce"), false},
    [SLOT_SIGNED_TYPE] = {BYTES("X-Ca-Signed-Content-Type"), false},
    [SLOT_ACCEPT] = {BYTES("Accept"), true},
    [SLOT_CONTENT_MD5] = {BYTES("Content-MD5"), true},
    [SLOT_CONTENT_TYPE] = {BYTES("Content-Type"), true},
    [SLOT_DATE] = {BYTES("Date"), true},
};

struct bytes aliyun_ca_slot_name(enum aliyun_ca_slot slot)
{
    return slots[slot].name;
}

struct bytes aliyun_ca_slot_value(const struct aliyun_ca_reading *reading, enum aliyun_ca_slot slot)
{
    return reading->slots[slot] == NULL ? bytes_of(NULL, 0) : reading->slots[slot]->value;
}

/* By the length of its name, one more than the slot; 14 is also that of SLOT_TIMESTAMP. */
static const uint8_t slot_of_length[] = {
    [4] = SLOT_DATE + 1,          [6] = SLOT_ACCEPT + 1,     [8] = SLOT_KEY + 1,     [10] = SLOT_NONCE + 1, [11] = SLOT_CONTENT_MD5 + 1,
    [12] = SLOT_CONTENT_TYPE + 1, [14] = SLOT_SIGNATURE + 1, [21] = SLOT_METHOD + 1, [22] = SLOT_NAMES + 1, [24] = SLOT_SIGNED_TYPE + 1,
};

static enum aliyun_ca_slot find_slot(struct bytes name)
{
    unsigned found = name.length < sizeof slot_of_length ? slot_of_length[name.length] : 0;
    if (found == 0) return SLOT_COUNT;
    if (bytes_equal_folded(slots[found - 1].name, name)) return (enum aliyun_ca_slot)(found - 1);
    return bytes_equal_folded(slots[SLOT_TIMESTAMP].name, name) ? SLOT_TIMESTAMP : SLOT_COUNT;
}

bool aliyun_ca_name_is_fixed(struct bytes name)
{
    enum aliyun_ca_slot slot = find_slot(name);
    return slot != SLOT_COUNT && slots[slot].fixed;
}

static enum refusal at_field(struct claim *claim, struct bytes field, enum refusal refusal)
{
    claim->field = field;
    return refusal;
}

/* One pass over the fields. A second field of one of these names is refused: which one is signed would be a guess. */
static enum refusal fill_slots(const struct http_request *request, struct claim *claim, struct aliyun_ca_reading *reading)
{
    for (size_t i = 0; i < request->field_count; i++) {
        enum aliyun_ca_slot slot = find_slot(request->fields[i].name);
        if (slot == SLOT_COUNT) continue;
        if (reading->slots[slot] != NULL)
            return at_field(claim, slots[slot].name, slot <= SLOT_SIGNATURE ? REFUSAL_PROOF_AMBIGUOUS : REFUSAL_SIGNED_FIELD_MISSING);
        reading->slots[slot] = &request->fields[i];
    }
    return REFUSAL_NONE;
}

/* Unknown methods are refused; Higress falls back to SHA-256 silently, which nobody should rely on. */
static enum refusal read_method(const struct aliyun_ca_reading *reading, struct claim *claim)
{
    struct bytes method = aliyun_ca_slot_value(reading, SLOT_METHOD);
    claim->hash = DIGEST_SHA256;
    if (reading->slots[SLOT_METHOD] == NULL || bytes_equal(method, BYTES("HmacSHA256"))) return REFUSAL_NONE;
    claim->hash = DIGEST_SHA1;
    if (bytes_equal(method, BYTES("HmacSHA1"))) return REFUSAL_NONE;
    return at_field(claim, slots[SLOT_METHOD].name, REFUSAL_ALGORITHM_UNKNOWN);
}

static enum refusal read_key(const struct aliyun_ca_reading *reading, struct claim *claim)
{
    claim->key_id = aliyun_ca_slot_value(reading, SLOT_KEY);
    claim->proof = aliyun_ca_slot_value(reading, SLOT_SIGNATURE);
    claim->signed_names = aliyun_ca_slot_value(reading, SLOT_NAMES);
    if (claim->key_id.length == 0) return at_field(claim, slots[SLOT_KEY].name, REFUSAL_KEY_MISSING);
    if (claim->key_id.length > MAX_KEY_LENGTH || !text_is_visible(claim->key_id))
        return at_field(claim, slots[SLOT_KEY].name, REFUSAL_PROOF_MALFORMED);
    if (claim->proof.length == 0) return at_field(claim, slots[SLOT_SIGNATURE].name, REFUSAL_SIGNATURE_MISSING);
    return REFUSAL_NONE;
}

static bool has_upper_case(struct bytes name)
{
    if (name.length == 0) return false;
    uint64_t found = eight_holds_upper(eight_last(name.data, name.length));
    for (size_t i = 0; name.length - i > sizeof(uint64_t); i += sizeof(uint64_t)) found |= eight_holds_upper(eight_at(name.data + i));
    return found != 0;
}

static bool is_declared(const struct pairs *lines, struct bytes name)
{
    for (size_t i = 0; i < lines->count; i++)
        if (bytes_equal_folded(lines->items[i].name, name)) return true;
    return false;
}

/* The value of a declared name that has no slot; a name that is not there is signed as "Name:" (alibaba.md 1.4, 1), one that is there twice
 * is refused. */
static enum refusal find_value(const struct http_request *request, struct claim *claim, struct pair *line)
{
    size_t count = 0;
    line->value = bytes_of(NULL, 0);
    for (size_t i = 0; i < request->field_count; i++) {
        const struct http_field *field = &request->fields[i];
        if (field->name.length != line->name.length || !bytes_equal_folded(field->name, line->name)) continue;
        if (count++ > 0) return at_field(claim, line->name, REFUSAL_SIGNED_FIELD_MISSING);
        line->value = field->value;
    }
    return REFUSAL_NONE;
}

static enum refusal add_line(const struct http_request *request, struct claim *claim, struct bytes name, struct aliyun_ca_reading *reading)
{
    /* Only tokens: a name with '/' or ':' could make a header line look like the path behind it. */
    if (!http_name_is_token(name) || is_declared(&reading->lines, name))
        return at_field(claim, slots[SLOT_NAMES].name, REFUSAL_PROOF_MALFORMED);
    if (reading->lines.count == ALIYUN_CA_MAX_NAMES) return at_field(claim, slots[SLOT_NAMES].name, REFUSAL_REQUEST_TOO_COMPLEX);
    struct pair *line = &reading->lines.items[reading->lines.count++];
    line->name = name;
    reading->mixed_case = reading->mixed_case || has_upper_case(name);
    enum aliyun_ca_slot slot = find_slot(name);
    if (slot == SLOT_COUNT) return find_value(request, claim, line);
    reading->fixed_declared = reading->fixed_declared || slots[slot].fixed;
    line->value = aliyun_ca_slot_value(reading, slot); /* the only field of its name: fill_slots */
    return REFUSAL_NONE;
}

static size_t count_names(struct bytes list)
{
    size_t count = 1;
    for (size_t i = 0; i < list.length; i++) count += list.data[i] == ',';
    return count < ALIYUN_CA_MAX_NAMES ? count : ALIYUN_CA_MAX_NAMES;
}

/* Sorted here, once: Java sends the list in the order of a hash map. */
enum refusal aliyun_ca_collect(const struct http_request *request, struct arena *arena, struct claim *claim,
                               struct aliyun_ca_reading *reading)
{
    reading->lines.items = arena_take_array(arena, count_names(claim->signed_names), sizeof *reading->lines.items);
    if (reading->lines.items == NULL) return REFUSAL_REQUEST_TOO_COMPLEX;
    struct bytes rest = claim->signed_names, name;
    while (bytes_next_part(&rest, ',', &name)) {
        name = bytes_trim(name);
        if (name.length == 0) continue;
        enum refusal refusal = add_line(request, claim, name, reading);
        if (refusal != REFUSAL_NONE) return refusal;
    }
    return pairs_sort_by_name(&reading->lines, arena) ? REFUSAL_NONE : REFUSAL_REQUEST_TOO_COMPLEX;
}

static enum refusal read_timestamp(const struct aliyun_ca_reading *reading, struct claim *claim)
{
    struct bytes text = aliyun_ca_slot_value(reading, SLOT_TIMESTAMP);
    if (!number_parse(text, &claim->time)) return at_field(claim, slots[SLOT_TIMESTAMP].name, REFUSAL_DATE_MALFORMED);
    if (text.length >= MILLISECOND_DIGITS) claim->time /= 1000;
    claim->time_text = text;
    claim->timed = true;
    return REFUSAL_NONE;
}

/* Date has a fixed place in the text, so it is always signed; X-Ca-Timestamp only when declared. A signed timestamp goes first, since
 * HTTP libraries and proxies set Date as they like. */
static enum refusal read_time(const struct aliyun_ca_reading *reading, struct claim *claim)
{
    bool stamped = reading->slots[SLOT_TIMESTAMP] != NULL;
    claim->time_is_signed = stamped && is_declared(&reading->lines, slots[SLOT_TIMESTAMP].name);
    if (claim->time_is_signed) return read_timestamp(reading, claim);
    if (reading->slots[SLOT_DATE] == NULL) return stamped ? read_timestamp(reading, claim) : REFUSAL_NONE;
    claim->time_text = reading->slots[SLOT_DATE]->value;
    if (!date_parse_http(claim->time_text, &claim->time)) return at_field(claim, slots[SLOT_DATE].name, REFUSAL_DATE_MALFORMED);
    claim->timed = claim->time_is_signed = true;
    return REFUSAL_NONE;
}

/* Says the signed type "form" where the real one is none, and was that not signed itself? Then a form was captured, its fields moved to the
 * query, where they give the same text, and any body put behind it. */
static bool disowns_form(const struct aliyun_ca_reading *reading)
{
    if (reading->form || reading->slots[SLOT_SIGNED_TYPE] == NULL) return false;
    struct http_field type = {slots[SLOT_CONTENT_TYPE].name, reading->slots[SLOT_SIGNED_TYPE]->value};
    struct http_request only = {.fields = &type, .field_count = 1};
    return http_request_is_form(&only) && !is_declared(&reading->lines, slots[SLOT_SIGNED_TYPE].name);
}

enum refusal aliyun_ca_read(const struct http_request *request, struct arena *arena, struct claim *claim)
{
    struct aliyun_ca_reading *reading = arena_take(arena, sizeof *reading);
    if (reading == NULL) return REFUSAL_REQUEST_TOO_COMPLEX;
    claim->reading = reading;
    enum refusal refusal = fill_slots(request, claim, reading);
    if (refusal == REFUSAL_NONE) refusal = read_key(reading, claim);
    if (refusal == REFUSAL_NONE) refusal = read_method(reading, claim);
    if (refusal == REFUSAL_NONE) refusal = aliyun_ca_collect(request, arena, claim, reading);
    if (refusal == REFUSAL_NONE) refusal = read_time(reading, claim);
    claim->nonce = aliyun_ca_slot_value(reading, SLOT_NONCE);
    reading->nonce_signed = claim->nonce.length > 0 && is_declared(&reading->lines, slots[SLOT_NONCE].name);
    /* The form's fields are told by the real Content-Type, even when another one is signed (alibaba.md 1.4, 4). */
    reading->form = reading->slots[SLOT_CONTENT_TYPE] != NULL && http_request_is_form(request);
    if (reading->form) claim->body_in_proof = BODY_FORM;
    if (reading->slots[SLOT_CONTENT_MD5] != NULL) claim->body_after = BODY_MD5;
    if (refusal != REFUSAL_NONE || !disowns_form(reading)) return refusal;
    return at_field(claim, slots[SLOT_SIGNED_TYPE].name, REFUSAL_SIGNED_FIELD_MISSING);
}

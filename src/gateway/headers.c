#include "gateway/headers.h"

#include "admit/countersign.h"
#include "base/eights.h"
#include "gateway/claims.h"
#include "gateway/mapping.h"

#define OWN_MOST      (4 + SIGNING_MAX_FIELDS)
#define STRIPPED_MOST 32
#define COOKIES_ROOM  (32 * 1024) /* nginx takes no more headers than that by default */
#define TELLS_ROOM    (4 * 1024)  /* lower-case names of headers that claims fill */
#define AUTHORIZATION "authorization"

/* Names that are taken off, whatever their spelling; beside those that tells_reserve knows. */
struct stripped {
    struct bytes names[STRIPPED_MOST];
    size_t count;
    uint64_t lengths; /* a bit for the length of each name, modulo 64 */
    bool any_authorization;
    bool signed_authorization; /* one that looks like a countersignature */
    bool cookies;              /* the proof stood in one */
    bool told_headers;         /* claims fill headers at this API */
};

/* The headers that signatures are written into, and what is taken off while a key of a type signs. */
static struct own_name signature_names[] = {
    {.text = "Authorization"},
    {.text = "X-Sdk-Date"},
    {.text = "X-Sdk-Content-Sha256"},
    {.text = "X-Bce-Gateway-Auth"},
    {.text = "X-Bce-Content-Sha256"},
    {.text = "X-Ca-Timestamp"},
    {.text = "X-Ca-Proxy-Signature"},
    {.text = "X-Ca-Proxy-Signature-Headers"},
    {.text = "X-Ca-Proxy-Signature-Secret-Key"},
};
static struct stripped stripped_by_type[SIGNATURE_COUNT];

#define SIGNATURE_NAMES (sizeof signature_names / sizeof signature_names[0])

void own_name_prepare(struct own_name *name)
{
    name->key = str_of_bytes(bytes_of_text(name->text));
    name->hash = ngx_hash_strlow(name->lower, name->key.data, name->key.len);
}

static void add_name(struct stripped *stripped, struct bytes name)
{
    stripped->names[stripped->count++] = name;
    stripped->lengths |= 1ull << (name.length & 63);
}

/* False: more names than any scheme has; the request is not sent rather than sent with one of them. */
static bool add_names(struct stripped *stripped, const char *const *names)
{
    for (; *names != NULL; names++) {
        if (stripped->count == STRIPPED_MOST) return false;
        add_name(stripped, bytes_of_text(*names));
    }
    return true;
}

static bool begins_with_authorization(const char *const *names)
{
    return *names != NULL && bytes_equal(bytes_of_text(*names), BYTES(AUTHORIZATION));
}

/* When one key signs, nobody else's signature goes along, of whatever type: a backend may know several. `Authorization` alone may be what
 * a caller has for the backend itself: it goes when the key writes it, or when it looks like a signature of the gateway. */
void headers_prepare(void)
{
    for (size_t i = 0; i < SIGNATURE_NAMES; i++) own_name_prepare(&signature_names[i]);
    for (enum signature_type type = SIGNATURE_NONE + 1; type < SIGNATURE_COUNT; type++) {
        struct stripped *stripped = &stripped_by_type[type];
        *stripped =
            (struct stripped){.any_authorization = begins_with_authorization(countersign_carriers(type)), .signed_authorization = true};
        for (size_t i = 1; i < SIGNATURE_NAMES; i++) /* all but the first, Authorization */
            add_name(stripped, bytes_of(signature_names[i].lower, signature_names[i].key.len));
    }
}

static bool is_taken_off(const struct gateway_context *context)
{
    const struct admission *admission = &context->admission;
    return admission->claim.scheme != NULL && !admission->claim.place->pass_through && !admission->pass_through;
}

/* Whatever of a user's proofs came along, beside the one that counted. */
static const char *const user_carriers[] = {"x-auth-token", "x-security-token", NULL};

static bool collect_stripped(const struct gateway_context *context, struct stripped *stripped)
{
    const struct claim *claim = &context->admission.claim;
    const struct stripped *by_type = &stripped_by_type[context->signature.type];
    stripped->any_authorization = by_type->any_authorization;
    stripped->signed_authorization = by_type->signed_authorization;
    stripped->count = by_type->count;
    stripped->lengths = by_type->lengths;
    memcpy(stripped->names, by_type->names, by_type->count * sizeof by_type->names[0]);
    stripped->cookies = false;
    stripped->told_headers = context->publication->told_headers.length > 0;
    if (context->publication->plan.auth_type == AUTH_TYPE_IAM && !add_names(stripped, user_carriers)) return false;
    if (!is_taken_off(context)) return true;
    stripped->cookies = claim->place->location == PLACE_COOKIE;
    if (claim->place->location == PLACE_HEADER) add_name(stripped, claim->place->name);
    return add_names(stripped, claim->scheme->carriers);
}

static bool is_stripped_authorization(const struct stripped *stripped, struct bytes name, struct bytes value)
{
    if (name.length != sizeof AUTHORIZATION - 1 || name.data[0] != 'a') return false;
    if (!(stripped->any_authorization || stripped->signed_authorization) || !http_name_is_alias(name, BYTES(AUTHORIZATION))) return false;
    value = bytes_trim(value);
    return stripped->any_authorization || bytes_start_with_folded(value, BYTES("SDK-")) ||
           bytes_start_with_folded(value, BYTES("bce-auth-v"));
}

/* What holds for one connection only, and what nginx says of the body itself; it takes the same ones off. */
static bool is_of_connection(struct bytes name)
{
    switch (name.length) {
    case sizeof "te" - 1:
        return bytes_equal(name, BYTES("te"));
    case sizeof "host" - 1:
        return bytes_equal(name, BYTES("host"));
    case sizeof "expect" - 1:
        return bytes_equal(name, BYTES("expect"));
    case sizeof "upgrade" - 1:
        return bytes_equal(name, BYTES("upgrade"));
    case sizeof "connection" - 1:
        return bytes_equal(name, BYTES("connection")) || bytes_equal(name, BYTES("keep-alive"));
    case sizeof "content-length" - 1:
        return bytes_equal(name, BYTES("content-length"));
    case sizeof "transfer-encoding" - 1:
        return bytes_equal(name, BYTES("transfer-encoding"));
    default:
        return false;
    }
}

/* `name` in lower case. */
static bool is_stripped(const struct stripped *stripped, struct bytes name, struct bytes value)
{
    if ((stripped->lengths >> (name.length & 63) & 1) == 0) return is_stripped_authorization(stripped, name, value);
    for (size_t i = 0; i < stripped->count; i++) {
        struct bytes other = stripped->names[i];
        if (name.length != other.length) continue;
        if (bytes_equal(name, other) || http_name_is_alias(name, other)) return true;
    }
    return is_stripped_authorization(stripped, name, value);
}

static size_t most_entries(const struct gateway_context *context)
{
    return context->view.field_count + OWN_MOST + context->publication->mapping_count + claims_header_count(context);
}

size_t outgoing_room(const struct gateway_context *context)
{
    const struct claim *claim = &context->admission.claim;
    bool cookies = claim->scheme != NULL && claim->place->location == PLACE_COOKIE;
    return (most_entries(context) + 1) * sizeof(ngx_table_elt_t) + (cookies ? COOKIES_ROOM : 0) +
           (context->admission.token_tells.length > 0 ? TELLS_ROOM : 0);
}

/* A proof in a cookie leaves the other cookies where they are. False: the arena is full. */
static bool add_cookies(struct outgoing *outgoing, const struct gateway_context *context, const ngx_table_elt_t *entry)
{
    struct bytes left = claims_cookies_without(outgoing->arena, bytes_of_str(entry->value), context->admission.claim.place->name);
    if (left.data == NULL) return false;
    if (left.length == 0) return true;
    outgoing->entries[outgoing->count] = *entry;
    outgoing->entries[outgoing->count++].value = str_of_bytes(left);
    return true;
}

/* A name that gateways send, so this came from one, or from a caller who says so and harms himself. The number is one digit; what is none
 * counts as the most. */
static void note_gateway(struct outgoing *outgoing, struct bytes name, struct bytes value)
{
    unsigned gateways = 1;
    if (http_name_is_alias(name, BYTES(TELL_HOPS))) gateways = value.length == 1 ? (unsigned)value.data[0] - '0' : OUTGOING_MOST_GATEWAYS;
    if (gateways == 0) gateways = 1;
    if (outgoing->gateways < gateways) outgoing->gateways = gateways;
}

static bool add_caller_entry(struct outgoing *outgoing, const struct gateway_context *context, const struct stripped *stripped,
                             const ngx_table_elt_t *entry)
{
    struct bytes lower = bytes_of(entry->lowcase_key, entry->key.len);
    if (is_of_connection(lower)) return true;
    if (is_stripped(stripped, lower, bytes_of_str(entry->value))) return true;
    if (tells_reserve(lower)) {
        note_gateway(outgoing, lower, bytes_of_str(entry->value));
        return true;
    }
    if (stripped->told_headers && claims_own_header(context, lower)) return true;
    if (stripped->cookies && bytes_equal(lower, BYTES("cookie"))) return add_cookies(outgoing, context, entry);
    outgoing->entries[outgoing->count++] = *entry;
    return true;
}

bool outgoing_start(struct outgoing *outgoing, struct gateway_context *context)
{
    struct stripped stripped;
    struct bytes mapping = context->publication->mapping;
    outgoing->arena = &context->arena;
    outgoing->capacity = most_entries(context);
    outgoing->count = 0;
    outgoing->gateways = 0;
    outgoing->entries = arena_take_unset(&context->arena, outgoing->capacity * sizeof *outgoing->entries);
    if (outgoing->entries == NULL || !collect_stripped(context, &stripped)) return false;
    for (const ngx_list_part_t *part = &context->request->headers_in.headers.part; part != NULL; part = part->next) {
        const ngx_table_elt_t *entries = part->elts;
        for (ngx_uint_t i = 0; i < part->nelts; i++) {
            if (mapping.length > 0 && mapping_takes_header(mapping, bytes_of(entries[i].lowcase_key, entries[i].key.len))) continue;
            if (!add_caller_entry(outgoing, context, &stripped, &entries[i])) return false;
        }
    }
    outgoing->own_from = outgoing->count;
    return true;
}

/* Not 0: one of the eight ends a line or cuts a text off. */
static uint64_t has_control(uint64_t eight)
{
    return eight_below(eight, 0x20) | eight_holds(eight, 0x7f);
}

bool outgoing_is_value(struct bytes value)
{
    if (value.length == 0) return true;
    uint64_t controls = has_control(eight_last(value.data, value.length));
    for (size_t i = 0; value.length - i > sizeof(uint64_t); i += sizeof(uint64_t)) controls |= has_control(eight_at(value.data + i));
    return controls == 0;
}

bool outgoing_add_own(struct outgoing *outgoing, const struct own_name *name, struct bytes value)
{
    if (outgoing->count == outgoing->capacity || !outgoing_is_value(value)) return false;
    outgoing->entries[outgoing->count++] = (ngx_table_elt_t){
        .hash = name->hash, .key = name->key, .value = str_of_bytes(value), .lowcase_key = (u_char *)(uintptr_t)name->lower};
    return true;
}

/* Without hash and lower-case name nginx could not see which of its own headers it replaces. */
bool outgoing_add(struct outgoing *outgoing, const struct http_field *field)
{
    u_char *lower = arena_take_unset(outgoing->arena, field->name.length);
    if (lower == NULL || outgoing->count == outgoing->capacity || !outgoing_is_value(field->value)) return false;
    ngx_str_t key = str_of_bytes(field->name);
    ngx_uint_t hash = ngx_hash_strlow(lower, key.data, key.len);
    if (is_of_connection(bytes_of(lower, key.len))) return true;
    outgoing->entries[outgoing->count++] =
        (ngx_table_elt_t){.hash = hash, .key = key, .value = str_of_bytes(field->value), .lowcase_key = lower};
    return true;
}

bool outgoing_add_signature(struct outgoing *outgoing, const struct http_field *field)
{
    for (size_t i = 0; i < SIGNATURE_NAMES; i++)
        if (bytes_equal(field->name, bytes_of_str(signature_names[i].key)))
            return outgoing_add_own(outgoing, &signature_names[i], field->value);
    return false;
}

#include "gateway/headers.h"

#include "admit/countersign.h"
#include "gateway/claims.h"
#include "gateway/mapping.h"

#define OWN_MOST      (4 + SIGNING_MAX_FIELDS)
#define NAMES_MOST    16
#define COOKIES_ROOM  (32 * 1024) /* nginx takes no more headers than that by default */
#define TELLS_ROOM    (4 * 1024)  /* lower-case names of headers that claims fill */
#define AUTHORIZATION "authorization"

/* Names in lower case, known beforehand. */
struct name_set {
    struct bytes names[NAMES_MOST];
    size_t count;
    uint64_t lengths; /* a bit for the length of each name, modulo 64 */
    bool partial;     /* more names than there is room for: no request is sent rather than one with them */
};

/* What is taken off, whatever its spelling; beside the names that tells_reserve knows. */
struct stripped {
    const struct name_set *sets[3];
    size_t set_count;
    struct bytes place;    /* the name of the field in which the proof stood */
    struct bytes consumer; /* the header that tells consumers, where it is not the usual one */
    uint64_t lengths;      /* of all these names */
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
static struct name_set of_signatures;
static struct name_set by_scheme[SCHEME_COUNT];
/* Whatever of a user's proofs came along, beside the one that counted. */
static const char *const user_carriers[] = {"x-auth-token", "x-security-token", NULL};
static struct name_set of_users;

#define SIGNATURE_NAMES (sizeof signature_names / sizeof signature_names[0])

void own_name_prepare(struct own_name *name)
{
    name->key = str_of_bytes(bytes_of_text(name->text));
    name->hash = ngx_hash_strlow(name->lower, name->key.data, name->key.len);
}

static void add_name(struct name_set *set, struct bytes name)
{
    set->partial = set->partial || set->count == NAMES_MOST;
    if (set->partial) return;
    set->names[set->count++] = name;
    set->lengths |= 1ull << (name.length & 63);
}

static void add_names(struct name_set *set, const char *const *names)
{
    for (; *names != NULL; names++) add_name(set, bytes_of_text(*names));
}

static bool begins_with_authorization(const char *const *names)
{
    return *names != NULL && bytes_equal(bytes_of_text(*names), BYTES(AUTHORIZATION));
}

void headers_prepare(void)
{
    of_signatures = of_users = (struct name_set){0};
    for (size_t i = 0; i < SIGNATURE_NAMES; i++) own_name_prepare(&signature_names[i]);
    for (size_t i = 1; i < SIGNATURE_NAMES; i++) /* all but the first, Authorization */
        add_name(&of_signatures, bytes_of(signature_names[i].lower, signature_names[i].key.len));
    add_names(&of_users, user_carriers);
    for (enum scheme_id id = SCHEME_NONE + 1; id < SCHEME_COUNT; id++) {
        by_scheme[id] = (struct name_set){0};
        if (scheme_by_id(id) != NULL) add_names(&by_scheme[id], scheme_by_id(id)->carriers);
    }
}

static bool is_taken_off(const struct gateway_context *context)
{
    const struct admission *admission = &context->admission;
    return admission->claim.scheme != NULL && !admission->claim.place->pass_through && !admission->pass_through;
}

static bool strip(struct stripped *stripped, const struct name_set *set)
{
    stripped->sets[stripped->set_count++] = set;
    stripped->lengths |= set->lengths;
    return !set->partial;
}

/* When one key signs, nobody else's signature goes along, of whatever type: a backend may know several. `Authorization` alone may be what
 * a caller has for the backend itself: it goes when the key writes it, or when it looks like a signature of the gateway. */
static bool collect_stripped(const struct gateway_context *context, struct stripped *stripped)
{
    const struct claim *claim = &context->admission.claim;
    enum signature_type type = context->signature.type;
    *stripped =
        (struct stripped){.signed_authorization = type != SIGNATURE_NONE, .told_headers = context->publication->told_headers.length > 0};
    if (type != SIGNATURE_NONE) {
        stripped->any_authorization = begins_with_authorization(countersign_carriers(type));
        if (!strip(stripped, &of_signatures)) return false;
    }
    if (context->publication->plan.auth_type == AUTH_TYPE_IAM && !strip(stripped, &of_users)) return false;
    if (context->publication->consumer_header.length > 0) {
        stripped->consumer = context->publication->consumer_header;
        stripped->lengths |= 1ull << (stripped->consumer.length & 63);
    }
    if (!is_taken_off(context)) return true;
    stripped->cookies = claim->place->location == PLACE_COOKIE;
    if (claim->place->location == PLACE_HEADER) {
        stripped->place = claim->place->name;
        stripped->lengths |= 1ull << (claim->place->name.length & 63);
    }
    return strip(stripped, &by_scheme[claim->scheme->id]);
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

static bool is_in(const struct name_set *set, struct bytes name)
{
    if ((set->lengths >> (name.length & 63) & 1) == 0) return false;
    for (size_t i = 0; i < set->count; i++)
        if (name.length == set->names[i].length && (bytes_equal(name, set->names[i]) || http_name_is_alias(name, set->names[i])))
            return true;
    return false;
}

/* `name` in lower case. */
static bool is_stripped(const struct stripped *stripped, struct bytes name, struct bytes value)
{
    if ((stripped->lengths >> (name.length & 63) & 1) == 0) return is_stripped_authorization(stripped, name, value);
    if (stripped->place.length > 0 && http_name_is_alias(name, stripped->place)) return true;
    if (stripped->consumer.length > 0 && http_name_is_alias(name, stripped->consumer)) return true;
    for (size_t i = 0; i < stripped->set_count; i++)
        if (is_in(stripped->sets[i], name)) return true;
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
    outgoing->consumer_header = context->publication->consumer_header;
    outgoing->entries = arena_take_unset(&context->arena, outgoing->capacity * sizeof *outgoing->entries);
    if (outgoing->entries == NULL || !collect_stripped(context, &stripped)) return false;
    for (const ngx_list_part_t *part = &context->request->headers_in.headers.part; part != NULL; part = part->next) {
        const ngx_table_elt_t *entries = part->elts;
        for (ngx_uint_t i = 0; i < part->nelts; i++) {
            if (mapping.length > 0 && mapping_takes_header(mapping, bytes_of(entries[i].lowcase_key, entries[i].key.len))) continue;
            if (!add_caller_entry(outgoing, context, &stripped, &entries[i])) return false;
        }
    }
    return true;
}

bool outgoing_add_own(struct outgoing *outgoing, const struct own_name *name, struct bytes value)
{
    if (outgoing->count == outgoing->capacity || !http_value_is_clean(value)) return false;
    outgoing->entries[outgoing->count++] = (ngx_table_elt_t){
        .hash = name->hash, .key = name->key, .value = str_of_bytes(value), .lowcase_key = (u_char *)(uintptr_t)name->lower};
    return true;
}

/* Without hash and lower-case name nginx could not see which of its own headers it replaces. */
static bool add_entry(struct outgoing *outgoing, const struct http_field *field)
{
    u_char *lower = arena_take_unset(outgoing->arena, field->name.length);
    if (lower == NULL || outgoing->count == outgoing->capacity || !http_value_is_clean(field->value)) return false;
    ngx_str_t key = str_of_bytes(field->name);
    ngx_uint_t hash = ngx_hash_strlow(lower, key.data, key.len);
    if (is_of_connection(bytes_of(lower, key.len))) return true;
    outgoing->entries[outgoing->count++] =
        (ngx_table_elt_t){.hash = hash, .key = key, .value = str_of_bytes(field->value), .lowcase_key = lower};
    return true;
}

bool outgoing_add(struct outgoing *outgoing, const struct http_field *field)
{
    bool of_consumer = outgoing->consumer_header.length > 0 && http_name_is_alias(field->name, outgoing->consumer_header);
    return of_consumer || add_entry(outgoing, field);
}

bool outgoing_add_consumer(struct outgoing *outgoing, struct bytes consumer)
{
    const struct http_field field = {outgoing->consumer_header, consumer};
    return add_entry(outgoing, &field);
}

bool outgoing_add_signature(struct outgoing *outgoing, const struct http_field *field)
{
    for (size_t i = 0; i < SIGNATURE_NAMES; i++)
        if (bytes_equal(field->name, bytes_of_str(signature_names[i].key)))
            return outgoing_add_own(outgoing, &signature_names[i], field->value);
    return false;
}

/* aliyun-ca: the client signature of Alibaba Cloud's API gateways, classic and cloud-native (alibaba.md 1). */
#include "scheme/aliyun_ca.h"

#include "base/text.h"
#include "scheme/names.h"

static const char *const carriers[] = {"x-ca-key",       "x-ca-signature", "x-ca-signature-headers",   "x-ca-signature-method",
                                       "x-ca-timestamp", "x-ca-nonce",     "x-ca-signed-content-type", NULL};

static size_t larger(size_t a, size_t b)
{
    return a > b ? a : b;
}

/* The key or the signature alone is an attempt too, and must be answered as one. */
static size_t present(const struct http_request *request, const struct place *place)
{
    size_t keys = 0, signatures = 0;
    struct bytes signature = aliyun_ca_slot_name(SLOT_SIGNATURE);
    for (size_t i = 0; i < request->field_count; i++) {
        struct bytes name = request->fields[i].name;
        if (name.length == place->name.length) keys += bytes_equal_folded(name, place->name);
        if (name.length == signature.length) signatures += bytes_equal_folded(name, signature);
    }
    return larger(keys, signatures);
}

/* What signing adds to a request. */
struct draft {
    const struct signing *signing;
    struct arena *arena;
    struct signed_fields *fields;
    struct pair names[ALIYUN_CA_MAX_NAMES];
    struct pairs declared;
};

static void add_field(struct draft *draft, enum aliyun_ca_slot slot, struct bytes value)
{
    if (draft->fields->count == SIGNING_MAX_FIELDS) return;
    draft->fields->items[draft->fields->count++] = (struct http_field){aliyun_ca_slot_name(slot), value};
}

static struct bytes timestamp(struct arena *arena, int64_t now)
{
    struct buffer text = buffer_in(arena, 24);
    buffer_add_number(&text, now);
    buffer_add_text(&text, "000");
    return buffer_bytes(&text);
}

static struct bytes content_md5(struct arena *arena, const struct body_facts *body)
{
    struct buffer text = buffer_in(arena, 32);
    base64_encode(&text, digest_bytes(&body->md5));
    return buffer_bytes(&text);
}

static bool add_own_fields(struct draft *draft)
{
    const struct signing *signing = draft->signing;
    bool body = signing->body != NULL && signing->body->length > 0;
    bool fits = names_add(&draft->declared, draft->arena, aliyun_ca_slot_name(SLOT_KEY)) &&
                names_add(&draft->declared, draft->arena, aliyun_ca_slot_name(SLOT_TIMESTAMP));
    add_field(draft, SLOT_KEY, signing->key_id);
    add_field(draft, SLOT_TIMESTAMP, timestamp(draft->arena, signing->now));
    if (signing->nonce.length > 0) {
        fits = fits && names_add(&draft->declared, draft->arena, aliyun_ca_slot_name(SLOT_NONCE));
        add_field(draft, SLOT_NONCE, signing->nonce);
    }
    if (signing->hash == DIGEST_SHA1) {
        fits = fits && names_add(&draft->declared, draft->arena, aliyun_ca_slot_name(SLOT_METHOD));
        add_field(draft, SLOT_METHOD, BYTES("HmacSHA1"));
    }
    if (body && !http_request_is_form(signing->request)) add_field(draft, SLOT_CONTENT_MD5, content_md5(draft->arena, signing->body));
    return fits;
}

/* In lower case, in which all forms of the text agree. */
static bool list_names(struct draft *draft, struct bytes *list)
{
    const struct signing *signing = draft->signing;
    for (size_t i = 0; i < signing->name_count; i++)
        if (!names_add(&draft->declared, draft->arena, signing->names[i])) return false;
    return names_join(&draft->declared, ',', draft->arena, list);
}

static bool is_replaced(const struct draft *draft, struct bytes name)
{
    for (size_t i = 0; i < draft->fields->count; i++)
        if (bytes_equal_folded(draft->fields->items[i].name, name)) return true;
    return bytes_equal_folded(name, aliyun_ca_slot_name(SLOT_SIGNATURE));
}

/* The request as it will be, without earlier copies of our own fields. */
static bool complete_request(const struct draft *draft, struct http_request *request)
{
    const struct http_request *given = draft->signing->request;
    struct http_field *fields = arena_take_array(draft->arena, given->field_count + draft->fields->count, sizeof *fields);
    if (fields == NULL) return false;
    size_t count = 0;
    for (size_t i = 0; i < given->field_count; i++)
        if (!is_replaced(draft, given->fields[i].name)) fields[count++] = given->fields[i];
    for (size_t i = 0; i < draft->fields->count; i++) fields[count++] = draft->fields->items[i];
    *request = *given;
    request->fields = fields;
    request->field_count = count;
    return true;
}

static bool add_signature(struct draft *draft, const struct http_request *request)
{
    struct aliyun_ca_reading reading = {0};
    struct claim claim = {.scheme = &scheme_aliyun_ca, .place = &(struct place){.name = BYTES("x-ca-key")}, .reading = &reading};
    struct http_field *placeholder = arena_take_array(draft->arena, request->field_count + 1, sizeof *placeholder);
    if (placeholder == NULL) return false;
    for (size_t i = 0; i < request->field_count; i++) placeholder[i] = request->fields[i];
    placeholder[request->field_count] = (struct http_field){aliyun_ca_slot_name(SLOT_SIGNATURE), BYTES("-")};
    struct http_request signable = *request;
    signable.fields = placeholder;
    signable.field_count++;
    if (aliyun_ca_read(&signable, draft->arena, &claim) != REFUSAL_NONE) return false;

    struct scheme_input input = {.request = request, .claim = &claim, .body = draft->signing->body, .arena = draft->arena};
    struct buffer text = buffer_in(draft->arena, scheme_text_bound(&input)), signature = buffer_in(draft->arena, 64);
    if (!aliyun_ca_canonical(&input, 0, &text) || text.overflow) return false;
    aliyun_ca_signature(&claim, &draft->signing->secret, buffer_bytes(&text), &signature);
    add_field(draft, SLOT_SIGNATURE, buffer_bytes(&signature));
    return !signature.overflow;
}

/* Reads its own request back before signing it, so that what it signs is what a verifier sees. */
static bool sign(const struct signing *signing, struct arena *arena, struct signed_fields *fields)
{
    struct draft draft = {.signing = signing, .arena = arena, .fields = fields};
    struct http_request request;
    struct bytes names;
    draft.declared = (struct pairs){.items = draft.names, .capacity = ALIYUN_CA_MAX_NAMES};
    fields->count = 0;
    if (signing->secret.text.length == 0 || !add_own_fields(&draft) || !list_names(&draft, &names)) return false;
    add_field(&draft, SLOT_NAMES, names);
    return complete_request(&draft, &request) && add_signature(&draft, &request);
}

const struct scheme scheme_aliyun_ca = {
    .id = SCHEME_ALIYUN_CA,
    .name = "aliyun-ca",
    .proof_kind = PROOF_MAC,
    .format = ANSWER_CA,
    .looks_elsewhere = true,
    .carriers = carriers,
    .present = present,
    .read = aliyun_ca_read,
    .candidate_count = 5,
    .canonical = aliyun_ca_canonical,
    .signature = aliyun_ca_signature,
    .check_body = aliyun_ca_check_body,
    .sign = sign,
};

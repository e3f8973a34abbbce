#include "admit/countersign.h"

#include "admit/countersigner.h"
#include "base/text.h"
#include "crypto/hmac.h"
#include "crypto/secret.h"
#include "scheme/aliyun_proxy.h"
#include "scheme/sdk_sign.h"

/* One way to sign a forwarded request. */
struct way {
    const char *const *carriers; /* of a caller's own: removed */
    bool awaits_body;
    bool dated;                                           /* as X-Sdk-Date */
    unsigned (*uses)(const struct http_request *request); /* NULL: SHA-256 of the body */
    bool (*sign)(struct countersigner *signer, struct signing *signing, struct arena *arena, struct signed_fields *fields);
};

static const char *const authorization[] = {"authorization", NULL};
static const char *const gateway_auth[] = {"x-bce-gateway-auth", "x-bce-content-sha256", NULL};
static const char *const no_carriers[] = {NULL};

static bool sign_hmac(struct countersigner *signer, struct signing *signing, struct arena *arena, struct signed_fields *fields)
{
    (void)signer;
    struct sdk_proof proof = sdk_proof_hmac;
    return sdk_sign(signing, &proof, arena, fields);
}

/* Name and password, nothing else: it says who calls, not what was called (huawei.md 3.3). */
static bool sign_basic(struct countersigner *signer, struct signing *signing, struct arena *arena, struct signed_fields *fields)
{
    (void)signer;
    size_t length = signing->key_id.length + 1 + signing->secret.text.length;
    struct buffer pair = buffer_in(arena, length), text = buffer_in(arena, 2 * length + sizeof "Basic " + 4);
    buffer_add(&pair, signing->key_id);
    buffer_add_byte(&pair, ':');
    buffer_add(&pair, signing->secret.text);
    buffer_add_text(&text, "Basic ");
    base64_encode(&text, buffer_bytes(&pair));
    secret_wipe(pair.data, pair.length);
    fields->items[0] = (struct http_field){BYTES("Authorization"), buffer_bytes(&text)};
    fields->count = 1;
    return !pair.overflow && !text.overflow;
}

/* The vector is fixed with the key, so CFB alone would let anybody change what it hides; the MAC inside is what proves (huawei.md 3.4). */
bool countersign_hide(const struct countersign_aes *aes, struct bytes string_to_sign, struct buffer *out)
{
    uint8_t memory[DIGEST_MAX_SIZE];
    struct buffer hidden = buffer_over(memory, sizeof memory);
    struct digest_value mac = hmac_by(DIGEST_SHA256, &aes->key, string_to_sign);
    struct cfb_input input = {.key = aes->key.text, .iv = aes->vector, .text = digest_bytes(&mac)};
    if (!cfb_encrypt(aes->cfb, &input, &hidden)) return false;
    hex_encode(out, buffer_bytes(&hidden));
    return true;
}

static bool write_aes(const struct sdk_proof *proof, struct bytes string_to_sign, struct buffer *out)
{
    const struct countersigner *signer = proof->context;
    const struct countersign_aes aes = {signer->cfb, proof->signing->key, proof->signing->secret.text};
    return countersign_hide(&aes, string_to_sign, out);
}

static bool sign_aes(struct countersigner *signer, struct signing *signing, struct arena *arena, struct signed_fields *fields)
{
    struct bytes algorithm = countersign_aes_algorithm(signing->key.text);
    struct sdk_proof proof = {.algorithm = algorithm, .scheme = &scheme_sdk_hmac_sha256, .write = write_aes, .context = signer};
    return sdk_sign(signing, &proof, arena, fields);
}

static bool write_public_key(const struct sdk_proof *proof, struct bytes string_to_sign, struct buffer *out)
{
    struct private_key *key = proof->context;
    uint8_t memory[PRIVATE_KEY_MAX_SIGNATURE];
    struct buffer signature = buffer_over(memory, sizeof memory);
    if (!private_key_sign(key, string_to_sign, &signature)) return false;
    if (private_key_kind(key) == PRIVATE_KEY_RSA) {
        base64_encode(out, buffer_bytes(&signature));
    } else {
        hex_encode(out, buffer_bytes(&signature));
    }
    return true;
}

static bool sign_public_key(struct countersigner *signer, struct signing *signing, struct arena *arena, struct signed_fields *fields)
{
    struct private_key *key = countersigner_private_key(signer, signing, arena);
    if (key == NULL) return false;
    struct bytes algorithm = countersign_public_algorithm(private_key_kind(key));
    struct sdk_proof proof = {.algorithm = algorithm, .scheme = &scheme_sdk_hmac_sha256, .write = write_public_key, .context = key};
    return sdk_sign(signing, &proof, arena, fields);
}

/* The body's digest is a header of its own here, and then signed as one (baidu.md 1.3, 2.4). */
static bool add_digest(const struct body_facts *body, struct http_request *request, struct arena *arena)
{
    struct http_field *all = arena_take_unset(arena, (request->field_count + 1) * sizeof *all);
    struct buffer digest = buffer_in(arena, 2 * DIGEST_MAX_SIZE);
    if (all == NULL) return false;
    hex_encode(&digest, digest_bytes(&body->sha256));
    for (size_t i = 0; i < request->field_count; i++) all[i] = request->fields[i];
    all[request->field_count++] = (struct http_field){BYTES("x-bce-content-sha256"), buffer_bytes(&digest)};
    request->fields = all;
    return !digest.overflow;
}

static bool sign_bce(struct countersigner *signer, struct signing *signing, struct arena *arena, struct signed_fields *fields)
{
    struct http_request request = *signing->request;
    const struct hmac_key *ready = signing->secret.ready;
    bool has_body = signing->body != NULL && signing->body->length > 0;
    signing->carrier = BYTES("X-Bce-Gateway-Auth");
    signing->request = &request;
    if (ready != NULL) signing->derived = &signer->derived[ready->inner[0] % COUNTERSIGNER_DERIVED];
    if (has_body && !add_digest(signing->body, &request, arena)) return false;
    if (!scheme_bce_auth_v1.sign(signing, arena, fields)) return false;
    if (has_body)
        fields->items[fields->count++] = (struct http_field){BYTES("X-Bce-Content-Sha256"), request.fields[request.field_count - 1].value};
    return true;
}

static bool sign_aliyun(struct countersigner *signer, struct signing *signing, struct arena *arena, struct signed_fields *fields)
{
    (void)signer;
    return aliyun_proxy_sign(signing, arena, fields);
}

static unsigned uses_nothing(const struct http_request *request)
{
    (void)request;
    return BODY_UNUSED;
}

static const struct way *way_of(enum signature_type type)
{
    static const struct way hmac = {.dated = true, .sign = sign_hmac}, aes = {.dated = true, .sign = sign_aes},
                            public_key = {.dated = true, .sign = sign_public_key},
                            basic = {.carriers = authorization, .uses = uses_nothing, .sign = sign_basic},
                            bce = {.carriers = gateway_auth, .awaits_body = true, .sign = sign_bce},
                            aliyun = {aliyun_proxy_carriers, .awaits_body = true, .uses = aliyun_proxy_body, .sign = sign_aliyun};
    switch (type) {
    case SIGNATURE_HMAC:
        return &hmac;
    case SIGNATURE_BASIC:
        return &basic;
    case SIGNATURE_AES:
        return &aes;
    case SIGNATURE_PUBLIC_KEY:
        return &public_key;
    case SIGNATURE_BCE:
        return &bce;
    case SIGNATURE_ALIYUN:
        return &aliyun;
    case SIGNATURE_NONE:
    case SIGNATURE_COUNT:
        break;
    }
    return NULL;
}

const char *const *countersign_carriers(enum signature_type type)
{
    const struct way *way = way_of(type);
    if (way == NULL) return no_carriers;
    return way->carriers != NULL ? way->carriers : scheme_sdk_hmac_sha256.carriers;
}

unsigned countersign_body_uses(enum signature_type type, const struct http_request *request)
{
    const struct way *way = way_of(type);
    if (way == NULL) return BODY_UNUSED;
    return way->uses != NULL ? way->uses(request) : BODY_SHA256;
}

bool countersign_awaits_body(enum signature_type type)
{
    const struct way *way = way_of(type);
    return way != NULL && way->awaits_body;
}

/* Of an aes key that must not be the key itself, so it is the id (huawei.md 3.4). */
struct bytes countersign_public_name(const struct signature_key *key)
{
    return key->type == SIGNATURE_AES || key->type == SIGNATURE_PUBLIC_KEY ? key->id : key->key;
}

/* The type of the content is no part of what the vendor's checkers compare (huawei.md 3.2). */
static void leave_content_type(struct http_request *request)
{
    size_t last = request->field_count - 1;
    if (request->field_count > 0 && bytes_equal(request->fields[last].name, BYTES("content-type"))) request->field_count = last;
}

bool countersign_request(struct countersigner *signer, const struct signature_key *key, const struct countersigned *outgoing,
                         struct arena *arena, struct signed_fields *fields)
{
    fields->count = 0;
    if (key->type == SIGNATURE_NONE) return true;
    const struct way *way = way_of(key->type);
    bool hides = key->type == SIGNATURE_AES; /* the MAC that is hidden is keyed with the key */
    struct http_request request = *outgoing->request;
    struct signing signing = {.request = &request,
                              .body = outgoing->body,
                              .key_id = countersign_public_name(key),
                              .opening = key->opening,
                              .key = {key->key, hides ? key->hmac : NULL},
                              .secret = {key->secret, hides ? NULL : key->hmac},
                              .now = outgoing->now,
                              .whole = true};
    if (way == NULL || signing.secret.text.length == 0) return false;
    if (way->dated) {
        leave_content_type(&request);
        signing.date = countersigner_date(signer, outgoing->now);
    }
    return way->sign(signer, &signing, arena, fields);
}

void countersign_forget(struct signature_key *key)
{
    secret_wipe((void *)(uintptr_t)key->secret.data, key->secret.length);
    if (key->hmac != NULL) secret_wipe((void *)(uintptr_t)key->hmac, sizeof *key->hmac);
    if (key->type == SIGNATURE_AES) secret_wipe((void *)(uintptr_t)key->key.data, key->key.length);
    key->secret.length = key->key.length = 0;
    key->hmac = NULL;
}

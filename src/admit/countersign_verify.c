#include "admit/countersign_verify.h"

#include "admit/admit.h"
#include "admit/countersigner.h"
#include "admit/proof.h"
#include "base/text.h"
#include "crypto/secret.h"
#include "policy/tells.h"
#include "scheme/aliyun_proxy.h"
#include "scheme/sdk_verify.h"

#define MOST_KEY 1024 /* of a public key in DER: RSA-4096 has 550 bytes */

/* One request, and what it is held against. */
struct check {
    const struct countersign_checker *checker;
    const struct countersigned *incoming;
    struct arena *arena;
    struct claim *claim;
};

static struct public_key *parse(struct bytes text)
{
    uint8_t memory[MOST_KEY];
    struct buffer der = buffer_over(memory, sizeof memory);
    return base64_decode(&der, text) ? public_key_prepare(buffer_bytes(&der)) : NULL;
}

static bool prepare_aes(struct countersign_checker *checker)
{
    const struct signature_key *key = checker->key;
    if ((key->key.length != 16 && key->key.length != 32) || key->secret.length != CFB_IV_SIZE) return false;
    checker->cfb = cfb_prepare();
    return checker->cfb != NULL;
}

bool countersign_checker_prepare(struct countersign_checker *checker, const struct signature_key *key)
{
    *checker = (struct countersign_checker){.key = key};
    switch (key->type) {
    case SIGNATURE_HMAC:
    case SIGNATURE_BASIC:
    case SIGNATURE_BCE:
    case SIGNATURE_ALIYUN:
        return key->key.length > 0 && key->secret.length > 0;
    case SIGNATURE_AES:
        return prepare_aes(checker);
    case SIGNATURE_PUBLIC_KEY:
        checker->public_key = parse(key->key);
        return checker->public_key != NULL;
    case SIGNATURE_NONE:
    case SIGNATURE_COUNT:
        break;
    }
    return false;
}

void countersign_checker_destroy(struct countersign_checker *checker)
{
    cfb_destroy(checker->cfb);
    public_key_destroy(checker->public_key);
    *checker = (struct countersign_checker){0};
}

static enum refusal at_field(struct check *check, struct bytes field, enum refusal refusal)
{
    check->claim->field = field;
    return refusal;
}

static enum refusal check_key_and_time(struct check *check)
{
    const struct admission_rules rules = {0};
    if (!bytes_equal(check->claim->key_id, countersign_public_name(check->checker->key))) return REFUSAL_KEY_UNKNOWN;
    return proof_check_time(check->claim, &rules, check->incoming->now);
}

static uint8_t separator(const struct check *check)
{
    return check->checker->key->type == SIGNATURE_ALIYUN ? ',' : ';';
}

static size_t times_signed(const struct check *check, struct bytes name)
{
    struct bytes rest = check->claim->signed_names, part;
    size_t count = 0;
    while (bytes_next_part(&rest, separator(check), &part)) count += bytes_equal_folded(bytes_trim(part), name);
    return count;
}

static bool is_signed(const struct check *check, struct bytes name)
{
    return times_signed(check, name) > 0;
}

static bool lists_names_once(const struct check *check)
{
    struct bytes rest = check->claim->signed_names, part;
    while (bytes_next_part(&rest, separator(check), &part))
        if (times_signed(check, bytes_trim(part)) > 1) return false;
    return true;
}

/* --- hmac, aes and public_key: one frame ------------------------------------------------------------------------------------------------
 */

static struct bytes algorithm_of(const struct countersign_checker *checker)
{
    const struct signature_key *key = checker->key;
    if (key->type == SIGNATURE_AES) return countersign_aes_algorithm(key->key);
    return key->type == SIGNATURE_HMAC ? BYTES("SDK-HMAC-SHA256") : countersign_public_algorithm(public_key_kind(checker->public_key));
}

static bool public_key_holds(const struct countersign_checker *checker, struct bytes text, struct bytes proof)
{
    uint8_t memory[PRIVATE_KEY_MAX_SIGNATURE];
    struct buffer signature = buffer_over(memory, sizeof memory);
    bool rsa = public_key_kind(checker->public_key) == PRIVATE_KEY_RSA;
    bool read = rsa ? base64_decode(&signature, proof) : hex_decode(&signature, proof);
    return read && public_key_verify(checker->public_key, text, buffer_bytes(&signature));
}

static bool proof_holds(const struct countersign_checker *checker, struct bytes text, struct bytes proof)
{
    const struct signature_key *key = checker->key;
    uint8_t memory[2 * DIGEST_MAX_SIZE];
    struct buffer expected = buffer_over(memory, sizeof memory);
    if (key->type == SIGNATURE_PUBLIC_KEY) return public_key_holds(checker, text, proof);
    if (key->type == SIGNATURE_AES) {
        const struct countersign_aes aes = {checker->cfb, {key->key, NULL}, key->secret};
        if (!countersign_hide(&aes, text, &expected)) return false;
    } else {
        struct digest_value mac = hmac_of(DIGEST_SHA256, key->secret, text);
        hex_encode(&expected, digest_bytes(&mac));
    }
    return secret_equal(buffer_bytes(&expected), proof);
}

static enum refusal verify_sdk(struct check *check)
{
    const struct admission_rules rules = {0};
    uint8_t memory[256];
    struct buffer text = buffer_over(memory, sizeof memory);
    struct bytes algorithm = algorithm_of(check->checker);
    enum refusal refusal = sdk_verify_read(check->incoming->request, algorithm, check->arena, check->claim);
    if (refusal == REFUSAL_NONE) refusal = check_key_and_time(check);
    if (refusal != REFUSAL_NONE) return refusal;
    if (!is_signed(check, BYTES("host"))) return at_field(check, BYTES("host"), REFUSAL_SIGNED_FIELD_MISSING);
    struct scheme_input input = {.request = check->incoming->request,
                                 .claim = check->claim,
                                 .body = check->incoming->body,
                                 .arena = check->arena,
                                 .field = &check->claim->field};
    if (!sdk_verify_text(&input, algorithm, &text)) return REFUSAL_REQUEST_TOO_COMPLEX;
    if (!proof_holds(check->checker, buffer_bytes(&text), check->claim->proof)) return REFUSAL_SIGNATURE_MISMATCH;
    return check->claim->scheme->check_body(&input, &rules);
}

/* --- basic -----------------------------------------------------------------------------------------------------------------------------
 */

static enum refusal find_basic(struct check *check, struct bytes *value)
{
    const struct http_request *request = check->incoming->request;
    size_t count = 0;
    for (size_t i = 0; i < request->field_count; i++) {
        if (!bytes_equal_folded(request->fields[i].name, BYTES("authorization"))) continue;
        *value = bytes_trim(request->fields[i].value);
        count++;
    }
    check->claim->field = BYTES("authorization");
    if (count != 1) return count == 0 ? REFUSAL_PROOF_MISSING : REFUSAL_PROOF_AMBIGUOUS;
    return bytes_start_with_folded(*value, BYTES("Basic ")) ? REFUSAL_NONE : REFUSAL_SCHEME_NOT_ALLOWED;
}

/* Name and password (RFC 7617, 2); nothing of the request is covered. */
static enum refusal verify_basic(struct check *check)
{
    struct bytes value;
    enum refusal refusal = find_basic(check, &value);
    if (refusal != REFUSAL_NONE) return refusal;
    value = bytes_trim(bytes_from(value, sizeof "Basic " - 1));
    struct buffer pair = buffer_in(check->arena, value.length);
    if (!base64_decode(&pair, value)) return REFUSAL_PROOF_MALFORMED;
    size_t colon = bytes_find(buffer_bytes(&pair), ':');
    check->claim->key_id = bytes_slice(buffer_bytes(&pair), 0, colon);
    if (!bytes_equal(check->claim->key_id, check->checker->key->key)) return REFUSAL_KEY_UNKNOWN;
    bool same = secret_equal(bytes_from(buffer_bytes(&pair), colon + 1), check->checker->key->secret);
    return same ? REFUSAL_NONE : REFUSAL_SIGNATURE_MISMATCH;
}

/* --- bce -------------------------------------------------------------------------------------------------------------------------------
 */

/* The gateway always covers a body here. */
static enum refusal verify_bce(struct check *check)
{
    static const struct place place = {.scheme = SCHEME_BCE_AUTH_V1, .location = PLACE_HEADER, .name = BYTES("x-bce-gateway-auth")};
    const struct admission_rules rules = {.require_body_digest = true};
    const struct scheme *scheme = &scheme_bce_auth_v1;
    const struct credential credential = {.secrets = {{.value = check->checker->key->secret}}, .secret_count = 1};
    *check->claim = (struct claim){.scheme = scheme, .place = &place};
    size_t count = scheme->present(check->incoming->request, &place);
    if (count != 1) return at_field(check, place.name, count == 0 ? REFUSAL_PROOF_MISSING : REFUSAL_PROOF_AMBIGUOUS);
    enum refusal refusal = scheme->read(check->incoming->request, check->arena, check->claim);
    if (refusal == REFUSAL_NONE && check->incoming->now - check->claim->time >= check->claim->lifetime) refusal = REFUSAL_DATE_EXPIRED;
    check->claim->lifetime = 0; /* however long it says that it is good for, it was sent just now */
    if (refusal == REFUSAL_NONE) refusal = check_key_and_time(check);
    if (refusal != REFUSAL_NONE) return refusal;
    struct scheme_input input = {.request = check->incoming->request,
                                 .claim = check->claim,
                                 .body = check->incoming->body,
                                 .arena = check->arena,
                                 .field = &check->claim->field};
    struct bytes canonical;
    refusal = proof_check_mac(&input, &credential, check->incoming->now, &canonical);
    return refusal == REFUSAL_NONE ? scheme->check_body(&input, &rules) : refusal;
}

/* --- aliyun ----------------------------------------------------------------------------------------------------------------------------
 */

static enum refusal verify_aliyun(struct check *check)
{
    const struct signature_key *key = check->checker->key;
    const struct signing signing = {.request = check->incoming->request,
                                    .body = check->incoming->body,
                                    .key_id = key->key,
                                    .secret = {key->secret, NULL},
                                    .now = check->incoming->now};
    enum refusal refusal = aliyun_proxy_read(check->incoming->request, check->claim);
    if (refusal == REFUSAL_NONE) refusal = check_key_and_time(check);
    if (refusal != REFUSAL_NONE) return refusal;
    return aliyun_proxy_check(&signing, check->claim, check->arena);
}

/* ---------------------------------------------------------------------------------------------------------------------------------------
 */

static enum refusal verify_proof(struct check *check)
{
    switch (check->checker->key->type) {
    case SIGNATURE_HMAC:
    case SIGNATURE_AES:
    case SIGNATURE_PUBLIC_KEY:
        return verify_sdk(check);
    case SIGNATURE_BASIC:
        return verify_basic(check);
    case SIGNATURE_BCE:
        return verify_bce(check);
    case SIGNATURE_ALIYUN:
        return verify_aliyun(check);
    case SIGNATURE_NONE:
    case SIGNATURE_COUNT:
        break;
    }
    return REFUSAL_SCHEME_NOT_ALLOWED;
}

/* Who the caller is stands in the tells; one that is there unsigned was not written by the gateway. The request id may be a proxy's. */
static enum refusal check_tells(struct check *check)
{
    static const struct bytes identities[] = {BYTES(TELL_APP), BYTES(TELL_CONSUMER), BYTES(TELL_USER)};
    if (check->checker->key->type == SIGNATURE_BASIC) return REFUSAL_NONE;
    if (!lists_names_once(check)) return REFUSAL_PROOF_MALFORMED;
    for (size_t i = 0; i < sizeof identities / sizeof identities[0]; i++)
        if (http_field_find(check->incoming->request, identities[i]) != NULL && !is_signed(check, identities[i]))
            return at_field(check, identities[i], REFUSAL_SIGNED_FIELD_MISSING);
    return REFUSAL_NONE;
}

enum refusal countersign_verify(const struct countersign_checker *checker, const struct countersigned *incoming, struct arena *arena,
                                struct claim *claim)
{
    struct check check = {checker, incoming, arena, claim};
    *claim = (struct claim){0};
    enum refusal refusal = verify_proof(&check);
    return refusal == REFUSAL_NONE ? check_tells(&check) : refusal;
}

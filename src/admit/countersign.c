#include "admit/countersign.h"

#include "admit/admit.h"
#include "admit/proof.h"
#include "policy/tells.h"

static const char *const no_carriers[] = {NULL};

const char *const *countersign_carriers(enum signature_type type)
{
    return type == SIGNATURE_HMAC ? scheme_sdk_hmac_sha256.carriers : no_carriers;
}

static const struct bytes tells[] = {BYTES(TELL_APP), BYTES(TELL_CONSUMER), BYTES(TELL_REQUEST_ID)};

#define TELLS (sizeof tells / sizeof tells[0])

bool countersign_request(const struct signature_key *key, const struct countersigned *outgoing, struct arena *arena,
                         struct signed_fields *fields)
{
    fields->count = 0;
    if (key->type == SIGNATURE_NONE) return true;
    if (key->type != SIGNATURE_HMAC) return false;
    struct bytes names[TELLS];
    struct signing signing = {.request = outgoing->request,
                              .body = outgoing->body,
                              .key_id = key->key,
                              .secret = key->secret,
                              .now = outgoing->now,
                              .names = names};
    for (size_t i = 0; i < TELLS; i++)
        if (http_field_find(outgoing->request, tells[i]) != NULL) names[signing.name_count++] = tells[i];
    return scheme_sdk_hmac_sha256.sign(&signing, arena, fields);
}

static bool is_signed(const struct claim *claim, struct bytes name)
{
    struct bytes rest = claim->signed_names, part;
    while (bytes_next_part(&rest, ';', &part))
        if (bytes_equal_folded(part, name)) return true;
    return false;
}

/* Who the caller is stands in the tells; one that is there unsigned was not written by the gateway. The request id may be a proxy's. */
static enum refusal check_tells(const struct http_request *request, const struct claim *claim)
{
    static const struct bytes identities[] = {BYTES(TELL_APP), BYTES(TELL_CONSUMER)};
    for (size_t i = 0; i < sizeof identities / sizeof identities[0]; i++)
        if (http_field_find(request, identities[i]) != NULL && !is_signed(claim, identities[i])) return REFUSAL_SIGNED_FIELD_MISSING;
    return REFUSAL_NONE;
}

enum refusal countersign_verify(const struct signature_key *key, const struct countersigned *incoming, struct arena *arena)
{
    const struct scheme *scheme = &scheme_sdk_hmac_sha256;
    const struct place place = scheme_default_place(scheme->id);
    const struct admission_rules rules = {0};
    struct claim claim = {.scheme = scheme, .place = &place};
    if (key->type != SIGNATURE_HMAC) return REFUSAL_SCHEME_NOT_ALLOWED;
    size_t count = scheme->present(incoming->request, &place);
    if (count != 1) return count == 0 ? REFUSAL_PROOF_MISSING : REFUSAL_PROOF_AMBIGUOUS;
    enum refusal refusal = scheme->read(incoming->request, arena, &claim);
    if (refusal != REFUSAL_NONE) return refusal;
    if (!bytes_equal(claim.key_id, key->key)) return REFUSAL_KEY_UNKNOWN;

    const struct credential credential = {.secrets = {{.value = key->secret}}, .secret_count = 1};
    struct scheme_input input = {.request = incoming->request, .claim = &claim, .body = incoming->body, .arena = arena};
    struct bytes canonical;
    refusal = proof_check_time(&claim, &rules, incoming->now);
    if (refusal == REFUSAL_NONE) refusal = proof_check_mac(&input, &credential, incoming->now, &canonical);
    if (refusal == REFUSAL_NONE) refusal = scheme->check_body(&input, &rules);
    return refusal == REFUSAL_NONE ? check_tells(incoming->request, &claim) : refusal;
}

#include "control/token_keys.h"

#include "base/text.h"
#include "control/key_pairs.h"
#include "control/remote_url.h"
#include "control/token_rules.h"
#include "crypto/random.h"
#include "crypto/secret.h"
#include "jwt/jwk.h"

#define MAX_KEY_SIZE 64
#define KID_SIZE     16

const char *const token_mac_algorithms[] = {"HS256", "HS384", "HS512", NULL};

static struct bytes member(const json_t *object, const char *name)
{
    const json_t *value = json_object_get(object, name);
    return bytes_of(json_string_value(value), json_string_length(value));
}

static bool is_symmetric(const struct value *row)
{
    return row != NULL && row[CREDENTIAL_SECRET].type != VALUE_NULL && row[CREDENTIAL_SECRET].bytes.length > 0;
}

struct bytes token_mac_algorithm(const json_t *rules)
{
    struct bytes name = member(rules, "algorithm");
    return name.length > 0 ? name : bytes_of_text(token_mac_algorithms[0]);
}

/* A key has as many bits as its digest, which is the least that there may be (RFC 7518, 3.2). */
static size_t key_size(enum verify_algorithm algorithm)
{
    return algorithm == VERIFY_HS512 ? 64 : algorithm == VERIFY_HS384 ? 48 : 32;
}

/* One key that nobody else has. */
static bool draw_set(struct call *call, enum verify_algorithm algorithm, struct token_secret *secret)
{
    uint8_t key[MAX_KEY_SIZE];
    struct buffer kid = buffer_in(&call->arena, KID_SIZE), out = buffer_in(&call->arena, 256);
    size_t size = key_size(algorithm);
    if (!random_bytes(key, size) || !random_text(&kid, KID_SIZE)) return call_fault(call, "no randomness for a key");
    const struct jwk jwk = {.algorithm = algorithm, .has_kid = true, .kid = buffer_bytes(&kid), .material.secret = bytes_of(key, size)};
    buffer_add_text(&out, "{\"keys\":[");
    jwk_write(&out, &jwk);
    buffer_add_text(&out, "]}");
    secret_wipe(key, sizeof key);
    *secret = (struct token_secret){buffer_bytes(&out), true};
    return secret->set.length > 0 || call_fault(call, "no memory for a key");
}

/* Of what is there already, when it says nothing else: a key does not change because nobody spoke of it. */
static bool lay_algorithm(struct call *call, json_t *rules, const json_t *old)
{
    if (member(rules, "algorithm").length > 0) return true;
    struct bytes name = token_mac_algorithm(old);
    json_t *text = json_stringn((const char *)name.data, name.length);
    return json_object_set_new(rules, "algorithm", text) == 0 || call_fault(call, "no memory for the rules");
}

static bool check_symmetric(struct call *call, json_t *rules, const struct value *before, struct token_secret *secret)
{
    if (member(rules, "jwks").length > 0) return call_refuse_rule(call, "jwks", "absent with key_type SYMMETRIC: the key is made here");
    json_t *old = is_symmetric(before) ? token_rules_of_row(before) : NULL;
    bool laid = lay_algorithm(call, rules, old);
    bool stays = old != NULL && bytes_equal(token_mac_algorithm(old), member(rules, "algorithm"));
    json_decref(old);
    if (!laid) return false;
    secret->is_new = false;
    if (stays) return credential_open_secret(call, before, CREDENTIAL_SECRET, &secret->set);
    return draw_set(call, verify_algorithm_named(member(rules, "algorithm")), secret);
}

static const char *key_problem(const struct jwk *jwk)
{
    if (verify_family_of(jwk->algorithm) == VERIFY_HMAC) return "a symmetric key: only public ones may be given";
    if (jwk->is_private) return "a private key: give its public half only";
    struct verify_key *key = verify_key_prepare(jwk->algorithm, &jwk->material);
    bool good = key != NULL;
    verify_key_destroy(key);
    return good ? NULL : "no valid key: RSA has 2048 to 4096 bits, points lie on their curve, numbers have no leading zeros";
}

const char *token_public_set_problem(struct arena *arena, struct bytes jwks)
{
    struct jwk *keys = arena_take_array(arena, JWK_SET_MAX_KEYS, sizeof *keys);
    struct jwk_set set = {.keys = keys};
    const char *problem = keys == NULL ? "it is too large" : jwk_set_read(arena, jwks, false, &set);
    for (size_t i = 0; problem == NULL && i < set.count; i++) problem = key_problem(&keys[i]);
    return problem;
}

static bool check_asymmetric(struct call *call, const json_t *rules)
{
    struct bytes jwks = member(rules, "jwks");
    if (jwks.length == 0) return call_refuse(call, ERROR_FIELD_MISSING, BYTES("jwks"));
    const char *problem = token_public_set_problem(&call->arena, jwks);
    if (problem == NULL) return true;
    char rule[256];
    snprintf(rule, sizeof rule, "the text of a JWKS with public keys for signatures; this one is refused: %s", problem);
    return call_refuse_rule(call, "jwks", rule);
}

static bool check_remote(struct call *call, const json_t *rules)
{
    struct remote_url url;
    struct bytes text = member(rules, "remote_jwks");
    if (member(rules, "jwks").length > 0) return call_refuse_rule(call, "jwks", "absent with key_type REMOTE");
    if (text.length == 0) return call_refuse(call, ERROR_FIELD_MISSING, BYTES("remote_jwks"));
    const char *problem = remote_url_read(text, &url);
    return problem == NULL || call_refuse_rule(call, "remote_jwks", problem);
}

bool token_keys_check(struct call *call, json_t *rules, const struct value *before, struct token_secret *secret)
{
    struct bytes type = member(rules, "key_type");
    bool remote = bytes_equal(type, BYTES("REMOTE")), asymmetric = bytes_equal(type, BYTES("ASYMMETRIC"));
    *secret = (struct token_secret){BYTES(""), false};
    if ((remote || asymmetric) && member(rules, "algorithm").length > 0)
        return call_refuse_rule(call, "algorithm", "absent unless key_type is SYMMETRIC: a public key says itself what it is for (alg)");
    if (!remote && member(rules, "remote_jwks").length > 0)
        return call_refuse_rule(call, "remote_jwks", "absent unless key_type is REMOTE");
    if (remote) return check_remote(call, rules);
    return asymmetric ? check_asymmetric(call, rules) : check_symmetric(call, rules, before, secret);
}

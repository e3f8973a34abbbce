#include "crypto/verify_key.h"

#include "crypto/hmac.h"
#include "crypto/secret.h"

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/rsa.h>

#define WIDE_DIGEST_MAX   64
#define FIELD_MAX         66                        /* P-521 */
#define DER_SIGNATURE_MAX (3 + 2 * (FIELD_MAX + 3)) /* SEQUENCE of two INTEGERs, each with a zero before its first bit */
#define EXPONENT_MAX      8
#define NAME_LENGTH       5 /* of each algorithm */

struct algorithm {
    const char *name;
    enum verify_family family;
    const char *digest; /* of OpenSSL */
    size_t size;        /* of the digest; of the field with ECDSA */
    const char *group;  /* the curve */
};

static const struct algorithm algorithms[VERIFY_COUNT] = {
    [VERIFY_NONE] = {"", VERIFY_HMAC, "", 0, NULL},
    [VERIFY_HS256] = {"HS256", VERIFY_HMAC, "SHA256", 32, NULL},
    [VERIFY_HS384] = {"HS384", VERIFY_HMAC, "SHA384", 48, NULL},
    [VERIFY_HS512] = {"HS512", VERIFY_HMAC, "SHA512", 64, NULL},
    [VERIFY_RS256] = {"RS256", VERIFY_RSA, "SHA256", 32, NULL},
    [VERIFY_RS384] = {"RS384", VERIFY_RSA, "SHA384", 48, NULL},
    [VERIFY_RS512] = {"RS512", VERIFY_RSA, "SHA512", 64, NULL},
    [VERIFY_PS256] = {"PS256", VERIFY_RSA, "SHA256", 32, NULL},
    [VERIFY_PS384] = {"PS384", VERIFY_RSA, "SHA384", 48, NULL},
    [VERIFY_PS512] = {"PS512", VERIFY_RSA, "SHA512", 64, NULL},
    [VERIFY_ES256] = {"ES256", VERIFY_ECDSA, "SHA256", 32, "P-256"},
    [VERIFY_ES384] = {"ES384", VERIFY_ECDSA, "SHA384", 48, "P-384"},
    [VERIFY_ES512] = {"ES512", VERIFY_ECDSA, "SHA512", 66, "P-521"},
    [VERIFY_EDDSA] = {"EdDSA", VERIFY_ED25519, NULL, 32, NULL},
};

struct verify_key {
    enum verify_algorithm algorithm;
    struct hmac_key hmac;       /* HS256 */
    EVP_MAC_CTX *mac;           /* HS384, HS512 */
    EVP_PKEY *key;              /* all others */
    EVP_PKEY_CTX *verification; /* RSA and ECDSA: ready to check digests */
    EVP_MD_CTX *digest;         /* Ed25519, which signs the text itself; SHA-384 and SHA-512 */
    const EVP_MD *kind;
};

enum verify_algorithm verify_algorithm_named(struct bytes name)
{
    if (name.length != NAME_LENGTH) return VERIFY_NONE;
    for (enum verify_algorithm algorithm = VERIFY_NONE + 1; algorithm < VERIFY_COUNT; algorithm++)
        if (bytes_equal(name, bytes_of(algorithms[algorithm].name, NAME_LENGTH))) return algorithm;
    return VERIFY_NONE;
}

const char *verify_algorithm_name(enum verify_algorithm algorithm)
{
    return algorithms[(unsigned)algorithm < VERIFY_COUNT ? algorithm : VERIFY_NONE].name;
}

enum verify_family verify_family_of(enum verify_algorithm algorithm)
{
    return algorithms[algorithm].family;
}

enum verify_algorithm verify_key_algorithm(const struct verify_key *key)
{
    return key->algorithm;
}

static const EVP_MD *digest_named(enum verify_algorithm algorithm)
{
    switch (algorithms[algorithm].size) {
    case 48:
        return EVP_sha384();
    case 64:
    case 66:
        return EVP_sha512();
    default:
        return EVP_sha256();
    }
}

/* --- HMAC ---------------------------------------------------------------------------------------------------------------------------- */

static bool mac_prepare(struct verify_key *key, struct bytes secret)
{
    EVP_MAC *mac = EVP_MAC_fetch(NULL, "HMAC", NULL);
    const OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, (char *)(uintptr_t)algorithms[key->algorithm].digest, 0),
        OSSL_PARAM_construct_end()};
    key->mac = mac == NULL ? NULL : EVP_MAC_CTX_new(mac);
    EVP_MAC_free(mac);
    return key->mac != NULL && EVP_MAC_init(key->mac, secret.data, secret.length, params) == 1;
}

/* RFC 7518, 3.2: a key shorter than the digest must not be used. */
static bool hmac_key_prepare(struct verify_key *key, struct bytes secret)
{
    if (secret.length < algorithms[key->algorithm].size || secret.length > VERIFY_MAX_SECRET) return false;
    if (key->algorithm != VERIFY_HS256) return mac_prepare(key, secret);
    hmac_prepare(&key->hmac, DIGEST_SHA256, secret);
    return true;
}

static bool hmac_check(struct verify_key *key, struct bytes message, struct bytes signature)
{
    uint8_t wide[WIDE_DIGEST_MAX];
    size_t length = 0;
    if (key->algorithm == VERIFY_HS256) {
        struct digest_value mac = hmac_with(&key->hmac, message);
        return secret_equal(digest_bytes(&mac), signature);
    }
    bool done = EVP_MAC_init(key->mac, NULL, 0, NULL) == 1 && EVP_MAC_update(key->mac, message.data, message.length) == 1 &&
                EVP_MAC_final(key->mac, wide, &length, sizeof wide) == 1;
    return done && secret_equal(bytes_of(wide, length), signature);
}

/* --- public keys --------------------------------------------------------------------------------------------------------------------- */

static EVP_PKEY *pkey_prepare(const char *type, const OSSL_PARAM *params)
{
    EVP_PKEY *key = NULL;
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, type, NULL);
    bool made = context != NULL && EVP_PKEY_fromdata_init(context) == 1 &&
                EVP_PKEY_fromdata(context, &key, EVP_PKEY_PUBLIC_KEY, (OSSL_PARAM *)(uintptr_t)params) == 1;
    EVP_PKEY_CTX_free(context);
    return made ? key : NULL;
}

/* OpenSSL wants numbers in the byte order of the machine. */
static void turn_around(uint8_t *out, struct bytes number)
{
    for (size_t i = 0; i < number.length; i++) out[i] = number.data[number.length - 1 - i];
}

static size_t bits_of(struct bytes number)
{
    size_t bits = 8 * number.length;
    for (uint8_t first = number.data[0]; first < 0x80; first = (uint8_t)(first << 1)) bits--;
    return bits;
}

/* RFC 7518, 6.3.1: without leading zeros, so each key has one spelling. The exponent is odd and at least 3: with 1 anybody signs. */
static bool is_rsa(struct bytes modulus, struct bytes exponent)
{
    if (modulus.length < VERIFY_RSA_MIN_BITS / 8 || modulus.length > VERIFY_RSA_MAX_BITS / 8 || modulus.data[0] == 0) return false;
    if (bits_of(modulus) < VERIFY_RSA_MIN_BITS || (modulus.data[modulus.length - 1] & 1) == 0) return false;
    if (exponent.length == 0 || exponent.length > EXPONENT_MAX || exponent.data[0] == 0) return false;
    bool odd = (exponent.data[exponent.length - 1] & 1) == 1;
    return odd && (exponent.length > 1 || exponent.data[0] >= 3);
}

static EVP_PKEY *rsa_prepare(const struct verify_material *material)
{
    uint8_t modulus[VERIFY_RSA_MAX_BITS / 8], exponent[EXPONENT_MAX];
    if (!is_rsa(material->modulus, material->exponent)) return NULL;
    turn_around(modulus, material->modulus);
    turn_around(exponent, material->exponent);
    const OSSL_PARAM params[] = {OSSL_PARAM_construct_BN(OSSL_PKEY_PARAM_RSA_N, modulus, material->modulus.length),
                                 OSSL_PARAM_construct_BN(OSSL_PKEY_PARAM_RSA_E, exponent, material->exponent.length),
                                 OSSL_PARAM_construct_end()};
    return pkey_prepare("RSA", params);
}

/* RFC 7518, 6.2.1.2: coordinates have the full length of the field. OpenSSL refuses a point that is not on the curve. */
static EVP_PKEY *ec_prepare(const struct algorithm *algorithm, const struct verify_material *material)
{
    uint8_t point[1 + 2 * FIELD_MAX] = {POINT_CONVERSION_UNCOMPRESSED};
    if (material->x.length != algorithm->size || material->y.length != algorithm->size) return NULL;
    memcpy(point + 1, material->x.data, algorithm->size);
    memcpy(point + 1 + algorithm->size, material->y.data, algorithm->size);
    const OSSL_PARAM params[] = {OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, (char *)(uintptr_t)algorithm->group, 0),
                                 OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, point, 1 + 2 * algorithm->size),
                                 OSSL_PARAM_construct_end()};
    return pkey_prepare("EC", params);
}

static EVP_PKEY *ed25519_prepare(struct bytes x)
{
    return x.length == 32 ? EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, x.data, x.length) : NULL;
}

static bool is_pss(enum verify_algorithm algorithm)
{
    return algorithm >= VERIFY_PS256 && algorithm <= VERIFY_PS512;
}

/* RFC 7518, 3.5: with PSS the same hash inside, and a salt of its length. */
static bool padding_set(struct verify_key *key)
{
    EVP_PKEY_CTX *context = key->verification;
    if (!is_pss(key->algorithm)) return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) == 1;
    return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING) == 1 && EVP_PKEY_CTX_set_rsa_mgf1_md(context, key->kind) == 1 &&
           EVP_PKEY_CTX_set_rsa_pss_saltlen(context, RSA_PSS_SALTLEN_DIGEST) == 1;
}

static bool verification_prepare(struct verify_key *key)
{
    key->digest = EVP_MD_CTX_new();
    if (key->digest == NULL || key->algorithm == VERIFY_EDDSA) return key->digest != NULL;
    key->verification = EVP_PKEY_CTX_new(key->key, NULL);
    return key->verification != NULL && EVP_PKEY_verify_init(key->verification) == 1 &&
           EVP_PKEY_CTX_set_signature_md(key->verification, key->kind) == 1 &&
           (algorithms[key->algorithm].family != VERIFY_RSA || padding_set(key));
}

static bool public_prepare(struct verify_key *key, const struct verify_material *material)
{
    const struct algorithm *algorithm = &algorithms[key->algorithm];
    key->kind = digest_named(key->algorithm);
    switch (algorithm->family) {
    case VERIFY_RSA:
        key->key = rsa_prepare(material);
        break;
    case VERIFY_ECDSA:
        key->key = ec_prepare(algorithm, material);
        break;
    case VERIFY_ED25519:
        key->key = ed25519_prepare(material->x);
        break;
    case VERIFY_HMAC:
        return false;
    }
    return key->key != NULL && verification_prepare(key);
}

struct verify_key *verify_key_prepare(enum verify_algorithm algorithm, const struct verify_material *material)
{
    if (algorithm <= VERIFY_NONE || algorithm >= VERIFY_COUNT) return NULL;
    struct verify_key *key = OPENSSL_zalloc(sizeof *key);
    if (key == NULL) return NULL;
    key->algorithm = algorithm;
    bool hmac = algorithms[algorithm].family == VERIFY_HMAC;
    if (hmac ? hmac_key_prepare(key, material->secret) : public_prepare(key, material)) return key;
    verify_key_destroy(key);
    return NULL;
}

void verify_key_destroy(struct verify_key *key)
{
    if (key == NULL) return;
    EVP_MAC_CTX_free(key->mac);
    EVP_PKEY_CTX_free(key->verification);
    EVP_MD_CTX_free(key->digest);
    EVP_PKEY_free(key->key);
    OPENSSL_clear_free(key, sizeof *key);
}

/* --- checking ------------------------------------------------------------------------------------------------------------------------ */

/* One INTEGER of X.690: no zeros in front but the one that keeps it positive. */
static size_t der_integer(uint8_t *out, const uint8_t *number, size_t length)
{
    while (length > 1 && number[0] == 0) {
        number++;
        length--;
    }
    size_t zero = number[0] >= 0x80;
    out[0] = 2;
    out[1] = (uint8_t)(length + zero);
    out[2] = 0;
    memcpy(out + 2 + zero, number, length);
    return 2 + zero + length;
}

/* RFC 7518, 3.4: R and S, each of the field's length. OpenSSL reads DER. 0: not of that length. */
static size_t der_signature(uint8_t out[static DER_SIGNATURE_MAX], struct bytes signature, size_t field)
{
    uint8_t inside[DER_SIGNATURE_MAX];
    if (signature.length != 2 * field) return 0;
    size_t length = der_integer(inside, signature.data, field);
    length += der_integer(inside + length, signature.data + field, field);
    size_t head = 2;
    out[0] = 0x30;
    if (length >= 0x80) {
        out[1] = 0x81;
        head = 3;
    }
    out[head - 1] = (uint8_t)length;
    memcpy(out + head, inside, length);
    return head + length;
}

static size_t digest_message(struct verify_key *key, struct bytes message, uint8_t out[static WIDE_DIGEST_MAX])
{
    unsigned length = 0;
    if (digest_named(key->algorithm) == EVP_sha256()) {
        struct digest_value value = digest_of(DIGEST_SHA256, message);
        memcpy(out, value.data, value.length);
        return value.length;
    }
    bool done = EVP_DigestInit_ex(key->digest, key->kind, NULL) == 1 && EVP_DigestUpdate(key->digest, message.data, message.length) == 1 &&
                EVP_DigestFinal_ex(key->digest, out, &length) == 1;
    return done ? length : 0;
}

static bool digest_check(struct verify_key *key, struct bytes message, struct bytes signature)
{
    uint8_t digest[WIDE_DIGEST_MAX];
    size_t length = digest_message(key, message, digest);
    return length > 0 && EVP_PKEY_verify(key->verification, signature.data, signature.length, digest, length) == 1;
}

static bool ecdsa_check(struct verify_key *key, struct bytes message, struct bytes signature)
{
    uint8_t der[DER_SIGNATURE_MAX];
    size_t length = der_signature(der, signature, algorithms[key->algorithm].size);
    return length > 0 && digest_check(key, message, bytes_of(der, length));
}

static bool ed25519_check(struct verify_key *key, struct bytes message, struct bytes signature)
{
    return EVP_DigestVerifyInit(key->digest, NULL, NULL, NULL, key->key) == 1 &&
           EVP_DigestVerify(key->digest, signature.data, signature.length, message.data, message.length) == 1;
}

bool verify_key_check(struct verify_key *key, struct bytes message, struct bytes signature)
{
    if (signature.length == 0) return false;
    switch (algorithms[key->algorithm].family) {
    case VERIFY_HMAC:
        return hmac_check(key, message, signature);
    case VERIFY_RSA:
        return digest_check(key, message, signature);
    case VERIFY_ECDSA:
        return ecdsa_check(key, message, signature);
    case VERIFY_ED25519:
        return ed25519_check(key, message, signature);
    }
    return false;
}

#include "crypto/sign_key.h"

#include "crypto/pkcs8.h"

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/objects.h>
#include <openssl/rsa.h>
#include <string.h>

#define FIELD_MAX 66 /* P-521 */

struct sign_key {
    EVP_PKEY *key;
    EVP_MD_CTX *context;
    enum verify_algorithm algorithm; /* its usual one */
};

static enum verify_algorithm algorithm_of_curve(const EVP_PKEY *key)
{
    static const struct {
        const char *name;
        enum verify_algorithm algorithm;
    } curves[] = {{SN_X9_62_prime256v1, VERIFY_ES256}, {SN_secp384r1, VERIFY_ES384}, {SN_secp521r1, VERIFY_ES512}};
    char name[32] = "";
    if (EVP_PKEY_get_group_name(key, name, sizeof name, NULL) != 1) return VERIFY_NONE;
    for (size_t i = 0; i < sizeof curves / sizeof curves[0]; i++)
        if (strcmp(name, curves[i].name) == 0) return curves[i].algorithm;
    return VERIFY_NONE;
}

static enum verify_algorithm algorithm_of(const EVP_PKEY *key)
{
    int bits = EVP_PKEY_get_bits(key);
    switch (EVP_PKEY_get_base_id(key)) {
    case EVP_PKEY_RSA:
        return bits >= VERIFY_RSA_MIN_BITS && bits <= VERIFY_RSA_MAX_BITS ? VERIFY_RS256 : VERIFY_NONE;
    case EVP_PKEY_EC:
        return algorithm_of_curve(key);
    case EVP_PKEY_ED25519:
        return VERIFY_EDDSA;
    default:
        return VERIFY_NONE;
    }
}

struct sign_key *sign_key_prepare(struct bytes der)
{
    struct sign_key *key = OPENSSL_zalloc(sizeof *key);
    if (key == NULL) return NULL;
    key->key = pkcs8_prepare(der);
    key->context = EVP_MD_CTX_new();
    if (key->key != NULL) key->algorithm = algorithm_of(key->key);
    if (key->context != NULL && key->algorithm != VERIFY_NONE) return key;
    sign_key_destroy(key);
    return NULL;
}

void sign_key_destroy(struct sign_key *key)
{
    if (key == NULL) return;
    EVP_MD_CTX_free(key->context);
    EVP_PKEY_free(key->key);
    OPENSSL_free(key);
}

enum verify_algorithm sign_key_algorithm(const struct sign_key *key)
{
    return key->algorithm;
}

bool sign_key_fits(const struct sign_key *key, enum verify_algorithm algorithm)
{
    if (key->algorithm == VERIFY_RS256) return verify_family_of(algorithm) == VERIFY_RSA;
    return key->algorithm == algorithm;
}

static const EVP_MD *digest_of_algorithm(enum verify_algorithm algorithm)
{
    switch (algorithm) {
    case VERIFY_HS384:
    case VERIFY_RS384:
    case VERIFY_PS384:
    case VERIFY_ES384:
        return EVP_sha384();
    case VERIFY_HS512:
    case VERIFY_RS512:
    case VERIFY_PS512:
    case VERIFY_ES512:
        return EVP_sha512();
    case VERIFY_EDDSA:
        return NULL;
    default:
        return EVP_sha256();
    }
}

/* RFC 7518, 3.5: the salt is as long as the digest. */
static bool pad_as_pss(EVP_PKEY_CTX *context)
{
    return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING) == 1 &&
           EVP_PKEY_CTX_set_rsa_pss_saltlen(context, RSA_PSS_SALTLEN_DIGEST) == 1;
}

static bool is_pss(enum verify_algorithm algorithm)
{
    return algorithm == VERIFY_PS256 || algorithm == VERIFY_PS384 || algorithm == VERIFY_PS512;
}

/* One INTEGER of an ECDSA-Sig-Value (RFC 3279, 2.2.3), as long as the field. Its length is one byte: P-521 has at most 66. */
static bool take_integer(struct bytes *der, size_t field, struct buffer *out)
{
    static const uint8_t zeros[FIELD_MAX];
    if (der->length < 2 || der->data[0] != 0x02 || der->data[1] > der->length - 2) return false;
    struct bytes digits = bytes_slice(*der, 2, der->data[1]);
    *der = bytes_from(*der, 2 + digits.length);
    while (digits.length > 0 && digits.data[0] == 0) digits = bytes_from(digits, 1);
    if (digits.length > field) return false;
    buffer_add(out, bytes_of(zeros, field - digits.length));
    buffer_add(out, digits);
    return true;
}

/* R and S side by side (RFC 7518, 3.4). The outer length takes two bytes with P-521. */
static bool add_pair(struct bytes der, size_t field, struct buffer *out)
{
    size_t head = der.length > 2 && der.data[1] == 0x81 ? 3 : 2;
    struct bytes rest = bytes_from(der, head);
    if (der.length <= head || der.data[0] != 0x30 || der.data[head - 1] != rest.length) return false;
    return take_integer(&rest, field, out) && take_integer(&rest, field, out) && rest.length == 0;
}

static size_t field_of(enum verify_algorithm algorithm)
{
    if (algorithm == VERIFY_ES256) return 32;
    return algorithm == VERIFY_ES384 ? 48 : FIELD_MAX;
}

bool sign_key_sign(struct sign_key *key, enum verify_algorithm algorithm, struct bytes message, struct buffer *out)
{
    uint8_t memory[SIGN_KEY_MAX_SIGNATURE];
    size_t length = sizeof memory;
    EVP_PKEY_CTX *context = NULL;
    if (!sign_key_fits(key, algorithm)) return false;
    if (EVP_DigestSignInit(key->context, &context, digest_of_algorithm(algorithm), NULL, key->key) != 1) return false;
    bool done =
        (!is_pss(algorithm) || pad_as_pss(context)) && EVP_DigestSign(key->context, memory, &length, message.data, message.length) == 1;
    (void)EVP_MD_CTX_reset(key->context); /* Ed25519 signs once a context */
    if (!done) return false;
    if (verify_family_of(algorithm) == VERIFY_ECDSA) return add_pair(bytes_of(memory, length), field_of(algorithm), out) && !out->overflow;
    buffer_add(out, bytes_of(memory, length));
    return !out->overflow;
}

bool sign_key_mac(enum verify_algorithm algorithm, struct bytes secret, struct bytes message, struct buffer *out)
{
    uint8_t mac[EVP_MAX_MD_SIZE];
    unsigned length = sizeof mac;
    if (algorithm == VERIFY_NONE || verify_family_of(algorithm) != VERIFY_HMAC || secret.length == 0 || secret.length > VERIFY_MAX_SECRET)
        return false;
    if (HMAC(digest_of_algorithm(algorithm), secret.data, (int)secret.length, message.data, message.length, mac, &length) == NULL)
        return false;
    buffer_add(out, bytes_of(mac, length));
    return !out->overflow;
}

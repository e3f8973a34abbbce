#include "crypto/scalar_key.h"

#include "crypto/secret.h"

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/objects.h>

#define POINT_SIZE (1 + 2 * SCALAR_SIZE) /* uncompressed (SEC 1, 2.3.3) */

/* What the two curves differ in. */
struct curve {
    const char *key_type, *group, *digest;
    int nid;
    uint8_t order_minus_two[SCALAR_SIZE];
};

static const struct curve *curve_of(enum scalar_curve id)
{
    static const struct curve p256 = {
        "EC", SN_X9_62_prime256v1, "SHA256", NID_X9_62_prime256v1, {0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff,
                                                                    0xff, 0xff, 0xff, 0xff, 0xff, 0xbc, 0xe6, 0xfa, 0xad, 0xa7, 0x17,
                                                                    0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x4f}};
    static const struct curve sm2 = {"SM2", SN_sm2, "SM3", NID_sm2, {0xff, 0xff, 0xff, 0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                                                                     0xff, 0xff, 0xff, 0xff, 0xff, 0x72, 0x03, 0xdf, 0x6b, 0x21, 0xc6,
                                                                     0x05, 0x2b, 0x53, 0xbb, 0xf4, 0x09, 0x39, 0xd5, 0x41, 0x21}};
    return id == SCALAR_SM2 ? &sm2 : &p256;
}

bool scalar_of_candidate(enum scalar_curve curve, const uint8_t candidate[static SCALAR_SIZE], uint8_t scalar[static SCALAR_SIZE])
{
    const uint8_t *most = curve_of(curve)->order_minus_two;
    unsigned borrow = 0, carry = 1;
    for (size_t i = SCALAR_SIZE; i-- > 0;) {
        borrow = ((unsigned)most[i] - candidate[i] - borrow) >> 8 & 1;
        carry += candidate[i];
        scalar[i] = (uint8_t)carry;
        carry >>= 8;
    }
    return borrow == 0;
}

struct scalar_key {
    const struct curve *curve;
    EVP_PKEY *key;
    EVP_MD_CTX *context;
};

/* The point that belongs to the number. */
static bool point_prepare(const struct curve *curve, const uint8_t scalar[static SCALAR_SIZE], uint8_t out[static POINT_SIZE])
{
    BIGNUM *number = BN_bin2bn(scalar, SCALAR_SIZE, NULL);
    EC_GROUP *group = EC_GROUP_new_by_curve_name(curve->nid);
    EC_POINT *point = group != NULL ? EC_POINT_new(group) : NULL;
    bool inside = number != NULL && point != NULL && !BN_is_zero(number) && BN_cmp(number, EC_GROUP_get0_order(group)) < 0;
    bool done = inside && EC_POINT_mul(group, point, number, NULL, NULL, NULL) == 1 &&
                EC_POINT_point2oct(group, point, POINT_CONVERSION_UNCOMPRESSED, out, POINT_SIZE, NULL) == POINT_SIZE;
    EC_POINT_free(point);
    EC_GROUP_free(group);
    BN_clear_free(number);
    return done;
}

/* OpenSSL's parameters hold numbers in the byte order of the machine. */
static void to_native(const uint8_t scalar[static SCALAR_SIZE], uint8_t native[static SCALAR_SIZE])
{
    for (size_t i = 0; i < SCALAR_SIZE; i++) native[i] = __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ ? scalar[i] : scalar[SCALAR_SIZE - 1 - i];
}

static EVP_PKEY *pair_prepare(const struct curve *curve, const uint8_t scalar[static SCALAR_SIZE])
{
    EVP_PKEY *key = NULL;
    uint8_t native[SCALAR_SIZE], point[POINT_SIZE];
    to_native(scalar, native);
    OSSL_PARAM params[] = {OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, (char *)(uintptr_t)curve->group, 0),
                           OSSL_PARAM_construct_BN(OSSL_PKEY_PARAM_PRIV_KEY, native, sizeof native),
                           OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, point, sizeof point), OSSL_PARAM_construct_end()};
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, curve->key_type, NULL);
    bool done = context != NULL && point_prepare(curve, scalar, point) && EVP_PKEY_fromdata_init(context) == 1 &&
                EVP_PKEY_fromdata(context, &key, EVP_PKEY_KEYPAIR, params) == 1;
    EVP_PKEY_CTX_free(context);
    secret_wipe(native, sizeof native);
    return done ? key : NULL;
}

struct scalar_key *scalar_key_prepare(enum scalar_curve curve, const uint8_t scalar[static SCALAR_SIZE])
{
    struct scalar_key *key = OPENSSL_zalloc(sizeof *key);
    if (key == NULL) return NULL;
    key->curve = curve_of(curve);
    key->key = pair_prepare(key->curve, scalar);
    key->context = EVP_MD_CTX_new();
    if (key->key != NULL && key->context != NULL) return key;
    scalar_key_destroy(key);
    return NULL;
}

void scalar_key_destroy(struct scalar_key *key)
{
    if (key == NULL) return;
    EVP_MD_CTX_free(key->context);
    EVP_PKEY_free(key->key);
    OPENSSL_free(key);
}

/* SM2 signs a name along with the message (GB/T 32918.2, 5.5); ECDSA knows of none. */
static OSSL_PARAM *with_name(const struct scalar_key *key, OSSL_PARAM params[static 2])
{
    static const char name[] = SCALAR_SM2_DEFAULT_IDENT;
    params[0] = OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_DIST_ID, (void *)(uintptr_t)name, sizeof name - 1);
    params[1] = OSSL_PARAM_construct_end();
    return key->curve->nid == NID_sm2 ? params : NULL;
}

bool scalar_key_sign(struct scalar_key *key, struct bytes message, struct buffer *out)
{
    OSSL_PARAM params[2];
    uint8_t signature[SCALAR_MAX_SIGNATURE];
    size_t length = sizeof signature;
    bool done = EVP_DigestSignInit_ex(key->context, NULL, key->curve->digest, NULL, NULL, key->key, with_name(key, params)) == 1 &&
                EVP_DigestSign(key->context, signature, &length, message.data, message.length) == 1;
    if (done) buffer_add(out, bytes_of(signature, length));
    return done && !out->overflow;
}

bool scalar_key_verify(struct scalar_key *key, struct bytes message, struct bytes signature)
{
    OSSL_PARAM params[2];
    return EVP_DigestVerifyInit_ex(key->context, NULL, key->curve->digest, NULL, NULL, key->key, with_name(key, params)) == 1 &&
           EVP_DigestVerify(key->context, signature.data, signature.length, message.data, message.length) == 1;
}

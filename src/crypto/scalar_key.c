#include "crypto/scalar_key.h"

#include "crypto/digest.h"
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

/* --- checking: everything in it is public --------------------------------------------------------------------------------------------- */

enum number { NUMBER_R, NUMBER_S, NUMBER_FACTOR, NUMBER_OF_MESSAGE, NUMBER_X, NUMBERS };

struct scalar_key {
    const struct curve *curve;
    EC_GROUP *group;
    EC_POINT *point;      /* the public key */
    EC_POINT *part, *sum; /* of a signature under way */
    BIGNUM *numbers[NUMBERS];
    BN_CTX *work;
    struct digest_value name; /* SM2: what every message begins with (GB/T 32918.2, 5.5) */
};

/* The point that belongs to the number; OpenSSL takes the same time for all numbers here. */
static bool point_of(const EC_GROUP *group, const uint8_t scalar[static SCALAR_SIZE], EC_POINT *point, BIGNUM *number)
{
    return BN_bin2bn(scalar, SCALAR_SIZE, number) != NULL && !BN_is_zero(number) && BN_cmp(number, EC_GROUP_get0_order(group)) < 0 &&
           EC_POINT_mul(group, point, number, NULL, NULL, NULL) == 1;
}

static void add_number(struct digest *digest, const BIGNUM *number)
{
    uint8_t bytes[SCALAR_SIZE] = {0};
    (void)BN_bn2binpad(number, bytes, sizeof bytes);
    digest_add(digest, bytes_of(bytes, sizeof bytes));
}

static bool add_point(struct digest *digest, const struct scalar_key *key, const EC_POINT *point)
{
    uint8_t bytes[POINT_SIZE];
    size_t length = EC_POINT_point2oct(key->group, point, POINT_CONVERSION_UNCOMPRESSED, bytes, sizeof bytes, key->work);
    digest_add(digest, bytes_of(bytes + 1, 2 * SCALAR_SIZE));
    return length == sizeof bytes;
}

/* Z: the bits of the identity's length, the identity, the curve's a and b, its generator, the public key. */
static bool name_of(const struct scalar_key *key, struct digest_value *name)
{
    const struct bytes identity = BYTES(SCALAR_SM2_DEFAULT_IDENT);
    const uint8_t bits[] = {(uint8_t)(identity.length >> 5), (uint8_t)(identity.length << 3)};
    BIGNUM *a = key->numbers[NUMBER_R], *b = key->numbers[NUMBER_S];
    struct digest digest;
    digest_start(&digest, DIGEST_SM3);
    digest_add(&digest, bytes_of(bits, sizeof bits));
    digest_add(&digest, identity);
    bool done = EC_GROUP_get_curve(key->group, NULL, a, b, key->work) == 1;
    add_number(&digest, a);
    add_number(&digest, b);
    done = done && add_point(&digest, key, EC_GROUP_get0_generator(key->group)) && add_point(&digest, key, key->point);
    *name = digest_finish(&digest);
    return done;
}

static bool is_sm2(const struct curve *curve)
{
    return curve->nid == NID_sm2;
}

static bool room_prepare(struct scalar_key *key)
{
    key->work = BN_CTX_new();
    key->group = EC_GROUP_new_by_curve_name(key->curve->nid);
    if (key->work == NULL || key->group == NULL) return false;
    key->point = EC_POINT_new(key->group);
    key->part = EC_POINT_new(key->group);
    key->sum = EC_POINT_new(key->group);
    for (size_t i = 0; i < NUMBERS; i++) {
        key->numbers[i] = BN_new();
        if (key->numbers[i] == NULL) return false;
    }
    return key->point != NULL && key->part != NULL && key->sum != NULL;
}

struct scalar_key *scalar_key_prepare(enum scalar_curve curve, const uint8_t scalar[static SCALAR_SIZE])
{
    struct scalar_key *key = OPENSSL_zalloc(sizeof *key);
    BIGNUM *number = BN_secure_new();
    if (key == NULL || number == NULL) goto failed;
    key->curve = curve_of(curve);
    if (!room_prepare(key) || !point_of(key->group, scalar, key->point, number)) goto failed;
    if (is_sm2(key->curve) && !name_of(key, &key->name)) goto failed;
    BN_clear_free(number);
    return key;
failed:
    BN_clear_free(number);
    scalar_key_destroy(key);
    return NULL;
}

void scalar_key_destroy(struct scalar_key *key)
{
    if (key == NULL) return;
    for (size_t i = 0; i < NUMBERS; i++) BN_free(key->numbers[i]);
    EC_POINT_free(key->sum);
    EC_POINT_free(key->part);
    EC_POINT_free(key->point);
    EC_GROUP_free(key->group);
    BN_CTX_free(key->work);
    OPENSSL_free(key);
}

/* INTEGER, not negative, in as few bytes as it can be (X.690, 8.3 and 10.1): one signature has one writing. */
static bool read_integer(struct bytes *rest, BIGNUM *number)
{
    if (rest->length < 3 || rest->data[0] != 0x02) return false;
    size_t length = rest->data[1];
    if (length == 0 || length > SCALAR_SIZE + 1 || length > rest->length - 2) return false;
    const uint8_t *data = rest->data + 2;
    bool shortest = data[0] != 0 || length == 1 || data[1] >= 0x80;
    *rest = bytes_from(*rest, 2 + length);
    return data[0] < 0x80 && shortest && BN_bin2bn(data, (int)length, number) != NULL;
}

static bool is_inside(const struct scalar_key *key, enum number number)
{
    return !BN_is_zero(key->numbers[number]) && BN_cmp(key->numbers[number], EC_GROUP_get0_order(key->group)) < 0;
}

static bool read_signature(struct scalar_key *key, struct bytes signature)
{
    if (signature.length < SCALAR_MIN_SIGNATURE || signature.data[0] != 0x30 || signature.data[1] != signature.length - 2) return false;
    struct bytes rest = bytes_from(signature, 2);
    return read_integer(&rest, key->numbers[NUMBER_R]) && read_integer(&rest, key->numbers[NUMBER_S]) && rest.length == 0 &&
           is_inside(key, NUMBER_R) && is_inside(key, NUMBER_S);
}

static bool take_x(struct scalar_key *key, const EC_POINT *point)
{
    return !EC_POINT_is_at_infinity(key->group, point) &&
           EC_POINT_get_affine_coordinates(key->group, point, key->numbers[NUMBER_X], NULL, key->work) == 1;
}

/* FIPS 186-5, 6.4.2. Of u1 G + u2 Q only u1 depends on the message: 1 / s and u2 Q. */
static bool begin_ecdsa(struct scalar_key *key)
{
    const BIGNUM *order = EC_GROUP_get0_order(key->group);
    BIGNUM *factor = key->numbers[NUMBER_FACTOR], *u2 = key->numbers[NUMBER_X];
    return BN_mod_inverse(factor, key->numbers[NUMBER_S], order, key->work) != NULL &&
           BN_mod_mul(u2, key->numbers[NUMBER_R], factor, order, key->work) == 1 &&
           EC_POINT_mul(key->group, key->part, NULL, key->point, u2, key->work) == 1;
}

static bool is_of_ecdsa(struct scalar_key *key, struct bytes message)
{
    const BIGNUM *order = EC_GROUP_get0_order(key->group);
    BIGNUM *u1 = key->numbers[NUMBER_OF_MESSAGE], *x = key->numbers[NUMBER_X];
    struct digest_value digest = digest_of(DIGEST_SHA256, message);
    return BN_bin2bn(digest.data, digest.length, u1) != NULL && BN_mod_mul(u1, u1, key->numbers[NUMBER_FACTOR], order, key->work) == 1 &&
           EC_POINT_mul(key->group, key->sum, u1, NULL, NULL, key->work) == 1 &&
           EC_POINT_add(key->group, key->sum, key->sum, key->part, key->work) == 1 && take_x(key, key->sum) &&
           BN_nnmod(x, x, order, key->work) == 1 && BN_cmp(x, key->numbers[NUMBER_R]) == 0;
}

/* GB/T 32918.2, 7.1: the point s G + (r + s) P knows nothing of the message, which has to be r - x of it. */
static bool begin_sm2(struct scalar_key *key)
{
    const BIGNUM *order = EC_GROUP_get0_order(key->group), *r = key->numbers[NUMBER_R], *s = key->numbers[NUMBER_S];
    BIGNUM *t = key->numbers[NUMBER_FACTOR];
    return BN_mod_add(t, r, s, order, key->work) == 1 && !BN_is_zero(t) &&
           EC_POINT_mul(key->group, key->part, s, key->point, t, key->work) == 1 && take_x(key, key->part) &&
           BN_mod_sub(t, r, key->numbers[NUMBER_X], order, key->work) == 1;
}

static bool is_of_sm2(struct scalar_key *key, struct bytes message)
{
    struct digest digest;
    BIGNUM *number = key->numbers[NUMBER_OF_MESSAGE];
    digest_start(&digest, DIGEST_SM3);
    digest_add(&digest, digest_bytes(&key->name));
    digest_add(&digest, message);
    struct digest_value value = digest_finish(&digest);
    return BN_bin2bn(value.data, value.length, number) != NULL &&
           BN_nnmod(number, number, EC_GROUP_get0_order(key->group), key->work) == 1 && BN_cmp(number, key->numbers[NUMBER_FACTOR]) == 0;
}

bool scalar_key_check(struct scalar_key *key, const struct scalar_question *question)
{
    bool sm2 = is_sm2(key->curve), right = false;
    if (!read_signature(key, question->signature)) return false;
    if (!(sm2 ? begin_sm2(key) : begin_ecdsa(key))) return false;
    for (size_t i = 0; i < question->count && !right; i++)
        right = sm2 ? is_of_sm2(key, question->messages[i]) : is_of_ecdsa(key, question->messages[i]);
    return right;
}

/* --- signing ------------------------------------------------------------------------------------------------------------------------- */

struct scalar_signer {
    const struct curve *curve;
    EVP_PKEY *key;
    EVP_MD_CTX *context;
};

/* The point that belongs to the number. */
static bool point_prepare(const struct curve *curve, const uint8_t scalar[static SCALAR_SIZE], uint8_t out[static POINT_SIZE])
{
    BIGNUM *number = BN_secure_new();
    EC_GROUP *group = EC_GROUP_new_by_curve_name(curve->nid);
    EC_POINT *point = group != NULL ? EC_POINT_new(group) : NULL;
    bool done = number != NULL && point != NULL && point_of(group, scalar, point, number) &&
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

struct scalar_signer *scalar_signer_prepare(enum scalar_curve curve, const uint8_t scalar[static SCALAR_SIZE])
{
    struct scalar_signer *signer = OPENSSL_zalloc(sizeof *signer);
    if (signer == NULL) return NULL;
    signer->curve = curve_of(curve);
    signer->key = pair_prepare(signer->curve, scalar);
    signer->context = EVP_MD_CTX_new();
    if (signer->key != NULL && signer->context != NULL) return signer;
    scalar_signer_destroy(signer);
    return NULL;
}

void scalar_signer_destroy(struct scalar_signer *signer)
{
    if (signer == NULL) return;
    EVP_MD_CTX_free(signer->context);
    EVP_PKEY_free(signer->key);
    OPENSSL_free(signer);
}

/* SM2 signs a name along with the message (GB/T 32918.2, 5.5); ECDSA knows of none. It is set when the context has begun: a name
 * that comes with the beginning is refused by OpenSSL 3.0.17 and 3.0.19. */
static bool set_name(const struct curve *curve, EVP_PKEY_CTX *context)
{
    static const char name[] = SCALAR_SM2_DEFAULT_IDENT;
    return !is_sm2(curve) || EVP_PKEY_CTX_set1_id(context, name, sizeof name - 1) == 1;
}

bool scalar_signer_sign(struct scalar_signer *signer, struct bytes message, struct buffer *out)
{
    EVP_PKEY_CTX *context = NULL; /* of signer->context */
    uint8_t signature[SCALAR_MAX_SIGNATURE];
    size_t length = sizeof signature;
    bool done = EVP_DigestSignInit_ex(signer->context, &context, signer->curve->digest, NULL, NULL, signer->key, NULL) == 1 &&
                set_name(signer->curve, context) && EVP_DigestSign(signer->context, signature, &length, message.data, message.length) == 1;
    if (done) buffer_add(out, bytes_of(signature, length));
    return done && !out->overflow;
}

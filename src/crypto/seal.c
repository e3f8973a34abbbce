#include "crypto/seal.h"
#include "crypto/secret.h"

#include <limits.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>

#define SEAL_VERSION  1
#define HEADER_SIZE   (1 + 4)
#define TAG_SIZE      16
#define SEAL_MAX_SIZE (INT_MAX / 2) /* OpenSSL counts in int */

struct other_key {
    EVP_CIPHER_CTX *opening;
    uint32_t key_id;
};

/* The contexts keep their expanded keys; only the nonce is set anew for each secret, which allocates nothing. */
struct seal {
    EVP_CIPHER_CTX *closing;
    EVP_CIPHER_CTX *opening;
    uint32_t key_id;
    struct other_key others[SEAL_OTHER_KEYS];
    size_t other_count;
};

struct seal *seal_prepare(const uint8_t key[static SEAL_KEY_SIZE], uint32_t key_id)
{
    struct seal *seal = OPENSSL_zalloc(sizeof *seal);
    if (seal == NULL) return NULL;
    seal->key_id = key_id;
    seal->closing = EVP_CIPHER_CTX_new();
    seal->opening = EVP_CIPHER_CTX_new();
    if (seal->closing != NULL && seal->opening != NULL && EVP_EncryptInit_ex(seal->closing, EVP_aes_256_gcm(), NULL, key, NULL) == 1 &&
        EVP_DecryptInit_ex(seal->opening, EVP_aes_256_gcm(), NULL, key, NULL) == 1)
        return seal;
    seal_destroy(seal);
    return NULL;
}

bool seal_other_prepare(struct seal *seal, const uint8_t key[static SEAL_KEY_SIZE], uint32_t key_id)
{
    if (seal->other_count == SEAL_OTHER_KEYS) return false;
    struct other_key *other = &seal->others[seal->other_count];
    *other = (struct other_key){EVP_CIPHER_CTX_new(), key_id};
    bool made = other->opening != NULL && EVP_DecryptInit_ex(other->opening, EVP_aes_256_gcm(), NULL, key, NULL) == 1;
    seal->other_count++;
    return made;
}

void seal_destroy(struct seal *seal)
{
    if (seal == NULL) return;
    for (size_t i = 0; i < seal->other_count; i++) EVP_CIPHER_CTX_free(seal->others[i].opening);
    EVP_CIPHER_CTX_free(seal->closing);
    EVP_CIPHER_CTX_free(seal->opening);
    OPENSSL_clear_free(seal, sizeof *seal);
}

static void write_header(uint8_t *to, uint32_t key_id)
{
    *to++ = SEAL_VERSION;
    for (int shift = 24; shift >= 0; shift -= 8) *to++ = (uint8_t)(key_id >> shift);
}

bool seal_key_id(struct bytes sealed, uint32_t *key_id)
{
    if (sealed.length < SEAL_OVERHEAD || sealed.data[0] != SEAL_VERSION) return false;
    *key_id = (uint32_t)sealed.data[1] << 24 | (uint32_t)sealed.data[2] << 16 | (uint32_t)sealed.data[3] << 8 | sealed.data[4];
    return true;
}

/* Everything behind the key: additional data, plain text, tag. `to` has room for secret.length + TAG_SIZE. */
static bool encrypt(EVP_CIPHER_CTX *context, struct bytes binding, struct bytes secret, uint8_t *to)
{
    int length = 0;
    if (binding.length > 0 && EVP_EncryptUpdate(context, NULL, &length, binding.data, (int)binding.length) != 1) return false;
    if (secret.length > 0 && EVP_EncryptUpdate(context, to, &length, secret.data, (int)secret.length) != 1) return false;
    if (EVP_EncryptFinal_ex(context, to + secret.length, &length) != 1) return false;
    return EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, TAG_SIZE, to + secret.length) == 1;
}

bool seal_close(struct seal *seal, struct bytes nonce, struct bytes binding, struct bytes secret, struct buffer *out)
{
    if (nonce.length != SEAL_NONCE_SIZE || binding.length > SEAL_MAX_SIZE || secret.length > SEAL_MAX_SIZE) return false;
    size_t before = out->length;
    uint8_t *to = buffer_reserve(out, SEAL_OVERHEAD + secret.length);
    if (to == NULL) return false;
    write_header(to, seal->key_id);
    memcpy(to + HEADER_SIZE, nonce.data, SEAL_NONCE_SIZE);
    if (EVP_EncryptInit_ex(seal->closing, NULL, NULL, NULL, nonce.data) == 1 &&
        encrypt(seal->closing, binding, secret, to + HEADER_SIZE + SEAL_NONCE_SIZE))
        return true;
    out->length = before;
    return false;
}

/* `to` has room for the plain text; `text` is cipher text and tag. */
static bool decrypt(EVP_CIPHER_CTX *context, struct bytes binding, struct bytes text, uint8_t *to)
{
    int length = 0;
    size_t size = text.length - TAG_SIZE;
    uint8_t tag[TAG_SIZE];
    memcpy(tag, text.data + size, TAG_SIZE);
    if (binding.length > 0 && EVP_DecryptUpdate(context, NULL, &length, binding.data, (int)binding.length) != 1) return false;
    if (size > 0 && EVP_DecryptUpdate(context, to, &length, text.data, (int)size) != 1) return false;
    if (EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, TAG_SIZE, tag) != 1) return false;
    return EVP_DecryptFinal_ex(context, to + size, &length) == 1;
}

/* NULL: not sealed by a key that is here. */
static EVP_CIPHER_CTX *opening_of(const struct seal *seal, uint32_t key_id)
{
    if (key_id == seal->key_id) return seal->opening;
    for (size_t i = 0; i < seal->other_count; i++)
        if (seal->others[i].key_id == key_id) return seal->others[i].opening;
    return NULL;
}

bool seal_open(struct seal *seal, struct bytes binding, struct bytes sealed, struct buffer *out)
{
    uint32_t key_id = 0;
    if (!seal_key_id(sealed, &key_id)) return false;
    EVP_CIPHER_CTX *opening = opening_of(seal, key_id);
    if (opening == NULL) return false;
    if (binding.length > SEAL_MAX_SIZE || sealed.length > SEAL_MAX_SIZE) return false;
    size_t before = out->length;
    size_t size = sealed.length - SEAL_OVERHEAD;
    uint8_t *to = buffer_reserve(out, size);
    if (to == NULL) return false;
    const uint8_t *nonce = sealed.data + HEADER_SIZE;
    struct bytes text = bytes_from(sealed, HEADER_SIZE + SEAL_NONCE_SIZE);
    if (EVP_DecryptInit_ex(opening, NULL, NULL, NULL, nonce) == 1 && decrypt(opening, binding, text, to)) return true;
    /* What was decrypted before the tag was found wrong is nobody's to see. */
    secret_wipe(to, size);
    out->length = before;
    return false;
}

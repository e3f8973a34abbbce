#include "crypto/cfb.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <string.h>

#include "crypto/secret.h"

#define SHORT_KEY 16
#define LONG_KEY  32

#define BLOCK 16

#define CONTEXTS 8 /* of each length: so many keys in turn are not expanded again */

/* Setting a key costs more than what is encrypted with it. */
struct keyed {
    EVP_CIPHER_CTX *context;
    uint8_t key[LONG_KEY];
    bool has_key;
    bool has_first; /* `first` is the vector `iv`, encrypted: a signature key has one vector for all requests */
    uint8_t iv[BLOCK];
    uint8_t first[BLOCK];
};

struct cfb {
    struct keyed with_short_key[CONTEXTS];
    struct keyed with_long_key[CONTEXTS];
};

/* The algorithm is looked up here, once. */
static bool prepare_all(struct keyed contexts[static CONTEXTS], const EVP_CIPHER *cipher)
{
    for (size_t i = 0; i < CONTEXTS; i++) {
        contexts[i].context = EVP_CIPHER_CTX_new();
        if (contexts[i].context == NULL || EVP_EncryptInit_ex(contexts[i].context, cipher, NULL, NULL, NULL) != 1) return false;
    }
    return true;
}

struct cfb *cfb_prepare(void)
{
    struct cfb *cfb = OPENSSL_zalloc(sizeof *cfb);
    if (cfb == NULL) return NULL;
    if (prepare_all(cfb->with_short_key, EVP_aes_128_ecb()) && prepare_all(cfb->with_long_key, EVP_aes_256_ecb())) return cfb;
    cfb_destroy(cfb);
    return NULL;
}

void cfb_destroy(struct cfb *cfb)
{
    if (cfb == NULL) return;
    for (size_t i = 0; i < CONTEXTS; i++) {
        EVP_CIPHER_CTX_free(cfb->with_short_key[i].context);
        EVP_CIPHER_CTX_free(cfb->with_long_key[i].context);
    }
    OPENSSL_clear_free(cfb, sizeof *cfb);
}

/* What has this key; the place is picked by the key's bytes. NULL: OpenSSL failed. */
static struct keyed *keyed_with(struct keyed contexts[static CONTEXTS], struct bytes key)
{
    struct keyed *keyed = &contexts[key.data[0] % CONTEXTS];
    if (keyed->has_key && secret_equal(bytes_of(keyed->key, key.length), key)) return keyed;
    keyed->has_key = keyed->has_first = false;
    if (EVP_EncryptInit_ex(keyed->context, NULL, NULL, key.data, NULL) != 1) return NULL;
    memcpy(keyed->key, key.data, key.length);
    keyed->has_key = true;
    return keyed;
}

static bool encrypt_block(const struct keyed *keyed, const uint8_t *block, uint8_t stream[static BLOCK])
{
    int length = 0;
    return EVP_EncryptUpdate(keyed->context, stream, &length, block, BLOCK) == 1 && length == BLOCK;
}

static bool encrypt_vector(struct keyed *keyed, struct bytes iv)
{
    if (keyed->has_first && secret_equal(bytes_of(keyed->iv, BLOCK), iv)) return true;
    keyed->has_first = encrypt_block(keyed, iv.data, keyed->first);
    memcpy(keyed->iv, iv.data, BLOCK);
    return keyed->has_first;
}

static void hide_block(const uint8_t text[static BLOCK], const uint8_t stream[static BLOCK], uint8_t to[static BLOCK])
{
    uint64_t halves[2], others[2];
    memcpy(halves, text, BLOCK);
    memcpy(others, stream, BLOCK);
    halves[0] ^= others[0];
    halves[1] ^= others[1];
    memcpy(to, halves, BLOCK);
}

/* Each block of text goes over the block that was hidden before it, encrypted (NIST SP 800-38A, 6.3). */
static bool hide(struct keyed *keyed, const struct cfb_input *input, uint8_t *to)
{
    const uint8_t *text = input->text.data, *stream = keyed->first;
    uint8_t next[BLOCK];
    if (!encrypt_vector(keyed, input->iv)) return false;
    for (size_t left = input->text.length; left > 0; text += BLOCK, to += BLOCK, left -= BLOCK) {
        if (stream == next && !encrypt_block(keyed, to - BLOCK, next)) return false;
        if (left < BLOCK) {
            for (size_t i = 0; i < left; i++) to[i] = text[i] ^ stream[i];
            return true;
        }
        hide_block(text, stream, to);
        stream = next;
    }
    return true;
}

bool cfb_encrypt(struct cfb *cfb, const struct cfb_input *input, struct buffer *out)
{
    bool is_long = input->key.length == LONG_KEY;
    if ((!is_long && input->key.length != SHORT_KEY) || input->iv.length != CFB_IV_SIZE) return false;
    struct keyed *keyed = keyed_with(is_long ? cfb->with_long_key : cfb->with_short_key, input->key);
    size_t before = out->length;
    uint8_t *to = buffer_reserve(out, input->text.length);
    if (keyed == NULL || to == NULL) return false;
    if (hide(keyed, input, to)) return true;
    out->length = before;
    return false;
}

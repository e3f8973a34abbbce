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

/* A context that has this key; the place is picked by the key's bytes. NULL: OpenSSL failed. */
static EVP_CIPHER_CTX *context_with(struct keyed contexts[static CONTEXTS], struct bytes key)
{
    size_t place = 0;
    for (size_t i = 0; i < key.length; i++) place = place * 31 + key.data[i];
    struct keyed *keyed = &contexts[place % CONTEXTS];
    if (keyed->has_key && secret_equal(bytes_of(keyed->key, key.length), key)) return keyed->context;
    keyed->has_key = false;
    if (EVP_EncryptInit_ex(keyed->context, NULL, NULL, key.data, NULL) != 1) return NULL;
    memcpy(keyed->key, key.data, key.length);
    keyed->has_key = true;
    return keyed->context;
}

/* Each block of text goes over the block that was hidden before it, encrypted (NIST SP 800-38A, 6.3). */
static bool hide(EVP_CIPHER_CTX *context, const struct cfb_input *input, uint8_t *to)
{
    const uint8_t *before = input->iv.data, *text = input->text.data;
    uint8_t stream[BLOCK];
    int length = 0;
    for (size_t done = 0; done < input->text.length; done += BLOCK) {
        size_t rest = input->text.length - done < BLOCK ? input->text.length - done : BLOCK;
        if (EVP_EncryptUpdate(context, stream, &length, before, BLOCK) != 1 || length != BLOCK) return false;
        for (size_t i = 0; i < rest; i++) to[done + i] = text[done + i] ^ stream[i];
        before = to + done;
    }
    return true;
}

bool cfb_encrypt(struct cfb *cfb, const struct cfb_input *input, struct buffer *out)
{
    bool is_long = input->key.length == LONG_KEY;
    if ((!is_long && input->key.length != SHORT_KEY) || input->iv.length != CFB_IV_SIZE) return false;
    EVP_CIPHER_CTX *context = context_with(is_long ? cfb->with_long_key : cfb->with_short_key, input->key);
    size_t before = out->length;
    uint8_t *to = buffer_reserve(out, input->text.length);
    if (context == NULL || to == NULL) return false;
    if (hide(context, input, to)) return true;
    out->length = before;
    return false;
}

#include "crypto/cfb.h"

#include <limits.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>

#define SHORT_KEY 16
#define LONG_KEY  32

struct cfb {
    EVP_CIPHER_CTX *with_short_key;
    EVP_CIPHER_CTX *with_long_key;
};

/* The algorithm is looked up here, once; a key is set for each text. */
struct cfb *cfb_prepare(void)
{
    struct cfb *cfb = OPENSSL_zalloc(sizeof *cfb);
    if (cfb == NULL) return NULL;
    cfb->with_short_key = EVP_CIPHER_CTX_new();
    cfb->with_long_key = EVP_CIPHER_CTX_new();
    if (cfb->with_short_key != NULL && cfb->with_long_key != NULL &&
        EVP_EncryptInit_ex(cfb->with_short_key, EVP_aes_128_cfb128(), NULL, NULL, NULL) == 1 &&
        EVP_EncryptInit_ex(cfb->with_long_key, EVP_aes_256_cfb128(), NULL, NULL, NULL) == 1)
        return cfb;
    cfb_destroy(cfb);
    return NULL;
}

void cfb_destroy(struct cfb *cfb)
{
    if (cfb == NULL) return;
    EVP_CIPHER_CTX_free(cfb->with_short_key);
    EVP_CIPHER_CTX_free(cfb->with_long_key);
    OPENSSL_clear_free(cfb, sizeof *cfb);
}

bool cfb_encrypt(struct cfb *cfb, const struct cfb_input *input, struct buffer *out)
{
    int length = 0;
    bool is_long = input->key.length == LONG_KEY;
    EVP_CIPHER_CTX *context = is_long ? cfb->with_long_key : cfb->with_short_key;
    if ((!is_long && input->key.length != SHORT_KEY) || input->iv.length != CFB_IV_SIZE || input->text.length > INT_MAX) return false;
    size_t before = out->length;
    uint8_t *to = buffer_reserve(out, input->text.length);
    if (to == NULL) return false;
    if (EVP_EncryptInit_ex(context, NULL, NULL, input->key.data, input->iv.data) == 1 &&
        EVP_EncryptUpdate(context, to, &length, input->text.data, (int)input->text.length) == 1 && (size_t)length == input->text.length)
        return true;
    out->length = before;
    return false;
}

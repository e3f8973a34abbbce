#include "crypto/cfb.h"

#include <openssl/crypto.h>
#include <string.h>

#include "crypto/aes_block.h"
#include "crypto/secret.h"

#define BLOCK AES_BLOCK

#define CONTEXTS 8 /* of each length: so many keys in turn are not expanded again */

/* Setting a key costs more than what is encrypted with it. */
struct keyed {
    struct aes_block aes;
    uint8_t key[AES_LONG_KEY];
    bool has_key;
    bool has_first; /* `first` is the vector `iv`, encrypted: a signature key has one vector for all requests */
    uint8_t iv[BLOCK];
    uint8_t first[BLOCK];
};

struct cfb {
    struct keyed with_short_key[CONTEXTS];
    struct keyed with_long_key[CONTEXTS];
};

static bool prepare_all(struct keyed contexts[static CONTEXTS], size_t key_length)
{
    for (size_t i = 0; i < CONTEXTS; i++) {
        if (!aes_block_prepare(&contexts[i].aes, key_length)) return false;
    }
    return true;
}

struct cfb *cfb_prepare(void)
{
    struct cfb *cfb = OPENSSL_zalloc(sizeof *cfb);
    if (cfb == NULL) return NULL;
    if (prepare_all(cfb->with_short_key, AES_SHORT_KEY) && prepare_all(cfb->with_long_key, AES_LONG_KEY)) return cfb;
    cfb_destroy(cfb);
    return NULL;
}

void cfb_destroy(struct cfb *cfb)
{
    if (cfb == NULL) return;
    for (size_t i = 0; i < CONTEXTS; i++) {
        aes_block_destroy(&cfb->with_short_key[i].aes);
        aes_block_destroy(&cfb->with_long_key[i].aes);
    }
    OPENSSL_clear_free(cfb, sizeof *cfb);
}

/* What has this key; the place is picked by the key's bytes. NULL: OpenSSL failed. */
static struct keyed *keyed_with(struct keyed contexts[static CONTEXTS], struct bytes key)
{
    struct keyed *keyed = &contexts[key.data[0] % CONTEXTS];
    if (keyed->has_key && secret_equal(bytes_of(keyed->key, key.length), key)) return keyed;
    keyed->has_key = keyed->has_first = false;
    if (!aes_block_set_key(&keyed->aes, key)) return NULL;
    memcpy(keyed->key, key.data, key.length);
    keyed->has_key = true;
    return keyed;
}

static bool encrypt_vector(struct keyed *keyed, struct bytes iv)
{
    if (keyed->has_first && secret_equal(bytes_of(keyed->iv, BLOCK), iv)) return true;
    keyed->has_first = aes_block_encrypt(&keyed->aes, iv.data, keyed->first);
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
        if (stream == next && !aes_block_encrypt(&keyed->aes, to - BLOCK, next)) return false;
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
    bool is_long = input->key.length == AES_LONG_KEY;
    if ((!is_long && input->key.length != AES_SHORT_KEY) || input->iv.length != CFB_IV_SIZE) return false;
    struct keyed *keyed = keyed_with(is_long ? cfb->with_long_key : cfb->with_short_key, input->key);
    size_t before = out->length;
    uint8_t *to = buffer_reserve(out, input->text.length);
    if (keyed == NULL || to == NULL) return false;
    if (hide(keyed, input, to)) return true;
    out->length = before;
    return false;
}

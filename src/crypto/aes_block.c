#include "crypto/aes_block.h"

#include <openssl/evp.h>
#include <string.h>

#include "crypto/secret.h"

#if defined(__x86_64__)
#include <wmmintrin.h>

#define WITH_AES __attribute__((target("aes,sse2")))

static bool has_instructions(void)
{
    return __builtin_cpu_supports("aes");
}

/* SubWord of FIPS 197, 5.2. */
WITH_AES static uint32_t substitute(uint32_t word)
{
    return (uint32_t)_mm_cvtsi128_si32(_mm_aeskeygenassist_si128(_mm_set1_epi32((int)word), 0));
}

/* FIPS 197, 5.2, with words as this processor reads them: RotWord turns to the right, and Rcon stands in the lowest byte. */
WITH_AES static void expand_key(struct aes_block *aes, struct bytes key)
{
    uint32_t words[4 * (AES_MAX_ROUNDS + 1)], constant = 1;
    size_t of_key = key.length / sizeof *words, count = 4 * (aes->rounds + 1);
    memcpy(words, key.data, key.length);
    for (size_t i = of_key; i < count; i++) {
        uint32_t word = words[i - 1];
        if (i % of_key == 0) {
            word = substitute(word);
            word = (word >> 8 | word << 24) ^ constant;
            constant = (constant << 1) ^ (constant >> 7) * 0x11b;
        } else if (of_key == AES_LONG_KEY / sizeof *words && i % of_key == 4) {
            word = substitute(word);
        }
        words[i] = words[i - of_key] ^ word;
    }
    memcpy(aes->round_keys, words, count * sizeof *words);
    secret_wipe(words, sizeof words);
}

WITH_AES static void encrypt_here(const struct aes_block *aes, const uint8_t *block, uint8_t *to)
{
    const __m128i *keys = (const __m128i *)aes->round_keys;
    __m128i state = _mm_xor_si128(_mm_loadu_si128((const __m128i *)block), keys[0]);
    for (unsigned round = 1; round < aes->rounds; round++) state = _mm_aesenc_si128(state, keys[round]);
    _mm_storeu_si128((__m128i *)to, _mm_aesenclast_si128(state, keys[aes->rounds]));
}
#else
static bool has_instructions(void)
{
    return false;
}

static void expand_key(struct aes_block *aes, struct bytes key)
{
    (void)aes;
    (void)key;
}

static void encrypt_here(const struct aes_block *aes, const uint8_t *block, uint8_t *to)
{
    (void)aes;
    (void)block;
    (void)to;
}
#endif

/* The algorithm is looked up here, once. */
bool aes_block_prepare(struct aes_block *aes, size_t length)
{
    *aes = (struct aes_block){.rounds = 0};
    if (length != AES_SHORT_KEY && length != AES_LONG_KEY) return false;
    if (has_instructions()) aes->rounds = (unsigned)length / 4 + 6;
    aes->openssl = EVP_CIPHER_CTX_new();
    return aes->openssl != NULL &&
           EVP_EncryptInit_ex(aes->openssl, length == AES_SHORT_KEY ? EVP_aes_128_ecb() : EVP_aes_256_ecb(), NULL, NULL, NULL) == 1;
}

void aes_block_destroy(struct aes_block *aes)
{
    EVP_CIPHER_CTX_free(aes->openssl);
    secret_wipe(aes, sizeof *aes);
}

bool aes_block_set_key(struct aes_block *aes, struct bytes key)
{
    if (aes->rounds == 0) return EVP_EncryptInit_ex(aes->openssl, NULL, NULL, key.data, NULL) == 1;
    expand_key(aes, key);
    return true;
}

bool aes_block_encrypt(const struct aes_block *aes, const uint8_t *block, uint8_t *to)
{
    int length = 0;
    if (aes->rounds == 0) return EVP_EncryptUpdate(aes->openssl, to, &length, block, AES_BLOCK) == 1 && length == AES_BLOCK;
    encrypt_here(aes, block, to);
    return true;
}

#include "crypto/digest.h"

#include <endian.h>
#include <openssl/md5.h>
#include <openssl/sha.h>
#include <string.h>

#include "base/eights.h"
#include "crypto/sm3.h"

/* OpenSSL 3 deprecates these functions in favour of EVP, which allocates and looks up the algorithm for every digest; a request of 300
 * bytes would pay more for that than for its hash. They are the same code underneath. */
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"

_Static_assert(sizeof(MD5_CTX) <= sizeof((struct digest){0}.state), "an MD5 state fits");
_Static_assert(sizeof(SHA_CTX) <= sizeof((struct digest){0}.state), "a SHA-1 state fits");
_Static_assert(sizeof(SHA256_CTX) <= sizeof((struct digest){0}.state), "a SHA-256 state fits");
_Static_assert(sizeof(struct sm3) <= sizeof((struct digest){0}.state), "an SM3 state fits");
_Static_assert(SHA256_DIGEST_LENGTH <= DIGEST_MAX_SIZE, "the longest digest fits");

size_t digest_size(enum digest_kind kind)
{
    switch (kind) {
    case DIGEST_MD5:
        return MD5_DIGEST_LENGTH;
    case DIGEST_SHA1:
        return SHA_DIGEST_LENGTH;
    case DIGEST_SHA256:
        return SHA256_DIGEST_LENGTH;
    case DIGEST_SM3:
        return SM3_SIZE;
    case DIGEST_NONE:
        break;
    }
    return 0;
}

void digest_start(struct digest *digest, enum digest_kind kind)
{
    digest->kind = kind;
    void *state = digest->state;
    switch (kind) {
    case DIGEST_MD5:
        MD5_Init(state);
        break;
    case DIGEST_SHA1:
        SHA1_Init(state);
        break;
    case DIGEST_SHA256:
        SHA256_Init(state);
        break;
    case DIGEST_SM3:
        sm3_start(state);
        break;
    case DIGEST_NONE:
        break;
    }
}

void digest_add(struct digest *digest, struct bytes bytes)
{
    void *state = digest->state;
    if (bytes.length == 0) return;
    switch (digest->kind) {
    case DIGEST_MD5:
        MD5_Update(state, bytes.data, bytes.length);
        break;
    case DIGEST_SHA1:
        SHA1_Update(state, bytes.data, bytes.length);
        break;
    case DIGEST_SHA256:
        SHA256_Update(state, bytes.data, bytes.length);
        break;
    case DIGEST_SM3:
        sm3_add(state, bytes);
        break;
    case DIGEST_NONE:
        break;
    }
}

struct digest_value digest_finish(struct digest *digest)
{
    struct digest_value value = {.length = (uint8_t)digest_size(digest->kind)};
    void *state = digest->state;
    switch (digest->kind) {
    case DIGEST_MD5:
        MD5_Final(value.data, state);
        break;
    case DIGEST_SHA1:
        SHA1_Final(value.data, state);
        break;
    case DIGEST_SHA256:
        SHA256_Final(value.data, state);
        break;
    case DIGEST_SM3:
        sm3_finish(state, value.data);
        break;
    case DIGEST_NONE:
        break;
    }
    return value;
}

/* What follows is written in the steps in which it is read again, sixteen bytes: a processor hands on what was just written only as a
 * whole, and here each result is the next one's message. */
typedef uint8_t sixteen __attribute__((vector_size(16)));
typedef uint16_t eight_words __attribute__((vector_size(16)));
typedef uint64_t two_lanes __attribute__((vector_size(16)));

/* The bytes of a text behind its last whole sixteen, the bit that ends a message, and zeros. */
static two_lanes last_of(struct bytes text)
{
    size_t count = text.length % sizeof(sixteen);
    unsigned __int128 last = 0;
    if (count == text.length) {
        for (size_t i = count; i > 0; i--) last = last << 8 | text.data[i - 1];
    } else if (count > 0) {
        const uint8_t *from = text.data + text.length - sizeof(sixteen);
        last = ((unsigned __int128)eight_in_order(from + 8) << 64 | eight_in_order(from)) >> 8 * (sizeof(sixteen) - count);
    }
    last |= (unsigned __int128)0x80 << 8 * count;
    return (two_lanes){htole64((uint64_t)last), htole64((uint64_t)(last >> 64))};
}

/* The last block or two: what is left of the message, a bit that ends it, zeros, and its length in bits (FIPS 180-4, 5.1.1). */
static void finish_sha256(SHA256_CTX *running, struct bytes rest, uint64_t length)
{
    uint8_t end[2 * SHA256_CBLOCK];
    size_t whole = rest.length / sizeof(sixteen), steps = rest.length + 9 <= SHA256_CBLOCK ? 4 : 8;
    two_lanes lanes = last_of(rest);
    sixteen step;
    for (size_t i = 0; i < whole; i++) {
        memcpy(&step, rest.data + i * sizeof step, sizeof step);
        memcpy(end + i * sizeof step, &step, sizeof step);
    }
    for (size_t i = whole; i < steps; i++, lanes = (two_lanes){0}) {
        if (i + 1 == steps) lanes[1] |= htobe64(8 * length);
        memcpy(end + i * sizeof lanes, &lanes, sizeof lanes);
    }
    SHA256_Update(running, end, steps * sizeof(sixteen)); /* in one go, as there is nothing kept */
}

/* Four words of the state as the bytes that they stand for. */
static void write_words(const SHA_LONG words[static 4], uint8_t to[static 16])
{
    eight_words halves;
    memcpy(&halves, words, sizeof halves);
#if __BYTE_ORDER == __LITTLE_ENDIAN
    halves = halves << 8 | halves >> 8;
    halves = __builtin_shufflevector(halves, halves, 1, 0, 3, 2, 5, 4, 7, 6);
#endif
    memcpy(to, &halves, sizeof halves);
}

/* `length`: of the whole message, of which `rest` is still to come and the other blocks are in the state. */
static struct digest_value sha256_from(const uint32_t state[DIGEST_STATE_WORDS], struct bytes rest, uint64_t length)
{
    struct digest_value value;
    SHA256_CTX running;
    size_t whole = rest.length - rest.length % SHA256_CBLOCK;
    memcpy(running.h, state, sizeof running.h);
    running.Nl = running.Nh = running.num = 0;
    if (whole > 0) SHA256_Update(&running, rest.data, whole); /* all of them in one go, none kept */
    finish_sha256(&running, bytes_from(rest, whole), length);
    write_words(running.h, value.data);
    write_words(running.h + 4, value.data + 16);
    value.length = SHA256_DIGEST_LENGTH;
    return value;
}

struct digest_value digest_sha256_behind(const uint32_t state[DIGEST_STATE_WORDS], struct bytes message)
{
    return sha256_from(state, message, message.length + SHA256_CBLOCK);
}

/* FIPS 180-4, 5.3.3. */
static const uint32_t sha256_start[DIGEST_STATE_WORDS] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                                          0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};

struct digest_value digest_of(enum digest_kind kind, struct bytes bytes)
{
    if (kind == DIGEST_SHA256 && bytes.length <= DIGEST_SHORT_MESSAGE) return sha256_from(sha256_start, bytes, bytes.length);
    struct digest digest;
    digest_start(&digest, kind);
    digest_add(&digest, bytes);
    return digest_finish(&digest);
}

void digest_first_block(uint32_t state[DIGEST_STATE_WORDS], enum digest_kind kind, const uint8_t block[64])
{
    SHA256_CTX sha256;
    SHA_CTX sha1;
    struct sm3 sm3;
    switch (kind) {
    case DIGEST_SM3:
        sm3_start(&sm3);
        sm3_add(&sm3, bytes_of(block, SM3_BLOCK));
        memcpy(state, sm3.chain, sizeof sm3.chain);
        break;
    case DIGEST_SHA256:
        SHA256_Init(&sha256);
        SHA256_Transform(&sha256, block);
        memcpy(state, sha256.h, sizeof sha256.h);
        break;
    case DIGEST_SHA1:
        SHA1_Init(&sha1);
        SHA1_Transform(&sha1, block);
        memcpy(state, (SHA_LONG[]){sha1.h0, sha1.h1, sha1.h2, sha1.h3, sha1.h4}, SHA_DIGEST_LENGTH);
        break;
    case DIGEST_MD5:
    case DIGEST_NONE:
        break;
    }
}

void digest_go_on(struct digest *digest, enum digest_kind kind, const uint32_t state[DIGEST_STATE_WORDS])
{
    void *running = digest->state;
    SHA256_CTX *sha256 = running;
    SHA_CTX *sha1 = running;
    digest_start(digest, kind);
    switch (kind) {
    case DIGEST_SHA256:
        memcpy(sha256->h, state, sizeof sha256->h);
        sha256->Nl = 8 * SHA256_CBLOCK;
        break;
    case DIGEST_SHA1:
        sha1->h0 = state[0], sha1->h1 = state[1], sha1->h2 = state[2], sha1->h3 = state[3], sha1->h4 = state[4];
        sha1->Nl = 8 * SHA_CBLOCK;
        break;
    case DIGEST_SM3:
        sm3_go_on(running, state);
        break;
    case DIGEST_MD5:
    case DIGEST_NONE:
        break;
    }
}

struct bytes digest_bytes(const struct digest_value *value)
{
    return bytes_of(value->data, value->length);
}

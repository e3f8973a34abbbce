#include "crypto/digest.h"

#include <endian.h>
#include <openssl/md5.h>
#include <openssl/sha.h>
#include <string.h>

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

/* The last block or two: what is left of the message, a bit that ends it, zeros, and its length in bits (FIPS 180-4, 5.1.1). */
static void finish_sha256(SHA256_CTX *running, struct bytes rest, uint64_t length)
{
    uint8_t end[2 * SHA256_CBLOCK] = {0};
    size_t size = rest.length + 9 <= SHA256_CBLOCK ? SHA256_CBLOCK : 2 * SHA256_CBLOCK;
    uint64_t bits = htobe64(8 * length);
    if (rest.length > 0) memcpy(end, rest.data, rest.length);
    end[rest.length] = 0x80;
    memcpy(end + size - sizeof bits, &bits, sizeof bits);
    for (size_t at = 0; at < size; at += SHA256_CBLOCK) SHA256_Transform(running, end + at); /* as there is nothing kept */
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
    value.length = SHA256_DIGEST_LENGTH;
    for (size_t i = 0; i < DIGEST_STATE_WORDS; i++) {
        uint32_t word = htobe32(running.h[i]);
        memcpy(value.data + i * sizeof word, &word, sizeof word);
    }
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

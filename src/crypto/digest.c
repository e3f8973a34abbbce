#include "crypto/digest.h"

#include <openssl/md5.h>
#include <openssl/sha.h>

/* OpenSSL 3 deprecates these functions in favour of EVP, which allocates and looks up the algorithm for every digest; a request of 300
 * bytes would pay more for that than for its hash. They are the same code underneath. */
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"

_Static_assert(sizeof(MD5_CTX) <= sizeof((struct digest){0}.state), "an MD5 state fits");
_Static_assert(sizeof(SHA_CTX) <= sizeof((struct digest){0}.state), "a SHA-1 state fits");
_Static_assert(sizeof(SHA256_CTX) <= sizeof((struct digest){0}.state), "a SHA-256 state fits");
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
    case DIGEST_NONE:
        break;
    }
    return value;
}

struct digest_value digest_of(enum digest_kind kind, struct bytes bytes)
{
    struct digest digest;
    digest_start(&digest, kind);
    digest_add(&digest, bytes);
    return digest_finish(&digest);
}

struct bytes digest_bytes(const struct digest_value *value)
{
    return bytes_of(value->data, value->length);
}

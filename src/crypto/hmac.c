#include "crypto/hmac.h"

#include "crypto/secret.h"

#define BLOCK_SIZE 64 /* of SHA-1, SHA-256 and SM3 */

static bool is_for_hmac(enum digest_kind kind)
{
    return kind == DIGEST_SHA1 || kind == DIGEST_SHA256 || kind == DIGEST_SM3;
}

static void absorb_padded(uint32_t state[DIGEST_STATE_WORDS], enum digest_kind kind, const uint8_t key[BLOCK_SIZE], uint8_t pad)
{
    uint8_t block[BLOCK_SIZE];
    for (size_t i = 0; i < BLOCK_SIZE; i++) block[i] = key[i] ^ pad;
    digest_first_block(state, kind, block);
    secret_wipe(block, sizeof block);
}

void hmac_prepare(struct hmac_key *key, enum digest_kind kind, struct bytes secret)
{
    uint8_t block[BLOCK_SIZE] = {0};
    *key = (struct hmac_key){.kind = is_for_hmac(kind) ? kind : DIGEST_NONE};
    if (key->kind == DIGEST_NONE) return;
    if (secret.length > BLOCK_SIZE) {
        struct digest_value shortened = digest_of(kind, secret);
        memcpy(block, shortened.data, shortened.length);
        secret_wipe(&shortened, sizeof shortened);
    } else if (secret.length > 0) {
        memcpy(block, secret.data, secret.length);
    }
    absorb_padded(key->inner, kind, block, 0x36);
    absorb_padded(key->outer, kind, block, 0x5c);
    secret_wipe(block, sizeof block);
}

static struct digest_value hmac_short(const struct hmac_key *key, struct bytes message)
{
    struct digest_value inner = digest_sha256_behind(key->inner, message);
    return digest_sha256_behind(key->outer, digest_bytes(&inner));
}

struct digest_value hmac_with(const struct hmac_key *key, struct bytes message)
{
    if (key->kind == DIGEST_SHA256 && message.length <= DIGEST_SHORT_MESSAGE) return hmac_short(key, message);
    struct digest digest;
    digest_go_on(&digest, key->kind, key->inner);
    digest_add(&digest, message);
    struct digest_value inner = digest_finish(&digest);
    digest_go_on(&digest, key->kind, key->outer);
    digest_add(&digest, digest_bytes(&inner));
    return digest_finish(&digest);
}

struct digest_value hmac_of(enum digest_kind kind, struct bytes secret, struct bytes message)
{
    struct hmac_key key;
    hmac_prepare(&key, kind, secret);
    struct digest_value mac = hmac_with(&key, message);
    secret_wipe(&key, sizeof key);
    return mac;
}

struct digest_value hmac_by(enum digest_kind kind, const struct hmac_secret *secret, struct bytes message)
{
    if (secret->ready != NULL && secret->ready->kind == kind) return hmac_with(secret->ready, message);
    return hmac_of(kind, secret->text, message);
}

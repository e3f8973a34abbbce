#include "crypto/password.h"

#include "base/text.h"
#include "crypto/random.h"
#include "crypto/secret.h"

#include <openssl/evp.h>

#define SALT_SIZE 16
#define KEY_SIZE  32
/* 128 * N * r bytes: 32 MiB. More costs than these are refused: a changed row must not make a check take a day. */
#define LOG_N     15
#define R         8
#define P         2
#define MAX_LOG_N 18
#define MAX_R     16
#define MAX_P     8

struct costs {
    int64_t log_n;
    int64_t r;
    int64_t p;
};

static bool derive(struct bytes password, struct bytes salt, const struct costs *costs, uint8_t key[static KEY_SIZE])
{
    uint64_t n = UINT64_C(1) << costs->log_n;
    uint64_t most = UINT64_C(128) * n * (uint64_t)costs->r + UINT64_C(4) * 1024 * 1024;
    return EVP_PBE_scrypt((const char *)password.data, password.length, salt.data, salt.length, n, (uint64_t)costs->r, (uint64_t)costs->p,
                          most, key, KEY_SIZE) == 1;
}

bool password_keep(struct bytes password, struct buffer *kept)
{
    const struct costs costs = {LOG_N, R, P};
    uint8_t salt[SALT_SIZE], key[KEY_SIZE];
    if (!random_bytes(salt, sizeof salt) || !derive(password, bytes_of(salt, sizeof salt), &costs, key)) return false;
    buffer_add_text(kept, "scrypt$");
    buffer_add_number(kept, costs.log_n);
    buffer_add_byte(kept, '$');
    buffer_add_number(kept, costs.r);
    buffer_add_byte(kept, '$');
    buffer_add_number(kept, costs.p);
    buffer_add_byte(kept, '$');
    hex_encode(kept, bytes_of(salt, sizeof salt));
    buffer_add_byte(kept, '$');
    hex_encode(kept, bytes_of(key, sizeof key));
    secret_wipe(key, sizeof key);
    return !kept->overflow;
}

static bool next_number(struct bytes *rest, int64_t most, int64_t *number)
{
    struct bytes part;
    return bytes_next_part(rest, '$', &part) && number_parse(part, number) && *number >= 1 && *number <= most;
}

static bool next_bytes(struct bytes *rest, size_t size, uint8_t *out)
{
    struct bytes part;
    struct buffer decoded = buffer_over(out, size);
    return bytes_next_part(rest, '$', &part) && part.length == 2 * size && hex_decode(&decoded, part);
}

enum password_verdict password_check(struct bytes password, struct bytes kept)
{
    struct costs costs;
    struct bytes kind;
    uint8_t salt[SALT_SIZE], key[KEY_SIZE], wanted[KEY_SIZE];
    bool read = bytes_next_part(&kept, '$', &kind) && bytes_equal(kind, BYTES("scrypt")) && next_number(&kept, MAX_LOG_N, &costs.log_n) &&
                next_number(&kept, MAX_R, &costs.r) && next_number(&kept, MAX_P, &costs.p) && next_bytes(&kept, SALT_SIZE, salt) &&
                next_bytes(&kept, KEY_SIZE, wanted) && kept.length == 0;
    if (!read || !derive(password, bytes_of(salt, sizeof salt), &costs, key)) return PASSWORD_FAULT;
    bool right = secret_equal(bytes_of(key, sizeof key), bytes_of(wanted, sizeof wanted));
    secret_wipe(key, sizeof key);
    return right ? PASSWORD_RIGHT : PASSWORD_WRONG;
}

void password_waste(struct bytes password)
{
    const struct costs costs = {LOG_N, R, P};
    uint8_t key[KEY_SIZE];
    (void)derive(password, BYTES("0123456789abcdef"), &costs, key);
    secret_wipe(key, sizeof key);
}

/* Digests, MACs and seals must not allocate once they are prepared. The library itself calls no allocator (tools/purity.sh); what OpenSSL
 * takes on its behalf is counted here, and made to fail. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "crypto/hmac.h"
#include "crypto/seal.h"
#include "crypto/secret.h"

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <stdlib.h>

static size_t allocations, held;
static size_t allowed = SIZE_MAX; /* allocations until memory runs out */

static bool is_out_of_memory(void)
{
    allocations++;
    return allocations > allowed;
}

static void *counted_malloc(size_t size, const char *file, int line)
{
    (void)file, (void)line;
    if (is_out_of_memory()) return NULL;
    held++;
    return malloc(size);
}

static void *counted_realloc(void *old, size_t size, const char *file, int line)
{
    (void)file, (void)line;
    if (is_out_of_memory()) return NULL;
    held += old == NULL;
    return realloc(old, size);
}

static void plain_free(void *memory, const char *file, int line)
{
    (void)file, (void)line;
    held -= memory != NULL;
    free(memory);
}

static void digests(void **state)
{
    (void)state;
    static const enum digest_kind kinds[] = {DIGEST_MD5, DIGEST_SHA1, DIGEST_SHA256};
    allocations = 0;
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        struct digest_value value = digest_of(kinds[i], BYTES("a message"));
        assert_int_equal(value.length, digest_size(kinds[i]));
    }
    assert_int_equal(allocations, 0);
}

static void macs(void **state)
{
    (void)state;
    allocations = 0;
    struct digest_value one = hmac_of(DIGEST_SHA256, BYTES("key"), BYTES("a message"));
    struct digest_value two = hmac_of(DIGEST_SHA256, BYTES("key"), BYTES("a message"));
    assert_true(secret_equal(digest_bytes(&one), digest_bytes(&two)));
    assert_int_equal(allocations, 0);
}

static void seals(void **state)
{
    (void)state;
    allocations = 0;
    struct seal *seal = seal_prepare((const uint8_t *)"a key of thirty-two bytes length", 1);
    assert_non_null(seal);
    assert_true(allocations > 0); /* the counter counts */
    uint8_t sealed[64], opened[64];
    allocations = 0;
    for (int round = 0; round < 3; round++) {
        struct buffer out = buffer_over(sealed, sizeof sealed), back = buffer_over(opened, sizeof opened);
        assert_true(seal_close(seal, BYTES("twelve bytes"), BYTES("place"), BYTES("secret"), &out));
        assert_true(seal_open(seal, BYTES("place"), buffer_bytes(&out), &back));
        assert_false(seal_open(seal, BYTES("other"), buffer_bytes(&out), &back));
    }
    assert_int_equal(allocations, 0);
    seal_destroy(seal);
}

/* Wherever memory runs out, seal_prepare gives NULL and keeps nothing. */
static void preparing_without_memory(void **state)
{
    (void)state;
    const uint8_t *key = (const uint8_t *)"a key of thirty-two bytes length";
    seal_destroy(seal_prepare(key, 1)); /* what OpenSSL keeps for good, it has now */
    struct seal *seal = NULL;
    size_t before = held;
    for (size_t enough = 0; seal == NULL; enough++) {
        assert_true(enough < 100);
        assert_int_equal(held, before);
        allocations = 0;
        allowed = enough;
        seal = seal_prepare(key, 1);
        allowed = SIZE_MAX;
        assert_true(seal == NULL || enough >= 3);
        ERR_clear_error();
    }
    seal_destroy(seal);
    assert_int_equal(held, before);
    seal_destroy(NULL);
}

int main(void)
{
    if (CRYPTO_set_mem_functions(counted_malloc, counted_realloc, plain_free) != 1) return 1;
    const struct CMUnitTest tests[] = {cmocka_unit_test(digests), cmocka_unit_test(macs), cmocka_unit_test(seals),
                                       cmocka_unit_test(preparing_without_memory)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

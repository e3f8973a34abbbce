/* Target: countersign_verify of every type with a secret, over a raw request. Nothing that an input can say is believed. */
#include "request.h"

#include "admit/countersign_verify.h"

#define VECTORS_NOW 1700000000

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct signature_key keys[] = {
    {.type = SIGNATURE_HMAC, .key = BYTES("signature_key1"), .secret = BYTES(FUZZ_SECRET)},
    {.type = SIGNATURE_BASIC, .key = BYTES("gateway_user"), .secret = BYTES(FUZZ_SECRET)},
    {.type = SIGNATURE_AES,
     .id = BYTES("4d7e0c5b2a194f6e8d3c1b0a99887766"),
     .key = BYTES("a key of 16 byte"),
     .secret = BYTES("its vector of 16")},
    {.type = SIGNATURE_BCE, .key = BYTES("8c1f6f0e6d8e4f6bb1a4f3b8a7c2d9e0"), .secret = BYTES(FUZZ_SECRET)},
    {.type = SIGNATURE_ALIYUN, .key = BYTES("DemoKey1"), .secret = BYTES(FUZZ_SECRET)},
};
#define KEYS (sizeof keys / sizeof keys[0])

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static _Alignas(16) uint8_t memory[4 * 1024 * 1024];
    struct arena arena = arena_over(memory, sizeof memory);
    struct http_request request;
    struct bytes body;
    const char *problem = NULL;
    if (size > 256 * 1024 || !http_parse(&arena, bytes_of(data, size), &request, &body, &problem)) return 0;
    struct body_facts facts = body_facts_of(body);
    struct countersigned incoming = {.request = &request, .body = &facts, .now = VECTORS_NOW};
    for (size_t i = 0; i < KEYS; i++) {
        struct countersign_checker checker;
        struct claim claim;
        size_t mark = arena.used;
        fuzz_assert(countersign_checker_prepare(&checker, &keys[i]));
        enum refusal refusal = countersign_verify(&checker, &incoming, &arena, &claim);
        fuzz_assert(refusal > REFUSAL_NONE && refusal < REFUSAL_COUNT);
        countersign_checker_destroy(&checker);
        arena_rewind(&arena, mark);
    }
    return 0;
}

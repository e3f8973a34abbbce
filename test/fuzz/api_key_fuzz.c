/* Target: the reader of scheme_api_key at a header with and without prefix and at a query name, and that of scheme_app_code at all its
 * places, over a raw request; and those of an app's key and secret as they are, and of its access token. */
#include "request.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_at(const struct http_request *request, const struct place *place, struct arena *arena)
{
    struct claim claim = {.scheme = scheme_by_id(place->scheme), .place = place};
    size_t count = claim.scheme->present(request, place);
    enum refusal refusal = count == 0 ? REFUSAL_PROOF_MISSING : claim.scheme->read(request, arena, &claim);
    if (refusal != REFUSAL_NONE) return;
    fuzz_assert(count == 1 && claim.proof.length > 0 && claim.proof.length <= 512);
    for (size_t i = 0; i < claim.proof.length; i++) fuzz_assert(claim.proof.data[i] > 0x20 && claim.proof.data[i] < 0x7f);
}

static void read_pair(const struct http_request *request, enum scheme_id id, struct arena *arena)
{
    const struct place place = scheme_default_place(id);
    struct claim claim = {.scheme = scheme_by_id(id), .place = &place};
    if (claim.scheme->present(request, &place) == 0) return;
    if (claim.scheme->read(request, arena, &claim) != REFUSAL_NONE) return;
    fuzz_assert(claim.key_id.length > 0 && claim.key_id.length <= 256 && claim.proof.length == DIGEST_MAX_SIZE);
    for (size_t i = 0; i < claim.key_id.length; i++) fuzz_assert(claim.key_id.data[i] > 0x20 && claim.key_id.data[i] < 0x7f);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static _Alignas(16) uint8_t memory[1024 * 1024];
    struct arena arena = arena_over(memory, sizeof memory);
    const struct place places[] = {scheme_default_place(SCHEME_API_KEY),
                                   {.scheme = SCHEME_API_KEY, .location = PLACE_HEADER, .name = BYTES("x-api-key")},
                                   {.scheme = SCHEME_API_KEY, .location = PLACE_QUERY, .name = BYTES("api_key")}};
    struct http_request request;
    struct bytes body;
    const char *problem = NULL;
    if (!http_parse(&arena, bytes_of(data, size), &request, &body, &problem)) return 0;
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) read_at(&request, &places[i], &arena);
    struct proof_plan codes = {.auth_type = AUTH_TYPE_APP};
    fuzz_assert(scheme_app_code_places(&codes, true));
    for (size_t i = 0; i < codes.place_count; i++) read_at(&request, &codes.places[i], &arena);
    read_pair(&request, SCHEME_APP_SECRET, &arena);
    read_pair(&request, SCHEME_APP_BASIC, &arena);
    read_pair(&request, SCHEME_APP_TOKEN, &arena);
    return 0;
}

/* What the fuzzers of signed requests share: a request in an arena, and fields that replace a client's own. */
#ifndef COUNTERSIGN_FUZZ_REQUEST_H
#define COUNTERSIGN_FUZZ_REQUEST_H

#include <stdlib.h>
#include <string.h>

#include "http/parse.h"
#include "scheme/scheme.h"

#define FUZZ_NOW    1573789015
#define FUZZ_SECRET "a secret that no input can know"

static inline void fuzz_assert(bool holds)
{
    if (!holds) abort();
}

/* The request without its own copies of the added fields, and with them. */
static inline bool fuzz_replace(struct http_request *request, const struct signed_fields *added, struct arena *arena)
{
    struct http_field *fields = arena_take_array(arena, request->field_count + added->count, sizeof *fields);
    size_t count = 0;
    if (fields == NULL) return false;
    for (size_t i = 0; i < request->field_count; i++) {
        bool replaced = false;
        for (size_t a = 0; a < added->count; a++) replaced = replaced || bytes_equal_folded(request->fields[i].name, added->items[a].name);
        if (!replaced) fields[count++] = request->fields[i];
    }
    for (size_t a = 0; a < added->count; a++) fields[count++] = added->items[a];
    request->fields = fields;
    request->field_count = count;
    return true;
}

/* Every candidate of a claim that could be read: stays within its bound, is the same twice, and gives a signature of one length. */
static inline void fuzz_texts(const struct http_request *request, struct bytes body, const struct claim *claim, struct arena *arena)
{
    struct body_facts facts = body_facts_of(body);
    struct scheme_input input = {.request = request, .claim = claim, .body = &facts, .arena = arena};
    uint8_t memory[64];
    for (unsigned i = 0; i < claim->scheme->candidate_count; i++) {
        size_t mark = arena->used, bound = scheme_text_bound(&input);
        struct buffer text = buffer_in(arena, bound), again = buffer_in(arena, bound);
        bool applies = claim->scheme->canonical(&input, i, &text);
        fuzz_assert(claim->scheme->canonical(&input, i, &again) == applies);
        if (applies && !arena->exhausted) {
            fuzz_assert(bytes_equal(buffer_bytes(&text), buffer_bytes(&again)));
            struct buffer signature = buffer_over(memory, sizeof memory);
            const struct hmac_secret secret = {.text = BYTES(FUZZ_SECRET)};
            fuzz_assert(!scheme_proof_holds(claim, &secret, buffer_bytes(&text)));
            if (claim->scheme->holds == NULL) claim->scheme->signature(claim, &secret, buffer_bytes(&text), &signature);
            fuzz_assert(claim->scheme->holds != NULL || signature.length == 64 || signature.length == 44 || signature.length == 28);
        }
        arena_rewind(arena, mark);
    }
}

/* Reads a raw request and, through the scheme's production entries, its claim and texts. */
static inline void fuzz_scheme(const struct scheme *scheme, const uint8_t *data, size_t size)
{
    static _Alignas(16) uint8_t memory[4 * 1024 * 1024];
    struct arena arena = arena_over(memory, sizeof memory);
    struct place place = scheme_default_place(scheme->id);
    struct claim claim = {.scheme = scheme, .place = &place};
    struct http_request request;
    struct bytes body;
    const char *problem = NULL;
    if (size > 256 * 1024 || !http_parse(&arena, bytes_of(data, size), &request, &body, &problem)) return;
    size_t count = scheme->present(&request, &place);
    if (count == 0) return;
    enum refusal refusal = scheme->read(&request, &arena, &claim);
    fuzz_assert(refusal < REFUSAL_COUNT);
    if (refusal != REFUSAL_NONE) return;
    fuzz_assert(count == 1 && claim.proof.length > 0);
    if (scheme->proof_kind != PROOF_MAC) return;
    fuzz_assert(claim.key_id.length > 0 && (claim.timed || !claim.time_is_signed));
    fuzz_texts(&request, body, &claim, &arena);
}

#endif

/* A request for a test, written as it stands on the wire. */
#ifndef COUNTERSIGN_TEST_SAMPLE_H
#define COUNTERSIGN_TEST_SAMPLE_H

#include "http/parse.h"
#include "scheme/scheme.h"

struct sample {
    _Alignas(16) uint8_t memory[256 * 1024];
    struct arena arena;
    struct http_request request;
    struct bytes body;
    struct place place;
    struct claim claim;
};

static inline void sample_set_bytes(struct sample *sample, struct bytes raw)
{
    const char *problem = "";
    sample->arena = arena_over(sample->memory, sizeof sample->memory);
    if (!http_parse(&sample->arena, raw, &sample->request, &sample->body, &problem)) fail_msg("%s", problem);
}

/* Lines end with \n; the body stands behind the empty line. Fails the test when it cannot be read. */
static inline void sample_set(struct sample *sample, const char *raw)
{
    const char *problem = "";
    sample->arena = arena_over(sample->memory, sizeof sample->memory);
    if (!http_parse(&sample->arena, bytes_of_text(raw), &sample->request, &sample->body, &problem)) fail_msg("%s: %s", problem, raw);
}

/* Reads the claim of `scheme` at its usual place. */
static inline enum refusal sample_read(struct sample *sample, const struct scheme *scheme, const char *raw)
{
    sample_set(sample, raw);
    sample->place = scheme_default_place(scheme->id);
    sample->claim = (struct claim){.scheme = scheme, .place = &sample->place};
    return scheme->read(&sample->request, &sample->arena, &sample->claim);
}

/* The text of a candidate; a NULL pointer when it does not apply. */
static inline const char *sample_text(struct sample *sample, unsigned candidate)
{
    static struct body_facts facts;
    facts = body_facts_of(sample->body);
    struct scheme_input input = {.request = &sample->request, .claim = &sample->claim, .body = &facts, .arena = &sample->arena};
    struct buffer text = buffer_in(&sample->arena, scheme_text_bound(&input));
    if (!sample->claim.scheme->canonical(&input, candidate, &text)) return NULL;
    if (text.overflow) fail_msg("the text overflows");
    return arena_copy_text(&sample->arena, buffer_bytes(&text));
}

static inline void assert_bytes(struct bytes actual, const char *expected)
{
    if (!bytes_equal(actual, bytes_of_text(expected)))
        fail_msg("\"%.*s\" is not \"%s\"", (int)actual.length, (const char *)actual.data, expected);
}

#endif

/* Target: what people paste into the signature debugger: curl commands and raw requests, up to the diagnosis and the examples. Nobody's
 * secret comes out, and whoever may not know is not told what a signature is worth. */
#include "explain/diagnosis.h"
#include "explain/examples.h"
#include "explain/paste.h"
#include "request.h"

#include <string.h>

#define SECRET "the-secret-that-nobody-may-see-0123"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static enum found find_key_pair(void *context, struct bytes key_id, struct arena *arena, struct credential *credential)
{
    (void)context;
    if (key_id.length % 2 != 0) return FOUND_NOTHING;
    *credential = (struct credential){.id = BYTES("id"),
                                      .kind = CREDENTIAL_KEY_PAIR,
                                      .principal = {PRINCIPAL_APP, true, BYTES("app"), BYTES("app")},
                                      .enabled = true,
                                      .schemes = ~0u,
                                      .secrets = {{.value = arena_copy(arena, BYTES(SECRET))}},
                                      .secret_count = 1};
    return arena->exhausted ? FOUND_FAULT : FOUND;
}

static enum found find_nothing(void *context, struct bytes name, struct arena *arena, struct credential *credential)
{
    (void)context, (void)name, (void)arena, (void)credential;
    return FOUND_NOTHING;
}

static void write_examples(const struct pasted *pasted, const struct diagnosis *diagnosis, struct arena *arena)
{
    static struct example example;
    static uint8_t memory[512 * 1024];
    const struct example_question question = {&pasted->request, pasted->body, pasted->https, &diagnosis->claim};
    if (!example_prepare(&question, arena, &example)) return;
    for (int language = 0; language < EXAMPLE_LANGUAGES; language++) {
        struct buffer out = buffer_over(memory, sizeof memory);
        (void)example_write(&example, (enum example_language)language, arena, &out);
        fuzz_assert(memmem(memory, buffer_bytes(&out).length, SECRET, strlen(SECRET)) == NULL);
    }
}

static void explain(const struct pasted *pasted, unsigned may_verify, struct arena *arena)
{
    static const struct directory directory = {.key_pair = find_key_pair, .api_key = find_nothing, .token = find_nothing};
    static struct jwt_memory tokens;
    const struct diagnosis_question question = {.request = &pasted->request,
                                                .body = pasted->body,
                                                .directory = &directory,
                                                .tokens = &tokens,
                                                .now = 1700000000,
                                                .may_verify = may_verify};
    struct diagnosis diagnosis;
    if (!diagnose(&question, arena, &diagnosis)) return;
    fuzz_assert(diagnosis.outcome == ADMISSION_REFUSED && diagnosis.finding_count > 0);
    if (may_verify == 0) fuzz_assert(diagnosis.proof != DIAGNOSIS_HOLDS && diagnosis.proof != DIAGNOSIS_DOES_NOT_HOLD);
    write_examples(pasted, &diagnosis, arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static _Alignas(16) uint8_t memory[4 * 1024 * 1024];
    struct curl_problem problem;
    struct pasted pasted;
    if (memmem(data, size, SECRET, strlen(SECRET)) != NULL) return 0; /* who brings it may see it */
    for (unsigned may_verify = 0; may_verify < 2; may_verify++) {
        struct arena arena = arena_over(memory, sizeof memory);
        if (!paste_read(&arena, bytes_of(data, size), &pasted, &problem)) {
            fuzz_assert(problem.words != NULL);
            return 0;
        }
        fuzz_assert(pasted.request.path.length > 0 && pasted.request.path.data[0] == '/');
        explain(&pasted, may_verify << PRINCIPAL_APP, &arena);
    }
    return 0;
}

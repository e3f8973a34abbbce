/* Target: answer_write, with every text of an admission taken from the input: no header value may hold a control character, no body be
 * other than JSON. The first byte chooses the refusal, the second format, proof and size of the arena. */
#include <stdlib.h>

#include "admit/answer.h"
#include "base/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
    if (!holds) abort();
}

static void check(const struct answer *answer, struct arena *arena)
{
    struct json_value whole;
    for (size_t i = 0; i < answer->field_count; i++) {
        struct bytes value = answer->fields[i].value;
        for (size_t b = 0; b < value.length; b++) require(value.data[b] >= 0x20 && value.data[b] != 0x7f);
        require(value.length <= 4096);
    }
    require(answer->status >= 400 && answer->field_count <= ANSWER_MAX_FIELDS);
    if (answer->body.length > 0 && !arena->exhausted) require(json_read(arena, answer->body, &whole));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static _Alignas(16) uint8_t memory[512 * 1024];
    struct publication publication = {.plan = {.auth_type = AUTH_TYPE_APP}};
    struct answer answer;
    if (size < 2) return 0;
    struct bytes text = bytes_of(data + 2, size - 2);
    struct admission admission = {.outcome = ADMISSION_REFUSED,
                                  .refusal = (enum refusal)(data[0] % REFUSAL_COUNT),
                                  .format = (data[1] & 1) != 0 ? ANSWER_CA : ANSWER_APIG,
                                  .proven = (data[1] & 2) != 0,
                                  .now = (int64_t)data[1] << 24,
                                  .canonical = text,
                                  .claim = {.field = text, .key_id = text, .time_text = text}};
    struct arena arena = arena_over(memory, (data[1] & 4) != 0 ? size : sizeof memory);
    if ((data[1] & 8) != 0) publication.plan.auth_type = AUTH_TYPE_IAM;
    answer_write(&admission, &publication, BYTES("0123456789abcdef0123456789abcdef"), &arena, &answer);
    check(&answer, &arena);
    return 0;
}

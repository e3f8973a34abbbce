/* Rules of parameters over any bytes, and values held against them: what stands before the first line feed are rules, behind it a value.
 * What reads as rules is written as the same bytes again, and a value that is let through keeps to the bounds by a second, slower look. */
#include "base/text.h"
#include "policy/parameter.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint8_t memory[1u << 17];

static void look_again(const struct parameter_rule *rule, struct bytes value)
{
    int64_t number;
    if (!rule->number && !utf8_is_valid(value)) abort();
    if (!rule->number && rule->has_most && rule->most < 0) abort();
    if (!rule->number || value.length > 18 || !number_parse(value, &number)) return;
    if ((rule->has_least && number < rule->least) || (rule->has_most && number > rule->most)) abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bytes input = {data, size}, rest;
    size_t end = bytes_find(input, '\n');
    struct bytes rules = bytes_slice(input, 0, end), value = end < size ? bytes_from(input, end + 1) : BYTES("");
    struct buffer out = buffer_over(memory, sizeof memory);
    struct parameter_rule rule;
    bool sound = parameters_are_sound(rules);
    for (rest = rules; parameter_next(&rest, &rule);) {
        parameter_add(&out, &rule);
        if (parameter_admits(&rule, value)) look_again(&rule, value);
    }
    if (sound && !bytes_equal(buffer_bytes(&out), rules)) abort();
    return 0;
}

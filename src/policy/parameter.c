#include "policy/parameter.h"

#include "base/text.h"

enum { REQUIRED = 1, CHECKED = 2, NUMBER = 4, HAS_LEAST = 8, HAS_MOST = 16, ALL_FLAGS = 31 };

static void add_text(struct buffer *out, struct bytes text)
{
    if (text.length > UINT16_MAX) out->overflow = true;
    buffer_add_u16(out, (uint16_t)text.length);
    buffer_add(out, text);
}

void parameter_add(struct buffer *out, const struct parameter_rule *rule)
{
    unsigned flags = (rule->required ? REQUIRED : 0) | (rule->checked ? CHECKED : 0) | (rule->number ? NUMBER : 0) |
                     (rule->has_least ? HAS_LEAST : 0) | (rule->has_most ? HAS_MOST : 0);
    buffer_add_byte(out, (uint8_t)rule->place);
    buffer_add_byte(out, (uint8_t)flags);
    buffer_add_u64(out, (uint64_t)rule->least);
    buffer_add_u64(out, (uint64_t)rule->most);
    add_text(out, rule->name);
    add_text(out, rule->choices);
}

static bool read_text(struct bytes *rest, struct bytes *text)
{
    if (rest->length < 2) return false;
    size_t length = (size_t)rest->data[0] << 8 | rest->data[1];
    if (rest->length - 2 < length) return false;
    *text = bytes_slice(*rest, 2, length);
    *rest = bytes_from(*rest, 2 + length);
    return true;
}

static int64_t read_number(struct bytes *rest)
{
    uint64_t number = 0;
    for (size_t i = 0; i < sizeof number; i++) number = number << 8 | rest->data[i];
    *rest = bytes_from(*rest, sizeof number);
    return (int64_t)number;
}

bool parameter_next(struct bytes *rest, struct parameter_rule *rule)
{
    if (rest->length < 2 + 2 * sizeof(int64_t)) return false;
    unsigned flags = rest->data[1];
    *rule = (struct parameter_rule){.place = (enum parameter_place)rest->data[0],
                                    .required = (flags & REQUIRED) != 0,
                                    .checked = (flags & CHECKED) != 0,
                                    .number = (flags & NUMBER) != 0,
                                    .has_least = (flags & HAS_LEAST) != 0,
                                    .has_most = (flags & HAS_MOST) != 0};
    *rest = bytes_from(*rest, 2);
    rule->least = read_number(rest);
    rule->most = read_number(rest);
    return flags <= ALL_FLAGS && read_text(rest, &rule->name) && read_text(rest, &rule->choices);
}

bool parameters_are_sound(struct bytes text)
{
    struct parameter_rule rule;
    for (size_t count = 0; text.length > 0; count++) {
        if (count == PARAMETERS_MOST || !parameter_next(&text, &rule)) return false;
        if (rule.place < PARAMETER_IN_PATH || rule.place > PARAMETER_IN_HEADER) return false;
        if (rule.name.length == 0 || rule.name.length > PARAMETER_MAX_NAME) return false;
    }
    return true;
}

/* "-12.50": its digits before the point, and what is behind it. */
struct decimal {
    bool negative;
    struct bytes whole; /* without leading zeros */
    bool fraction;      /* something other than zeros is behind the point */
};

static struct bytes take_digits(struct bytes *rest)
{
    size_t length = 0;
    while (length < rest->length && rest->data[length] >= '0' && rest->data[length] <= '9') length++;
    struct bytes digits = bytes_slice(*rest, 0, length);
    *rest = bytes_from(*rest, length);
    return digits;
}

static bool is_zeros(struct bytes digits)
{
    size_t i = 0;
    while (i < digits.length && digits.data[i] == '0') i++;
    return i == digits.length;
}

static bool decimal_read(struct bytes text, struct decimal *decimal)
{
    *decimal = (struct decimal){.negative = text.length > 0 && text.data[0] == '-'};
    if (decimal->negative) text = bytes_from(text, 1);
    decimal->whole = take_digits(&text);
    if (decimal->whole.length == 0) return false;
    while (decimal->whole.length > 1 && decimal->whole.data[0] == '0') decimal->whole = bytes_from(decimal->whole, 1);
    if (text.length == 0) return true;
    if (text.data[0] != '.') return false;
    text = bytes_from(text, 1);
    struct bytes behind = take_digits(&text);
    decimal->fraction = !is_zeros(behind);
    return behind.length > 0 && text.length == 0;
}

/* -1, 0, 1: how a number stands to a bound. More than 18 digits are beyond every bound, whatever they are. */
static int decimal_compare(const struct decimal *decimal, int64_t bound)
{
    int64_t whole;
    int away = decimal->negative ? -1 : 1;
    if (decimal->whole.length > 18 || !number_parse(decimal->whole, &whole)) return away;
    if (decimal->negative) whole = -whole;
    if (whole != bound) return whole < bound ? -1 : 1;
    return decimal->fraction ? away : 0;
}

static bool number_is_within(const struct parameter_rule *rule, struct bytes value)
{
    struct decimal decimal;
    if (!decimal_read(value, &decimal)) return false;
    if (rule->has_least && decimal_compare(&decimal, rule->least) < 0) return false;
    return !rule->has_most || decimal_compare(&decimal, rule->most) <= 0;
}

/* Bytes that are no UTF-8 are no characters, so nobody knows how many. */
static bool length_is_within(const struct parameter_rule *rule, struct bytes value)
{
    int64_t length = 0;
    if (!utf8_is_valid(value)) return false;
    for (size_t i = 0; i < value.length; i++) length += (value.data[i] & 0xc0) != 0x80;
    return (!rule->has_least || length >= rule->least) && (!rule->has_most || length <= rule->most);
}

static bool is_chosen(struct bytes choices, struct bytes value)
{
    struct bytes choice;
    while (bytes_next_part(&choices, ',', &choice)) {
        if (bytes_equal(choice, value)) return true;
    }
    return false;
}

bool parameter_admits(const struct parameter_rule *rule, struct bytes value)
{
    bool within = rule->number ? number_is_within(rule, value) : length_is_within(rule, value);
    return within && (rule->choices.length == 0 || is_chosen(rule->choices, value));
}

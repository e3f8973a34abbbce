#include "base/text.h"

void buffer_add_number(struct buffer *buffer, int64_t number)
{
    uint8_t digits[20];
    size_t at = sizeof digits;
    uint64_t rest = number < 0 ? 0 - (uint64_t)number : (uint64_t)number;
    do {
        digits[--at] = (uint8_t)('0' + rest % 10);
        rest /= 10;
    } while (rest > 0);
    if (number < 0) digits[--at] = '-';
    buffer_add(buffer, bytes_of(digits + at, sizeof digits - at));
}

#define SAFE_DIGITS 18 /* no number of so many is too large */

bool number_parse(struct bytes text, int64_t *number)
{
    int64_t value = 0;
    if (text.length == 0) return false;
    if (text.length <= SAFE_DIGITS) {
        uint64_t small = 0;
        for (size_t i = 0; i < text.length; i++) {
            uint8_t digit = (uint8_t)(text.data[i] - '0');
            if (digit > 9) return false;
            small = small * 10 + digit;
        }
        *number = (int64_t)small;
        return true;
    }
    for (size_t i = 0; i < text.length; i++) {
        uint8_t digit = (uint8_t)(text.data[i] - '0');
        if (digit > 9) return false;
        if (__builtin_mul_overflow(value, 10, &value) || __builtin_add_overflow(value, digit, &value)) return false;
    }
    *number = value;
    return true;
}

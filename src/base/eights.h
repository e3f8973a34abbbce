/* Eight bytes of a text looked at in one step: names, targets and values are compared and checked at every request. */
#ifndef COUNTERSIGN_BASE_EIGHTS_H
#define COUNTERSIGN_BASE_EIGHTS_H

#include <endian.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define EIGHT_ONES 0x0101010101010101u
#define EIGHT_TOPS 0x8080808080808080u

static inline uint64_t eight_at(const uint8_t *data)
{
    uint64_t eight;
    memcpy(&eight, data, sizeof eight);
    return eight;
}

/* The same with the first byte in the lowest bits, whatever the machine. */
static inline uint64_t eight_in_order(const uint8_t *data)
{
    return le64toh(eight_at(data));
}

/* Where the first byte is of which a test below, of eight bytes in order, said that there is one. */
static inline size_t eight_first(uint64_t found)
{
    return (size_t)__builtin_ctzll(found) / 8;
}

/* A text of 1 to 7 bytes as eight: each of them is there, some are there twice. */
static inline uint64_t eight_short(const uint8_t *data, size_t length)
{
    uint32_t low = 0, high = 0;
    if (length >= sizeof low) {
        memcpy(&low, data, sizeof low);
        memcpy(&high, data + length - sizeof high, sizeof high);
    } else {
        low = high = (uint32_t)data[0] * 0x01000001u | (uint32_t)data[length / 2] << 8 | (uint32_t)data[length - 1] << 16;
    }
    return low | (uint64_t)high << 32;
}

/* The last eight bytes of a text; of a shorter one (of 1 byte at least) all that it has. */
static inline uint64_t eight_last(const uint8_t *data, size_t length)
{
    return length >= sizeof(uint64_t) ? eight_at(data + length - sizeof(uint64_t)) : eight_short(data, length);
}

/* Copies a text and gives the end of the copy. What is put together is mostly names and values of 8 to 16 bytes: two eights, which may
 * overlap, are quicker than a call. */
static inline uint8_t *eight_copy(uint8_t *to, const uint8_t *from, size_t length)
{
    if (length >= sizeof(uint64_t) && length <= 2 * sizeof(uint64_t)) {
        uint64_t first = eight_at(from), last = eight_at(from + length - sizeof last);
        memcpy(to, &first, sizeof first);
        memcpy(to + length - sizeof last, &last, sizeof last);
    } else if (length > 0) {
        memcpy(to, from, length);
    }
    return to + length;
}

/* Not 0: one of them is below `limit` (1 to 128). */
static inline uint64_t eight_below(uint64_t eight, uint8_t limit)
{
    return (eight - EIGHT_ONES * limit) & ~eight & EIGHT_TOPS;
}

/* Not 0: one of them is `byte`. */
static inline uint64_t eight_holds(uint64_t eight, uint8_t byte)
{
    return eight_below(eight ^ (EIGHT_ONES * byte), 1);
}

/* Not 0: one of them is an upper-case letter of ASCII. */
static inline uint64_t eight_holds_upper(uint64_t eight)
{
    uint64_t low = eight & ~EIGHT_TOPS;
    return (low + EIGHT_ONES * (0x80 - 'A')) & ~(low + EIGHT_ONES * (0x7f - 'Z')) & ~eight & EIGHT_TOPS;
}

/* Equal when ASCII letters are folded: where they differ, it is in the bit of the case, and there are letters. */
static inline bool eight_equal_folded(uint64_t a, uint64_t b)
{
    uint64_t difference = a ^ b;
    if (difference == 0) return true;
    if ((difference & ~(EIGHT_ONES * 0x20)) != 0) return false;
    uint64_t low = (a | EIGHT_ONES * 0x20) & ~EIGHT_TOPS;
    uint64_t letters = (low + EIGHT_ONES * (0x80 - 'a')) & ~(low + EIGHT_ONES * (0x7f - 'z')) & ~a;
    return (difference & ~(letters >> 2)) == 0;
}

#endif

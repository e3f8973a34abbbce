/* Borrowed bytes: a pointer and a length, passed by value. Nobody frees them; the owner is named where they come from. */
#ifndef COUNTERSIGN_BASE_BYTES_H
#define COUNTERSIGN_BASE_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* `data` may be NULL only when `length` is 0. Not NUL-terminated. */
struct bytes {
    const uint8_t *data;
    size_t length;
};

/* The bytes of a string literal, without its NUL. */
#define BYTES(literal) ((struct bytes){(const uint8_t *)("" literal), sizeof("" literal) - 1})

static inline struct bytes bytes_of(const void *data, size_t length)
{
    return (struct bytes){data, length};
}
/* The bytes of a C string; NULL gives the empty bytes. */
struct bytes bytes_of_text(const char *text);

static inline bool bytes_equal(struct bytes a, struct bytes b)
{
    return a.length == b.length && (a.length == 0 || memcmp(a.data, b.data, a.length) == 0);
}
/* `length` bytes of each are equal when ASCII letters are folded. */
bool bytes_match_folded(const uint8_t *a, const uint8_t *b, size_t length);
/* Equal when ASCII letters are folded. Never for secrets: see crypto/secret.h. */
static inline bool bytes_equal_folded(struct bytes a, struct bytes b)
{
    return a.length == b.length && bytes_match_folded(a.data, b.data, a.length);
}
/* Byte order, shorter first when one is a prefix of the other: <0, 0, >0. */
int bytes_compare(struct bytes a, struct bytes b);
bool bytes_start_with(struct bytes text, struct bytes prefix);
static inline bool bytes_start_with_folded(struct bytes text, struct bytes prefix)
{
    return prefix.length <= text.length && bytes_match_folded(text.data, prefix.data, prefix.length);
}

/* From `start` (clamped) to the end, or `length` bytes of it (clamped). */
struct bytes bytes_from(struct bytes text, size_t start);
struct bytes bytes_slice(struct bytes text, size_t start, size_t length);
/* Without spaces and tabs at both ends (RFC 9110, 5.5 optional white space). */
struct bytes bytes_trim(struct bytes text);

/* Index of the first `byte`, or text.length. */
size_t bytes_find(struct bytes text, uint8_t byte);
/* Cuts `rest` at the first `separator`: returns what stands before it and moves `rest` behind it; false once nothing is left.
 * "a,,b" gives "a", "", "b"; "a," gives "a" only; an empty text gives nothing. Start with *rest = the text. */
bool bytes_next_part(struct bytes *rest, uint8_t separator, struct bytes *part);

/* ASCII lower case of one byte. */
static inline uint8_t byte_to_lower(uint8_t byte)
{
    return (uint8_t)(byte | ((uint8_t)(byte - 'A') < 26 ? 0x20 : 0));
}

#endif

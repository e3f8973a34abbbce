/* A bounded writer. It never grows: memory comes from the caller, and an append that does not fit sets `overflow`, which stays set.
 * Append freely and ask once, at the end. */
#ifndef COUNTERSIGN_BASE_BUFFER_H
#define COUNTERSIGN_BASE_BUFFER_H

#include "base/arena.h"
#include "base/bytes.h"

struct buffer {
    uint8_t *data;
    size_t length;
    size_t capacity;
    bool overflow;
};

/* Over memory of the caller. */
struct buffer buffer_over(void *memory, size_t capacity);
/* Over `capacity` bytes of the arena; a full arena gives a buffer that overflows at the first append. */
struct buffer buffer_in(struct arena *arena, size_t capacity);

/* Room for `size` bytes, counted as written: the caller fills them at once. NULL, with overflow set, when they do not fit. */
static inline uint8_t *buffer_reserve(struct buffer *buffer, size_t size)
{
    if (buffer->overflow || size > buffer->capacity - buffer->length) {
        buffer->overflow = true;
        return NULL;
    }
    uint8_t *room = buffer->data + buffer->length;
    buffer->length += size;
    return room;
}
/* How many bytes still fit. */
static inline size_t buffer_room(const struct buffer *buffer)
{
    return buffer->overflow ? 0 : buffer->capacity - buffer->length;
}

void buffer_add(struct buffer *buffer, struct bytes bytes);
void buffer_add_text(struct buffer *buffer, const char *text);
void buffer_add_byte(struct buffer *buffer, uint8_t byte);
void buffer_add_lower(struct buffer *buffer, struct bytes bytes);
void buffer_add_upper(struct buffer *buffer, struct bytes bytes);
/* Decimal, without leading zeros. */
void buffer_add_number(struct buffer *buffer, int64_t number);
/* Big-endian, for records. */
void buffer_add_u16(struct buffer *buffer, uint16_t number);
void buffer_add_u32(struct buffer *buffer, uint32_t number);
void buffer_add_u64(struct buffer *buffer, uint64_t number);

/* What was written so far; empty when it overflowed. */
struct bytes buffer_bytes(const struct buffer *buffer);
/* Forget the content and the overflow, keep the memory. */
void buffer_clear(struct buffer *buffer);

#endif

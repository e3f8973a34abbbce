#include "base/buffer.h"

#include "base/eights.h"

/* Where a buffer without memory points, so that nobody needs to ask for NULL; its capacity is 0, so it is never written. */
static const uint8_t nowhere = 0;

struct buffer buffer_over(void *memory, size_t capacity)
{
    if (memory == NULL) return (struct buffer){.data = (uint8_t *)(uintptr_t)&nowhere};
    return (struct buffer){.data = memory, .capacity = capacity};
}

struct buffer buffer_in(struct arena *arena, size_t capacity)
{
    return buffer_over(arena_take_unset(arena, capacity), capacity);
}

void buffer_add(struct buffer *buffer, struct bytes bytes)
{
    uint8_t *to = buffer_reserve(buffer, bytes.length);
    if (to != NULL) eight_copy(to, bytes.data, bytes.length);
}

void buffer_add_text(struct buffer *buffer, const char *text)
{
    buffer_add(buffer, bytes_of_text(text));
}

void buffer_add_byte(struct buffer *buffer, uint8_t byte)
{
    uint8_t *to = buffer_reserve(buffer, 1);
    if (to != NULL) *to = byte;
}

void buffer_add_lower(struct buffer *buffer, struct bytes bytes)
{
    uint8_t *to = buffer_reserve(buffer, bytes.length);
    if (to == NULL) return;
    for (size_t i = 0; i < bytes.length; i++) to[i] = byte_to_lower(bytes.data[i]);
}

static uint8_t to_upper(uint8_t byte)
{
    return (uint8_t)(byte & ((uint8_t)(byte - 'a') < 26 ? 0xdf : 0xff));
}

void buffer_add_upper(struct buffer *buffer, struct bytes bytes)
{
    uint8_t *to = buffer_reserve(buffer, bytes.length);
    if (to == NULL) return;
    for (size_t i = 0; i < bytes.length; i++) to[i] = to_upper(bytes.data[i]);
}

static void add_big_endian(struct buffer *buffer, uint64_t number, size_t size)
{
    uint8_t *to = buffer_reserve(buffer, size);
    if (to == NULL) return;
    for (size_t i = 0; i < size; i++) to[i] = (uint8_t)(number >> (8 * (size - 1 - i)));
}

void buffer_add_u16(struct buffer *buffer, uint16_t number)
{
    add_big_endian(buffer, number, 2);
}

void buffer_add_u32(struct buffer *buffer, uint32_t number)
{
    add_big_endian(buffer, number, 4);
}

void buffer_add_u64(struct buffer *buffer, uint64_t number)
{
    add_big_endian(buffer, number, 8);
}

struct bytes buffer_bytes(const struct buffer *buffer)
{
    return bytes_of(buffer->data, buffer->overflow ? 0 : buffer->length);
}

void buffer_clear(struct buffer *buffer)
{
    buffer->length = 0;
    buffer->overflow = false;
}

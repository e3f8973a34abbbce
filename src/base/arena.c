#include "base/arena.h"

#define ARENA_ALIGNMENT 16

struct arena arena_over(void *memory, size_t capacity)
{
    return (struct arena){.memory = memory, .capacity = memory == NULL ? 0 : capacity};
}

void *arena_take_unset(struct arena *arena, size_t size)
{
    size_t padding = (size_t)(-((uintptr_t)arena->memory + arena->used) % ARENA_ALIGNMENT);
    size_t room = arena->capacity - arena->used;
    if (padding > room || size > room - padding || arena->memory == NULL) {
        arena->exhausted = true;
        return NULL;
    }
    uint8_t *taken = arena->memory + arena->used + padding;
    arena->used += padding + size;
    return taken;
}

void *arena_take(struct arena *arena, size_t size)
{
    void *taken = arena_take_unset(arena, size);
    return taken == NULL ? NULL : memset(taken, 0, size);
}

void *arena_take_array(struct arena *arena, size_t count, size_t size)
{
    size_t total = 0;
    if (__builtin_mul_overflow(count, size, &total)) {
        arena->exhausted = true;
        return NULL;
    }
    return arena_take(arena, total);
}

struct bytes arena_copy(struct arena *arena, struct bytes bytes)
{
    uint8_t *copy = arena_take_unset(arena, bytes.length);
    if (copy == NULL) return bytes_of(NULL, 0);
    if (bytes.length > 0) memcpy(copy, bytes.data, bytes.length);
    return bytes_of(copy, bytes.length);
}

char *arena_copy_text(struct arena *arena, struct bytes bytes)
{
    if (bytes.length == SIZE_MAX) {
        arena->exhausted = true;
        return NULL;
    }
    char *copy = arena_take_unset(arena, bytes.length + 1);
    if (copy == NULL) return NULL;
    if (bytes.length > 0) memcpy(copy, bytes.data, bytes.length);
    copy[bytes.length] = '\0';
    return copy;
}

void arena_rewind(struct arena *arena, size_t mark)
{
    if (mark < arena->used) arena->used = mark;
}

void arena_reset(struct arena *arena)
{
    arena->used = 0;
    arena->exhausted = false;
}

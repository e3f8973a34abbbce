#include "internal.h"

#include <stdlib.h>
#include <string.h>

struct cs_block {
    struct cs_block *next;
    max_align_t data[];
};

void *cs_take(cs_arena *arena, size_t count, size_t size)
{
    struct cs_block *block = NULL;
    if (size == 0 || count <= (SIZE_MAX / 2 - sizeof *block) / size) block = calloc(1, sizeof *block + count * size);
    if (block == NULL) {
        arena->failed = true;
        return NULL;
    }
    block->next = arena->first;
    arena->first = block;
    return block->data;
}

void cs_arena_free(cs_arena *arena)
{
    while (arena->first != NULL) {
        struct cs_block *block = arena->first;
        arena->first = block->next;
        free(block);
    }
}

static bool has_room(cs_text *text, size_t more)
{
    if (text->arena->failed || more > SIZE_MAX / 4 - text->size) {
        text->arena->failed = true;
        return false;
    }
    if (text->data != NULL && text->size + more < text->capacity) return true;
    size_t capacity = 2 * (text->size + more) + 64;
    char *data = cs_take(text->arena, capacity, 1);
    if (data == NULL) return false;
    if (text->size > 0) memcpy(data, text->data, text->size);
    text->data = data;
    text->capacity = capacity;
    return true;
}

void cs_add(cs_text *text, cs_span more)
{
    if (more.size == 0 || !has_room(text, more.size)) return;
    memcpy(text->data + text->size, more.data, more.size);
    text->size += more.size;
}

void cs_add_string(cs_text *text, const char *more)
{
    cs_add(text, cs_string(more));
}

void cs_add_hex(cs_text *text, const unsigned char *data, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        char digits[2] = {"0123456789abcdef"[data[i] >> 4], "0123456789abcdef"[data[i] & 15]};
        cs_add(text, (cs_span){digits, 2});
    }
}

void cs_add_base64(cs_text *text, const unsigned char *data, size_t size)
{
    if (size > INT32_MAX / 2 || !has_room(text, (size + 2) / 3 * 4 + 1)) return;
    /* EVP_EncodeBlock writes a zero byte of its own behind the text. */
    text->size += (size_t)EVP_EncodeBlock((unsigned char *)text->data + text->size, data, (int)size);
}

cs_span cs_done(cs_text *text)
{
    if (!has_room(text, 1)) return (cs_span){"", 0};
    text->data[text->size] = '\0';
    return (cs_span){text->data, text->size};
}

const char *cs_copy(cs_arena *arena, cs_span span)
{
    cs_text text = {.arena = arena};
    cs_add(&text, span);
    return cs_done(&text).data;
}

/* json_read, json_next, json_member: what is accepted can be walked to its end, every member is found by its name and is the only one of
 * that name, and every string can be written and read again. */
#include "base/buffer.h"
#include "base/json.h"
#include "base/text.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint8_t memory[1 << 20], written[8 << 20], second_memory[1 << 20];

static bool same(struct json_value a, struct json_value b)
{
    return a.type == b.type && a.raw.data == b.raw.data && a.raw.length == b.raw.length;
}

static void check_string(struct bytes text)
{
    struct buffer out = buffer_over(written, sizeof written);
    struct arena arena = arena_over(second_memory, sizeof second_memory);
    struct json_value back;
    assert(utf8_is_valid(text));
    json_write_string(&out, text);
    if (out.length > JSON_MAX_SIZE) return;
    assert(!out.overflow && json_read(&arena, buffer_bytes(&out), &back));
    assert(back.type == JSON_TYPE_STRING && bytes_equal(back.text, text));
}

static void walk(struct arena *arena, const struct json_value *value, int depth)
{
    int64_t number = 0;
    struct bytes rest = value->raw;
    struct json_value name, inner, found, alone;
    assert(depth <= JSON_MAX_DEPTH && value->raw.length > 0);
    if (value->type == JSON_TYPE_STRING) check_string(value->text);
    if (json_read_integer(value, &number)) assert(value->type == JSON_TYPE_NUMBER);
    /* A part of a document is a document. */
    assert(json_read(arena, value->raw, &alone) && same(alone, *value));
    if (value->type != JSON_TYPE_ARRAY && value->type != JSON_TYPE_OBJECT) {
        assert(!json_next(arena, &rest, &name, &inner));
        return;
    }
    while (json_next(arena, &rest, &name, &inner)) {
        assert((name.type == JSON_TYPE_STRING) == (value->type == JSON_TYPE_OBJECT));
        if (name.type == JSON_TYPE_STRING) {
            check_string(name.text);
            assert(json_member(arena, value, name.text, &found) && same(found, inner));
        }
        size_t mark = arena->used;
        walk(arena, &inner, depth + 1);
        arena_rewind(arena, mark);
    }
    assert(rest.length == 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena = arena_over(memory, sizeof memory);
    struct bytes document = bytes_of(data, size);
    struct json_value value;
    if (size <= 4096 && json_read(&arena, document, &value)) walk(&arena, &value, 0);

    /* Any bytes become a string that can be read. */
    struct buffer out = buffer_over(written, sizeof written);
    json_write_string(&out, document);
    arena_reset(&arena);
    bool has_nul = bytes_find(document, '\0') < document.length;
    assert(out.length > JSON_MAX_SIZE || json_read(&arena, buffer_bytes(&out), &value) == !has_nul);

    /* Unchecked bytes may be nonsense to json_next, but it stays within them. */
    struct bytes rest = document;
    struct json_value name;
    arena_reset(&arena);
    while (json_next(&arena, &rest, &name, &value)) assert(rest.length < document.length);
    return 0;
}

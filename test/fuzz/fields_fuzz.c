/* http_parse: an accepted request, written out again, is read as the same request. */
#include "base/buffer.h"
#include "http/parse.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint8_t memory[16 * 1024], second_memory[16 * 1024], written[2 << 20];

static void write_request(struct buffer *out, const struct http_request *request, struct bytes body)
{
    buffer_add(out, request->method);
    buffer_add_byte(out, ' ');
    buffer_add(out, request->target);
    buffer_add_text(out, " HTTP/1.1\r\n");
    for (size_t i = 0; i < request->field_count; i++) {
        buffer_add(out, request->fields[i].name);
        buffer_add_text(out, ": ");
        buffer_add(out, request->fields[i].value);
        buffer_add_text(out, "\r\n");
    }
    buffer_add_text(out, "\r\n");
    buffer_add(out, body);
}

static void check_fields(const struct http_request *request)
{
    assert(request->field_count <= HTTP_MAX_FIELDS);
    for (size_t i = 0; i < request->field_count; i++) {
        struct http_field field = request->fields[i];
        assert(http_name_is_token(field.name) && http_name_is_alias(field.name, field.name));
        assert(bytes_equal(bytes_trim(field.value), field.value));
        assert(bytes_find(field.value, '\n') == field.value.length && bytes_find(field.value, '\r') == field.value.length);
        assert(bytes_find(field.value, '\0') == field.value.length);
        assert(http_field_count(request, field.name) > 0 && http_field_find(request, field.name) <= &request->fields[i]);
    }
    http_request_is_form(request);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena = arena_over(memory, sizeof memory), second_arena = arena_over(second_memory, sizeof second_memory);
    struct http_request request, again;
    struct bytes body, body_again;
    const char *problem = NULL;
    if (!http_parse(&arena, bytes_of(data, size), &request, &body, &problem)) {
        assert(problem != NULL && arena.used == 0);
        return 0;
    }
    assert(problem == NULL);
    check_fields(&request);
    struct buffer out = buffer_over(written, sizeof written);
    write_request(&out, &request, body);
    assert(http_parse(&second_arena, buffer_bytes(&out), &again, &body_again, &problem));
    assert(bytes_equal(request.method, again.method) && bytes_equal(request.target, again.target) && bytes_equal(body, body_again));
    assert(request.field_count == again.field_count);
    for (size_t i = 0; i < request.field_count; i++) {
        assert(bytes_equal(request.fields[i].name, again.fields[i].name));
        assert(bytes_equal(request.fields[i].value, again.fields[i].value));
    }
    return 0;
}

/* http_request_set_target and http_pair_next: what is accepted splits without loss and decodes without a NUL. */
#include "base/text.h"
#include "http/request.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_pairs(struct bytes query)
{
    struct bytes rest = query;
    struct http_pair pair;
    size_t seen = 0;
    while (http_pair_next(&rest, &pair)) {
        assert(pair.has_value || pair.value.length == 0);
        assert(bytes_find(pair.name, '=') == pair.name.length && bytes_find(pair.name, '&') == pair.name.length);
        assert(bytes_find(pair.value, '&') == pair.value.length);
        seen += pair.name.length + pair.value.length + pair.has_value;
        assert(seen <= query.length);
    }
    assert(rest.length == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t memory[64 * 1024];
    struct bytes text = bytes_of(data, size);
    check_pairs(text);
    struct http_request request = {0};
    if (!http_request_set_target(&request, text)) {
        assert(request.target.data == NULL && request.path.data == NULL);
        return 0;
    }
    assert(bytes_equal(request.target, text));
    assert(request.path.length > 0 && request.path.data[0] == '/');
    assert(bytes_find(request.path, '?') == request.path.length);
    bool asked = request.path.length < text.length;
    assert(request.path.length + request.query.length + asked == text.length);
    check_pairs(request.query);
    struct buffer decoded = buffer_over(memory, sizeof memory);
    assert(percent_decode(&decoded, text));
    assert(bytes_find(buffer_bytes(&decoded), '\0') == decoded.length);
    return 0;
}

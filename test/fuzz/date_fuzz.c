/* The readers of dates: what is accepted lies in the years 1970-9999 and, written again, is the same moment (and for the basic form the
 * same text). */
#include "base/date.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define END 253402300800 /* 10000-01-01 */

static void check_moment(int64_t seconds)
{
    uint8_t memory[32];
    int64_t back = -1;
    assert(seconds >= 0 && seconds < END);
    struct buffer out = buffer_over(memory, sizeof memory);
    date_format_basic(&out, seconds);
    assert(date_parse_basic(buffer_bytes(&out), &back) && back == seconds);
    buffer_clear(&out);
    date_format_rfc3339(&out, seconds);
    assert(date_parse_rfc3339(buffer_bytes(&out), &back) && back == seconds);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t memory[32];
    struct bytes text = bytes_of(data, size);
    int64_t seconds = -1;
    if (date_parse_basic(text, &seconds)) {
        struct buffer out = buffer_over(memory, sizeof memory);
        date_format_basic(&out, seconds);
        assert(bytes_equal(buffer_bytes(&out), text));
        check_moment(seconds);
    }
    if (date_parse_rfc3339(text, &seconds)) check_moment(seconds);
    if (date_parse_http(text, &seconds)) check_moment(seconds);
    if (size == sizeof seconds) {
        memcpy(&seconds, data, size);
        struct buffer out = buffer_over(memory, sizeof memory);
        date_format_basic(&out, seconds);
        assert(out.overflow == (seconds < 0 || seconds >= END));
    }
    return 0;
}

#include "crypto/secret.h"

#include "base/eights.h"

#include <string.h>

/* Every byte is looked at, eight in a step, and nothing is decided before the end: the time tells the length only. */
bool secret_equal(struct bytes a, struct bytes b)
{
    if (a.length != b.length || a.length == 0) return false;
    uint64_t difference = eight_last(a.data, a.length) ^ eight_last(b.data, b.length);
    for (size_t i = 0; a.length - i > sizeof(uint64_t); i += sizeof(uint64_t)) {
        difference |= eight_at(a.data + i) ^ eight_at(b.data + i);
        __asm__("" : "+r"(difference)); /* what has been found so far is nothing to the compiler */
    }
    return difference == 0;
}

void secret_wipe(void *data, size_t length)
{
    if (length > 0) explicit_bzero(data, length);
}

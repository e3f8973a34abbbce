/* The matcher over bytes that are no trie: it ends, reads nothing outside, and what it finds lies within. First a path up to a line end,
 * then the compiled routes. */
#include "edge/route.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool lies_in(struct bytes part, struct bytes whole)
{
    return part.length == 0 || (part.data >= whole.data && part.data + part.length <= whole.data + whole.length);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct route route;
    struct bytes compiled = {data, size}, path = {0};
    if (!bytes_next_part(&compiled, '\n', &path)) return 0;
    if (route_match(compiled, BYTES("GET"), path, &route) != EDGE_OK) return 0;
    if (!lies_in(route.api_id, compiled) || !lies_in(route.environment_id, compiled) || !lies_in(route.rest, path)) abort();
    if (route.param_count > ROUTE_MAX_PARAMS) abort();
    for (size_t i = 0; i < route.param_count; i++) {
        if (!lies_in(route.params[i].name, compiled) || !lies_in(route.params[i].value, path)) abort();
    }
    return 0;
}

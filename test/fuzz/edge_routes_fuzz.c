/* Routes and a request made of any bytes: what the trie finds is what a naive matcher finds. One line per route, "GET /a/{b}" or, for a
 * prefix,
 * "*GET /a"; after an empty line the request, "GET /a/b". */
#include "../unit/edge/routes.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MAX_ROUTES 32

static uint8_t memory[1u << 20];

static struct route_entry entry_of(struct bytes line, const uint8_t *id)
{
    bool prefix = line.length > 0 && line.data[0] == '*';
    if (prefix) line = bytes_from(line, 1);
    size_t blank = bytes_find(line, ' ');
    return (struct route_entry){bytes_slice(line, 0, blank), bytes_from(line, blank + 1), prefix, bytes_of(id, 1)};
}

static void compare(const struct route_table *table, struct bytes compiled, struct bytes method, struct bytes path)
{
    struct route route;
    struct bytes rest = {0};
    const struct route_entry *naive = naive_match(table, method, path, &rest);
    enum edge_result result = route_match(compiled, method, path, &route);
    if (result == EDGE_FAULT || (result == EDGE_OK) != (naive != NULL)) abort();
    if (naive && (!bytes_equal(route.api_id, naive->api_id) || !bytes_equal(route.rest, rest))) abort();
    for (size_t i = 0; naive && i < route.param_count; i++) {
        struct bytes value = route.params[i].value;
        if (!value.length || value.data < path.data || value.data + value.length > path.data + path.length || route_climbs(value)) abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t ids[MAX_ROUTES];
    struct route_entry entries[MAX_ROUTES];
    struct route_table table = {BYTES("group"), BYTES("RELEASE"), BYTES("environment"), entries, 0};
    struct bytes rest = {data, size}, line = {0};
    const char *problem;
    while (table.count < MAX_ROUTES && bytes_next_part(&rest, '\n', &line) && line.length) {
        ids[table.count] = (uint8_t)table.count;
        entries[table.count] = entry_of(line, &ids[table.count]);
        table.count++;
    }
    struct buffer out = buffer_over(memory, sizeof memory);
    if (!table.count || !route_compile(&out, &table, &problem)) return 0;
    size_t blank = bytes_find(rest, ' ');
    compare(&table, buffer_bytes(&out), bytes_slice(rest, 0, blank), bytes_from(rest, blank + 1));
    return 0;
}

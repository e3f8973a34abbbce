#include "explain/difference.h"

size_t texts_common(struct bytes a, struct bytes b)
{
    size_t i = 0;
    while (i < a.length && i < b.length && a.data[i] == b.data[i]) i++;
    return i;
}

/* The line that holds byte `at`, and where it begins. */
static struct bytes line_at(struct bytes text, size_t at, size_t *begin)
{
    *begin = at;
    while (*begin > 0 && text.data[*begin - 1] != '\n') (*begin)--;
    struct bytes rest = bytes_from(text, *begin);
    return bytes_slice(rest, 0, bytes_find(rest, '\n'));
}

static bool is_same(struct bytes gateway, struct bytes client)
{
    if (bytes_equal(gateway, client)) return true;
    return client.length == gateway.length + 1 && bytes_start_with(client, gateway) && client.data[gateway.length] == '\n';
}

void texts_compare(struct bytes gateway, struct bytes client, struct difference *difference)
{
    size_t begin;
    *difference = (struct difference){.differs = !is_same(gateway, client)};
    if (!difference->differs) return;
    difference->offset = texts_common(gateway, client);
    difference->line = 1;
    for (size_t i = 0; i < difference->offset; i++) difference->line += gateway.data[i] == '\n';
    difference->client_line = line_at(client, difference->offset, &begin);
    difference->gateway_line = line_at(gateway, difference->offset, &begin);
    difference->column = difference->offset - begin + 1;
}

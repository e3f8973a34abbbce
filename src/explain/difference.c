#include "explain/difference.h"

#include "base/buffer.h"

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

static struct bytes next_line(struct bytes *rest)
{
    size_t end = bytes_find(*rest, '\n');
    struct bytes line = bytes_slice(*rest, 0, end);
    *rest = bytes_from(*rest, end + 1);
    return line;
}

/* How much of the client's line stands; the rest is what the gateway has masked. */
static size_t stands(struct bytes gateway, struct bytes client)
{
    size_t colon = bytes_find(gateway, ':') + 1;
    bool masked = colon <= gateway.length && bytes_equal(bytes_from(gateway, colon), BYTES(TEXT_MASK));
    return masked && colon <= client.length && bytes_equal(bytes_slice(gateway, 0, colon), bytes_slice(client, 0, colon)) ? colon
                                                                                                                          : client.length;
}

struct bytes texts_mask_alike(struct arena *arena, struct bytes gateway, struct bytes client)
{
    struct buffer out = buffer_in(arena, client.length + gateway.length);
    while (client.length > 0) {
        bool ends = bytes_find(client, '\n') < client.length;
        struct bytes line = next_line(&client);
        size_t kept = stands(next_line(&gateway), line);
        buffer_add(&out, bytes_slice(line, 0, kept));
        if (kept < line.length) buffer_add_text(&out, TEXT_MASK);
        if (ends) buffer_add_byte(&out, '\n');
    }
    return out.overflow ? BYTES("") : buffer_bytes(&out);
}

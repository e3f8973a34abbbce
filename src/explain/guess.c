#include "explain/guess.h"

#include "base/text.h"

/* What a line of the text is about. */
enum role {
    ROLE_METHOD,
    ROLE_PATH,
    ROLE_QUERY,
    ROLE_URL,
    ROLE_ACCEPT,
    ROLE_DIGEST,
    ROLE_TYPE,
    ROLE_DATE,
    ROLE_FIELD,
    ROLE_NAMES,
    ROLE_BODY
};

static size_t count_lines(struct bytes text)
{
    size_t count = 1;
    for (size_t i = 0; i < text.length; i++) count += text.data[i] == '\n';
    return count;
}

static enum role role_in_aliyun(size_t line, size_t lines)
{
    static const enum role fixed[] = {ROLE_METHOD, ROLE_ACCEPT, ROLE_DIGEST, ROLE_TYPE, ROLE_DATE};
    if (line <= 5) return fixed[line - 1];
    return line == lines ? ROLE_URL : ROLE_FIELD;
}

static enum role role_in_sdk(size_t line, size_t lines)
{
    static const enum role fixed[] = {ROLE_METHOD, ROLE_PATH, ROLE_QUERY};
    if (line <= 3) return fixed[line - 1];
    if (line == lines) return ROLE_BODY;
    return line + 1 == lines ? ROLE_NAMES : ROLE_FIELD;
}

static enum role role_of(const struct scheme *scheme, size_t line, size_t lines)
{
    if (scheme->id == SCHEME_ALIYUN_CA) return role_in_aliyun(line, lines);
    if (scheme->id != SCHEME_BCE_AUTH_V1) return role_in_sdk(line, lines);
    return line <= 3 ? role_in_sdk(line, lines + 3) : ROLE_FIELD;
}

static struct bytes before(struct bytes text, uint8_t byte)
{
    return bytes_slice(text, 0, bytes_find(text, byte));
}

static bool same_decoded(struct arena *arena, struct bytes a, struct bytes b)
{
    struct buffer left = buffer_in(arena, a.length), right = buffer_in(arena, b.length);
    if (!percent_decode_form(&left, a) || !percent_decode_form(&right, b)) return false;
    return bytes_equal(buffer_bytes(&left), buffer_bytes(&right));
}

static bool same_but_slash(struct bytes a, struct bytes b)
{
    struct bytes longer = a.length > b.length ? a : b, shorter = a.length > b.length ? b : a;
    return longer.length == shorter.length + 1 && bytes_start_with(longer, shorter) && longer.data[shorter.length] == '/';
}

#define MOST_PARAMETERS 64

static size_t split(struct bytes text, struct bytes items[static MOST_PARAMETERS])
{
    size_t count = 0;
    struct bytes item;
    if (bytes_start_with(text, BYTES("?"))) text = bytes_from(text, 1);
    while (count < MOST_PARAMETERS && bytes_next_part(&text, '&', &item)) items[count++] = item;
    return text.length == 0 ? count : 0;
}

static bool take_item(struct bytes *items, size_t *count, struct bytes item)
{
    for (size_t i = 0; i < *count; i++) {
        if (!bytes_equal(items[i], item)) continue;
        items[i] = items[--*count];
        return true;
    }
    return false;
}

/* The same parameters in another order. */
static bool same_parameters(struct bytes a, struct bytes b)
{
    struct bytes left[MOST_PARAMETERS], right[MOST_PARAMETERS];
    size_t count = split(a, left), others = split(b, right);
    if (count < 2 || count != others) return false;
    for (size_t i = 0; i < count; i++)
        if (!take_item(right, &others, left[i])) return false;
    return true;
}

static enum cause guess_url(struct bytes gateway, struct bytes client, struct arena *arena)
{
    struct bytes path = before(gateway, '?'), other = before(client, '?');
    if (bytes_equal(path, other)) {
        if (same_parameters(bytes_from(gateway, path.length), bytes_from(client, other.length))) return CAUSE_QUERY_ORDER;
        return same_decoded(arena, gateway, client) ? CAUSE_ENCODING : CAUSE_QUERY;
    }
    if (same_but_slash(path, other)) return CAUSE_PATH_SLASH;
    return same_decoded(arena, path, other) ? CAUSE_ENCODING : CAUSE_PATH;
}

static enum cause guess_query(struct bytes gateway, struct bytes client, struct arena *arena)
{
    if (same_parameters(gateway, client)) return CAUSE_QUERY_ORDER;
    return same_decoded(arena, gateway, client) ? CAUSE_ENCODING : CAUSE_QUERY;
}

static bool is_of_time(struct bytes name)
{
    return bytes_equal_folded(name, BYTES("x-ca-timestamp")) || bytes_equal_folded(name, BYTES("x-sdk-date")) ||
           bytes_equal_folded(name, BYTES("x-bce-date")) || bytes_equal_folded(name, BYTES("date"));
}

static enum cause guess_field(struct bytes gateway, struct bytes client)
{
    struct bytes name = before(gateway, ':'), other = before(client, ':');
    if (!bytes_equal(name, other)) return bytes_equal_folded(name, other) ? CAUSE_CASE : CAUSE_HEADER_NAMES;
    if (bytes_equal_folded(name, BYTES("host"))) return CAUSE_HOST;
    if (bytes_equal_folded(name, BYTES("accept"))) return CAUSE_ACCEPT;
    if (bytes_equal_folded(name, BYTES("content-type")))
        return bytes_equal_folded(before(gateway, ';'), before(client, ';')) ? CAUSE_CHARSET : CAUSE_CONTENT_TYPE;
    return is_of_time(name) ? CAUSE_DATE : CAUSE_HEADER_VALUE;
}

static enum cause guess_type(struct bytes gateway, struct bytes client)
{
    return bytes_equal_folded(before(gateway, ';'), before(client, ';')) ? CAUSE_CHARSET : CAUSE_CONTENT_TYPE;
}

static bool differs_in_line_end(struct bytes gateway, struct bytes client)
{
    bool returns = client.length == gateway.length + 1 && client.data[gateway.length] == '\r';
    return returns && bytes_start_with(client, gateway);
}

enum cause guess_cause(const struct scheme *scheme, struct bytes gateway, const struct difference *difference, struct arena *arena)
{
    static const enum cause plain[] = {[ROLE_METHOD] = CAUSE_METHOD, [ROLE_ACCEPT] = CAUSE_ACCEPT,      [ROLE_DIGEST] = CAUSE_DIGEST,
                                       [ROLE_DATE] = CAUSE_DATE,     [ROLE_NAMES] = CAUSE_HEADER_NAMES, [ROLE_BODY] = CAUSE_BODY};
    struct bytes ours = difference->gateway_line, theirs = difference->client_line;
    enum role role = role_of(scheme, difference->line, count_lines(gateway));
    if (differs_in_line_end(ours, theirs)) return CAUSE_LINE_END;
    if (role == ROLE_PATH || role == ROLE_URL) return guess_url(ours, theirs, arena);
    if (role == ROLE_QUERY) return guess_query(ours, theirs, arena);
    if (role == ROLE_TYPE) return guess_type(ours, theirs);
    if (role == ROLE_FIELD) return guess_field(ours, theirs);
    return bytes_equal_folded(ours, theirs) ? CAUSE_CASE : plain[role];
}

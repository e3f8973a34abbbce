/* The canonical request of bce-auth-v1 (baidu.md 1.2):
 *   METHOD \n CanonicalURI \n CanonicalQueryString \n CanonicalHeaders        without a newline at the end */
#include "base/text.h"
#include "crypto/hmac.h"
#include "crypto/secret.h"
#include "scheme/bce_auth.h"
#include "scheme/pairs.h"

enum { LITERAL_PLUS, PLUS_IS_SPACE };

static void give_up(struct buffer *out)
{
    out->overflow = true;
}

/* Decoded first: clients write one path in several ways, and sign the plain one (baidu.md 1.4, 4). */
static void add_path(const struct scheme_input *input, struct buffer *out)
{
    struct bytes path;
    if (!pairs_decode(input->arena, input->request->path, false, &path)) return give_up(out);
    percent_encode_path(out, path);
    if (path.length == 0) buffer_add_byte(out, '/');
    buffer_add_byte(out, '\n');
}

static bool encode_item(struct arena *arena, const struct http_pair *raw, bool plus_is_space, struct bytes *item)
{
    struct bytes name, value;
    if (raw->has_value && percent_is_plain(raw->name) && percent_is_plain(raw->value)) {
        bool counts = !bytes_equal_folded(raw->name, BYTES("authorization"));
        *item = bytes_of(raw->name.data, counts ? raw->name.length + 1 + raw->value.length : 0); /* as it stands, with its '=' */
        return true;
    }
    if (!pairs_decode(arena, raw->name, plus_is_space, &name) || !pairs_decode(arena, raw->value, plus_is_space, &value)) return false;
    *item = bytes_of(NULL, 0);
    if (bytes_equal_folded(name, BYTES("authorization"))) return true;
    struct buffer out = buffer_in(arena, 3 * (name.length + value.length) + 1);
    percent_encode(&out, name);
    buffer_add_byte(&out, '=');
    percent_encode(&out, value);
    *item = buffer_bytes(&out);
    return !out.overflow;
}

/* Whole items are sorted, so that "text10=" comes before "text1=": digits sort before '='. */
static void add_query(const struct scheme_input *input, bool plus_is_space, struct buffer *out)
{
    struct bytes rest = input->request->query;
    struct pairs items;
    if (rest.length == 0) return;
    if (!pairs_room(&items, input->arena, rest, bytes_of(NULL, 0))) return give_up(out);
    for (struct http_pair raw; http_pair_next(&rest, &raw);) {
        struct bytes item;
        if (!encode_item(input->arena, &raw, plus_is_space, &item)) return give_up(out);
        if (item.length > 0) items.items[items.count++].name = item;
    }
    if (!pairs_sort_by_name(&items, input->arena)) return give_up(out);
    for (size_t i = 0; i < items.count; i++) {
        if (i > 0) buffer_add_byte(out, '&');
        buffer_add(out, items.items[i].name);
    }
}

static struct bytes header_line(struct arena *arena, const struct http_field *field)
{
    struct bytes value = bytes_trim(field->value);
    struct buffer line = buffer_in(arena, 3 * (field->name.length + value.length) + 1);
    if (percent_is_plain(field->name)) {
        buffer_add_lower(&line, field->name);
    } else {
        struct buffer lower = buffer_in(arena, field->name.length);
        buffer_add_lower(&lower, field->name);
        percent_encode(&line, buffer_bytes(&lower));
    }
    buffer_add_byte(&line, ':');
    percent_encode(&line, value);
    return buffer_bytes(&line);
}

/* Whole lines are sorted, not names: "x-bce-a-b:" comes before "x-bce-a:" (baidu.md 1.2). */
static void add_headers(const struct scheme_input *input, struct buffer *out)
{
    const struct bce_auth_reading *reading = input->claim->reading;
    struct pairs lines = {.items = arena_take_unset(input->arena, reading->line_count * sizeof *lines.items),
                          .capacity = reading->line_count};
    if (lines.items == NULL) return give_up(out);
    for (; lines.count < reading->line_count; lines.count++) {
        lines.items[lines.count] = (struct pair){.name = header_line(input->arena, reading->lines[lines.count])};
        if (lines.items[lines.count].name.length == 0) return give_up(out);
    }
    if (!pairs_sort_by_name(&lines, input->arena)) return give_up(out);
    for (size_t i = 0; i < lines.count; i++) {
        buffer_add_byte(out, '\n');
        buffer_add(out, lines.items[i].name);
    }
}

bool bce_auth_canonical(const struct scheme_input *input, unsigned candidate, struct buffer *out)
{
    struct bytes query = input->request->query;
    if (candidate == PLUS_IS_SPACE && bytes_find(query, '+') == query.length) return false;
    buffer_add_upper(out, input->request->method);
    buffer_add_byte(out, '\n');
    add_path(input, out);
    add_query(input, candidate == PLUS_IS_SPACE, out);
    add_headers(input, out);
    return true;
}

/* The signing key is used as its 64 hex characters, not as 32 bytes (baidu.md 1.2). */
static void derive(struct hmac_key *key, const struct hmac_secret *secret, struct bytes prefix)
{
    uint8_t memory[2 * DIGEST_MAX_SIZE];
    struct buffer signing_key = buffer_over(memory, sizeof memory);
    struct digest_value derived = hmac_by(DIGEST_SHA256, secret, prefix);
    hex_encode(&signing_key, digest_bytes(&derived));
    hmac_prepare(key, DIGEST_SHA256, buffer_bytes(&signing_key));
    secret_wipe(memory, sizeof memory);
    secret_wipe(&derived, sizeof derived);
}

static void write_mac(const struct hmac_key *key, struct bytes canonical, struct buffer *out)
{
    struct digest_value mac = hmac_with(key, canonical);
    hex_encode(out, digest_bytes(&mac));
}

void bce_auth_signature(const struct claim *claim, const struct hmac_secret *secret, struct bytes canonical, struct buffer *out)
{
    const struct bce_auth_reading *reading = claim->reading;
    struct hmac_key key;
    derive(&key, secret, reading->prefix);
    write_mac(&key, canonical, out);
    secret_wipe(&key, sizeof key);
}

static bool is_derived_from(const struct derived_key *derived, const struct hmac_key *secret, struct bytes prefix)
{
    return bytes_equal(bytes_of(derived->prefix, derived->prefix_length), prefix) &&
           secret_equal(bytes_of(derived->of.inner, sizeof derived->of.inner), bytes_of(secret->inner, sizeof secret->inner));
}

void bce_auth_signature_with(const struct claim *claim, const struct signing *signing, struct bytes canonical, struct buffer *out)
{
    const struct bce_auth_reading *reading = claim->reading;
    const struct hmac_secret *secret = &signing->secret;
    struct derived_key *derived = signing->derived;
    struct bytes prefix = reading->prefix;
    if (derived == NULL || secret->ready == NULL || prefix.length > sizeof derived->prefix)
        return bce_auth_signature(claim, secret, canonical, out);
    if (!is_derived_from(derived, secret->ready, prefix)) {
        derive(&derived->key, secret, prefix);
        derived->of = *secret->ready;
        derived->now = signing->now;
        memcpy(derived->prefix, prefix.data, prefix.length);
        derived->prefix_length = prefix.length;
    }
    write_mac(&derived->key, canonical, out);
}

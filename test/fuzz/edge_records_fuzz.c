/* Every decoder of the edge's records over any bytes. The first byte picks the kind. What decodes, encodes to the same bytes again: no
 * record has two spellings. */
#include "edge/listing.h"
#include "edge/record.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint8_t memory[1u << 20];

static void must_be(struct bytes value, const struct buffer *out)
{
    if (!bytes_equal(buffer_bytes(out), value)) abort();
}

static void meta(struct bytes value, struct buffer *out)
{
    struct edge_meta meta;
    if (!meta_decode(value, &meta)) return;
    meta_encode(out, &meta);
    must_be(value, out);
}

static void host(struct bytes value, struct buffer *out)
{
    struct bytes group;
    if (!host_decode(value, &group)) return;
    host_encode(out, group);
    must_be(value, out);
}

static void authorisation(struct bytes value, struct buffer *out)
{
    int64_t not_after;
    if (!authorisation_decode(value, &not_after)) return;
    authorisation_encode(out, not_after);
    must_be(value, out);
}

static void addresses(struct bytes value, struct buffer *out)
{
    struct edge_addresses addresses;
    if (!addresses_decode(value, &addresses)) return;
    addresses_encode(out, &addresses);
    must_be(value, out);
}

static void credential(struct bytes value, struct buffer *out)
{
    struct credential credential;
    if (!credential_decode(value, &credential)) return;
    credential_encode(out, &credential);
    must_be(value, out);
}

static void signature_key(struct bytes value, struct buffer *out)
{
    struct signature_key key;
    if (!signature_key_decode(value, &key)) return;
    signature_key_encode(out, &key);
    must_be(value, out);
}

static void user(struct bytes value, struct buffer *out)
{
    struct user user;
    if (!user_decode(value, &user)) return;
    user_encode(out, &user);
    must_be(value, out);
}

static void instance_owner(struct bytes value, struct buffer *out)
{
    struct instance_owner owner;
    if (!instance_owner_decode(value, &owner)) return;
    instance_owner_encode(out, &owner);
    must_be(value, out);
}

static void publication(struct bytes value, struct buffer *out)
{
    struct publication publication;
    if (!publication_decode(value, &publication)) return;
    publication_encode(out, &publication);
    must_be(value, out);
}

static void throttle(struct bytes value, struct buffer *out)
{
    struct throttle throttle;
    if (!throttle_decode(value, &throttle)) return;
    throttle_encode(out, &throttle);
    must_be(value, out);
}

static void address_list(struct bytes value, struct buffer *out)
{
    struct address_list list;
    if (!address_list_decode(value, &list)) return;
    address_list_encode(out, &list);
    must_be(value, out);
    if (address_list_admits(&list, bytes_of("\x7f\0\0\1", 4)) && address_list_admits(&list, bytes_of("\x7f\0\0\1", 3))) abort();
}

/* As `countersign edge show` would print it. */
static void describe(const char *kind, struct bytes value)
{
    struct buffer out = buffer_over(memory, sizeof memory);
    struct edge_entry entry = {kind, {BYTES("instance"), BYTES("a"), BYTES("b"), BYTES("1"), BYTES("c")}, 5, value};
    edge_describe(&out, &entry);
    struct bytes line = buffer_bytes(&out);
    if (!out.overflow && (line.length < 2 || line.data[0] != '{' || line.data[line.length - 1] != '}')) abort();
    if (bytes_find(line, '\n') != line.length) abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct {
        const char *kind;
        void (*check)(struct bytes value, struct buffer *out);
    } kinds[] = {{"meta", meta},           {"host", host},          {"addresses", addresses},          {"authorisation", authorisation},
                 {"key_pair", credential}, {"api_key", credential}, {"signature_key", signature_key},  {"publication", publication},
                 {"throttle", throttle},   {"user", user},          {"instance_owner", instance_owner}};
    if (size == 0) return 0;
    size_t kind = data[0] % (sizeof kinds / sizeof *kinds);
    struct bytes value = {data + 1, size - 1};
    struct buffer out = buffer_over(memory, sizeof memory);
    kinds[kind].check(value, &out);
    describe(kinds[kind].kind, value);
    return 0;
}

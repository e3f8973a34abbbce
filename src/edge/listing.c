#include "edge/listing.h"

#include "edge/keys.h"
#include "edge/reader_internals.h"

#include <string.h>

static const struct {
    enum edge_kind letter;
    const char *kind;
    size_t parts;
} kinds[] = {
    {EDGE_META, "meta", 1},
    {EDGE_HOST, "host", 2},
    {EDGE_ROUTES, "routes", 3},
    {EDGE_PUBLICATION, "publication", 3},
    {EDGE_KEY_PAIR, "key_pair", 2},
    {EDGE_API_KEY, "api_key", 2},
    {EDGE_TOKEN, "token", 2},
    {EDGE_KEY_SET, "key_set", 2},
    {EDGE_AUTHORISATION, "authorisation", 5},
    {EDGE_SIGNATURE_KEY, "signature_key", 2},
    {EDGE_THROTTLE, "throttle", 2},
    {EDGE_ADDRESS_LIST, "address_list", 2},
    {EDGE_FEATURE, "feature", 2},
    {EDGE_OWNER, "instance_owner", 1},
    {EDGE_USER, "user", 1},
    {EDGE_ADDRESSES, "addresses", 1},
};

#define KINDS (sizeof kinds / sizeof *kinds)

static size_t kind_of(struct bytes key)
{
    size_t kind = 0;
    while (kind < KINDS && (key.length == 0 || kinds[kind].letter != key.data[0])) kind++;
    return kind;
}

/* The last part takes all that is left: a keyed hash may hold zero bytes. */
static bool read_key(struct bytes key, struct edge_entry *entry)
{
    size_t kind = kind_of(key);
    if (kind == KINDS) return false;
    struct bytes rest = bytes_from(key, 1);
    entry->kind = kinds[kind].kind;
    for (entry->part_count = 0; entry->part_count + 1 < kinds[kind].parts; entry->part_count++) {
        struct bytes part = bytes_slice(rest, 0, bytes_find(rest, 0));
        entry->parts[entry->part_count] = part;
        rest = bytes_from(rest, part.length + 1);
    }
    entry->parts[entry->part_count++] = rest;
    return true;
}

bool edge_kind_is_known(const char *kind)
{
    for (size_t i = 0; i < KINDS; i++) {
        if (!strcmp(kinds[i].kind, kind)) return true;
    }
    return false;
}

/* Where to begin, so that one kind is found without going through the others. */
static uint8_t first_letter(const char *only)
{
    for (size_t i = 0; only && i < KINDS; i++) {
        if (!strcmp(kinds[i].kind, only)) return (uint8_t)kinds[i].letter;
    }
    return 0;
}

static bool show(const char *only, const MDB_val *key, const MDB_val *value, edge_each each, void *context)
{
    struct edge_entry entry = {.value = bytes_of(value->mv_data, value->mv_size)};
    if (!read_key(bytes_of(key->mv_data, key->mv_size), &entry)) return true;
    if (only && strcmp(entry.kind, only)) return false;
    return each(context, &entry);
}

enum edge_result edge_list(struct edge_reader *reader, const char *only, edge_each each, void *context)
{
    MDB_dbi records;
    MDB_cursor *cursor;
    MDB_txn *transaction = edge_reader_transaction(reader, &records);
    uint8_t start = first_letter(only);
    MDB_val key = {1, &start}, value;
    if (!transaction || mdb_cursor_open(transaction, records, &cursor)) return EDGE_FAULT;
    int status = only && !start ? MDB_NOTFOUND : mdb_cursor_get(cursor, &key, &value, start ? MDB_SET_RANGE : MDB_FIRST);
    while (!status && show(only, &key, &value, each, context)) status = mdb_cursor_get(cursor, &key, &value, MDB_NEXT);
    mdb_cursor_close(cursor);
    return status && status != MDB_NOTFOUND ? EDGE_FAULT : EDGE_OK;
}

/* Values of the edge: a version byte, then fields in a fixed order, big-endian, byte strings behind their length. Read by bytes: LMDB
 * does not align. A reader keeps a sticky flag: take everything, ask record_is_whole once. */
#ifndef COUNTERSIGN_EDGE_RECORD_H
#define COUNTERSIGN_EDGE_RECORD_H

#include "base/buffer.h"
#include "edge/edge.h"

#include <endian.h>
#include <string.h>

struct record {
    const uint8_t *at;
    const uint8_t *end;
    bool bad; /* something was missing, or outside what it may be */
};

#define RECORD_VERSION 1

/* The next `length` bytes, borrowed. */
static inline struct bytes record_span(struct record *record, size_t length)
{
    if (record->bad || (size_t)(record->end - record->at) < length) {
        record->bad = true;
        length = 0;
    }
    struct bytes span = {record->at, length};
    record->at += length;
    return span;
}

/* Inline, with a size that the compiler knows: decoding is on the way of every request. */
static inline uint64_t record_number(struct record *record, size_t size)
{
    uint64_t number = 0;
    struct bytes digits = record_span(record, size);
    if (digits.length == 0) return 0;
    memcpy((uint8_t *)&number + sizeof number - size, digits.data, size);
    return be64toh(number);
}

static inline uint8_t record_u8(struct record *record)
{
    return (uint8_t)record_number(record, 1);
}

static inline uint16_t record_u16(struct record *record)
{
    return (uint16_t)record_number(record, 2);
}

static inline uint32_t record_u32(struct record *record)
{
    return (uint32_t)record_number(record, 4);
}

static inline uint64_t record_u64(struct record *record)
{
    return record_number(record, 8);
}

static inline int64_t record_i64(struct record *record)
{
    return (int64_t)record_number(record, 8);
}

/* An enum's value in one byte; anything outside is bad. */
static inline int record_choice(struct record *record, int lowest, int highest)
{
    int choice = record_u8(record);
    if (choice >= lowest && choice <= highest) return choice;
    record->bad = true;
    return lowest;
}

/* 0 or 1, nothing else. */
static inline bool record_flag(struct record *record)
{
    return record_choice(record, 0, 1) == 1;
}

/* Behind a length of 16 bits, of 32 bits. */
static inline struct bytes record_bytes(struct record *record)
{
    return record_span(record, record_u16(record));
}

static inline struct bytes record_long_bytes(struct record *record)
{
    return record_span(record, record_u32(record));
}

/* Checks and takes the version. */
static inline struct record record_over(struct bytes value)
{
    const uint8_t *start = value.length ? value.data : (const uint8_t *)"";
    struct record record = {.at = start, .end = start + value.length};
    if (record_u8(&record) != RECORD_VERSION) record.bad = true;
    return record;
}

/* Every field was there and nothing stands behind the last. */
static inline bool record_is_whole(const struct record *record)
{
    return !record->bad && record->at == record->end;
}

void record_start(struct buffer *out);
void record_add_bytes(struct buffer *out, struct bytes bytes); /* longer than 65535: out overflows */
void record_add_long_bytes(struct buffer *out, struct bytes bytes);

/* Each kind: encode beside decode, in a file of its own. Decoders borrow from `value` and are false for anything that our own encoder
 * would not have written. Sealed secrets stay sealed. */
void meta_encode(struct buffer *out, const struct edge_meta *meta);
bool meta_decode(struct bytes value, struct edge_meta *meta);
void host_encode(struct buffer *out, struct bytes group_id);
bool host_decode(struct bytes value, struct bytes *group_id);
void authorisation_encode(struct buffer *out, int64_t not_after);
bool authorisation_decode(struct bytes value, int64_t *not_after);
void addresses_encode(struct buffer *out, const struct edge_addresses *addresses);
bool addresses_decode(struct bytes value, struct edge_addresses *addresses);
void credential_encode(struct buffer *out, const struct credential *credential);
bool credential_decode(struct bytes value, struct credential *credential);
void key_set_encode(struct buffer *out, const struct edge_key_set *set);
bool key_set_decode(struct bytes value, struct edge_key_set *set);
void user_encode(struct buffer *out, const struct user *user);
bool user_decode(struct bytes value, struct user *user);
void instance_owner_encode(struct buffer *out, const struct instance_owner *owner);
bool instance_owner_decode(struct bytes value, struct instance_owner *owner);
void signature_key_encode(struct buffer *out, const struct signature_key *key);
bool signature_key_decode(struct bytes value, struct signature_key *key);
void throttle_encode(struct buffer *out, const struct throttle *throttle);
bool throttle_decode(struct bytes value, struct throttle *throttle);
void address_list_encode(struct buffer *out, const struct address_list *list);
bool address_list_decode(struct bytes value, struct address_list *list);
void publication_encode(struct buffer *out, const struct publication *publication);
bool publication_decode(struct bytes value, struct publication *publication);

#endif

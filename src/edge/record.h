/* Values of the edge: a version byte, then fields in a fixed order, big-endian, byte strings behind their length. Read by bytes: LMDB
 * does not align. A reader keeps a sticky flag: take everything, ask record_is_whole once. */
#ifndef COUNTERSIGN_EDGE_RECORD_H
#define COUNTERSIGN_EDGE_RECORD_H

#include "base/buffer.h"
#include "edge/edge.h"

struct record {
    const uint8_t *at;
    const uint8_t *end;
    bool bad; /* something was missing, or outside what it may be */
};

#define RECORD_VERSION 1

struct record record_over(struct bytes value); /* checks and takes the version */
uint8_t record_u8(struct record *record);
uint16_t record_u16(struct record *record);
uint32_t record_u32(struct record *record);
uint64_t record_u64(struct record *record);
int64_t record_i64(struct record *record);
bool record_flag(struct record *record);                           /* 0 or 1, nothing else */
int record_choice(struct record *record, int lowest, int highest); /* an enum's value in one byte */
struct bytes record_bytes(struct record *record);                  /* behind a length of 16 bits */
struct bytes record_long_bytes(struct record *record);             /* behind a length of 32 bits */
/* Every field was there and nothing stands behind the last. */
bool record_is_whole(const struct record *record);

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
void signature_key_encode(struct buffer *out, const struct signature_key *key);
bool signature_key_decode(struct bytes value, struct signature_key *key);
void publication_encode(struct buffer *out, const struct publication *publication);
bool publication_decode(struct bytes value, struct publication *publication);

#endif

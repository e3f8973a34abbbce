/* Keys of the edge's one database: a letter, then parts joined by 0x00 (edge.h lists them). */
#ifndef COUNTERSIGN_EDGE_KEYS_H
#define COUNTERSIGN_EDGE_KEYS_H

#include "base/buffer.h"
#include "edge/edge.h"

#define EDGE_KEY_MAX 511 /* what LMDB takes as distributed */

enum edge_kind {
    EDGE_META = 'm',
    EDGE_HOST = 'h',
    EDGE_ROUTES = 't',
    EDGE_PUBLICATION = 'p',
    EDGE_KEY_PAIR = 'k',
    EDGE_API_KEY = 'a',
    EDGE_TOKEN = 'c',
    EDGE_KEY_SET = 'j',
    EDGE_AUTHORISATION = 'g',
    EDGE_SIGNATURE_KEY = 's',
    EDGE_THROTTLE = 'l',
    EDGE_ADDRESS_LIST = 'n',
    EDGE_FEATURE = 'f',
    EDGE_OWNER = 'i',
    EDGE_USER = 'u',
    EDGE_ADDRESSES = 'b'
};

struct edge_key {
    size_t length;
    size_t joints;  /* zero bytes between parts */
    size_t checked; /* up to where parts may hold no zero byte */
    bool too_long;  /* such a key is never there */
    uint8_t data[EDGE_KEY_MAX];
};

/* For writing: no part holds a zero byte. A look-up need not ask: keys that were written have as many zero bytes as joints, so one with
 * more is none of them. */
bool edge_key_is_sound(const struct edge_key *key);

void edge_key_start(struct edge_key *key, enum edge_kind kind, struct bytes first);
void edge_key_add(struct edge_key *key, struct bytes part);
/* The last part may hold any byte (a keyed hash does). */
void edge_key_add_raw(struct edge_key *key, struct bytes part);

void edge_key_of_host(struct edge_key *key, struct bytes instance, struct bytes host); /* drops port and final dot, folds case */
void edge_key_of_routes(struct edge_key *key, struct bytes instance, struct bytes group_id, struct bytes environment_name);
void edge_key_of_publication(struct edge_key *key, struct bytes instance, struct bytes api_id, struct bytes environment_id);
void edge_key_of_key_pair(struct edge_key *key, struct bytes instance, struct bytes key_id);
void edge_key_of_api_key(struct edge_key *key, struct bytes instance, struct bytes keyed_hash);
void edge_key_of_token(struct edge_key *key, struct bytes instance, struct bytes holder);
void edge_key_of_key_set(struct edge_key *key, struct bytes instance, struct bytes name);
void edge_key_of_authorisation(struct edge_key *key, struct bytes instance, const struct edge_authorisation *authorisation);
void edge_key_of_signature_key(struct edge_key *key, struct bytes instance, struct bytes sign_id);
void edge_key_of_throttle(struct edge_key *key, struct bytes instance, struct bytes throttle_id);
void edge_key_of_address_list(struct edge_key *key, struct bytes instance, struct bytes id);
void edge_key_of_feature(struct edge_key *key, struct bytes instance, struct bytes feature);
void edge_key_of_owner(struct edge_key *key, struct bytes instance);
void edge_key_of_user(struct edge_key *key, struct bytes user_id);
void edge_key_of_addresses(struct edge_key *key, struct bytes authority);

#endif

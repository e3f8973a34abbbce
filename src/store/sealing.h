/* How secrets stand in the store: sealed with the store key and bound to their place, "<instance>|<table>|<row id>|<column>|<revision>",
 * with the revision the row itself carries. So a sealed secret copied to another row, or an older one put back, does not open.
 * API keys are not kept at all: only their keyed hash (pepper) is, as the lookup of their credential. */
#ifndef COUNTERSIGN_STORE_SEALING_H
#define COUNTERSIGN_STORE_SEALING_H

#include "crypto/hmac.h"
#include "crypto/seal.h"
#include "store/schema.h"

struct store_ring;
struct store_keys {
    struct store_ring *ring; /* the store key, and the two beside it while it is changed; safe to share between threads */
    struct hmac_key pepper;
    uint32_t pepper_version;
};

/* Reads store.key and pepper.key of `directory` (each one line of 72 hex digits: 4 bytes id or version + 32 bytes key), and store.next.key
 * and store.former.key if they are there. Nobody but their owner may read or write them. False with *problem in words. Wipe when done. */
bool store_keys_load(struct store_keys *keys, const char *directory, char problem[static 256]) __attribute__((warn_unused_result));
void store_keys_wipe(struct store_keys *keys);
/* A sealing context of the store key as its file has it now, for one thread and not for long: it opens what the keys beside it have sealed,
 * too. seal_destroy it. NULL: out of memory. */
struct seal *store_keys_seal(const struct store_keys *keys);
/* The id of the key that seals now. */
uint32_t store_keys_id(const struct store_keys *keys);
/* The lookup of an API key's credential: 64 hex digits of HMAC-SHA256(pepper, key). */
#define STORE_LOOKUP_SIZE 64
void store_api_key_lookup(const struct store_keys *keys, struct bytes api_key, struct buffer *out);

/* `row` must hold its final id, instance and revision; `column` is CREDENTIAL_SECRET or CREDENTIAL_NEXT_SECRET. The sealed form is appended
 * to `out`: secret length + SEAL_OVERHEAD bytes. False: no randomness, overflow, or an ill-formed row (a fault). */
bool store_seal_credential(struct seal *seal, const struct value *row, size_t column, struct bytes secret, struct buffer *out)
    __attribute__((warn_unused_result));
/* The secret in `row[column]`, as read from the store. False: not sealed by this key for this place, or overflow; `out` is then empty. */
bool store_open_credential(struct seal *seal, const struct value *row, size_t column, struct buffer *out)
    __attribute__((warn_unused_result));

/* The same for SIGN_SECRET or SIGN_NEXT_SECRET of a signature key. */
bool store_seal_signature_key(struct seal *seal, const struct value *row, size_t column, struct bytes secret, struct buffer *out)
    __attribute__((warn_unused_result));
bool store_open_signature_key(struct seal *seal, const struct value *row, size_t column, struct buffer *out)
    __attribute__((warn_unused_result));

/* The same for the secret of one-time codes. */
bool store_seal_factor(struct seal *seal, const struct value *row, struct bytes secret, struct buffer *out)
    __attribute__((warn_unused_result));
bool store_open_factor(struct seal *seal, const struct value *row, struct buffer *out) __attribute__((warn_unused_result));

/* The same for the secret with which codes are signed to the provider that carries them. */
bool store_seal_webhook(struct seal *seal, const struct value *row, struct bytes secret, struct buffer *out)
    __attribute__((warn_unused_result));
bool store_open_webhook(struct seal *seal, const struct value *row, struct buffer *out) __attribute__((warn_unused_result));

/* Every column of every entity that holds sealed secrets: the entity at `index`, NULL behind the last. */
const struct entity *store_sealed_entity(size_t index);
/* Seals anew, by the key that seals now, what another key has sealed in this row; bytes in the arena. A secret that does not open stays as
 * it is, and is counted. False: no randomness or memory. */
struct resealer {
    struct seal *seal;
    uint32_t key_id; /* of the key that seals */
    struct arena *arena;
    size_t changed;  /* secrets, of all rows so far */
    size_t unopened; /* damaged, or of a key that is not here */
};
bool store_reseal_row(struct resealer *resealer, const struct entity *entity, struct value *row) __attribute__((warn_unused_result));

#endif

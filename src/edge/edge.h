/* The edge: the read-only picture of the truth on a node, from which nginx decides; one LMDB environment (data.mdb, lock.mdb).
 *
 * One database, keys are a letter and parts joined by 0x00 (ids never hold one; instance comes first so that one node may serve several):
 *   m                                    meta: format, store id, revision, boot id, node key id
 *   h instance host                      → group id                     (host: lower case, no port)
 *   t instance group environment-name    → compiled route trie          (route.h)
 *   p instance api environment-id        → publication                  (record.h)
 *   k instance key-id                    → key pair credential          (secrets sealed with the node key)
 *   a instance keyed-hash                → API key credential
 *   c instance holder                    → token credential of a consumer (holder: digest of claim and value)
 *   j instance name                      → key set that tokens are checked with (sealed with the node key when it holds secrets)
 *   g instance api environment-id kind principal → authorisation
 *   s instance sign-id                   → signature key                (secret sealed with the node key)
 *   l instance throttle-id               → limits of requests
 *   n instance id                        → addresses that may call, of an access control policy or an app
 *   f instance feature                   → its config: it is switched on
 *   i instance                           → whose it is: project and domain
 *   u user                               → a user of IAM; his access keys (k) and tokens (a) stand under the empty instance
 *   b authority                          → addresses of a backend       (record.h)
 * Values are versioned, big-endian, length-prefixed; read by bytes, never by struct casts (LMDB does not align).
 * Rebuilding happens inside the same environment in one transaction: the files are never unlinked under the workers. */
#ifndef COUNTERSIGN_EDGE_EDGE_H
#define COUNTERSIGN_EDGE_EDGE_H

#include "base/arena.h"
#include "base/buffer.h"
#include "credential/user.h"
#include "crypto/hmac.h"
#include "crypto/seal.h"
#include "policy/address_list.h"
#include "policy/publication.h"
#include "policy/throttle.h"

#define EDGE_FORMAT      10
#define EDGE_MAP_SIZE    (64ull << 30) /* sparse: address space, not disk */
#define EDGE_MAX_READERS 512

enum edge_result {
    EDGE_OK,
    EDGE_NOTHING,
    EDGE_FAULT /* unreadable, of another format, full: fail closed */
};

/* The secrets a node needs: loaded by the nginx master and the daemon from files of mode 0600, never by a worker. */
struct edge_keys {
    uint8_t node_key[SEAL_KEY_SIZE];
    uint32_t node_key_id;
    struct edge_other_key { /* node.next.key and node.former.key, while the node key is changed: pictures of these are read, too */
        uint8_t key[SEAL_KEY_SIZE];
        uint32_t id;
    } others[SEAL_OTHER_KEYS];
    size_t other_count;
    struct hmac_key pepper; /* keys the hash of API keys */
    uint32_t pepper_version;
};

struct edge_meta {
    uint32_t format;
    uint64_t revision; /* of the store, up to which this picture is complete */
    struct bytes store_id;
    struct bytes boot_id; /* of the machine when it was last written: NOSYNC means that another boot forces a rebuild */
    uint32_t node_key_id;
};

#define EDGE_MAX_ADDRESSES 16
struct edge_address {
    uint8_t ip[16]; /* IPv4 uses the first four */
    bool v6;
    uint8_t weight; /* of a member's addresses; 0: they have no members, all are alike. Not in the record of addresses */
    uint16_t port;
};
struct edge_addresses {
    struct edge_address items[EDGE_MAX_ADDRESSES];
    size_t count;
};

/* Keys of tokens (JWKS). */
struct edge_key_set {
    uint64_t revision;
    bool secret; /* it holds symmetric keys: sealed */
    struct bytes text;
};
#define EDGE_KEY_SET_MAX (64 * 1024)

struct edge_authorisation {
    enum principal_kind kind;
    struct bytes principal_id;
    struct bytes api_id;
    struct bytes environment_id;
    int64_t not_after; /* last second, Unix; 0 = no end */
};

/* Reads the key files of a directory (node.key, and the other two if they are there: 4 bytes id + 32 bytes; pepper.key: 4 bytes version +
 * 32 bytes; all hex text).
 * False with *problem in words. Call as the owner of the files. */
bool edge_keys_load(struct edge_keys *keys, const char *directory, char problem[static 256]);
/* A seal that closes with the node key and opens with all. NULL: out of memory. */
struct seal *edge_keys_seal(const struct edge_keys *keys);
/* Is this the id of one of the node keys? */
bool edge_keys_know(const struct edge_keys *keys, uint32_t node_key_id);
/* Draws node.key and pepper.key into `directory` (made with mode 0700 when absent). A file that is there already stays. */
bool edge_keys_create(const char *directory, char problem[static 256]);
/* The keyed hash under which an API key is filed: HMAC-SHA256(pepper, key). */
struct digest_value edge_api_key_hash(const struct edge_keys *keys, struct bytes api_key);

#define EDGE_BOOT_ID_SIZE 64
/* The id of this boot of the machine, as the kernel names it. False: the system does not tell. */
bool edge_boot_id(char id[static EDGE_BOOT_ID_SIZE]);

#endif

/* Writing the edge: the daemon's publisher only. One write transaction at a time; readers see all of it or nothing. */
#ifndef COUNTERSIGN_EDGE_WRITER_H
#define COUNTERSIGN_EDGE_WRITER_H

#include "edge/edge.h"

struct edge_writer;

/* Creates directory content as needed: data.mdb 0640, lock.mdb 0660, owned by `group` when the caller is root (group may be NULL).
 * NULL with *problem in words. Clears dead readers. */
struct edge_writer *edge_writer_open(const char *directory, const struct edge_keys *keys, const char *group, char problem[static 256]);
void edge_writer_close(struct edge_writer *writer);

enum edge_result edge_write_begin(struct edge_writer *writer);
/* Everything goes: the first step of a rebuild. Inside a transaction. */
enum edge_result edge_write_clear(struct edge_writer *writer);
/* Sets meta (revision, store id, boot id) and commits; on any failure the transaction is gone and the old picture stands. */
enum edge_result edge_write_commit(struct edge_writer *writer, uint64_t revision, struct bytes store_id, struct bytes boot_id);
void edge_write_abort(struct edge_writer *writer);

enum edge_result edge_put_host(struct edge_writer *writer, struct bytes instance, struct bytes host, struct bytes group_id);
enum edge_result edge_put_publication(struct edge_writer *writer, const struct publication *publication);
/* Secrets in clear here; sealed with the node key on their way in. */
enum edge_result edge_put_key_pair(struct edge_writer *writer, struct bytes instance, struct bytes key_id,
                                   const struct credential *credential);
enum edge_result edge_put_api_key(struct edge_writer *writer, struct bytes instance, struct bytes keyed_hash,
                                  const struct credential *credential);
enum edge_result edge_put_authorisation(struct edge_writer *writer, struct bytes instance, const struct edge_authorisation *authorisation);
enum edge_result edge_put_signature_key(struct edge_writer *writer, struct bytes instance, const struct signature_key *key);
enum edge_result edge_put_backend_addresses(struct edge_writer *writer, struct bytes authority, const struct edge_addresses *addresses);

/* The routes of one (group, environment), compiled into a trie. No entries: the trie goes. */
struct route_entry {
    struct bytes method; /* "GET" … or "ANY" */
    struct bytes path;   /* /a/{b}/c */
    bool prefix;         /* match_mode SWA */
    struct bytes api_id;
};
struct route_table {
    struct bytes group_id;
    struct bytes environment_name;
    struct bytes environment_id;
    const struct route_entry *entries;
    size_t count;
};
enum edge_result edge_put_routes(struct edge_writer *writer, struct bytes instance, const struct route_table *table);

/* Removal of each kind; removing what is not there is fine. */
enum edge_result edge_remove_host(struct edge_writer *writer, struct bytes instance, struct bytes host);
enum edge_result edge_remove_publication(struct edge_writer *writer, struct bytes instance, struct bytes api_id,
                                         struct bytes environment_id);
enum edge_result edge_remove_key_pair(struct edge_writer *writer, struct bytes instance, struct bytes key_id);
enum edge_result edge_remove_api_key(struct edge_writer *writer, struct bytes instance, struct bytes keyed_hash);
enum edge_result edge_remove_authorisation(struct edge_writer *writer, struct bytes instance,
                                           const struct edge_authorisation *authorisation);
enum edge_result edge_remove_signature_key(struct edge_writer *writer, struct bytes instance, struct bytes sign_id);

#endif

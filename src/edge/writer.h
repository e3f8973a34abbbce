/* Writing the edge: the daemon's publisher only. One write transaction at a time; readers see all of it or nothing. */
#ifndef COUNTERSIGN_EDGE_WRITER_H
#define COUNTERSIGN_EDGE_WRITER_H

#include "edge/edge.h"

struct edge_writer;

/* Creates what is missing: directory 0750, data.mdb 0640, lock.mdb 0660, owned by `group` when the caller is root (group may be NULL).
 * NULL with *problem in words, also when another process has it open for writing. Clears dead readers. A picture that another boot of the
 * machine left unclosed is thrown away: its meta is then gone and all must be put again. */
struct edge_writer *edge_writer_open(const char *directory, const struct edge_keys *keys, const char *group, char problem[static 256]);
/* The same with a map of another size: what does not fit is refused (MDB_MAP_FULL). It is never smaller than what is in it. */
struct edge_writer_place {
    const char *directory;
    const char *group;
    size_t map_size;
};
struct edge_writer *edge_writer_open_sized(const struct edge_writer_place *place, const struct edge_keys *keys, char problem[static 256]);
/* Outside of a transaction: from the next one on these keys seal. What is there stays as it is, so everything has to be written anew.
 * False: out of memory, nothing changed. */
bool edge_writer_take_keys(struct edge_writer *writer, const struct edge_keys *keys);
/* Syncs to disk; the picture may then be read after a restart of the machine too. */
void edge_writer_close(struct edge_writer *writer);
/* Frees what dead readers hold: to be called every few seconds. Returns how many there were; -1: the lock file failed. */
int edge_writer_check_readers(struct edge_writer *writer);
/* How many bytes the records take, and how many there is room for. A rebuild writes a second picture beside the first. */
struct edge_fill {
    uint64_t used;
    uint64_t size;
};
struct edge_fill edge_writer_fill(const struct edge_writer *writer);
/* In words, why the last call gave EDGE_FAULT. */
const char *edge_writer_problem(const struct edge_writer *writer);

enum edge_result edge_write_begin(struct edge_writer *writer);
/* Everything goes: the first step of a rebuild. Inside a transaction. */
enum edge_result edge_write_clear(struct edge_writer *writer);
/* Up to where the picture goes, inside a transaction; borrows from it. EDGE_NOTHING: it is empty or not readable, rebuild it. */
enum edge_result edge_write_meta(struct edge_writer *writer, struct edge_meta *meta);
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
enum edge_result edge_put_token(struct edge_writer *writer, struct bytes instance, struct bytes holder,
                                const struct credential *credential);
/* Sealed on its way in when it is secret. */
enum edge_result edge_put_key_set(struct edge_writer *writer, struct bytes instance, struct bytes name, const struct edge_key_set *set);
enum edge_result edge_put_authorisation(struct edge_writer *writer, struct bytes instance, const struct edge_authorisation *authorisation);
enum edge_result edge_put_signature_key(struct edge_writer *writer, struct bytes instance, const struct signature_key *key);
/* A feature that is switched on; removed: off. */
enum edge_result edge_put_throttle(struct edge_writer *writer, struct bytes instance, const struct throttle *throttle);
enum edge_result edge_put_address_list(struct edge_writer *writer, struct bytes instance, struct bytes id, const struct address_list *list);
enum edge_result edge_put_feature(struct edge_writer *writer, struct bytes instance, struct bytes feature, struct bytes config);
enum edge_result edge_remove_throttle(struct edge_writer *writer, struct bytes instance, struct bytes throttle_id);
enum edge_result edge_remove_address_list(struct edge_writer *writer, struct bytes instance, struct bytes id);
enum edge_result edge_remove_feature(struct edge_writer *writer, struct bytes instance, struct bytes feature);
enum edge_result edge_put_user(struct edge_writer *writer, struct bytes user_id, const struct user *user);
enum edge_result edge_remove_user(struct edge_writer *writer, struct bytes user_id);
/* Of an instance that is removed it stays: nothing is published there any more. */
enum edge_result edge_put_instance_owner(struct edge_writer *writer, struct bytes instance, const struct instance_owner *owner);
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
enum edge_result edge_remove_token(struct edge_writer *writer, struct bytes instance, struct bytes holder);
enum edge_result edge_remove_key_set(struct edge_writer *writer, struct bytes instance, struct bytes name);
enum edge_result edge_remove_authorisation(struct edge_writer *writer, struct bytes instance,
                                           const struct edge_authorisation *authorisation);
enum edge_result edge_remove_signature_key(struct edge_writer *writer, struct bytes instance, struct bytes sign_id);
enum edge_result edge_remove_backend_addresses(struct edge_writer *writer, struct bytes authority);

#endif

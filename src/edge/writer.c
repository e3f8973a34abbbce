#include "edge/writer.h"

#include "crypto/secret.h"
#include "edge/boot.h"
#include "edge/environment.h"
#include "edge/record.h"
#include "edge/route.h"
#include "edge/sealing.h"
#include "edge/writer_internals.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RECORD_MAX (512u << 10) /* a publication with a long list of CA certificates and parameters at their longest */
#define TRIE_MAX   (64u << 20)

struct edge_writer {
    struct environment environment;
    MDB_txn *transaction;
    bool failed; /* something of this transaction could not be written: it must not be committed */
    uint32_t node_key_id;
    struct edge_keys keys; /* for a reader beside it */
    struct seal *seal;
    const char *problem;
    char *directory;
    uint8_t record[RECORD_MAX];
    uint8_t sealed[SEALED_NEXT_KEY + 1][SEALED_MAX_SECRET + SEAL_OVERHEAD]; /* of one signature key */
};

static enum edge_result fail(struct edge_writer *writer, const char *problem)
{
    writer->failed = true;
    writer->problem = problem;
    return EDGE_FAULT;
}

const char *edge_writer_problem(const struct edge_writer *writer)
{
    return writer->problem ? writer->problem : "";
}

struct edge_writer *edge_writer_open_sized(const struct edge_writer_place *place, const struct edge_keys *keys, char problem[static 256])
{
    struct edge_writer *writer = calloc(1, sizeof *writer);
    struct environment_place environment = {place->directory, place->group, place->map_size};
    snprintf(problem, 256, "no memory");
    if (!writer) return NULL;
    writer->environment.writer_lock = -1;
    writer->node_key_id = keys->node_key_id;
    writer->keys = *keys;
    writer->seal = edge_keys_seal(keys);
    writer->directory = strdup(place->directory);
    if (writer->seal && writer->directory && environment_open_writing(&writer->environment, &environment, problem)) return writer;
    edge_writer_close(writer);
    return NULL;
}

struct edge_writer *edge_writer_open(const char *directory, const struct edge_keys *keys, const char *group, char problem[static 256])
{
    struct edge_writer_place place = {directory, group, EDGE_MAP_SIZE};
    return edge_writer_open_sized(&place, keys, problem);
}

bool edge_writer_take_keys(struct edge_writer *writer, const struct edge_keys *keys)
{
    struct seal *seal = edge_keys_seal(keys);
    if (seal == NULL) return false;
    seal_destroy(writer->seal);
    writer->seal = seal;
    writer->keys = *keys;
    writer->node_key_id = keys->node_key_id;
    return true;
}

void edge_writer_close(struct edge_writer *writer)
{
    if (!writer) return;
    edge_write_abort(writer);
    /* On disk as a whole, so that it may be read after the next start of the machine, before the daemon is up. */
    if (writer->environment.env && !mdb_env_sync(writer->environment.env, 1)) boot_mark_write(writer->directory, BOOT_CLEAN);
    environment_close(&writer->environment);
    seal_destroy(writer->seal);
    free(writer->directory);
    secret_wipe(writer, sizeof *writer);
    free(writer);
}

const struct environment *edge_writer_environment(const struct edge_writer *writer)
{
    return &writer->environment;
}

const struct edge_keys *edge_writer_keys(const struct edge_writer *writer)
{
    return &writer->keys;
}

int edge_writer_check_readers(struct edge_writer *writer)
{
    int dead = 0;
    return mdb_reader_check(writer->environment.env, &dead) ? -1 : dead;
}

struct edge_fill edge_writer_fill(const struct edge_writer *writer)
{
    MDB_stat records;
    MDB_envinfo map;
    if (mdb_env_stat(writer->environment.env, &records) || mdb_env_info(writer->environment.env, &map)) return (struct edge_fill){0};
    size_t pages = records.ms_branch_pages + records.ms_leaf_pages + records.ms_overflow_pages;
    return (struct edge_fill){(uint64_t)pages * records.ms_psize, map.me_mapsize};
}

enum edge_result edge_write_begin(struct edge_writer *writer)
{
    if (writer->transaction) return EDGE_FAULT;
    writer->failed = false;
    writer->problem = NULL;
    int status = mdb_txn_begin(writer->environment.env, NULL, 0, &writer->transaction);
    if (!status) return EDGE_OK;
    writer->transaction = NULL;
    return fail(writer, mdb_strerror(status));
}

void edge_write_abort(struct edge_writer *writer)
{
    if (writer->transaction) mdb_txn_abort(writer->transaction);
    writer->transaction = NULL;
}

/* A full map may be one that a dead reader keeps from being used again. */
static enum edge_result failed_with(struct edge_writer *writer, int status)
{
    if (status == MDB_MAP_FULL) edge_writer_check_readers(writer);
    return fail(writer, mdb_strerror(status));
}

static enum edge_result put(struct edge_writer *writer, const struct edge_key *key, struct bytes value)
{
    MDB_val name = {key->length, (void *)(uintptr_t)key->data};
    MDB_val content = {value.length, (void *)(uintptr_t)value.data};
    if (!writer->transaction) return fail(writer, "no transaction is open");
    if (!edge_key_is_sound(key)) return fail(writer, "a key is too long or holds a zero byte");
    if (!value.length) return fail(writer, "a record does not fit");
    int status = mdb_put(writer->transaction, writer->environment.records, &name, &content, 0);
    return status ? failed_with(writer, status) : EDGE_OK;
}

static enum edge_result take_away(struct edge_writer *writer, const struct edge_key *key)
{
    MDB_val name = {key->length, (void *)(uintptr_t)key->data};
    if (!writer->transaction) return fail(writer, "no transaction is open");
    if (!edge_key_is_sound(key)) return EDGE_OK;
    int status = mdb_del(writer->transaction, writer->environment.records, &name, NULL);
    return status && status != MDB_NOTFOUND ? failed_with(writer, status) : EDGE_OK;
}

static struct buffer record_buffer(struct edge_writer *writer)
{
    return buffer_over(writer->record, sizeof writer->record);
}

enum edge_result edge_write_clear(struct edge_writer *writer)
{
    if (!writer->transaction) return fail(writer, "no transaction is open");
    int status = mdb_drop(writer->transaction, writer->environment.records, 0);
    return status ? failed_with(writer, status) : EDGE_OK;
}

static void meta_key(struct edge_key *key)
{
    edge_key_start(key, EDGE_META, BYTES(""));
}

enum edge_result edge_write_meta(struct edge_writer *writer, struct edge_meta *meta)
{
    struct edge_key key;
    MDB_val found;
    meta_key(&key);
    MDB_val name = {key.length, key.data};
    if (!writer->transaction) return fail(writer, "no transaction is open");
    int status = mdb_get(writer->transaction, writer->environment.records, &name, &found);
    if (status == MDB_NOTFOUND) return EDGE_NOTHING;
    if (status) return failed_with(writer, status);
    return meta_decode(bytes_of(found.mv_data, found.mv_size), meta) ? EDGE_OK : EDGE_NOTHING;
}

enum edge_result edge_write_commit(struct edge_writer *writer, uint64_t revision, struct bytes store_id, struct bytes boot_id)
{
    struct edge_key key;
    struct buffer record = record_buffer(writer);
    struct edge_meta meta = {EDGE_FORMAT, revision, store_id, boot_id, writer->node_key_id};
    meta_key(&key);
    meta_encode(&record, &meta);
    if (put(writer, &key, buffer_bytes(&record)) != EDGE_OK || writer->failed) {
        edge_write_abort(writer);
        return EDGE_FAULT;
    }
    int status = mdb_txn_commit(writer->transaction);
    writer->transaction = NULL;
    return status ? failed_with(writer, status) : EDGE_OK;
}

enum edge_result edge_put_host(struct edge_writer *writer, struct bytes instance, struct bytes host, struct bytes group_id)
{
    struct edge_key key;
    struct buffer record = record_buffer(writer);
    edge_key_of_host(&key, instance, host);
    host_encode(&record, group_id);
    return put(writer, &key, buffer_bytes(&record));
}

enum edge_result edge_put_publication(struct edge_writer *writer, const struct publication *publication)
{
    struct edge_key key;
    struct buffer record = record_buffer(writer);
    edge_key_of_publication(&key, publication->instance_id, publication->api_id, publication->environment_id);
    publication_encode(&record, publication);
    return put(writer, &key, buffer_bytes(&record));
}

enum edge_result edge_put_key_pair(struct edge_writer *writer, struct bytes instance, struct bytes key_id,
                                   const struct credential *credential)
{
    struct edge_key key;
    uint8_t memory[CREDENTIAL_MAX_SECRETS][SEALED_MAX_SECRET + SEAL_OVERHEAD];
    struct credential sealed = *credential;
    struct buffer record = record_buffer(writer);
    struct sealed_place place = {instance, EDGE_KEY_PAIR, key_id, 0, credential->revision};
    if (credential->kind != CREDENTIAL_KEY_PAIR || credential->secret_count > CREDENTIAL_MAX_SECRETS)
        return fail(writer, "a key pair has too many secrets, or is none");
    for (; place.field < credential->secret_count; place.field++) {
        struct buffer out = buffer_over(memory[place.field], sizeof memory[place.field]);
        if (!secret_seal(writer->seal, &place, credential->secrets[place.field].value, &out))
            return fail(writer, "a secret cannot be sealed");
        sealed.secrets[place.field].value = buffer_bytes(&out);
    }
    edge_key_of_key_pair(&key, instance, key_id);
    credential_encode(&record, &sealed);
    return put(writer, &key, buffer_bytes(&record));
}

enum edge_result edge_put_api_key(struct edge_writer *writer, struct bytes instance, struct bytes keyed_hash,
                                  const struct credential *credential)
{
    struct edge_key key;
    struct buffer record = record_buffer(writer);
    if (credential->kind != CREDENTIAL_API_KEY) return fail(writer, "an API key is of another kind");
    edge_key_of_api_key(&key, instance, keyed_hash);
    credential_encode(&record, credential);
    return put(writer, &key, buffer_bytes(&record));
}

enum edge_result edge_put_token(struct edge_writer *writer, struct bytes instance, struct bytes holder, const struct credential *credential)
{
    struct edge_key key;
    struct buffer record = record_buffer(writer);
    if (credential->kind != CREDENTIAL_TOKEN) return fail(writer, "a token credential is of another kind");
    edge_key_of_token(&key, instance, holder);
    credential_encode(&record, credential);
    return put(writer, &key, buffer_bytes(&record));
}

enum edge_result edge_put_key_set(struct edge_writer *writer, struct bytes instance, struct bytes name, const struct edge_key_set *set)
{
    struct edge_key key;
    struct buffer record = record_buffer(writer);
    struct edge_key_set sealed = *set;
    struct sealed_place place = {instance, EDGE_KEY_SET, name, SEALED_SECRET, set->revision};
    struct buffer out = buffer_over(writer->sealed[0], sizeof writer->sealed[0]);
    if (set->secret) {
        if (!secret_seal(writer->seal, &place, set->text, &out)) return fail(writer, "a key set cannot be sealed");
        sealed.text = buffer_bytes(&out);
    }
    edge_key_of_key_set(&key, instance, name);
    key_set_encode(&record, &sealed);
    return put(writer, &key, buffer_bytes(&record));
}

enum edge_result edge_put_authorisation(struct edge_writer *writer, struct bytes instance, const struct edge_authorisation *authorisation)
{
    struct edge_key key;
    struct buffer record = record_buffer(writer);
    edge_key_of_authorisation(&key, instance, authorisation);
    authorisation_encode(&record, authorisation->not_after);
    return put(writer, &key, buffer_bytes(&record));
}

/* Seals what of a key and its secret is secret, in place. */
static bool seal_pair(struct edge_writer *writer, struct sealed_place place, const struct signature_key *key, struct bytes pair[static 2])
{
    for (size_t i = 0; i < 2; i++, place.field++) {
        if (i == 1 && !signature_key_is_secret(key)) continue;
        struct buffer sealed = buffer_over(writer->sealed[place.field], sizeof writer->sealed[place.field]);
        if (!secret_seal(writer->seal, &place, pair[i], &sealed)) return false;
        pair[i] = buffer_bytes(&sealed);
    }
    return true;
}

enum edge_result edge_put_signature_key(struct edge_writer *writer, struct bytes instance, const struct signature_key *key)
{
    struct edge_key name;
    struct buffer record = record_buffer(writer);
    struct signature_key sealed = *key;
    struct sealed_place place = {instance, EDGE_SIGNATURE_KEY, key->id, SEALED_SECRET, key->revision};
    struct bytes now[2] = {key->secret, key->key}, next[2] = {key->next_secret, key->next_key};
    if (!seal_pair(writer, place, key, now)) return fail(writer, "a secret cannot be sealed");
    place.field = SEALED_NEXT_SECRET;
    if (key->next_from != 0 && !seal_pair(writer, place, key, next)) return fail(writer, "the next secret cannot be sealed");
    sealed.secret = now[0];
    sealed.key = now[1];
    sealed.next_secret = next[0];
    sealed.next_key = next[1];
    edge_key_of_signature_key(&name, instance, key->id);
    signature_key_encode(&record, &sealed);
    return put(writer, &name, buffer_bytes(&record));
}

enum edge_result edge_put_throttle(struct edge_writer *writer, struct bytes instance, const struct throttle *throttle)
{
    struct edge_key key;
    struct buffer record = record_buffer(writer);
    edge_key_of_throttle(&key, instance, throttle->id);
    throttle_encode(&record, throttle);
    return put(writer, &key, buffer_bytes(&record));
}

enum edge_result edge_put_address_list(struct edge_writer *writer, struct bytes instance, struct bytes id, const struct address_list *list)
{
    struct edge_key key;
    struct buffer record = record_buffer(writer);
    edge_key_of_address_list(&key, instance, id);
    address_list_encode(&record, list);
    return put(writer, &key, buffer_bytes(&record));
}

enum edge_result edge_put_feature(struct edge_writer *writer, struct bytes instance, struct bytes feature, struct bytes config)
{
    struct edge_key key;
    struct buffer record = record_buffer(writer);
    edge_key_of_feature(&key, instance, feature);
    record_start(&record);
    record_add_bytes(&record, config);
    return put(writer, &key, buffer_bytes(&record));
}

enum edge_result edge_remove_throttle(struct edge_writer *writer, struct bytes instance, struct bytes throttle_id)
{
    struct edge_key key;
    edge_key_of_throttle(&key, instance, throttle_id);
    return take_away(writer, &key);
}

enum edge_result edge_remove_address_list(struct edge_writer *writer, struct bytes instance, struct bytes id)
{
    struct edge_key key;
    edge_key_of_address_list(&key, instance, id);
    return take_away(writer, &key);
}

enum edge_result edge_remove_feature(struct edge_writer *writer, struct bytes instance, struct bytes feature)
{
    struct edge_key key;
    edge_key_of_feature(&key, instance, feature);
    return take_away(writer, &key);
}

enum edge_result edge_put_user(struct edge_writer *writer, struct bytes user_id, const struct user *user)
{
    struct edge_key key;
    struct buffer record = record_buffer(writer);
    edge_key_of_user(&key, user_id);
    user_encode(&record, user);
    return put(writer, &key, buffer_bytes(&record));
}

enum edge_result edge_remove_user(struct edge_writer *writer, struct bytes user_id)
{
    struct edge_key key;
    edge_key_of_user(&key, user_id);
    return take_away(writer, &key);
}

enum edge_result edge_put_instance_owner(struct edge_writer *writer, struct bytes instance, const struct instance_owner *owner)
{
    struct edge_key key;
    struct buffer record = record_buffer(writer);
    edge_key_of_owner(&key, instance);
    instance_owner_encode(&record, owner);
    return put(writer, &key, buffer_bytes(&record));
}

enum edge_result edge_put_backend_addresses(struct edge_writer *writer, struct bytes authority, const struct edge_addresses *addresses)
{
    struct edge_key key;
    struct buffer record = record_buffer(writer);
    edge_key_of_addresses(&key, authority);
    addresses_encode(&record, addresses);
    return put(writer, &key, buffer_bytes(&record));
}

/* Compiled into ever more memory until it fits: how large a trie gets is known only at its end. */
static enum edge_result put_trie(struct edge_writer *writer, const struct edge_key *key, const struct route_table *table)
{
    const char *problem = "";
    for (size_t size = 64u << 10; size <= TRIE_MAX; size *= 4) {
        uint8_t *memory = malloc(size);
        if (!memory) return fail(writer, "no memory");
        struct buffer out = buffer_over(memory, size);
        bool compiled = route_compile(&out, table, &problem);
        enum edge_result result = compiled ? put(writer, key, buffer_bytes(&out)) : EDGE_FAULT;
        free(memory);
        if (compiled) return result;
        if (!out.overflow) break;
    }
    return fail(writer, problem);
}

enum edge_result edge_put_routes(struct edge_writer *writer, struct bytes instance, const struct route_table *table)
{
    struct edge_key key;
    edge_key_of_routes(&key, instance, table->group_id, table->environment_name);
    return table->count ? put_trie(writer, &key, table) : take_away(writer, &key);
}

enum edge_result edge_remove_host(struct edge_writer *writer, struct bytes instance, struct bytes host)
{
    struct edge_key key;
    edge_key_of_host(&key, instance, host);
    return take_away(writer, &key);
}

enum edge_result edge_remove_publication(struct edge_writer *writer, struct bytes instance, struct bytes api_id,
                                         struct bytes environment_id)
{
    struct edge_key key;
    edge_key_of_publication(&key, instance, api_id, environment_id);
    return take_away(writer, &key);
}

enum edge_result edge_remove_key_pair(struct edge_writer *writer, struct bytes instance, struct bytes key_id)
{
    struct edge_key key;
    edge_key_of_key_pair(&key, instance, key_id);
    return take_away(writer, &key);
}

enum edge_result edge_remove_api_key(struct edge_writer *writer, struct bytes instance, struct bytes keyed_hash)
{
    struct edge_key key;
    edge_key_of_api_key(&key, instance, keyed_hash);
    return take_away(writer, &key);
}

enum edge_result edge_remove_token(struct edge_writer *writer, struct bytes instance, struct bytes holder)
{
    struct edge_key key;
    edge_key_of_token(&key, instance, holder);
    return take_away(writer, &key);
}

enum edge_result edge_remove_key_set(struct edge_writer *writer, struct bytes instance, struct bytes name)
{
    struct edge_key key;
    edge_key_of_key_set(&key, instance, name);
    return take_away(writer, &key);
}

enum edge_result edge_remove_authorisation(struct edge_writer *writer, struct bytes instance,
                                           const struct edge_authorisation *authorisation)
{
    struct edge_key key;
    edge_key_of_authorisation(&key, instance, authorisation);
    return take_away(writer, &key);
}

enum edge_result edge_remove_signature_key(struct edge_writer *writer, struct bytes instance, struct bytes sign_id)
{
    struct edge_key key;
    edge_key_of_signature_key(&key, instance, sign_id);
    return take_away(writer, &key);
}

enum edge_result edge_remove_backend_addresses(struct edge_writer *writer, struct bytes authority)
{
    struct edge_key key;
    edge_key_of_addresses(&key, authority);
    return take_away(writer, &key);
}

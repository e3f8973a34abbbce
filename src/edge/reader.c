#include "edge/reader.h"

#include "crypto/random.h"
#include "crypto/secret.h"
#include "edge/environment.h"
#include "edge/look_ups.h"
#include "edge/opened.h"
#include "edge/publications.h"
#include "edge/reader_internals.h"
#include "edge/record.h"
#include "edge/route.h"
#include "edge/sealing.h"
#include "edge/writer_internals.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define HUGE_PAGE ((size_t)2 << 20)

struct edge_reader {
    struct environment environment;
    bool borrowed;        /* the environment is a writer's */
    MDB_txn *transaction; /* reset between requests, renewed at each: no memory is taken for it again */
    MDB_cursor *cursor;   /* renewed in each transaction that needs it */
    bool reading;
    uint64_t transaction_id; /* of the running transaction, its picture known to be ours to read */
    bool checked;
    struct edge_keys keys;
    struct seal *seal;
    struct look_ups look_ups;
    struct opened opened;
    struct publications publications;
};

/* A record of the map, by the hash of its key, and its copy in an arena. */
struct copied {
    uint64_t hash;
    struct bytes in_map;
    struct bytes copy;
};

/* Where key and value stand in the map, without a detour through the memory of look-ups. */
static enum edge_result find_in_map(struct edge_reader *reader, const struct edge_key *key, struct bytes *name, struct bytes *value)
{
    MDB_val wanted = {key->length, (void *)(uintptr_t)key->data}, found;
    if (!reader->reading || mdb_cursor_renew(reader->transaction, reader->cursor)) return EDGE_FAULT;
    if (key->too_long) return EDGE_NOTHING;
    int status = mdb_cursor_get(reader->cursor, &wanted, &found, MDB_SET_KEY);
    if (status == MDB_NOTFOUND) return EDGE_NOTHING;
    if (status) return EDGE_FAULT;
    *name = bytes_of(wanted.mv_data, wanted.mv_size);
    *value = bytes_of(found.mv_data, found.mv_size);
    return EDGE_OK;
}

static enum edge_result look_up_in_map(struct edge_reader *reader, const struct edge_key *key, struct bytes *value)
{
    struct bytes name;
    return find_in_map(reader, key, &name, value);
}

static uint64_t hash_of_key(const struct edge_reader *reader, const struct edge_key *key)
{
    return look_up_hash(reader->look_ups.seed, bytes_of(key->data, key->length));
}

static enum edge_result look_up_by(struct edge_reader *reader, const struct edge_key *key, uint64_t hash, struct look_up **found)
{
    struct bytes name = {key->data, key->length}, value;
    *found = reader->reading ? look_ups_find(&reader->look_ups, name, hash, reader->transaction_id) : NULL;
    if (*found) return EDGE_OK;
    enum edge_result result = find_in_map(reader, key, &name, &value);
    if (result == EDGE_OK) *found = look_ups_keep(&reader->look_ups, name, hash, reader->transaction_id, value);
    return result;
}

static enum edge_result look_up(struct edge_reader *reader, const struct edge_key *key, struct look_up **found)
{
    return look_up_by(reader, key, hash_of_key(reader, key), found);
}

static enum edge_result look_up_bytes(struct edge_reader *reader, const struct edge_key *key, struct bytes *value)
{
    struct look_up *found;
    enum edge_result result = look_up(reader, key, &found);
    if (result == EDGE_OK) *value = look_up_value(found);
    return result;
}

/* The writer made the map larger: map it anew. Pointers into the old mapping are gone with it. */
static int follow_resize(struct edge_reader *reader)
{
    look_ups_forget(&reader->look_ups);
    opened_forget(&reader->opened);
    reader->checked = false;
    return mdb_env_set_mapsize(reader->environment.env, 0);
}

static int renew(struct edge_reader *reader)
{
    int status = mdb_txn_renew(reader->transaction);
    if (status != MDB_MAP_RESIZED) return status;
    status = follow_resize(reader);
    return status ? status : mdb_txn_renew(reader->transaction);
}

/* Of our format and sealed with a node key of ours: asked once for each state of the edge. */
static enum edge_result check_picture(struct edge_reader *reader)
{
    struct edge_meta meta;
    enum edge_result result = edge_meta_read(reader, &meta);
    if (result != EDGE_OK) return EDGE_FAULT;
    return meta.format == EDGE_FORMAT && edge_keys_know(&reader->keys, meta.node_key_id) ? EDGE_OK : EDGE_FAULT;
}

enum edge_result edge_begin(struct edge_reader *reader)
{
    if (reader->reading || renew(reader)) return EDGE_FAULT;
    uint64_t id = mdb_txn_id(reader->transaction);
    reader->reading = true;
    if (reader->checked && id == reader->transaction_id) return EDGE_OK;
    reader->transaction_id = id;
    reader->checked = check_picture(reader) == EDGE_OK;
    if (reader->checked) return EDGE_OK;
    edge_end(reader);
    return EDGE_FAULT;
}

void edge_end(struct edge_reader *reader)
{
    if (!reader->reading) return;
    reader->reading = false;
    mdb_txn_reset(reader->transaction);
    publications_settle(&reader->publications);
}

MDB_txn *edge_reader_transaction(struct edge_reader *reader, MDB_dbi *records)
{
    *records = reader->environment.records;
    return reader->reading ? reader->transaction : NULL;
}

uint64_t edge_picture(const struct edge_reader *reader)
{
    return reader->transaction_id;
}

enum edge_result edge_meta_read(struct edge_reader *reader, struct edge_meta *meta)
{
    struct edge_key key;
    struct bytes value;
    edge_key_start(&key, EDGE_META, BYTES(""));
    enum edge_result result = look_up_in_map(reader, &key, &value);
    if (result != EDGE_OK) return result;
    return meta_decode(value, meta) ? EDGE_OK : EDGE_FAULT;
}

static bool prepare(struct edge_reader *reader, const struct edge_keys *keys, char problem[static 256])
{
    reader->keys = *keys;
    reader->seal = edge_keys_seal(keys);
    bool drawn = random_bytes(&reader->look_ups.seed, sizeof reader->look_ups.seed);
    reader->publications.seed = reader->look_ups.seed;
    if (reader->seal && drawn) return true;
    snprintf(problem, 256, "no memory or no randomness");
    return false;
}

static bool first_look(struct edge_reader *reader, char problem[static 256])
{
    int status = mdb_txn_begin(reader->environment.env, NULL, MDB_RDONLY, &reader->transaction);
    if (status == MDB_MAP_RESIZED && !(status = follow_resize(reader)))
        status = mdb_txn_begin(reader->environment.env, NULL, MDB_RDONLY, &reader->transaction);
    if (!status) status = mdb_cursor_open(reader->transaction, reader->environment.records, &reader->cursor);
    if (status) return environment_problem(problem, "first transaction", status);
    mdb_txn_reset(reader->transaction);
    if (edge_begin(reader) != EDGE_OK) {
        snprintf(problem, 256, "not filled yet, of another format, or sealed with another node key");
        return false;
    }
    edge_end(reader);
    return true;
}

/* What is remembered is touched all over at each request: in pages of 2 MiB, where the system has them, that is no search for pages. */
static struct edge_reader *make_reader(char problem[static 256])
{
    size_t size = (sizeof(struct edge_reader) + HUGE_PAGE - 1) / HUGE_PAGE * HUGE_PAGE;
    struct edge_reader *reader = aligned_alloc(HUGE_PAGE, size);
    snprintf(problem, 256, "no memory");
    if (!reader) return NULL;
    (void)madvise(reader, size, MADV_HUGEPAGE);
    memset(reader, 0, sizeof *reader);
    reader->environment.writer_lock = -1;
    return reader;
}

struct edge_reader *edge_reader_open(const char *directory, const struct edge_keys *keys, char problem[static 256])
{
    struct edge_reader *reader = make_reader(problem);
    if (!reader) return NULL;
    if (prepare(reader, keys, problem) && environment_open_reading(&reader->environment, directory, problem) && first_look(reader, problem))
        return reader;
    edge_reader_close(reader);
    return NULL;
}

struct edge_reader *edge_reader_beside(const struct edge_writer *writer, char problem[static 256])
{
    struct edge_reader *reader = make_reader(problem);
    if (!reader) return NULL;
    reader->environment = *edge_writer_environment(writer);
    reader->borrowed = true;
    if (prepare(reader, edge_writer_keys(writer), problem) && first_look(reader, problem)) return reader;
    edge_reader_close(reader);
    return NULL;
}

void edge_reader_close(struct edge_reader *reader)
{
    if (!reader) return;
    edge_end(reader);
    publications_forget(&reader->publications);
    if (reader->cursor) mdb_cursor_close(reader->cursor);
    if (reader->transaction) mdb_txn_abort(reader->transaction);
    if (!reader->borrowed) environment_close(&reader->environment);
    seal_destroy(reader->seal);
    opened_forget(&reader->opened);
    secret_wipe(&reader->keys, sizeof reader->keys);
    free(reader);
}

enum edge_result edge_route(const struct edge_view *view, const struct route_query *query, struct route *route)
{
    struct edge_key key;
    struct bytes value, group_id;
    edge_key_of_host(&key, view->instance, query->host);
    enum edge_result result = look_up_bytes(view->reader, &key, &value);
    if (result != EDGE_OK) return result;
    if (!host_decode(value, &group_id)) return EDGE_FAULT;
    edge_key_of_routes(&key, view->instance, group_id, query->stage.length ? query->stage : BYTES("RELEASE"));
    result = look_up_bytes(view->reader, &key, &value);
    return result == EDGE_OK ? route_decide(value, query->method, query->path, route) : result;
}

enum edge_result edge_publication(const struct edge_view *view, struct bytes api_id, struct bytes environment_id,
                                  const struct publication **publication)
{
    struct edge_key key;
    struct bytes value;
    struct edge_reader *reader = view->reader;
    struct publication_name name = {view->instance, api_id, environment_id};
    if (!reader->reading) return EDGE_FAULT;
    *publication = publications_find(&reader->publications, &name, reader->transaction_id);
    if (*publication) return EDGE_OK;
    edge_key_of_publication(&key, view->instance, api_id, environment_id);
    enum edge_result result = look_up_in_map(reader, &key, &value);
    if (result != EDGE_OK) return result;
    *publication = publications_keep(&reader->publications, &name, reader->transaction_id, value);
    return *publication ? EDGE_OK : EDGE_FAULT;
}

/* A copy of the record in the arena, decoded there. `in_map`: where the record itself stands. All that is known of its caller is far from
 * the processor, so what can be fetched is before any of it is waited for. */
static enum edge_result copy_credential(struct edge_reader *reader, const struct edge_key *key, struct arena *arena,
                                        struct credential *credential, struct copied *copied)
{
    struct look_up *found;
    copied->hash = hash_of_key(reader, key);
    look_ups_fetch(&reader->look_ups, copied->hash);
    if (key->data[0] == EDGE_KEY_PAIR) opened_fetch(&reader->opened, copied->hash);
    enum edge_result result = look_up_by(reader, key, copied->hash, &found);
    if (result != EDGE_OK) return result;
    copied->in_map = look_up_value(found);
    copied->copy = arena_copy(arena, look_up_near_value(found));
    if (!copied->copy.length || !credential_decode(copied->copy, credential)) return EDGE_FAULT;
    credential->remembered = (struct credential_remembered){found, copied->in_map.data};
    return EDGE_OK;
}

/* A secret where it was opened, for the length of a request. */
struct opening {
    struct bytes text;
    uint64_t kept_at; /* where a short one is kept (opened.h) */
    bool wants_hmac;
    const struct hmac_key *hmac; /* NULL: not wanted, or the secret is opened for the first time, or long */
    uint64_t number;             /* of a long one that is kept */
};

static bool copy_opened(const struct opened_secret *known, struct arena *arena, struct opening *opening)
{
    opening->text = arena_copy(arena, bytes_of(known->secret, known->length));
    if (!opening->wants_hmac) return opening->text.length > 0;
    struct hmac_key *hmac = arena_take_unset(arena, sizeof *hmac);
    opening->hmac = hmac;
    if (hmac) *hmac = known->hmac;
    return hmac && opening->text.length > 0;
}

/* Opens a secret, or remembers it. `sealed`: where it stands in the map; opening->text may be a copy of that. */
static bool open_secret(struct edge_reader *reader, const struct sealed_place *place, const uint8_t *sealed, struct arena *arena,
                        struct opening *opening)
{
    const struct opened_secret *known = opened_find(&reader->opened, opening->kept_at, sealed, reader->transaction_id);
    if (known) return copy_opened(known, arena, opening);
    if (!secret_unseal(reader->seal, place, arena, &opening->text)) return false;
    opened_keep(&reader->opened, opening->kept_at, sealed, reader->transaction_id, opening->text);
    return true;
}

enum edge_result edge_key_pair(const struct edge_view *view, struct bytes key_id, struct arena *arena, struct credential *credential)
{
    struct edge_key key;
    edge_key_of_key_pair(&key, view->instance, key_id);
    struct copied copied;
    enum edge_result result = copy_credential(view->reader, &key, arena, credential, &copied);
    if (result != EDGE_OK) return result;
    if (credential->kind != CREDENTIAL_KEY_PAIR) return EDGE_FAULT;
    struct sealed_place place = {view->instance, EDGE_KEY_PAIR, key_id, 0, credential->revision};
    for (; place.field < credential->secret_count; place.field++) {
        struct credential_secret *secret = &credential->secrets[place.field];
        const uint8_t *in_map = copied.in_map.data + (secret->value.data - copied.copy.data);
        struct opening opening = {.text = secret->value, .kept_at = opened_place_beside(copied.hash, place.field), .wants_hmac = true};
        if (!open_secret(view->reader, &place, in_map, arena, &opening)) return EDGE_FAULT;
        secret->value = opening.text;
        secret->hmac = opening.hmac;
    }
    return EDGE_OK;
}

enum edge_result edge_api_key(const struct edge_view *view, struct bytes api_key, struct arena *arena, struct credential *credential)
{
    struct edge_key key;
    struct digest_value hash = edge_api_key_hash(&view->reader->keys, api_key);
    edge_key_of_api_key(&key, view->instance, digest_bytes(&hash));
    struct copied copied;
    enum edge_result result = copy_credential(view->reader, &key, arena, credential, &copied);
    if (result != EDGE_OK) return result;
    return credential->kind == CREDENTIAL_API_KEY ? EDGE_OK : EDGE_FAULT;
}

enum edge_result edge_token(const struct edge_view *view, struct bytes holder, struct arena *arena, struct credential *credential)
{
    struct edge_key key;
    edge_key_of_token(&key, view->instance, holder);
    struct copied copied;
    enum edge_result result = copy_credential(view->reader, &key, arena, credential, &copied);
    if (result != EDGE_OK) return result;
    return credential->kind == CREDENTIAL_TOKEN ? EDGE_OK : EDGE_FAULT;
}

enum edge_result edge_key_set(const struct edge_view *view, struct bytes name, struct arena *arena, struct edge_key_set *set)
{
    struct edge_key key;
    struct bytes value;
    edge_key_of_key_set(&key, view->instance, name);
    enum edge_result result = look_up_bytes(view->reader, &key, &value);
    if (result != EDGE_OK) return result;
    if (!key_set_decode(value, set)) return EDGE_FAULT;
    if (arena == NULL) return EDGE_OK;
    struct sealed_place place = {view->instance, EDGE_KEY_SET, name, SEALED_SECRET, set->revision};
    if (set->secret) return secret_unseal(view->reader->seal, &place, arena, &set->text) ? EDGE_OK : EDGE_FAULT;
    set->text = arena_copy(arena, set->text);
    return set->text.length ? EDGE_OK : EDGE_FAULT;
}

enum edge_result edge_signature_key_sealed(const struct edge_view *view, struct bytes sign_id, struct signature_key *key)
{
    struct edge_key name;
    struct bytes value;
    edge_key_of_signature_key(&name, view->instance, sign_id);
    enum edge_result result = look_up_bytes(view->reader, &name, &value);
    if (result != EDGE_OK) return result;
    return signature_key_decode(value, key) && bytes_equal(key->id, sign_id) ? EDGE_OK : EDGE_FAULT;
}

/* A private key: opening it costs more than all else that a request asks of the edge. */
static bool open_long(struct edge_reader *reader, const struct sealed_place *place, const uint8_t *sealed, struct arena *arena,
                      struct opening *opening)
{
    struct bytes kept;
    opening->number = opened_find_long(&reader->opened, sealed, reader->transaction_id, &kept);
    if (opening->number) {
        opening->text = arena_copy(arena, kept);
        return opening->text.length > 0;
    }
    if (!secret_unseal(reader->seal, place, arena, &opening->text)) return false;
    opening->number = opened_keep_long(&reader->opened, sealed, reader->transaction_id, opening->text);
    return true;
}

/* One half of the key, opened. */
static bool open_half(const struct edge_view *view, const struct sealed_place *place, struct arena *arena, struct bytes *half,
                      struct opening *opening)
{
    bool is_long = half->length > OPENED_MAX + SEAL_OVERHEAD;
    opening->text = *half;
    opening->kept_at = opened_place_of(half->data);
    if (!(is_long ? open_long : open_secret)(view->reader, place, half->data, arena, opening)) return false;
    *half = opening->text;
    return true;
}

/* A key MACs with its secret, or with its key when that is secret as well. */
enum edge_result edge_signature_key_open(const struct edge_view *view, const struct signature_key *sealed, int64_t now, struct arena *arena,
                                         struct signature_key *key)
{
    bool next = sealed->next_from != 0 && now >= sealed->next_from;
    bool both = signature_key_is_secret(sealed);
    *key = (struct signature_key){.type = sealed->type,
                                  .id = arena_copy(arena, sealed->id),
                                  .key = next ? sealed->next_key : sealed->key,
                                  .secret = next ? sealed->next_secret : sealed->secret,
                                  .revision = sealed->revision};
    struct sealed_place place = {view->instance, EDGE_SIGNATURE_KEY, sealed->id, next ? SEALED_NEXT_SECRET : SEALED_SECRET, key->revision};
    struct opening opening = {.wants_hmac = !both};
    if (!both) key->key = arena_copy(arena, key->key);
    if (arena->exhausted || !open_half(view, &place, arena, &key->secret, &opening)) return EDGE_FAULT;
    if (both) {
        place.field = next ? SEALED_NEXT_KEY : SEALED_KEY;
        opening.wants_hmac = true;
        if (!open_half(view, &place, arena, &key->key, &opening)) return EDGE_FAULT;
    }
    key->hmac = opening.hmac;
    key->opening = opening.number;
    return EDGE_OK;
}

enum edge_result edge_signature_key(const struct edge_view *view, struct bytes sign_id, int64_t now, struct arena *arena,
                                    struct signature_key *key)
{
    struct signature_key sealed;
    enum edge_result result = edge_signature_key_sealed(view, sign_id, &sealed);
    return result == EDGE_OK ? edge_signature_key_open(view, &sealed, now, arena, key) : result;
}

enum edge_result edge_throttle(const struct edge_view *view, struct bytes throttle_id, struct throttle *throttle)
{
    struct edge_key key;
    struct bytes value;
    edge_key_of_throttle(&key, view->instance, throttle_id);
    enum edge_result result = look_up_bytes(view->reader, &key, &value);
    if (result != EDGE_OK) return result;
    return throttle_decode(value, throttle) ? EDGE_OK : EDGE_FAULT;
}

enum edge_result edge_user(const struct edge_view *view, struct bytes user_id, struct user *user)
{
    struct edge_key key;
    struct bytes value;
    edge_key_of_user(&key, user_id);
    enum edge_result result = look_up_bytes(view->reader, &key, &value);
    if (result != EDGE_OK) return result;
    return user_decode(value, user) ? EDGE_OK : EDGE_FAULT;
}

enum edge_result edge_instance_owner(const struct edge_view *view, struct instance_owner *owner)
{
    struct edge_key key;
    struct bytes value;
    edge_key_of_owner(&key, view->instance);
    enum edge_result result = look_up_bytes(view->reader, &key, &value);
    if (result != EDGE_OK) return result;
    return instance_owner_decode(value, owner) ? EDGE_OK : EDGE_FAULT;
}

enum edge_result edge_address_list(const struct edge_view *view, struct bytes id, struct address_list *list)
{
    struct edge_key key;
    struct bytes value;
    edge_key_of_address_list(&key, view->instance, id);
    enum edge_result result = look_up_bytes(view->reader, &key, &value);
    if (result != EDGE_OK) return result;
    return address_list_decode(value, list) ? EDGE_OK : EDGE_FAULT;
}

enum edge_result edge_feature(const struct edge_view *view, struct bytes feature, struct bytes *config)
{
    struct edge_key key;
    struct bytes value;
    edge_key_of_feature(&key, view->instance, feature);
    enum edge_result result = look_up_bytes(view->reader, &key, &value);
    if (result != EDGE_OK) return result;
    struct record record = record_over(value);
    *config = record_bytes(&record);
    return record_is_whole(&record) ? EDGE_OK : EDGE_FAULT;
}

enum edge_result edge_authorisation(const struct edge_view *view, struct edge_authorisation *wanted)
{
    struct edge_key key;
    struct bytes value;
    edge_key_of_authorisation(&key, view->instance, wanted);
    enum edge_result result = look_up_in_map(view->reader, &key, &value);
    if (result != EDGE_OK) return result;
    return authorisation_decode(value, &wanted->not_after) ? EDGE_OK : EDGE_FAULT;
}

/* The look-up that found this credential, if it was in this transaction and nothing took its place since. */
static struct look_up *look_up_of(const struct edge_reader *reader, const struct credential *credential)
{
    struct look_up *look_up = credential->remembered.look_up;
    if (!look_up || !reader->reading || look_up->stamp != reader->transaction_id + 1) return NULL;
    return look_up->value == credential->remembered.record ? look_up : NULL;
}

enum edge_result edge_authorisation_of(const struct edge_view *view, const struct credential *caller, const struct publication *publication,
                                       int64_t *not_after)
{
    struct look_up *look_up = look_up_of(view->reader, caller);
    if (look_up && publication->serial != 0 && look_up->authorised_for == publication->serial) {
        *not_after = look_up->authorised_until;
        return EDGE_OK;
    }
    struct edge_authorisation wanted = {.kind = caller->principal.kind,
                                        .principal_id = caller->principal.id,
                                        .api_id = publication->api_id,
                                        .environment_id = publication->environment_id};
    enum edge_result result = edge_authorisation(view, &wanted);
    if (result != EDGE_OK) return result;
    *not_after = wanted.not_after;
    if (look_up) look_up->authorised_for = publication->serial, look_up->authorised_until = wanted.not_after;
    return EDGE_OK;
}

enum edge_result edge_backend_addresses(struct edge_reader *reader, struct bytes authority, struct edge_addresses *addresses)
{
    struct edge_key key;
    struct bytes value;
    edge_key_of_addresses(&key, authority);
    enum edge_result result = look_up_bytes(reader, &key, &value);
    if (result != EDGE_OK) return result;
    return addresses_decode(value, addresses) ? EDGE_OK : EDGE_FAULT;
}

static void add_member(struct edge_addresses *addresses, const struct edge_addresses *own, uint8_t weight)
{
    for (size_t i = 0; i < own->count && addresses->count < EDGE_MAX_ADDRESSES; i++) {
        addresses->items[addresses->count] = own->items[i];
        addresses->items[addresses->count++].weight = weight;
    }
}

enum edge_result edge_addresses_of(struct edge_reader *reader, const struct backend *backend, struct edge_addresses *addresses)
{
    if (backend->member_count == 0) return edge_backend_addresses(reader, backend->authority, addresses);
    addresses->count = 0;
    for (size_t i = 0; i < backend->member_count; i++) {
        struct edge_addresses own;
        enum edge_result result = edge_backend_addresses(reader, backend->members[i].authority, &own);
        if (result == EDGE_FAULT) return result;
        if (result == EDGE_OK) add_member(addresses, &own, backend->members[i].weight);
    }
    return addresses->count > 0 ? EDGE_OK : EDGE_NOTHING;
}

#include "fixture.h"

static bool put_everything(struct edge_writer *writer)
{
    static const struct route_entry entries[] = {{BYTES("GET"), BYTES("/orders/{id}"), false, API}};
    struct route_table routes = {BYTES("group-1"), BYTES("RELEASE"), RELEASE_ID, entries, 1};
    struct credential pair = fixture_key_pair(BYTES("secret")), api_key = fixture_api_key();
    struct publication publication = fixture_publication();
    struct edge_authorisation authorisation = {PRINCIPAL_APP, BYTES("app-1"), API, RELEASE_ID, 1234};
    struct signature_key signature = {
        .type = SIGNATURE_HMAC, .id = BYTES("sign-1"), .key = BYTES("key"), .secret = BYTES("signature secret"), .revision = 2};
    struct edge_addresses addresses = {{{.ip = {127, 0, 0, 1}, .port = 8443}, {.ip = {[15] = 1}, .v6 = true, .port = 80}}, 2};
    uint8_t hash[DIGEST_MAX_SIZE] = {0, 1, 2, 0}; /* a keyed hash may hold zero bytes */
    return edge_put_host(writer, INSTANCE, BYTES("Api.Example.com"), BYTES("group-1")) == EDGE_OK &&
           edge_put_routes(writer, INSTANCE, &routes) == EDGE_OK && edge_put_publication(writer, &publication) == EDGE_OK &&
           edge_put_key_pair(writer, INSTANCE, BYTES("app-key"), &pair) == EDGE_OK &&
           edge_put_api_key(writer, INSTANCE, bytes_of(hash, sizeof hash), &api_key) == EDGE_OK &&
           edge_put_authorisation(writer, INSTANCE, &authorisation) == EDGE_OK &&
           edge_put_signature_key(writer, INSTANCE, &signature) == EDGE_OK &&
           edge_put_backend_addresses(writer, BYTES("backend.example:8443"), &addresses) == EDGE_OK;
}

#define assert_bytes(value, text)                                                                                                          \
    do {                                                                                                                                   \
        assert_int_equal((value).length, strlen(text));                                                                                    \
        assert_memory_equal((value).data, text, strlen(text));                                                                             \
    } while (0)

struct world {
    struct fixture *fixture;
    struct edge_reader *reader;
    struct edge_view view;
    uint8_t memory[8192];
    struct arena arena;
};

static struct world open_world(void **state, fixture_puts puts)
{
    struct world world = {.fixture = *state};
    assert_true(fixture_write(world.fixture, puts, 10));
    world.reader = fixture_reader(world.fixture);
    assert_non_null(world.reader);
    world.view = (struct edge_view){world.reader, INSTANCE};
    return world;
}

static struct arena *fresh(struct world *world)
{
    world->arena = arena_over(world->memory, sizeof world->memory);
    return &world->arena;
}

static void everything_that_was_put_is_found(void **state)
{
    struct world world = open_world(state, put_everything);
    struct credential credential;
    struct signature_key signature;
    struct edge_meta meta;
    struct edge_addresses addresses;
    struct edge_authorisation wanted = {PRINCIPAL_APP, BYTES("app-1"), API, RELEASE_ID, 0};
    assert_int_equal(edge_begin(world.reader), EDGE_OK);
    for (int warm = 0; warm < 2; warm++) {
        assert_int_equal(edge_meta_read(world.reader, &meta), EDGE_OK);
        assert_int_equal(meta.revision, 10);
        assert_bytes(meta.store_id, "store");
        assert_int_equal(edge_key_pair(&world.view, BYTES("app-key"), fresh(&world), &credential), EDGE_OK);
        assert_bytes(credential.secrets[0].value, "secret");
        assert_bytes(credential.secrets[1].value, "the next one");
        assert_int_equal(credential.secrets[1].until, 99);
        assert_bytes(credential.principal.name, "an app");
        assert_int_equal(credential.principal.kind, PRINCIPAL_APP);
        assert_int_equal(credential.not_after, 4102444800);
        assert_int_equal(credential.revision, 7);
        assert_int_equal(credential.schemes, 6);
        assert_true(credential.enabled);
        assert_int_equal(edge_signature_key(&world.view, BYTES("sign-1"), 1000, fresh(&world), &signature), EDGE_OK);
        assert_bytes(signature.secret, "signature secret");
        assert_bytes(signature.key, "key");
        assert_int_equal(edge_authorisation(&world.view, &wanted), EDGE_OK);
        assert_int_equal(wanted.not_after, 1234);
        assert_int_equal(edge_backend_addresses(world.reader, BYTES("backend.example:8443"), &addresses), EDGE_OK);
        assert_int_equal(addresses.count, 2);
        assert_int_equal(addresses.items[0].ip[0], 127);
        assert_int_equal(addresses.items[1].ip[15], 1);
        assert_true(addresses.items[1].v6);
    }
    edge_end(world.reader);
    edge_reader_close(world.reader);
}

static void a_publication_comes_back_whole(void **state)
{
    struct world world = open_world(state, put_everything);
    const struct publication *publication, *again;
    assert_int_equal(edge_begin(world.reader), EDGE_OK);
    assert_int_equal(edge_publication(&world.view, API, RELEASE_ID, &publication), EDGE_OK);
    assert_int_equal(edge_publication(&world.view, API, RELEASE_ID, &again), EDGE_OK);
    assert_ptr_equal(publication, again);
    assert_bytes(publication->id, "publish-1");
    assert_bytes(publication->api_name, "orders");
    assert_bytes(publication->group_id, "group-1");
    assert_bytes(publication->environment_name, "RELEASE");
    assert_int_equal(publication->plan.place_count, 2);
    assert_int_equal(publication->plan.places[1].location, PLACE_QUERY);
    assert_true(publication->plan.places[1].pass_through);
    assert_true(publication->rules.require_body_digest);
    assert_false(publication->rules.accept_undated);
    assert_int_equal(publication->rules.body_limit, 1u << 20);
    assert_int_equal(publication->backend.kind, BACKEND_HTTPS);
    assert_bytes(publication->backend.path, "/v1/{id}");
    assert_int_equal(publication->backend.timeout_ms, 5000);
    assert_bytes(publication->backend.ca_certificates, "-----BEGIN CERTIFICATE-----\n");
    assert_bytes(publication->signature_key_id, "sign-1");
    edge_end(world.reader);
    edge_reader_close(world.reader);
}

static void a_route_is_found_by_host_stage_method_and_path(void **state)
{
    struct world world = open_world(state, put_everything);
    struct route route;
    struct route_query query = {BYTES("API.example.COM:8443"), BYTES(""), BYTES("GET"), BYTES("/orders/17")};
    assert_int_equal(edge_begin(world.reader), EDGE_OK);
    assert_int_equal(edge_route(&world.view, &query, &route), EDGE_OK);
    assert_bytes(route.api_id, "api-1");
    assert_bytes(route.environment_id, "DEFAULT_ENVIRONMENT_RELEASE_ID");
    assert_bytes(route.params[0].value, "17");
    query.host = BYTES("api.example.com.");
    assert_int_equal(edge_route(&world.view, &query, &route), EDGE_OK);
    query.stage = BYTES("TEST");
    assert_int_equal(edge_route(&world.view, &query, &route), EDGE_NOTHING);
    query.stage = BYTES("RELEASE");
    query.method = BYTES("POST");
    assert_int_equal(edge_route(&world.view, &query, &route), EDGE_NOTHING);
    query.method = BYTES("GET");
    query.host = BYTES("other.example.com");
    assert_int_equal(edge_route(&world.view, &query, &route), EDGE_NOTHING);
    edge_end(world.reader);
    edge_reader_close(world.reader);
}

static void what_is_not_there_is_nothing(void **state)
{
    struct world world = open_world(state, put_everything);
    struct credential credential;
    struct signature_key signature;
    const struct publication *publication;
    struct edge_addresses addresses;
    static uint8_t endless[2000];
    struct edge_authorisation consumer = {PRINCIPAL_CONSUMER, BYTES("app-1"), API, RELEASE_ID, 0};
    struct edge_view other = {world.reader, BYTES("instance-2")};
    memset(endless, 'a', sizeof endless);
    assert_int_equal(edge_begin(world.reader), EDGE_OK);
    assert_int_equal(edge_key_pair(&world.view, BYTES("app-kez"), fresh(&world), &credential), EDGE_NOTHING);
    assert_int_equal(edge_key_pair(&world.view, BYTES(""), fresh(&world), &credential), EDGE_NOTHING);
    assert_int_equal(edge_key_pair(&world.view, bytes_of(endless, sizeof endless), fresh(&world), &credential), EDGE_NOTHING);
    assert_int_equal(edge_key_pair(&world.view, BYTES("app-key\0"), fresh(&world), &credential), EDGE_NOTHING);
    assert_int_equal(edge_key_pair(&other, BYTES("app-key"), fresh(&world), &credential), EDGE_NOTHING);
    assert_int_equal(edge_api_key(&world.view, BYTES("no such key"), fresh(&world), &credential), EDGE_NOTHING);
    assert_int_equal(edge_signature_key(&world.view, BYTES("sign-2"), 1000, fresh(&world), &signature), EDGE_NOTHING);
    assert_int_equal(edge_publication(&world.view, BYTES("api-2"), RELEASE_ID, &publication), EDGE_NOTHING);
    assert_int_equal(edge_authorisation(&world.view, &consumer), EDGE_NOTHING);
    assert_int_equal(edge_backend_addresses(world.reader, BYTES("other:80"), &addresses), EDGE_NOTHING);
    edge_end(world.reader);
    edge_reader_close(world.reader);
}

static void addresses_of_members_come_with_their_weights(void **state)
{
    (void)state;
    struct world world = open_world(state, put_everything);
    struct backend backend = fixture_publication().backend;
    struct edge_addresses addresses;
    assert_int_equal(edge_begin(world.reader), EDGE_OK);
    assert_int_equal(edge_addresses_of(world.reader, &backend, &addresses), EDGE_OK);
    assert_int_equal(addresses.count, 2);
    assert_int_equal(addresses.items[0].weight, 100);
    assert_int_equal(addresses.items[1].weight, 100);
    backend.members[0] = backend.members[1];
    assert_int_equal(edge_addresses_of(world.reader, &backend, &addresses), EDGE_NOTHING);
    for (size_t i = 0; i < BACKEND_MAX_MEMBERS; i++) backend.members[i] = (struct backend_member){BYTES("backend.example:8443"), 1};
    backend.member_count = BACKEND_MAX_MEMBERS;
    assert_int_equal(edge_addresses_of(world.reader, &backend, &addresses), EDGE_OK);
    assert_int_equal(addresses.count, EDGE_MAX_ADDRESSES);
    backend.member_count = 0;
    assert_int_equal(edge_addresses_of(world.reader, &backend, &addresses), EDGE_OK);
    assert_int_equal(addresses.items[0].weight, 0);
    edge_end(world.reader);
    edge_reader_close(world.reader);
}

static bool put_aes_key(struct edge_writer *writer)
{
    struct signature_key key = {
        .type = SIGNATURE_AES, .id = BYTES("sign-aes"), .key = BYTES("0123456789abcdef"), .secret = BYTES("the vector"), .revision = 4};
    return edge_put_signature_key(writer, INSTANCE, &key) == EDGE_OK;
}

static void of_aes_the_key_is_sealed_too(void **state)
{
    struct world world = open_world(state, put_aes_key);
    struct signature_key key;
    char path[128];
    static uint8_t content[1 << 20];
    assert_int_equal(edge_begin(world.reader), EDGE_OK);
    assert_int_equal(edge_signature_key(&world.view, BYTES("sign-aes"), 1000, fresh(&world), &key), EDGE_OK);
    assert_int_equal(key.type, SIGNATURE_AES);
    assert_bytes(key.key, "0123456789abcdef");
    assert_bytes(key.secret, "the vector");
    edge_end(world.reader);
    edge_reader_close(world.reader);
    snprintf(path, sizeof path, "%s/data.mdb", world.fixture->edge);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    size_t length = fread(content, 1, sizeof content, file);
    fclose(file);
    assert_non_null(memmem(content, length, "sign-aes", 8));
    assert_null(memmem(content, length, "0123456789abcdef", 16));
    assert_null(memmem(content, length, "the vector", 10));
}

static bool put_keys_that_follow(struct edge_writer *writer)
{
    struct signature_key aes = {.type = SIGNATURE_AES,
                                .id = BYTES("sign-aes"),
                                .key = BYTES("0123456789abcdef"),
                                .secret = BYTES("the first vector"),
                                .revision = 4,
                                .next_from = 2000,
                                .next_key = BYTES("fedcba9876543210"),
                                .next_secret = BYTES("a vector to come")};
    struct signature_key hmac = aes;
    hmac.type = SIGNATURE_HMAC;
    hmac.id = BYTES("sign-hmac");
    return edge_put_signature_key(writer, INSTANCE, &aes) == EDGE_OK && edge_put_signature_key(writer, INSTANCE, &hmac) == EDGE_OK;
}

static void the_next_key_signs_from_its_moment_on(void **state)
{
    struct world world = open_world(state, put_keys_that_follow);
    const struct bytes ids[] = {BYTES("sign-aes"), BYTES("sign-hmac")};
    struct signature_key key;
    assert_int_equal(edge_begin(world.reader), EDGE_OK);
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(edge_signature_key(&world.view, ids[i], 1999, fresh(&world), &key), EDGE_OK);
        assert_bytes(key.key, "0123456789abcdef");
        assert_bytes(key.secret, "the first vector");
        assert_int_equal(edge_signature_key(&world.view, ids[i], 2000, fresh(&world), &key), EDGE_OK);
        assert_bytes(key.key, "fedcba9876543210");
        assert_bytes(key.secret, "a vector to come");
        assert_int_equal(key.next_from, 0);
        assert_int_equal(edge_signature_key_sealed(&world.view, ids[i], &key), EDGE_OK);
        assert_int_equal(key.next_from, 2000);
        assert_int_not_equal(key.secret.length, sizeof "the first vector" - 1);
    }
    edge_end(world.reader);
    edge_reader_close(world.reader);
}

static bool put_nameless_next(struct edge_writer *writer)
{
    struct signature_key key = {.type = SIGNATURE_HMAC,
                                .id = BYTES("sign"),
                                .key = BYTES("key"),
                                .secret = BYTES("secret"),
                                .next_from = 5,
                                .next_key = BYTES("next")};
    return edge_put_signature_key(writer, INSTANCE, &key) == EDGE_OK;
}

static void a_next_key_without_a_secret_is_not_written(void **state)
{
    struct world world = open_world(state, put_keys_that_follow);
    edge_reader_close(world.reader);
    assert_false(fixture_write(world.fixture, put_nameless_next, 11));
}

static bool put_feature(struct edge_writer *writer)
{
    return edge_put_feature(writer, INSTANCE, BYTES("public_key"), BYTES("its config")) == EDGE_OK;
}

static void a_feature_is_on_in_its_instance(void **state)
{
    struct world world = open_world(state, put_feature);
    struct edge_view other = {world.reader, BYTES("another instance")};
    struct bytes config;
    assert_int_equal(edge_begin(world.reader), EDGE_OK);
    assert_int_equal(edge_feature(&world.view, BYTES("public_key"), &config), EDGE_OK);
    assert_true(bytes_equal(config, BYTES("its config")));
    assert_int_equal(edge_feature(&world.view, BYTES("public"), &config), EDGE_NOTHING);
    assert_int_equal(edge_feature(&other, BYTES("public_key"), &config), EDGE_NOTHING);
    edge_end(world.reader);
    edge_reader_close(world.reader);
}

static void a_full_arena_is_a_fault(void **state)
{
    struct world world = open_world(state, put_everything);
    struct credential credential;
    uint8_t memory[64];
    struct arena small = arena_over(memory, sizeof memory);
    assert_int_equal(edge_begin(world.reader), EDGE_OK);
    assert_int_equal(edge_key_pair(&world.view, BYTES("app-key"), &small, &credential), EDGE_FAULT);
    edge_end(world.reader);
    edge_reader_close(world.reader);
}

static void outside_of_begin_and_end_every_look_up_is_a_fault(void **state)
{
    struct world world = open_world(state, put_everything);
    struct credential credential;
    const struct publication *publication;
    struct edge_meta meta;
    assert_int_equal(edge_key_pair(&world.view, BYTES("app-key"), fresh(&world), &credential), EDGE_FAULT);
    assert_int_equal(edge_publication(&world.view, API, RELEASE_ID, &publication), EDGE_FAULT);
    assert_int_equal(edge_meta_read(world.reader, &meta), EDGE_FAULT);
    assert_int_equal(edge_begin(world.reader), EDGE_OK);
    assert_int_equal(edge_begin(world.reader), EDGE_FAULT);
    edge_end(world.reader);
    edge_reader_close(world.reader);
}

static bool put_api_key(struct fixture *fixture, void *context)
{
    struct credential credential = fixture_api_key();
    struct edge_writer *writer = fixture_writer(fixture);
    struct digest_value hash = edge_api_key_hash(&fixture->keys, BYTES("csk_live"));
    (void)context;
    bool done = writer && edge_write_begin(writer) == EDGE_OK &&
                edge_put_api_key(writer, INSTANCE, digest_bytes(&hash), &credential) == EDGE_OK && fixture_commit(writer, 11);
    edge_writer_close(writer);
    return done;
}

static void an_api_key_is_found_by_its_keyed_hash(void **state)
{
    struct world world = open_world(state, put_everything);
    struct credential credential;
    assert_true(fixture_in_child(world.fixture, put_api_key, NULL));
    assert_int_equal(edge_begin(world.reader), EDGE_OK);
    assert_int_equal(edge_api_key(&world.view, BYTES("csk_live"), fresh(&world), &credential), EDGE_OK);
    assert_bytes(credential.principal.name, "bob");
    assert_bytes(credential.place_prefix, "Bearer ");
    assert_int_equal(edge_api_key(&world.view, BYTES("csk_live "), fresh(&world), &credential), EDGE_NOTHING);
    edge_end(world.reader);
    edge_reader_close(world.reader);
}

static bool change_everything(struct edge_writer *writer)
{
    struct credential pair = fixture_key_pair(BYTES("another"));
    struct publication publication = fixture_publication();
    struct edge_authorisation authorisation = {PRINCIPAL_APP, BYTES("app-1"), API, RELEASE_ID, 0};
    pair.revision = 8;
    publication.api_name = BYTES("invoices");
    return edge_put_key_pair(writer, INSTANCE, BYTES("app-key"), &pair) == EDGE_OK &&
           edge_put_publication(writer, &publication) == EDGE_OK &&
           edge_remove_authorisation(writer, INSTANCE, &authorisation) == EDGE_OK &&
           edge_remove_signature_key(writer, INSTANCE, BYTES("sign-1")) == EDGE_OK &&
           edge_remove_host(writer, INSTANCE, BYTES("api.example.com")) == EDGE_OK &&
           edge_remove_backend_addresses(writer, BYTES("backend.example:8443")) == EDGE_OK;
}

/* An authorisation is remembered beside the caller: for this API alone, and only in this transaction. */
static void a_caller_s_authorisation_is_remembered(void **state)
{
    struct world world = open_world(state, put_everything);
    struct credential caller;
    const struct publication *publication;
    int64_t until = 0;
    assert_int_equal(edge_begin(world.reader), EDGE_OK);
    assert_int_equal(edge_publication(&world.view, API, RELEASE_ID, &publication), EDGE_OK);
    assert_int_equal(edge_key_pair(&world.view, BYTES("app-key"), fresh(&world), &caller), EDGE_OK);
    for (int warm = 0; warm < 2; warm++) {
        assert_int_equal(edge_authorisation_of(&world.view, &caller, publication, &until), EDGE_OK);
        assert_int_equal(until, 1234);
        until = 0;
    }
    struct publication other = *publication;
    other.api_id = BYTES("another API");
    other.serial++;
    assert_int_equal(edge_authorisation_of(&world.view, &caller, &other, &until), EDGE_NOTHING);
    struct credential stranger = caller;
    stranger.principal.id = BYTES("app-2");
    stranger.remembered = (struct credential_remembered){0};
    assert_int_equal(edge_authorisation_of(&world.view, &stranger, publication, &until), EDGE_NOTHING);
    edge_publication_hold(publication);
    assert_true(fixture_write(world.fixture, change_everything, 11));
    edge_end(world.reader);
    assert_int_equal(edge_begin(world.reader), EDGE_OK);
    assert_int_equal(edge_authorisation_of(&world.view, &caller, publication, &until), EDGE_NOTHING);
    edge_end(world.reader);
    edge_publication_release(publication);
    edge_reader_close(world.reader);
}

static void the_next_transaction_sees_a_change(void **state)
{
    struct world world = open_world(state, put_everything);
    struct credential credential;
    struct signature_key signature;
    struct edge_addresses addresses;
    struct route route;
    const struct publication *before, *after;
    struct edge_authorisation wanted = {PRINCIPAL_APP, BYTES("app-1"), API, RELEASE_ID, 0};
    struct route_query query = {BYTES("api.example.com"), BYTES(""), BYTES("GET"), BYTES("/orders/17")};
    assert_int_equal(edge_begin(world.reader), EDGE_OK);
    assert_int_equal(edge_publication(&world.view, API, RELEASE_ID, &before), EDGE_OK);
    assert_int_equal(edge_authorisation(&world.view, &wanted), EDGE_OK);
    edge_publication_hold(before);
    assert_true(fixture_write(world.fixture, change_everything, 11));
    assert_int_equal(edge_authorisation(&world.view, &wanted), EDGE_OK); /* one transaction, one picture */
    edge_end(world.reader);
    assert_int_equal(edge_begin(world.reader), EDGE_OK);
    assert_int_equal(edge_authorisation(&world.view, &wanted), EDGE_NOTHING);
    assert_int_equal(edge_signature_key(&world.view, BYTES("sign-1"), 1000, fresh(&world), &signature), EDGE_NOTHING);
    assert_int_equal(edge_backend_addresses(world.reader, BYTES("backend.example:8443"), &addresses), EDGE_NOTHING);
    assert_int_equal(edge_route(&world.view, &query, &route), EDGE_NOTHING);
    assert_int_equal(edge_key_pair(&world.view, BYTES("app-key"), fresh(&world), &credential), EDGE_OK);
    assert_bytes(credential.secrets[0].value, "another");
    assert_int_equal(edge_publication(&world.view, API, RELEASE_ID, &after), EDGE_OK);
    assert_bytes(after->api_name, "invoices");
    edge_end(world.reader);
    assert_bytes(before->api_name, "orders"); /* held, so still there */
    edge_publication_release(before);
    edge_reader_close(world.reader);
}

static bool remove_publication(struct edge_writer *writer)
{
    return edge_remove_publication(writer, INSTANCE, API, RELEASE_ID) == EDGE_OK;
}

static void a_removed_publication_is_gone_although_it_was_kept(void **state)
{
    struct world world = open_world(state, put_everything);
    const struct publication *publication;
    assert_int_equal(edge_begin(world.reader), EDGE_OK);
    assert_int_equal(edge_publication(&world.view, API, RELEASE_ID, &publication), EDGE_OK);
    edge_end(world.reader);
    assert_true(fixture_write(world.fixture, remove_publication, 11));
    assert_int_equal(edge_begin(world.reader), EDGE_OK);
    assert_int_equal(edge_publication(&world.view, API, RELEASE_ID, &publication), EDGE_NOTHING);
    edge_end(world.reader);
    edge_reader_close(world.reader);
}

static void a_held_publication_outlives_the_reader(void **state)
{
    struct world world = open_world(state, put_everything);
    const struct publication *publication;
    assert_int_equal(edge_begin(world.reader), EDGE_OK);
    assert_int_equal(edge_publication(&world.view, API, RELEASE_ID, &publication), EDGE_OK);
    edge_publication_hold(publication);
    edge_end(world.reader);
    edge_reader_close(world.reader);
    assert_bytes(publication->id, "publish-1");
    edge_publication_release(publication);
}

static void refused(const struct fixture *fixture, const struct edge_keys *keys, const char *says)
{
    char problem[256] = "";
    assert_null(edge_reader_open(fixture->edge, keys, problem));
    assert_non_null(strstr(problem, says));
}

static void an_edge_that_is_not_there_is_not_created(void **state)
{
    const struct fixture *fixture = *state;
    struct stat status;
    refused(fixture, &fixture->keys, "No such file");
    assert_int_equal(mkdir(fixture->edge, 0750), 0);
    refused(fixture, &fixture->keys, "No such file");
    char path[128];
    snprintf(path, sizeof path, "%s/lock.mdb", fixture->edge);
    assert_int_equal(stat(path, &status), -1);
}

static void another_node_key_is_refused(void **state)
{
    struct fixture *fixture = *state;
    struct edge_keys other = fixture->keys;
    assert_true(fixture_write(fixture, put_everything, 1));
    other.node_key_id ^= 1;
    refused(fixture, &other, "node key");
}

static void another_key_of_the_same_id_opens_no_secret(void **state)
{
    struct fixture *fixture = *state;
    struct edge_keys other = fixture->keys;
    uint8_t memory[4096];
    char problem[256];
    struct credential credential;
    struct arena arena = arena_over(memory, sizeof memory);
    assert_true(fixture_write(fixture, put_everything, 1));
    other.node_key[0] ^= 1;
    struct edge_reader *reader = edge_reader_open(fixture->edge, &other, problem);
    assert_non_null(reader);
    assert_int_equal(edge_begin(reader), EDGE_OK);
    assert_int_equal(edge_key_pair(&(struct edge_view){reader, INSTANCE}, BYTES("app-key"), &arena, &credential), EDGE_FAULT);
    edge_end(reader);
    edge_reader_close(reader);
}

static void write_mark(const struct fixture *fixture, const char *mark)
{
    char path[128];
    snprintf(path, sizeof path, "%s/boot", fixture->edge);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(mark, file);
    fclose(file);
}

static bool put_nothing(struct edge_writer *writer)
{
    return writer != NULL;
}

static void a_picture_of_another_boot_is_refused_and_thrown_away(void **state)
{
    struct fixture *fixture = *state;
    struct credential credential;
    uint8_t memory[4096];
    struct arena arena = arena_over(memory, sizeof memory);
    assert_true(fixture_write(fixture, put_everything, 1));
    write_mark(fixture, "00000000-0000-0000-0000-000000000000");
    refused(fixture, &fixture->keys, "another boot");
    assert_true(fixture_write(fixture, put_nothing, 2)); /* the writer starts anew */
    struct edge_reader *reader = fixture_reader(fixture);
    assert_int_equal(edge_begin(reader), EDGE_OK);
    assert_int_equal(edge_key_pair(&(struct edge_view){reader, INSTANCE}, BYTES("app-key"), &arena, &credential), EDGE_NOTHING);
    edge_end(reader);
    edge_reader_close(reader);
}

static void a_file_that_is_no_edge_is_refused(void **state)
{
    struct fixture *fixture = *state;
    char path[128];
    assert_true(fixture_write(fixture, put_everything, 1));
    snprintf(path, sizeof path, "%s/data.mdb", fixture->edge);
    FILE *file = fopen(path, "w");
    for (int i = 0; i < 9000; i++) fputc('x', file);
    fclose(file);
    refused(fixture, &fixture->keys, "MDB_INVALID");
}

int main(void)
{
#define test(name) cmocka_unit_test_setup_teardown(name, fixture_make, fixture_drop)
    const struct CMUnitTest tests[] = {
        test(everything_that_was_put_is_found),
        test(a_publication_comes_back_whole),
        test(a_route_is_found_by_host_stage_method_and_path),
        test(what_is_not_there_is_nothing),
        test(addresses_of_members_come_with_their_weights),
        test(of_aes_the_key_is_sealed_too),
        test(the_next_key_signs_from_its_moment_on),
        test(a_next_key_without_a_secret_is_not_written),
        test(a_feature_is_on_in_its_instance),
        test(a_full_arena_is_a_fault),
        test(outside_of_begin_and_end_every_look_up_is_a_fault),
        test(an_api_key_is_found_by_its_keyed_hash),
        test(a_caller_s_authorisation_is_remembered),
        test(the_next_transaction_sees_a_change),
        test(a_removed_publication_is_gone_although_it_was_kept),
        test(a_held_publication_outlives_the_reader),
        test(an_edge_that_is_not_there_is_not_created),
        test(another_node_key_is_refused),
        test(another_key_of_the_same_id_opens_no_secret),
        test(a_picture_of_another_boot_is_refused_and_thrown_away),
        test(a_file_that_is_no_edge_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* An edge in a directory of its own. LMDB forbids opening an environment twice in a process, so whoever writes while another reads
 * does it in a child. */
#ifndef COUNTERSIGN_TEST_EDGE_FIXTURE_H
#define COUNTERSIGN_TEST_EDGE_FIXTURE_H

#include <stdarg.h>
#include <stddef.h>

#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

#include "edge/reader.h"
#include "edge/writer.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define RELEASE_ID    BYTES("DEFAULT_ENVIRONMENT_RELEASE_ID")
#define INSTANCE      BYTES("instance-1")
#define API           BYTES("api-1")
#define MAP_FOR_TESTS (256u << 20)

struct fixture {
    char root[64], edge[96], keys_directory[96];
    struct edge_keys keys;
};

static inline void fixture_remove_directory(const char *path)
{
    DIR *directory = opendir(path);
    for (struct dirent *entry; directory && (entry = readdir(directory));) {
        char inner[512];
        snprintf(inner, sizeof inner, "%s/%s", path, entry->d_name);
        if (entry->d_name[0] != '.') unlink(inner);
    }
    if (directory) closedir(directory);
    rmdir(path);
}

static inline int fixture_make(void **state)
{
    static struct fixture fixture;
    char problem[256] = "";
    snprintf(fixture.root, sizeof fixture.root, "/tmp/countersign-edge-XXXXXX");
    if (!mkdtemp(fixture.root)) return -1;
    snprintf(fixture.edge, sizeof fixture.edge, "%s/edge", fixture.root);
    snprintf(fixture.keys_directory, sizeof fixture.keys_directory, "%s/keys", fixture.root);
    if (!edge_keys_create(fixture.keys_directory, problem) || !edge_keys_load(&fixture.keys, fixture.keys_directory, problem)) return -1;
    *state = &fixture;
    return 0;
}

static inline int fixture_drop(void **state)
{
    struct fixture *fixture = *state;
    fixture_remove_directory(fixture->edge);
    fixture_remove_directory(fixture->keys_directory);
    rmdir(fixture->root);
    return 0;
}

static inline struct edge_writer *fixture_writer(const struct fixture *fixture)
{
    char problem[256] = "";
    struct edge_writer_place place = {fixture->edge, NULL, MAP_FOR_TESTS};
    struct edge_writer *writer = edge_writer_open_sized(&place, &fixture->keys, problem);
    if (!writer) print_error("writer: %s\n", problem);
    return writer;
}

static inline struct edge_reader *fixture_reader(const struct fixture *fixture)
{
    char problem[256] = "";
    struct edge_reader *reader = edge_reader_open(fixture->edge, &fixture->keys, problem);
    if (!reader) print_error("reader: %s\n", problem);
    return reader;
}

static inline bool fixture_commit(struct edge_writer *writer, uint64_t revision)
{
    return edge_write_commit(writer, revision, BYTES("store"), BYTES("boot")) == EDGE_OK;
}

/* Runs `work` in a child; true when it returned true. */
typedef bool (*fixture_work)(struct fixture *fixture, void *context);
static inline bool fixture_in_child(struct fixture *fixture, fixture_work work, void *context)
{
    int status = 0;
    pid_t child = fork();
    if (child == 0) _exit(work(fixture, context) ? 0 : 1);
    return child > 0 && waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/* One transaction of `puts` in a child. */
typedef bool (*fixture_puts)(struct edge_writer *writer);
struct fixture_transaction {
    fixture_puts puts;
    uint64_t revision;
};
static inline bool fixture_transact(struct fixture *fixture, void *context)
{
    const struct fixture_transaction *transaction = context;
    struct edge_writer *writer = fixture_writer(fixture);
    bool done = writer && edge_write_begin(writer) == EDGE_OK && transaction->puts(writer) && fixture_commit(writer, transaction->revision);
    edge_writer_close(writer);
    return done;
}
static inline bool fixture_write(struct fixture *fixture, fixture_puts puts, uint64_t revision)
{
    struct fixture_transaction transaction = {puts, revision};
    return fixture_in_child(fixture, fixture_transact, &transaction);
}

static inline struct credential fixture_key_pair(struct bytes secret)
{
    return (struct credential){.id = BYTES("credential-1"),
                               .kind = CREDENTIAL_KEY_PAIR,
                               .principal = {PRINCIPAL_APP, true, BYTES("app-1"), BYTES("an app")},
                               .enabled = true,
                               .not_after = 4102444800,
                               .revision = 7,
                               .schemes = 6,
                               .secrets = {{secret, 0}, {BYTES("the next one"), 99}},
                               .secret_count = 2};
}

static inline struct credential fixture_api_key(void)
{
    return (struct credential){.id = BYTES("credential-2"),
                               .kind = CREDENTIAL_API_KEY,
                               .principal = {PRINCIPAL_CONSUMER, true, BYTES("consumer-1"), BYTES("bob")},
                               .enabled = true,
                               .revision = 3,
                               .schemes = 2,
                               .location = PLACE_HEADER,
                               .place_name = BYTES("authorization"),
                               .place_prefix = BYTES("Bearer ")};
}

static inline struct publication fixture_publication(void)
{
    return (struct publication){.id = BYTES("publish-1"),
                                .instance_id = INSTANCE,
                                .api_id = API,
                                .api_name = BYTES("orders"),
                                .group_id = BYTES("group-1"),
                                .environment_id = RELEASE_ID,
                                .environment_name = BYTES("RELEASE"),
                                .revision = 5,
                                .plan = {AUTH_TYPE_APP,
                                         {{SCHEME_ALIYUN_CA, PLACE_HEADER, BYTES("x-ca-key"), BYTES(""), false},
                                          {SCHEME_API_KEY, PLACE_QUERY, BYTES("key"), BYTES(""), true}},
                                         2},
                                .rules = {.body_limit = 1u << 20, .require_body_digest = true, .https_only = true},
                                .backend = {.kind = BACKEND_HTTPS,
                                            .authority = BYTES("backend.example:8443"),
                                            .host = BYTES("backend.example"),
                                            .path = BYTES("/v1/{id}"),
                                            .timeout_ms = 5000,
                                            .verify_certificate = true,
                                            .ca_certificates = BYTES("-----BEGIN CERTIFICATE-----\n"),
                                            .client_certificate = true,
                                            .retries = -1,
                                            .members = {{BYTES("backend.example:8443"), 100}, {BYTES("unknown.example:1"), 1}},
                                            .member_count = 2},
                                .signature_key_id = BYTES("sign-1")};
}

#endif

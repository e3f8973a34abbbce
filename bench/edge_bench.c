/* What do the look-ups of one request cost: route + publication + key pair (unsealed) + authorisation + signature key (unsealed)?
 *
 *   edge-bench DIRECTORY ENTRIES HOT [ROUNDS]
 *
 * Fills an edge in DIRECTORY with ENTRIES key pairs and as many authorisations (one transaction), then asks for HOT of them in random
 * order. Prints one line of JSON: time and memory of the fill, size of the file, ns per request warm, cold (every look-up after a commit)
 * and with all of ENTRIES in random order. */
#include "edge/reader.h"
#include "edge/writer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define INSTANCE BYTES("0123456789abcdef0123456789abcdef")
#define API_ID   BYTES("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")
#define ENV_ID   BYTES("DEFAULT_ENVIRONMENT_RELEASE_ID")
#define SIGN_ID  BYTES("55555555555555555555555555555555")
#define GROUP_ID BYTES("bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb")

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void fail(const char *what)
{
    fprintf(stderr, "edge-bench: %s\n", what);
    exit(1);
}

/* Ids as they are in life: 32 hex digits without order. */
static struct bytes id_of(char text[static 33], uint64_t number, uint64_t kind)
{
    uint64_t a = (number + 1) * 0x9e3779b97f4a7c15ull ^ kind, b = (a ^ a >> 29) * 0xbf58476d1ce4e5b9ull;
    snprintf(text, 33, "%016llx%016llx", (unsigned long long)a, (unsigned long long)(b ^ b >> 32));
    return bytes_of(text, 32);
}

static bool put_shared(struct edge_writer *writer)
{
    static struct route_entry entries[100];
    static char paths[100][32];
    for (size_t i = 0; i < 100; i++) {
        int length = snprintf(paths[i], sizeof paths[i], "/orders-%zu/{id}/lines", i);
        entries[i] = (struct route_entry){BYTES("GET"), bytes_of(paths[i], (size_t)length), false, API_ID};
    }
    struct route_table routes = {GROUP_ID, BYTES("RELEASE"), ENV_ID, entries, 100};
    struct signature_key sign = {.type = SIGNATURE_HMAC,
                                 .id = SIGN_ID,
                                 .key = BYTES("signature_key_1"),
                                 .secret = BYTES("signature_secret_of_some_length"),
                                 .revision = 3};
    struct publication publication = {
        .id = BYTES("cccccccccccccccccccccccccccccccc"),
        .instance_id = INSTANCE,
        .api_id = API_ID,
        .api_name = BYTES("orders"),
        .group_id = GROUP_ID,
        .environment_id = ENV_ID,
        .environment_name = BYTES("RELEASE"),
        .revision = 9,
        .plan = {AUTH_TYPE_APP, {{SCHEME_ALIYUN_CA, PLACE_HEADER, BYTES("x-ca-key"), BYTES(""), false}}, 1},
        .backend = {.kind = BACKEND_HTTP, .authority = BYTES("127.0.0.1:9000"), .host = BYTES("127.0.0.1"), .path = BYTES("/")},
        .signature_key_id = SIGN_ID,
    };
    return edge_put_host(writer, INSTANCE, BYTES("api.example.com"), GROUP_ID) == EDGE_OK &&
           edge_put_routes(writer, INSTANCE, &routes) == EDGE_OK && edge_put_signature_key(writer, INSTANCE, &sign) == EDGE_OK &&
           edge_put_publication(writer, &publication) == EDGE_OK;
}

static bool put_caller(struct edge_writer *writer, uint64_t number)
{
    char key_id[33], app_id[33], row_id[33], secret[33];
    struct credential credential = {
        .id = id_of(row_id, number, 3),
        .kind = CREDENTIAL_KEY_PAIR,
        .principal = {PRINCIPAL_APP, true, id_of(app_id, number, 2), BYTES("an app with a name")},
        .enabled = true,
        .revision = number,
        .schemes = 12,
        .secrets = {{id_of(secret, number, 4), 0}},
        .secret_count = 1,
    };
    struct edge_authorisation authorisation = {PRINCIPAL_APP, credential.principal.id, API_ID, ENV_ID, 0};
    return edge_put_key_pair(writer, INSTANCE, id_of(key_id, number, 1), &credential) == EDGE_OK &&
           edge_put_authorisation(writer, INSTANCE, &authorisation) == EDGE_OK;
}

static struct edge_writer *open_writer(const char *directory, const struct edge_keys *keys)
{
    char problem[256];
    struct edge_writer *writer = edge_writer_open(directory, keys, NULL, problem);
    if (!writer) fail(problem);
    return writer;
}

/* In a child: nobody may have an LMDB environment open twice. */
static void fill(const char *directory, const struct edge_keys *keys, uint64_t entries)
{
    double start = now();
    struct rusage usage;
    struct edge_writer *writer = open_writer(directory, keys);
    bool done = edge_write_begin(writer) == EDGE_OK && edge_write_clear(writer) == EDGE_OK && put_shared(writer);
    for (uint64_t i = 0; done && i < entries; i++) done = put_caller(writer, i);
    if (!done || edge_write_commit(writer, 1, BYTES("store"), BYTES("boot")) != EDGE_OK) fail(edge_writer_problem(writer));
    double committed = now();
    edge_writer_close(writer);
    getrusage(RUSAGE_SELF, &usage);
    printf("\"fill_s\":%.2f,\"sync_s\":%.2f,\"fill_rss_mb\":%ld,", committed - start, now() - committed, usage.ru_maxrss / 1024);
    fflush(stdout);
}

static void touch(const char *directory, const struct edge_keys *keys)
{
    struct edge_writer *writer = open_writer(directory, keys);
    if (edge_write_begin(writer) != EDGE_OK || edge_write_commit(writer, 2, BYTES("store"), BYTES("boot")) != EDGE_OK) fail("touch");
    edge_writer_close(writer);
}

typedef void (*work)(const char *directory, const struct edge_keys *keys);
static void in_child(work what, const char *directory, const struct edge_keys *keys)
{
    int status;
    pid_t child = fork();
    if (child == 0) {
        what(directory, keys);
        exit(0);
    }
    if (child < 0 || waitpid(child, &status, 0) != child || status) fail("child");
}

static uint64_t entries_to_fill;
static void fill_all(const char *directory, const struct edge_keys *keys)
{
    fill(directory, keys, entries_to_fill);
}

static void look_up_one(struct edge_reader *reader, const char *key_id, struct arena *arena)
{
    struct route route;
    struct credential credential;
    struct signature_key sign;
    const struct publication *publication;
    struct edge_view view = {reader, INSTANCE};
    struct route_query query = {BYTES("api.example.com:443"), BYTES(""), BYTES("GET"), BYTES("/orders-42/17/lines")};
    bool good = edge_begin(reader) == EDGE_OK && edge_route(&view, &query, &route) == EDGE_OK &&
                edge_publication(&view, route.api_id, route.environment_id, &publication) == EDGE_OK &&
                edge_key_pair(&view, bytes_of(key_id, 32), arena, &credential) == EDGE_OK;
    struct edge_authorisation wanted = {credential.principal.kind, credential.principal.id, route.api_id, route.environment_id, 0};
    good = good && edge_authorisation(&view, &wanted) == EDGE_OK &&
           edge_signature_key(&view, publication->signature_key_id, 1, arena, &sign) == EDGE_OK;
    edge_end(reader);
    if (!good) fail("a look-up failed");
}

#define ASKED 20000
static char order[ASKED][33]; /* key ids of the callers to ask for, one after the other */

static double cpu_now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

/* ns of CPU per request. */
static double measure(struct edge_reader *reader, size_t count)
{
    static uint8_t memory[16384];
    double start = cpu_now();
    for (size_t i = 0; i < count; i++) {
        struct arena arena = arena_over(memory, sizeof memory);
        look_up_one(reader, order[i], &arena);
    }
    return (cpu_now() - start) * 1e9 / (double)count;
}

static uint64_t next_number(uint64_t *state)
{
    *state = *state * 6364136223846793005ull + 1442695040888963407ull;
    return *state >> 24;
}

static void draw(uint64_t among, uint64_t of)
{
    uint64_t state = 42;
    for (size_t i = 0; i < ASKED; i++) id_of(order[i], next_number(&state) % among * (of / among), 1);
}

/* The best of some rounds: the machine has neighbours. */
static double best(struct edge_reader *reader, int rounds)
{
    double least = 1e12;
    for (int i = 0; i < rounds; i++) {
        double round = measure(reader, ASKED);
        if (round < least) least = round;
    }
    return least;
}

static void report(const char *directory, const struct edge_keys *keys, uint64_t hot, int rounds)
{
    char problem[256], path[8192];
    struct stat status;
    struct edge_reader *reader = edge_reader_open(directory, keys, problem);
    if (!reader) fail(problem);
    snprintf(path, sizeof path, "%s/data.mdb", directory);
    if (stat(path, &status)) fail(path);
    draw(hot, entries_to_fill);
    double first = measure(reader, hot);
    double warm = best(reader, rounds);
    in_child(touch, directory, keys);
    double cold = measure(reader, hot);
    draw(entries_to_fill, entries_to_fill);
    double all = best(reader, rounds);
    printf("\"file_mb\":%lld,\"first_ns\":%.0f,\"warm_ns\":%.0f,\"after_commit_ns\":%.0f,\"all_random_ns\":%.0f}\n",
           (long long)status.st_size >> 20, first, warm, cold, all);
    edge_reader_close(reader);
}

int main(int argc, char **argv)
{
    char problem[256], keys_directory[4096], edge_directory[4096];
    struct edge_keys keys;
    if (argc < 4) fail("usage: edge-bench DIRECTORY ENTRIES HOT [ROUNDS]");
    snprintf(keys_directory, sizeof keys_directory, "%s/keys", argv[1]);
    snprintf(edge_directory, sizeof edge_directory, "%s/edge", argv[1]);
    if (!edge_keys_create(keys_directory, problem) || !edge_keys_load(&keys, keys_directory, problem)) fail(problem);
    entries_to_fill = strtoull(argv[2], NULL, 10);
    uint64_t hot = strtoull(argv[3], NULL, 10);
    if (!entries_to_fill || !hot || hot > entries_to_fill || hot > ASKED) fail("ENTRIES and HOT must be positive, HOT at most ENTRIES");
    printf("{\"entries\":%s,\"hot\":%s,", argv[2], argv[3]);
    fflush(stdout);
    in_child(fill_all, edge_directory, &keys);
    report(edge_directory, &keys, hot, argc > 4 ? (int)strtol(argv[4], NULL, 10) : 50);
    return 0;
}

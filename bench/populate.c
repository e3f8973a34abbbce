/* Fills a store with many principals that may all call one API in one environment: consumers with an API key each, or apps with a key pair
 * each. Written straight into the store, in few transactions; one change of everything at the end tells the publisher. */
#include "base/buffer.h"
#include "credential/credential.h"
#include "crypto/random.h"
#include "policy/publication.h"
#include "store/sealing.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#define API_KEY_LENGTH 40
#define SECRET_LENGTH  32
#define PLACE_NAME     "authorization"
#define PLACE_PREFIX   "Bearer "

static const char usage[] =
    "populate --data DIR --kind consumers|apps --count N --instance ID --api ID [--env ID] [--store URL] [--sample N] [--credentials "
    "FILE]\n"
    "         [--name PREFIX] [--batch N]\n"
    "  --data         where keys/store.key and keys/pepper.key are, and store.db unless --store names another\n"
    "  --env          plain id of the environment; RELEASE when left out\n"
    "  --sample       how many credentials to list, spread evenly (1000)\n"
    "  --credentials  where to: lines of kind, principal id, key id (of apps: the AppKey), secret or API key, separated by tabs\n"
    "  --batch        principals in one transaction (100000)\n";

struct settings {
    const char *data, *store, *instance, *api, *env, *credentials, *name;
    bool apps;
    unsigned long count, sample, batch;
};

/* The ids of one batch. They are drawn at random and then sorted, so that each index of the store is filled from left to right. */
enum { IDS_PRINCIPAL, IDS_CREDENTIAL, IDS_AUTHORISATION, IDS_KEY, IDS };

struct run {
    struct settings settings;
    char (*ids[IDS])[33];
    unsigned long batch_start;
    struct store *store;
    struct session *session;
    struct store_keys keys;
    struct seal *seal;
    FILE *list;
    int64_t now;
    unsigned long done;
};

/* The texts of one principal. */
struct principal_text {
    const char *id, *credential_id, *authorisation_id, *key;
    char name[64], secret[API_KEY_LENGTH];
    struct bytes secret_bytes;
};

static void give_up(const char *what, const char *detail)
{
    fprintf(stderr, "populate: %s: %s\n", what, detail);
    exit(1);
}

static void must(const struct run *run, enum store_result result)
{
    if (result == STORE_CONFLICT) give_up("a row is there already", store_conflict(run->session));
    if (result != STORE_OK) give_up("store", store_problem(run->session));
}

static struct value text(const char *text)
{
    return value_text(bytes_of_text(text));
}

static int compare_ids(const void *a, const void *b)
{
    return strcmp(a, b);
}

static void draw_ids(struct run *run, unsigned long count)
{
    run->batch_start = run->done;
    for (size_t kind = 0; kind < IDS; kind++) {
        for (unsigned long i = 0; i < count; i++) {
            if (!random_id(run->ids[kind][i])) give_up("randomness", "none");
        }
        qsort(run->ids[kind], count, sizeof run->ids[kind][0], compare_ids);
    }
}

static void draw(const struct run *run, struct principal_text *principal)
{
    unsigned long i = run->done - run->batch_start;
    struct buffer secret = buffer_over(principal->secret, sizeof principal->secret);
    if (!random_text(&secret, run->settings.apps ? SECRET_LENGTH : API_KEY_LENGTH)) give_up("randomness", "none");
    principal->id = run->ids[IDS_PRINCIPAL][i];
    principal->credential_id = run->ids[IDS_CREDENTIAL][i];
    principal->authorisation_id = run->ids[IDS_AUTHORISATION][i];
    principal->key = run->ids[IDS_KEY][i];
    principal->secret_bytes = buffer_bytes(&secret);
    snprintf(principal->name, sizeof principal->name, "%.32s_%07lu", run->settings.name, run->done);
}

static void insert_app(const struct run *run, const struct principal_text *principal)
{
    struct value row[APP_COLUMNS] = {[APP_ID] = text(principal->id),
                                     [APP_INSTANCE_ID] = text(run->settings.instance),
                                     [APP_NAME] = text(principal->name),
                                     [APP_REMARK] = text(""),
                                     [APP_STATUS] = value_integer(1),
                                     [APP_APP_KEY] = text(principal->key),
                                     [APP_CREATOR] = text("USER"),
                                     [APP_REGISTER_TIME] = value_integer(run->now),
                                     [APP_UPDATE_TIME] = value_integer(run->now)};
    must(run, store_insert(run->session, &entity_app, row));
}

static void insert_consumer(const struct run *run, const struct principal_text *principal)
{
    struct value row[CONSUMER_COLUMNS] = {[CONSUMER_ID] = text(principal->id),
                                          [CONSUMER_INSTANCE_ID] = text(run->settings.instance),
                                          [CONSUMER_NAME] = text(principal->name),
                                          [CONSUMER_DESCRIPTION] = text(""),
                                          [CONSUMER_ENABLED] = value_integer(1),
                                          [CONSUMER_CREATE_TIME] = value_integer(run->now),
                                          [CONSUMER_UPDATE_TIME] = value_integer(run->now)};
    must(run, store_insert(run->session, &entity_consumer, row));
}

/* What both kinds of credential share. */
static void credential_start(const struct run *run, const struct principal_text *principal, struct value *row)
{
    for (size_t i = 0; i < CREDENTIAL_COLUMNS; i++) {
        row[i] = (struct value){.type = entity_credential.columns[i].type, .bytes = BYTES("")};
    }
    row[CREDENTIAL_ROW_ID] = text(principal->credential_id);
    row[CREDENTIAL_INSTANCE_ID] = text(run->settings.instance);
    row[CREDENTIAL_PRINCIPAL_ID] = text(principal->id);
    row[CREDENTIAL_ENABLED] = value_integer(1);
    row[CREDENTIAL_GENERATED] = value_integer(1);
    row[CREDENTIAL_REVISION] = value_integer((int64_t)store_revision(run->session));
    row[CREDENTIAL_CREATE_TIME] = value_integer(run->now);
}

static void insert_key_pair(const struct run *run, const struct principal_text *principal)
{
    struct value row[CREDENTIAL_COLUMNS];
    uint8_t memory[SECRET_LENGTH + SEAL_OVERHEAD];
    struct buffer sealed = buffer_over(memory, sizeof memory);
    credential_start(run, principal, row);
    row[CREDENTIAL_KIND] = value_integer(CREDENTIAL_KEY_PAIR);
    row[CREDENTIAL_PRINCIPAL_KIND] = value_integer(PRINCIPAL_APP);
    row[CREDENTIAL_LOOKUP] = text(principal->key);
    row[CREDENTIAL_SCHEMES] = value_integer(1 << SCHEME_ALIYUN_CA | 1 << SCHEME_SDK_HMAC_SHA256);
    if (!store_seal_credential(run->seal, row, CREDENTIAL_SECRET, principal->secret_bytes, &sealed)) give_up("sealing", "failed");
    row[CREDENTIAL_SECRET] = value_blob(buffer_bytes(&sealed));
    must(run, store_insert(run->session, &entity_credential, row));
}

static void insert_api_key(const struct run *run, const struct principal_text *principal)
{
    struct value row[CREDENTIAL_COLUMNS];
    char memory[STORE_LOOKUP_SIZE], display[16];
    struct buffer lookup = buffer_over(memory, sizeof memory);
    store_api_key_lookup(&run->keys, principal->secret_bytes, &lookup);
    snprintf(display, sizeof display, "%.4s...%.4s", principal->secret, principal->secret + API_KEY_LENGTH - 4);
    credential_start(run, principal, row);
    row[CREDENTIAL_KIND] = value_integer(CREDENTIAL_API_KEY);
    row[CREDENTIAL_PRINCIPAL_KIND] = value_integer(PRINCIPAL_CONSUMER);
    row[CREDENTIAL_LOOKUP] = value_text(buffer_bytes(&lookup));
    row[CREDENTIAL_DISPLAY] = text(display);
    row[CREDENTIAL_SCHEMES] = value_integer(1 << SCHEME_API_KEY);
    row[CREDENTIAL_LOCATION] = value_integer(PLACE_HEADER);
    row[CREDENTIAL_PLACE_NAME] = text(PLACE_NAME);
    row[CREDENTIAL_PLACE_PREFIX] = text(PLACE_PREFIX);
    must(run, store_insert(run->session, &entity_credential, row));
}

static void insert_authorisation(const struct run *run, const struct principal_text *principal)
{
    struct value row[AUTH_COLUMNS] = {[AUTH_ID] = text(principal->authorisation_id),
                                      [AUTH_INSTANCE_ID] = text(run->settings.instance),
                                      [AUTH_PRINCIPAL_KIND] = value_integer(run->settings.apps ? PRINCIPAL_APP : PRINCIPAL_CONSUMER),
                                      [AUTH_PRINCIPAL_ID] = text(principal->id),
                                      [AUTH_API_ID] = text(run->settings.api),
                                      [AUTH_ENV_ID] = text(run->settings.env),
                                      [AUTH_TIME] = value_integer(run->now),
                                      [AUTH_NOT_AFTER] = value_integer(0)};
    must(run, store_insert(run->session, &entity_authorisation, row));
}

static void list_credential(const struct run *run, const struct principal_text *principal)
{
    unsigned long sample = run->settings.sample, count = run->settings.count;
    if (!run->list || run->done * sample / count == (run->done + 1) * sample / count) return;
    fprintf(run->list, "%s\t%s\t%s\t%.*s\n", run->settings.apps ? "app" : "consumer", principal->id,
            run->settings.apps ? principal->key : principal->credential_id, (int)principal->secret_bytes.length, principal->secret);
}

static void insert_principal(struct run *run)
{
    struct principal_text principal;
    draw(run, &principal);
    if (run->settings.apps) {
        insert_app(run, &principal);
        insert_key_pair(run, &principal);
    } else {
        insert_consumer(run, &principal);
        insert_api_key(run, &principal);
    }
    insert_authorisation(run, &principal);
    list_credential(run, &principal);
    run->done++;
}

/* The place in which the consumers' keys stand, counted as the management API counts it. */
static void count_place(struct run *run)
{
    uint8_t memory[2048];
    char id[33];
    struct arena arena = arena_over(memory, sizeof memory);
    struct value row[PLACE_USE_COLUMNS];
    struct store_filter filters[] = {{PLACE_USE_API_ID, STORE_EQUAL, text(run->settings.api)},
                                     {PLACE_USE_ENV_ID, STORE_EQUAL, text(run->settings.env)},
                                     {PLACE_USE_LOCATION, STORE_EQUAL, value_integer(PLACE_HEADER)},
                                     {PLACE_USE_NAME, STORE_EQUAL, text(PLACE_NAME)},
                                     {PLACE_USE_PREFIX, STORE_EQUAL, text(PLACE_PREFIX)},
                                     {PLACE_USE_SCHEME, STORE_EQUAL, value_integer(SCHEME_API_KEY)},
                                     {PLACE_USE_CLAIM, STORE_EQUAL, text("")}};
    struct store_query query = {.filters = filters, .filter_count = sizeof filters / sizeof filters[0]};
    enum store_result found = store_find(run->session, &entity_place_use, &query, &arena, row);
    if (found == STORE_OK) {
        row[PLACE_USE_COUNT].integer += (int64_t)run->settings.count;
        must(run, store_update(run->session, &entity_place_use, row));
        return;
    }
    if (found != STORE_NOTHING || !random_id(id)) give_up("store", store_problem(run->session));
    struct value fresh[PLACE_USE_COLUMNS] = {[PLACE_USE_ID] = text(id),
                                             [PLACE_USE_INSTANCE_ID] = text(run->settings.instance),
                                             [PLACE_USE_COUNT] = value_integer((int64_t)run->settings.count)};
    for (size_t i = 0; i < sizeof filters / sizeof filters[0]; i++) fresh[filters[i].column] = filters[i].value;
    must(run, store_insert(run->session, &entity_place_use, fresh));
}

static void begin(struct run *run)
{
    char problem[256];
    run->session = store_write(run->store);
    if (run->session) return;
    store_trouble(run->store, problem);
    give_up("store", problem);
}

static void end(struct run *run)
{
    struct audit audit = {.actor_name = BYTES("populate"),
                          .source = BYTES("local"),
                          .action = BYTES("populate"),
                          .resource = run->settings.apps ? BYTES("app") : BYTES("consumer"),
                          .instance_id = bytes_of_text(run->settings.instance),
                          .time = run->now};
    must(run, store_audit(run->session, &audit));
    if (store_commit(run->session) != STORE_OK) give_up("store", "a commit failed");
}

static void populate(struct run *run)
{
    while (run->done < run->settings.count) {
        begin(run);
        unsigned long stop = run->done + run->settings.batch;
        if (stop > run->settings.count) stop = run->settings.count;
        draw_ids(run, stop - run->done);
        while (run->done < stop) insert_principal(run);
        if (run->done == run->settings.count) {
            if (!run->settings.apps) count_place(run);
            must(run, store_change(run->session, CHANGE_EVERYTHING, bytes_of_text(run->settings.instance), BYTES(""), BYTES("")));
        }
        end(run);
    }
}

static unsigned long number(const char *option, const char *digits)
{
    char *end;
    errno = 0;
    unsigned long value = strtoul(digits, &end, 10);
    if (errno || *end || value == 0) give_up(option, "must be a number above 0");
    return value;
}

static void set(struct settings *settings, int option)
{
    switch (option) {
    case 'd':
        settings->data = optarg;
        return;
    case 's':
        settings->store = optarg;
        return;
    case 'i':
        settings->instance = optarg;
        return;
    case 'a':
        settings->api = optarg;
        return;
    case 'e':
        settings->env = optarg;
        return;
    case 'c':
        settings->credentials = optarg;
        return;
    case 'p':
        settings->name = optarg;
        return;
    case 'n':
        settings->count = number("--count", optarg);
        return;
    case 'm':
        settings->sample = number("--sample", optarg);
        return;
    case 'b':
        settings->batch = number("--batch", optarg);
        return;
    case 'k':
        settings->apps = strcmp(optarg, "apps") == 0;
        if (settings->apps || strcmp(optarg, "consumers") == 0) return;
        break;
    default:
        break;
    }
    fputs(usage, stderr);
    exit(2);
}

static struct settings read_settings(int argc, char **argv)
{
    static const struct option options[] = {{"data", 1, NULL, 'd'},        {"store", 1, NULL, 's'}, {"instance", 1, NULL, 'i'},
                                            {"api", 1, NULL, 'a'},         {"env", 1, NULL, 'e'},   {"kind", 1, NULL, 'k'},
                                            {"credentials", 1, NULL, 'c'}, {"name", 1, NULL, 'p'},  {"count", 1, NULL, 'n'},
                                            {"sample", 1, NULL, 'm'},      {"batch", 1, NULL, 'b'}, {NULL, 0, NULL, 0}};
    struct settings settings = {.env = "DEFAULT_ENVIRONMENT_RELEASE_ID", .name = "bench", .sample = 1000, .batch = 100000};
    for (int option; (option = getopt_long(argc, argv, "", options, NULL)) != -1;) set(&settings, option);
    if (!settings.data || !settings.instance || !settings.api || !settings.count || optind != argc) set(&settings, 0);
    if (settings.sample > settings.count) settings.sample = settings.count;
    if (settings.batch > settings.count) settings.batch = settings.count;
    return settings;
}

static void open_all(struct run *run)
{
    char path[4096], url[4096], problem[256];
    snprintf(path, sizeof path, "%s/keys", run->settings.data);
    if (!store_keys_load(&run->keys, path, problem)) give_up("keys", problem);
    run->seal = store_keys_seal(&run->keys);
    if (!run->seal) give_up("keys", "out of memory");
    for (size_t kind = 0; kind < IDS; kind++) {
        run->ids[kind] = calloc(run->settings.batch, sizeof run->ids[kind][0]);
        if (!run->ids[kind]) give_up("--batch", "out of memory");
    }
    snprintf(url, sizeof url, "sqlite:%s/store.db", run->settings.data);
    run->store = store_open(run->settings.store ? run->settings.store : url, problem);
    if (!run->store) give_up("store", problem);
    if (!run->settings.credentials) return;
    run->list = fopen(run->settings.credentials, "w");
    if (!run->list) give_up(run->settings.credentials, strerror(errno));
}

int main(int argc, char **argv)
{
    struct run run = {.settings = read_settings(argc, argv), .now = time(NULL)};
    struct timespec from, to;
    umask(077); /* the list holds secrets */
    open_all(&run);
    clock_gettime(CLOCK_MONOTONIC, &from);
    populate(&run);
    clock_gettime(CLOCK_MONOTONIC, &to);
    double seconds = (double)(to.tv_sec - from.tv_sec) + (double)(to.tv_nsec - from.tv_nsec) / 1e9;
    printf("populate: %lu %s in %.1f s, %.0f rows/s\n", run.done, run.settings.apps ? "apps" : "consumers", seconds,
           3 * (double)run.done / seconds);
    if (run.list && fclose(run.list) != 0) give_up(run.settings.credentials, strerror(errno));
    store_close(run.store);
    for (size_t kind = 0; kind < IDS; kind++) free(run.ids[kind]);
    seal_destroy(run.seal);
    store_keys_wipe(&run.keys);
    return 0;
}

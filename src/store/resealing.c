#include "store/resealing.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define BATCH      200 /* rows in a transaction: others wait no longer than that */
#define ARENA_SIZE (8u << 20)
#define ID_MAX     128

struct pass {
    bool tries; /* opens every secret, and writes nothing */
    struct session *session;
    const struct entity *entity;
    struct resealer resealer;
    char after[ID_MAX]; /* the id up to which rows were seen */
    size_t after_length;
    size_t rows;
    struct value batch[BATCH][ENTITY_MAX_COLUMNS];
};

static bool keep(void *context, const struct value *row)
{
    struct pass *pass = context;
    if (pass->after_length > 0 && bytes_equal(row[0].bytes, bytes_of(pass->after, pass->after_length))) return true;
    struct value *to = pass->batch[pass->rows++];
    for (size_t i = 0; i < pass->entity->column_count; i++) {
        to[i] = row[i];
        if (row[i].type == VALUE_TEXT || row[i].type == VALUE_BLOB) to[i].bytes = arena_copy(pass->resealer.arena, row[i].bytes);
    }
    return pass->rows < BATCH && !pass->resealer.arena->exhausted;
}

static bool list_batch(struct pass *pass)
{
    struct store_filter filter = {0, STORE_AT_LEAST, value_text(bytes_of(pass->after, pass->after_length))};
    struct store_query query = {.filters = &filter, .filter_count = pass->after_length > 0, .limit = BATCH + 1};
    pass->rows = 0;
    return store_list(pass->session, pass->entity, &query, keep, pass) == STORE_OK && !pass->resealer.arena->exhausted;
}

static bool reseal_rows(struct pass *pass)
{
    for (size_t i = 0; i < pass->rows; i++) {
        size_t before = pass->resealer.changed;
        if (!store_reseal_row(&pass->resealer, pass->entity, pass->batch[i])) return false;
        if (!pass->tries && pass->resealer.changed > before && store_update(pass->session, pass->entity, pass->batch[i]) != STORE_OK)
            return false;
    }
    return true;
}

static bool note_end(struct pass *pass)
{
    struct bytes last = pass->batch[pass->rows - 1][0].bytes;
    if (last.length > ID_MAX) return false;
    memcpy(pass->after, last.data, last.length);
    pass->after_length = last.length;
    return true;
}

static bool end(struct pass *pass, bool done, bool changed, char problem[static 256])
{
    if (!done) snprintf(problem, 256, "%s", store_problem(pass->session)[0] != 0 ? store_problem(pass->session) : "no memory");
    if (done && changed && !pass->tries) {
        if (store_commit(pass->session) == STORE_OK) return true;
        snprintf(problem, 256, "the store did not commit");
        return false;
    }
    store_abort(pass->session);
    return done;
}

/* One transaction. The seal is made within it: whoever wrote before with another key is seen, whoever writes after has the key of now. */
static bool batch(struct pass *pass, struct store *store, const struct store_keys *keys, char problem[static 256])
{
    size_t before = pass->resealer.changed;
    arena_reset(pass->resealer.arena);
    pass->session = pass->tries ? store_read(store) : store_write(store);
    if (pass->session == NULL) {
        store_trouble(store, problem);
        return false;
    }
    pass->resealer.seal = store_keys_seal(keys);
    pass->resealer.key_id = pass->tries ? 0 : store_keys_id(keys);
    bool done = pass->resealer.seal != NULL && list_batch(pass) && reseal_rows(pass) && (pass->rows == 0 || note_end(pass));
    seal_destroy(pass->resealer.seal);
    return end(pass, done, pass->resealer.changed > before, problem);
}

static bool audit(struct store *store, const struct resealing *resealing, char problem[static 256])
{
    char after[128];
    int length = snprintf(after, sizeof after, "{\"secrets\":%llu}", (unsigned long long)resealing->secrets);
    struct session *session = store_write(store);
    const struct audit row = {
        .actor_name = BYTES("owner of the store"),
        .source = BYTES("command line"),
        .action = BYTES("reseal_store"),
        .resource = BYTES("store_key"),
        .result = BYTES("ok"),
        .after = bytes_of(after, (size_t)length),
        .time = (int64_t)time(NULL),
    };
    snprintf(problem, 256, "the audit row could not be written");
    if (session == NULL) return false;
    if (store_audit(session, &row) == STORE_OK) return store_commit(session) == STORE_OK;
    store_abort(session);
    return false;
}

static bool pass_all(struct store *store, const struct store_keys *keys, bool tries, struct resealing *resealing, char problem[static 256])
{
    struct pass *pass = calloc(1, sizeof *pass);
    uint8_t *memory = malloc(ARENA_SIZE);
    struct arena arena = arena_over(memory, memory != NULL ? ARENA_SIZE : 0);
    bool done = pass != NULL && memory != NULL;
    *resealing = (struct resealing){0};
    snprintf(problem, 256, "no memory");
    for (size_t i = 0; done && store_sealed_entity(i) != NULL; i++) {
        *pass = (struct pass){.tries = tries, .entity = store_sealed_entity(i), .resealer.arena = &arena};
        do {
            done = batch(pass, store, keys, problem);
        } while (done && pass->rows == BATCH);
        resealing->secrets += pass->resealer.changed;
        resealing->unopened += pass->resealer.unopened;
    }
    free(memory);
    free(pass);
    return done;
}

bool store_reseal(struct store *store, const struct store_keys *keys, struct resealing *resealing, char problem[static 256])
{
    return pass_all(store, keys, false, resealing, problem) && (resealing->secrets == 0 || audit(store, resealing, problem));
}

bool store_try_secrets(struct store *store, const struct store_keys *keys, struct resealing *tried, char problem[static 256])
{
    return pass_all(store, keys, true, tried, problem);
}

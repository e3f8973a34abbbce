#include "control/key_settle.h"

#include "base/text.h"
#include "control/anchor.h"
#include "control/log.h"
#include "store/audit.h"
#include "store/schema.h"
#include "store/traffic.h"

#include <stdio.h>

#define LEASE        40 /* seconds: a node that dies with a claim holds nobody up for longer */
#define FAILED_EVERY 30
#define ROWS_MOST    1024 /* instances that share a URL */

/* All rows of one URL. */
struct rows {
    struct arena *arena;
    size_t count;
    struct value (*items)[KEY_SET_COLUMNS];
};

static bool keep_row(void *context, const struct value *row)
{
    struct rows *rows = context;
    if (rows->count == ROWS_MOST) return false;
    struct value *kept = rows->items[rows->count++];
    for (size_t i = 0; i < KEY_SET_COLUMNS; i++) {
        /* The set itself is long, and in all rows the same. */
        bool same = bytes_equal(row[i].bytes, rows->items[0][i].bytes);
        struct bytes bytes = same ? rows->items[0][i].bytes : arena_copy(rows->arena, row[i].bytes);
        kept[i] = row[i];
        kept[i].bytes = bytes;
    }
    return !rows->arena->exhausted;
}

static bool read_rows(struct session *session, struct bytes name, struct arena *arena, struct rows *rows)
{
    struct store_filter filter = {KEY_SET_NAME, STORE_EQUAL, value_text(name)};
    struct store_query query = {.filters = &filter, .filter_count = 1};
    *rows = (struct rows){.arena = arena, .items = arena_take_array(arena, ROWS_MOST, sizeof *rows->items)};
    if (rows->items != NULL) memset(rows->items[0], 0, sizeof rows->items[0]);
    return rows->items != NULL && store_list(session, &entity_key_set, &query, keep_row, rows) == STORE_OK && !arena->exhausted;
}

static bool write_rows(struct session *session, const struct rows *rows)
{
    for (size_t i = 0; i < rows->count; i++)
        if (store_update(session, &entity_key_set, rows->items[i]) != STORE_OK) return false;
    return true;
}

/* Commits when `good`. */
static bool end(struct session *session, bool good)
{
    if (good) return store_commit(session) == STORE_OK;
    store_abort(session);
    return false;
}

/* --- taking ----------------------------------------------------------------------------------------------------------------------------
 */

static bool find_due(const struct daemon *daemon, int64_t now, struct arena *arena, struct value *row)
{
    struct session *session = store_read(daemon->store);
    struct store_filter filter = {KEY_SET_NEXT_TIME, STORE_AT_MOST, value_integer(now)};
    struct store_query query = {.filters = &filter, .filter_count = 1, .order_column = KEY_SET_NEXT_TIME};
    bool found = session != NULL && store_find(session, &entity_key_set, &query, arena, row) == STORE_OK;
    store_abort(session);
    return found;
}

static int64_t latest_attempt(const struct rows *rows)
{
    int64_t latest = 0;
    for (size_t i = 0; i < rows->count; i++)
        if (rows->items[i][KEY_SET_ATTEMPT_TIME].integer > latest) latest = rows->items[i][KEY_SET_ATTEMPT_TIME].integer;
    return latest;
}

/* A clock that was set back must not hold it up for ever. */
static int64_t allowed_from(const struct rows *rows, int64_t now)
{
    int64_t latest = latest_attempt(rows);
    return latest > now ? now : latest + KEY_FETCH_EVERY;
}

static bool is_due(const struct rows *rows, int64_t now)
{
    for (size_t i = 0; i < rows->count; i++)
        if (rows->items[i][KEY_SET_NEXT_TIME].integer <= now) return true;
    return false;
}

static void set_next(struct rows *rows, int64_t next)
{
    for (size_t i = 0; i < rows->count; i++) rows->items[i][KEY_SET_NEXT_TIME] = value_integer(next);
}

static void note_attempt(struct rows *rows, int64_t now)
{
    set_next(rows, now + LEASE);
    for (size_t i = 0; i < rows->count; i++) {
        rows->items[i][KEY_SET_ATTEMPT_TIME] = value_integer(now);
        rows->items[i][KEY_SET_ATTEMPTS].integer++;
    }
}

static bool fill_claim(struct key_claim *claim, const struct value *row)
{
    struct bytes name = row[KEY_SET_NAME].bytes, url = row[KEY_SET_URL].bytes;
    if (name.length >= sizeof claim->name || url.length >= sizeof claim->url) return false;
    *claim = (struct key_claim){0};
    memcpy(claim->name, name.data, name.length);
    memcpy(claim->url, url.data, url.length);
    return true;
}

/* The row may be another node's by now: it is looked at again with the lock of those who write. */
bool key_claim_next(const struct daemon *daemon, int64_t now, struct arena *arena, struct key_claim *claim)
{
    struct value row[KEY_SET_COLUMNS];
    struct rows rows;
    if (!find_due(daemon, now, arena, row) || !fill_claim(claim, row)) return false;
    struct session *session = store_write_aside(daemon->store);
    if (session == NULL) return false;
    arena_reset(arena);
    bool mine = read_rows(session, bytes_of_text(claim->name), arena, &rows) && is_due(&rows, now);
    if (!mine) return end(session, false);
    if (allowed_from(&rows, now) > now) {
        set_next(&rows, allowed_from(&rows, now));
        end(session, write_rows(session, &rows));
        return false;
    }
    note_attempt(&rows, now);
    return end(session, write_rows(session, &rows));
}

bool key_hasten(const struct daemon *daemon, struct bytes name, int64_t now, struct arena *arena)
{
    struct rows rows;
    struct session *session = store_write_aside(daemon->store);
    if (session == NULL) return false;
    bool read = read_rows(session, name, arena, &rows);
    int64_t from = read ? allowed_from(&rows, now) : 0;
    if (from < now) from = now;
    bool sooner = false;
    for (size_t i = 0; read && i < rows.count; i++) sooner = sooner || rows.items[i][KEY_SET_NEXT_TIME].integer > from;
    if (!sooner) {
        store_abort(session);
        return read;
    }
    set_next(&rows, from);
    return end(session, write_rows(session, &rows));
}

/* --- settling --------------------------------------------------------------------------------------------------------------------------
 */

static void log_failure(const struct value *row, const struct key_settlement *settlement)
{
    const struct log_item items[] = {{"url", row[KEY_SET_URL].bytes}, {"problem", bytes_of_text(settlement->fetched->problem)}};
    log_event(LOG_WARNING, "key_set_not_fetched", items, 2);
}

static void lay_failure(struct value *row, const struct key_settlement *settlement)
{
    if (row[KEY_SET_PROBLEM].bytes.length == 0) log_failure(row, settlement);
    row[KEY_SET_PROBLEM] = value_text(bytes_of_text(settlement->fetched->problem));
    row[KEY_SET_NEXT_TIME] = value_integer(settlement->now + FAILED_EVERY);
}

/* True: these are other keys. */
static bool lay_success(struct value *row, const struct key_settlement *settlement)
{
    struct bytes set = buffer_bytes(&settlement->fetched->set);
    bool other = !bytes_equal(row[KEY_SET_JWKS].bytes, set);
    row[KEY_SET_PROBLEM] = value_text(BYTES(""));
    row[KEY_SET_JWKS] = value_text(set);
    row[KEY_SET_KEYS] = value_integer((int64_t)settlement->fetched->keys);
    row[KEY_SET_FETCH_TIME] = value_integer(settlement->now);
    row[KEY_SET_EXPIRE_TIME] = row[KEY_SET_NEXT_TIME] = value_integer(settlement->now + settlement->cache);
    return other;
}

static bool write_audit(struct session *session, const struct value *row, const struct key_settlement *settlement)
{
    char memory[128];
    struct buffer after = buffer_over(memory, sizeof memory);
    buffer_add_text(&after, "{\"keys\":");
    buffer_add_number(&after, row[KEY_SET_KEYS].integer);
    buffer_add_text(&after, "}");
    const struct audit audit = {.actor_name = BYTES("countersignd"),
                                .action = BYTES("fetch_key_set"),
                                .resource = BYTES("key_set"),
                                .resource_id = row[KEY_SET_ID].bytes,
                                .instance_id = row[KEY_SET_INSTANCE_ID].bytes,
                                .result = BYTES("ok"),
                                .after = buffer_bytes(&after),
                                .time = settlement->now};
    return store_audit(session, &audit) == STORE_OK;
}

static bool tell_edges(struct session *session, struct value *row, const struct key_settlement *settlement)
{
    row[KEY_SET_REVISION] = value_integer((int64_t)store_revision(session));
    return store_change(session, CHANGE_KEY_SET, row[KEY_SET_INSTANCE_ID].bytes, row[KEY_SET_NAME].bytes, BYTES("")) == STORE_OK &&
           write_audit(session, row, settlement);
}

static bool settle_rows(struct session *session, struct rows *rows, const struct key_settlement *settlement, bool aside)
{
    bool good = true;
    for (size_t i = 0; good && i < rows->count; i++) {
        if (!settlement->good)
            lay_failure(rows->items[i], settlement);
        else if (lay_success(rows->items[i], settlement))
            good = !aside && tell_edges(session, rows->items[i], settlement);
    }
    return good && write_rows(session, rows);
}

static bool differs(const struct daemon *daemon, const struct key_settlement *settlement, struct arena *arena)
{
    struct rows rows;
    struct session *session = settlement->good ? store_read(daemon->store) : NULL;
    bool other = false;
    if (session == NULL) return false;
    bool read = read_rows(session, settlement->name, arena, &rows);
    for (size_t i = 0; read && i < rows.count; i++)
        other = other || !bytes_equal(rows.items[i][KEY_SET_JWKS].bytes, buffer_bytes(&settlement->fetched->set));
    store_abort(session);
    return other;
}

/* Most fetches bring what was there: only other keys take a revision. */
bool key_settle(const struct daemon *daemon, const struct key_settlement *settlement, struct arena *arena)
{
    struct rows rows;
    size_t mark = arena->used;
    bool other = differs(daemon, settlement, arena);
    arena_rewind(arena, mark);
    struct session *session = other ? store_write(daemon->store) : store_write_aside(daemon->store);
    if (session == NULL) return false;
    bool done = read_rows(session, settlement->name, arena, &rows) && settle_rows(session, &rows, settlement, !other);
    struct audit_point point = store_audit_point(session);
    done = end(session, done);
    if (done && other) anchor_note(daemon->anchor, &point, settlement->now);
    return done;
}

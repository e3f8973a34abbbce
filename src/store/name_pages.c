/* Names in pages: the names of an instance's rows, in the order of time and id, packed by the kilobyte. Looking for a part of a name is
 * then a walk through a few thousand pages instead of half a million rows (name_search.c). A page is derived from the rows between its
 * first key and that of the next: whatever changed, it is read and written anew, so it cannot drift. The first page of an instance begins
 * before all rows. */
#include "store/name_pages.h"

#include "base/buffer.h"
#include "store/schema.h"
#include "store/session.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PAGE_FULL   1850 /* bytes: PostgreSQL keeps rows of less than 2 KB whole and in place */
#define PAGE_SPLIT  1400 /* of a page that is split, since more may come between */
#define GATHER_ROWS 8192 /* read at once */
#define GATHER_SIZE ((size_t)1024 * 1024)

struct place {
    struct session *session;
    const struct tracked *of;
    struct bytes instance;
};

/* Rows of a range, as they will stand in pages. */
struct gathered {
    size_t count;
    bool more; /* rows are left */
    bool failed;
    struct buffer names;
    size_t ends[GATHER_ROWS]; /* of each row's name in `names` */
    struct name_key keys[GATHER_ROWS];
    uint8_t memory[GATHER_SIZE];
};

static bool key_keep(struct name_key *key, const struct value *time, const struct value *id)
{
    struct buffer out = buffer_over(key->id, sizeof key->id);
    key->time = time->integer;
    buffer_add(&out, id->bytes);
    buffer_add_byte(&out, 0);
    return !out.overflow;
}

static void name_add(struct buffer *out, int64_t state, struct bytes name)
{
    buffer_add_byte(out, name_state(state));
    size_t from = out->length;
    buffer_add_lower(out, name);
    for (size_t i = from; !out->overflow && i < out->length; i++) {
        if (out->data[i] < NAME_LOWEST) out->data[i] = NAME_LOWEST - 1;
    }
}

static bool gather_each(void *context, const struct value *row)
{
    struct gathered *gathered = context;
    gathered->more = gathered->count == GATHER_ROWS || buffer_room(&gathered->names) < row[2].bytes.length + 1;
    if (gathered->more) return false;
    name_add(&gathered->names, row[3].integer, row[2].bytes);
    gathered->failed = !key_keep(&gathered->keys[gathered->count], &row[0], &row[1]);
    gathered->ends[gathered->count++] = gathered->names.length;
    return !gathered->failed;
}

/* "SELECT time, id, name, state" of the rows from one key to another. */
static enum store_result gather(const struct place *place, const struct name_key *from, const struct name_key *to, struct gathered *out)
{
    const struct column *columns = place->of->entity->columns;
    const char *time = columns[place->of->time_column].name;
    char sql[512];
    const struct value parameters[] = {value_text(place->instance), value_integer(from->time), value_text(bytes_of_text(from->id)),
                                       value_integer(to ? to->time : 0), value_text(bytes_of_text(to ? to->id : ""))};
    snprintf(sql, sizeof sql, "SELECT %s, id, %s, %s FROM %s WHERE %s = $1 AND (%s, id) >= ($2, $3)%s%s%s ORDER BY %s, id LIMIT %d", time,
             columns[place->of->name_column].name, columns[place->of->state_column].name, place->of->entity->table,
             columns[place->of->instance_column].name, time, to ? " AND (" : "", to ? time : "", to ? ", id) < ($4, $5)" : "", time,
             GATHER_ROWS + 1);
    struct selection selection = {.command = {sql, parameters, to ? 5 : 3}, .columns = 4};
    out->count = 0;
    out->more = out->failed = false;
    out->names = buffer_over(out->memory, sizeof out->memory);
    enum store_result result = session_select(place->session, &selection, gather_each, out);
    if (result == STORE_OK && (out->failed || (out->more && out->count == 0)))
        return session_fault(place->session, "store: an id or a name is too long");
    return result;
}

static enum store_result page_put(const struct place *place, const struct name_key *first, struct bytes names)
{
    const struct value row[] = {value_text(bytes_of_text(place->of->entity->table)), value_text(place->instance),
                                value_integer(first->time), value_text(bytes_of_text(first->id)), value_blob(names)};
    struct command command = {"INSERT INTO name_page (entity, instance_id, first_time, first_id, names) VALUES ($1, $2, $3, $4, $5)"
                              " ON CONFLICT (entity, instance_id, first_time, first_id) DO UPDATE SET names = excluded.names",
                              row, 5};
    return session_run(place->session, &command, NULL);
}

static enum store_result page_drop(const struct place *place, const struct name_key *first)
{
    const struct value row[] = {value_text(bytes_of_text(place->of->entity->table)), value_text(place->instance),
                                value_integer(first->time), value_text(bytes_of_text(first->id))};
    struct command command = {"DELETE FROM name_page WHERE entity = $1 AND instance_id = $2 AND first_time = $3 AND first_id = $4", row, 4};
    return session_run(place->session, &command, NULL);
}

/* One past the last row of the page that begins with row `from`. */
static size_t page_end(const struct gathered *rows, size_t from, size_t size)
{
    size_t begin = from > 0 ? rows->ends[from - 1] : 0, to = from + 1;
    while (to < rows->count && rows->ends[to] - begin <= size) to++;
    return to;
}

/* Pages of these rows; the first begins with `first`, which becomes the beginning of the last. */
static enum store_result pages_put(const struct place *place, const struct gathered *rows, bool last, struct name_key *first)
{
    size_t size = last || rows->names.length <= PAGE_FULL ? PAGE_FULL : PAGE_SPLIT;
    for (size_t from = 0, to; from < rows->count; from = to) {
        size_t begin = from > 0 ? rows->ends[from - 1] : 0;
        to = page_end(rows, from, size);
        if (from > 0) *first = rows->keys[from];
        enum store_result result = page_put(place, first, bytes_slice(buffer_bytes(&rows->names), begin, rows->ends[to - 1] - begin));
        if (result != STORE_OK) return result;
    }
    return STORE_OK;
}

static bool is_first_of_all(const struct name_key *key)
{
    return key->time == INT64_MIN && key->id[0] == 0;
}

/* Writes what stands from `from` (the beginning of a page) to `to` (that of the next, NULL: none). */
static enum store_result range_write(const struct place *place, const struct name_key *from, const struct name_key *to,
                                     struct gathered *rows)
{
    struct name_key first = *from;
    do {
        enum store_result result = gather(place, &first, to, rows);
        if (result != STORE_OK) return result;
        if (rows->count == 0) return is_first_of_all(&first) ? page_put(place, &first, BYTES("")) : page_drop(place, &first);
        if ((result = pages_put(place, rows, to == NULL, &first)) != STORE_OK) return result;
    } while (rows->more);
    return STORE_OK;
}

struct found_key {
    struct name_key key;
    bool found;
};

static bool key_each(void *context, const struct value *row)
{
    struct found_key *found = context;
    found->found = key_keep(&found->key, &row[0], &row[1]);
    return false;
}

static enum store_result page_at(const struct place *place, const struct name_key *key, const char *sql, struct found_key *found)
{
    const struct value parameters[] = {value_text(bytes_of_text(place->of->entity->table)), value_text(place->instance),
                                       value_integer(key->time), value_text(bytes_of_text(key->id))};
    struct selection selection = {.command = {sql, parameters, 4}, .columns = 2};
    found->found = false;
    return session_select(place->session, &selection, key_each, found);
}

#define PAGES_OF_INSTANCE "SELECT first_time, first_id FROM name_page WHERE entity = $1 AND instance_id = $2"

/* The page that holds `key`, and the next. */
static enum store_result page_find(const struct place *place, const struct name_key *key, struct name_key *from, struct found_key *next)
{
    struct found_key found;
    enum store_result result = page_at(
        place, key, PAGES_OF_INSTANCE " AND (first_time, first_id) <= ($3, $4) ORDER BY first_time DESC, first_id DESC LIMIT 1", &found);
    if (result != STORE_OK) return result;
    *from = found.found ? found.key : (struct name_key){.time = INT64_MIN};
    return page_at(place, from, PAGES_OF_INSTANCE " AND (first_time, first_id) > ($3, $4) ORDER BY first_time, first_id LIMIT 1", next);
}

static int key_compare(const struct name_key *a, const struct name_key *b)
{
    return a->time != b->time ? (a->time < b->time ? -1 : 1) : strcmp(a->id, b->id);
}

static int touched_compare(const void *left, const void *right)
{
    const struct touched *a = left, *b = right;
    if (a->of != b->of) return a->of < b->of ? -1 : 1;
    int order = strcmp(a->instance, b->instance);
    return order != 0 ? order : key_compare(&a->key, &b->key);
}

static bool is_same_list(const struct touched *a, const struct touched *b)
{
    return a->of == b->of && strcmp(a->instance, b->instance) == 0;
}

/* Writes the page of the first one; how many of them lie in it. */
static enum store_result page_write(struct session *session, const struct touched *touched, size_t *count, struct gathered *rows)
{
    struct place place = {session, touched->of, bytes_of_text(touched->instance)};
    struct name_key from;
    struct found_key next;
    size_t within = 1;
    enum store_result result = page_find(&place, &touched->key, &from, &next);
    if (result != STORE_OK) return result;
    while (within < *count && is_same_list(touched, &touched[within]) &&
           (!next.found || key_compare(&touched[within].key, &next.key) < 0)) {
        within++;
    }
    *count = within;
    return range_write(&place, &from, next.found ? &next.key : NULL, rows);
}

enum store_result name_pages_write(struct session *session, struct touched *touched, size_t count)
{
    struct gathered *rows = malloc(sizeof *rows);
    enum store_result result = STORE_OK;
    if (rows == NULL) return session_fault(session, "store: out of memory");
    qsort(touched, count, sizeof *touched, touched_compare);
    for (size_t i = 0, within; result == STORE_OK && i < count; i += within) {
        within = count - i;
        result = page_write(session, &touched[i], &within, rows);
    }
    free(rows);
    return result;
}

static bool touch_instance(void *context, const struct value *row)
{
    struct touched *touched = context;
    struct buffer out = buffer_over(touched->instance, sizeof touched->instance);
    buffer_add(&out, row[0].bytes);
    buffer_add_byte(&out, 0);
    return false;
}

/* The first instance that has no page yet: all of its rows become pages. */
static enum store_result fill_one(struct session *session, const struct tracked *tracked, bool *done)
{
    struct value entity = value_text(bytes_of_text(tracked->entity->table));
    struct selection selection = {.command = {"SELECT id FROM instance WHERE NOT EXISTS (SELECT 1 FROM name_page WHERE entity = $1 AND"
                                              " instance_id = instance.id) ORDER BY id LIMIT 1",
                                              &entity, 1},
                                  .columns = 1};
    struct touched touched = {.of = tracked, .key = {.time = INT64_MIN}};
    enum store_result result = session_select(session, &selection, touch_instance, &touched);
    *done = touched.instance[0] == 0;
    return result == STORE_OK && !*done ? name_pages_write(session, &touched, 1) : result;
}

enum store_result name_pages_fill(struct session *session)
{
    const struct tracked *tracked;
    for (size_t i = 0; (tracked = tracked_named(i)) != NULL; i++) {
        for (bool done = false; !done;) {
            enum store_result result = fill_one(session, tracked, &done);
            if (result != STORE_OK) return result;
        }
    }
    return STORE_OK;
}

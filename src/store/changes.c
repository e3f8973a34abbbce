/* The queue between the truth and the edges: what each revision touched. */
#include "store/session.h"

#include "base/text.h"

static const struct column change_columns[] = {{"revision", VALUE_INTEGER}, {"place", VALUE_INTEGER}, {"kind", VALUE_INTEGER},
                                               {"instance_id", VALUE_TEXT}, {"id", VALUE_TEXT},       {"second", VALUE_TEXT}};
static const struct entity entity_change = {"changes", change_columns, sizeof change_columns / sizeof *change_columns};

enum store_result store_change(struct session *session, enum change_kind kind, struct bytes instance_id, struct bytes id,
                               struct bytes second)
{
    if (!text_is_storable(instance_id) || !text_is_storable(id) || !text_is_storable(second)) {
        return session_fault(session, "store: changes: not UTF-8, or holds NUL");
    }
    const struct value row[] = {value_integer((int64_t)session->revision),
                                value_integer(session->changes++),
                                value_integer(kind),
                                value_text(instance_id),
                                value_text(id),
                                value_text(second)};
    struct command command = {"INSERT INTO changes (revision, place, kind, instance_id, id, second) VALUES ($1, $2, $3, $4, $5, $6)", row,
                              sizeof row / sizeof row[0]};
    bool taken;
    if (bulk_add(session, &entity_change, row, &taken) != STORE_OK) return STORE_FAULT;
    return taken ? STORE_OK : session_run(session, &command, NULL);
}

struct changes_reader {
    change_each each;
    void *context;
};

static bool changes_read(void *context, const struct value *row)
{
    const struct changes_reader *reader = context;
    struct change change = {.revision = (uint64_t)row[0].integer,
                            .kind = (enum change_kind)row[1].integer,
                            .instance_id = row[2].bytes,
                            .id = row[3].bytes,
                            .second = row[4].bytes};
    return reader->each(reader->context, &change);
}

/* Changes behind `after` that nobody can tell any more: all may have changed. */
static enum store_result changes_are_lost(struct session *session, uint64_t after, bool *lost)
{
    int64_t forgotten;
    enum store_result result = session_number(session, &(struct command){"SELECT forgotten FROM revision", NULL, 0}, &forgotten);
    *lost = result == STORE_OK && (after < (uint64_t)forgotten || after > session->revision);
    return result;
}

enum store_result store_changes(struct session *session, uint64_t after, change_each each, void *context, uint64_t *revision)
{
    bool lost;
    *revision = session->revision;
    enum store_result result = changes_are_lost(session, after, &lost);
    if (result != STORE_OK) return result;
    if (lost) {
        each(context, &(struct change){.revision = session->revision, .kind = CHANGE_EVERYTHING});
        return STORE_OK;
    }
    struct value parameter = value_integer((int64_t)after);
    struct selection selection = {.command = {"SELECT revision, kind, instance_id, id, second FROM changes WHERE revision > $1"
                                              " ORDER BY revision, place",
                                              &parameter, 1},
                                  .columns = 5,
                                  .stream = true};
    return session_select(session, &selection, changes_read, &(struct changes_reader){each, context});
}

enum store_result store_forget_changes(struct session *session, uint64_t revision)
{
    if (revision >= session->revision) revision = session->revision - 1; /* this write's own are still news */
    struct value parameter = value_integer((int64_t)revision);
    struct command forget = {"DELETE FROM changes WHERE revision <= $1", &parameter, 1};
    struct command mark = {"UPDATE revision SET forgotten = $1 WHERE forgotten < $1", &parameter, 1};
    enum store_result result = session_run(session, &forget, NULL);
    return result == STORE_OK ? session_run(session, &mark, NULL) : result;
}

static bool id_each(void *context, const struct value *row)
{
    struct buffer *out = context;
    buffer_add(out, row[0].bytes);
    buffer_add_byte(out, 0);
    return false;
}

enum store_result store_id(struct session *session, char id[static 33])
{
    struct buffer out = buffer_over(id, 33);
    struct selection selection = {.command = {"SELECT id FROM identity", NULL, 0}, .columns = 1};
    enum store_result result = session_select(session, &selection, id_each, &out);
    if (result != STORE_OK) return result;
    return out.length == 33 && !out.overflow ? STORE_OK : session_fault(session, "store: it has no id");
}

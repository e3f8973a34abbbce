#include "store/tracked.h"

#include "base/buffer.h"
#include "store/schema.h"
#include "store/session.h"

#include <stdlib.h>
#include <string.h>

#define TOUCHED_MOST 4096 /* then they are written */

static const struct tracked all[] = {
    {&entity_app, {APP_INSTANCE_ID, APP_STATUS}, 2, 1, true, APP_INSTANCE_ID, APP_NAME, APP_REGISTER_TIME, APP_STATUS},
    {&entity_consumer,
     {CONSUMER_INSTANCE_ID, CONSUMER_ENABLED},
     2,
     1,
     true,
     CONSUMER_INSTANCE_ID,
     CONSUMER_NAME,
     CONSUMER_CREATE_TIME,
     CONSUMER_ENABLED},
    {.entity = &entity_authorisation,
     .counted = {AUTH_INSTANCE_ID, AUTH_PRINCIPAL_KIND, AUTH_API_ID, AUTH_ENV_ID},
     .counted_count = 4,
     .least = 3},
};
#define ALL (sizeof all / sizeof *all)

const struct tracked *tracked_of(const struct entity *entity)
{
    for (size_t i = 0; i < ALL; i++) {
        if (all[i].entity == entity) return &all[i];
    }
    return NULL;
}

const struct tracked *tracked_named(size_t index)
{
    for (size_t i = 0; i < ALL; i++) {
        if (all[i].named && index-- == 0) return &all[i];
    }
    return NULL;
}

static bool keep_text(char out[static TRACKED_TEXT], const struct value *value)
{
    struct buffer buffer = buffer_over(out, TRACKED_TEXT);
    if (value->type == VALUE_INTEGER)
        buffer_add_number(&buffer, value->integer);
    else
        buffer_add(&buffer, value->bytes);
    buffer_add_byte(&buffer, 0);
    return !buffer.overflow;
}

static enum store_result describe(struct session *session, const struct tracked *tracked, const struct value *row, struct tracked_row *out)
{
    bool fits = true;
    out->of = tracked;
    out->tally = (struct tally){.of = tracked};
    out->touched = (struct touched){.of = tracked};
    for (size_t i = 0; i < tracked->counted_count; i++) fits = fits && keep_text(out->tally.parts[i], &row[tracked->counted[i]]);
    if (tracked->named) {
        fits = fits && keep_text(out->touched.instance, &row[tracked->instance_column]) && keep_text(out->touched.key.id, &row[0]);
        out->touched.key.time = row[tracked->time_column].integer;
    }
    if (tracked->entity == &entity_authorisation) {
        fits = fits && keep_text(out->principal, &row[AUTH_PRINCIPAL_ID]);
        out->kind = row[AUTH_PRINCIPAL_KIND].integer;
    }
    return fits ? STORE_OK : session_fault(session, "store: an id is too long");
}

struct look {
    struct session *session;
    const struct tracked *tracked;
    struct tracked_row *before;
    enum store_result result;
};

static bool look_each(void *context, const struct value *row)
{
    struct look *look = context;
    look->result = describe(look->session, look->tracked, row, look->before);
    return false;
}

enum store_result tracked_look(struct session *session, const struct entity *entity, struct bytes id, struct tracked_row *before)
{
    const struct tracked *tracked = tracked_of(entity);
    before->of = NULL;
    if (tracked == NULL) return STORE_OK;
    struct look look = {session, tracked, before, STORE_OK};
    struct store_filter filter = {0, STORE_EQUAL, value_text(id)};
    struct store_query query = {.filters = &filter, .filter_count = 1, .limit = 1};
    enum store_result result = store_list(session, entity, &query, look_each, &look);
    return result == STORE_OK ? look.result : result;
}

/* Principals that may call anything, by instance and kind: whoever gets his first authorisation comes, whoever loses his last one goes. */
static const struct entity authorised = {"authorised", NULL, 0};
static const struct tracked holders = {.entity = &authorised, .counted_count = 2};

static bool tally_is(const struct tally *a, const struct tally *b)
{
    bool same = a->of == b->of;
    for (size_t i = 0; same && i < a->of->counted_count; i++) same = strcmp(a->parts[i], b->parts[i]) == 0;
    return same;
}

static struct tally *tally_like(struct tracking *tracking, const struct tally *tally)
{
    for (size_t i = 0; i < tracking->tally_count; i++) {
        if (tally_is(&tracking->tallies[i], tally)) return &tracking->tallies[i];
    }
    return NULL;
}

static enum store_result count_row(struct session *session, const struct tally *tally, int64_t by)
{
    struct tracking *tracking = &session->tracking;
    struct tally *known = tally_like(tracking, tally);
    if (known == NULL) {
        enum store_result result = tracking->tally_count == TALLIES_HELD ? tallies_write(session) : STORE_OK;
        if (result != STORE_OK) return result;
        known = &tracking->tallies[tracking->tally_count++];
        *known = *tally;
    }
    known->by += by;
    return STORE_OK;
}

static bool touched_has_room(struct tracking *tracking)
{
    if (tracking->touched_count < tracking->touched_room) return true;
    size_t room = tracking->touched_room ? tracking->touched_room * 4 : 16;
    struct touched *more = realloc(tracking->touched, room * sizeof *more);
    if (more == NULL) return false;
    tracking->touched = more;
    tracking->touched_room = room;
    return true;
}

static enum store_result touch_row(struct session *session, const struct touched *touched)
{
    struct tracking *tracking = &session->tracking;
    if (!touched->of->named) return STORE_OK;
    if (tracking->touched_count == TOUCHED_MOST) {
        enum store_result result = tracked_flush(session);
        if (result != STORE_OK) return result;
    }
    if (!touched_has_room(tracking)) return session_fault(session, "store: out of memory");
    tracking->touched[tracking->touched_count++] = *touched;
    return STORE_OK;
}

static enum store_result note(struct session *session, const struct tracked_row *row, int64_t by)
{
    enum store_result result = count_row(session, &row->tally, by);
    return result == STORE_OK ? touch_row(session, &row->touched) : result;
}

/* `row`: of an authorisation that came (by 1) or went (by -1). */
static enum store_result note_holder(struct session *session, const struct tracked_row *row, int64_t by)
{
    struct tally tally = {.of = &holders};
    int64_t others;
    struct value principal[] = {value_text(bytes_of_text(row->principal)), value_integer(row->kind)};
    struct command command = {"SELECT count(*) FROM (SELECT 1 AS one FROM authorisation WHERE principal_id = $1 AND principal_kind = $2"
                              " LIMIT 2) AS found",
                              principal, 2};
    if (row->of->entity != &entity_authorisation) return STORE_OK;
    enum store_result result = session_number(session, &command, &others);
    if (result != STORE_OK || others != (by > 0 ? 1 : 0)) return result;
    memcpy(tally.parts, row->tally.parts, 2 * sizeof tally.parts[0]);
    return count_row(session, &tally, by);
}

enum store_result tracked_changed(struct session *session, const struct entity *entity, const struct tracked_row *before,
                                  const struct value *after)
{
    const struct tracked *tracked = tracked_of(entity);
    enum store_result result = STORE_OK;
    struct tracked_row now;
    if (tracked == NULL) return STORE_OK;
    if (before != NULL && before->of != NULL) result = note(session, before, -1);
    if (result == STORE_OK && after != NULL) result = describe(session, tracked, after, &now);
    if (result == STORE_OK && after != NULL) result = note(session, &now, 1);
    bool had = before != NULL && before->of != NULL;
    if (result != STORE_OK || had == (after != NULL)) return result;
    return had ? note_holder(session, before, -1) : note_holder(session, &now, 1);
}

enum store_result tracked_flush(struct session *session)
{
    struct tracking *tracking = &session->tracking;
    enum store_result result = tallies_write(session);
    if (result == STORE_OK) result = audit_blocks_write(session);
    size_t count = tracking->touched_count;
    tracking->touched_count = 0;
    return result == STORE_OK && count > 0 ? name_pages_write(session, tracking->touched, count) : result;
}

void tracked_forget(struct session *session)
{
    session->tracking.tally_count = session->tracking.touched_count = 0;
    audit_blocks_forget(&session->blocks);
}

bool hand_each(void *context, const struct value *row)
{
    struct handing *handing = context;
    handing->stopped = !handing->each(handing->context, row);
    return !handing->stopped;
}

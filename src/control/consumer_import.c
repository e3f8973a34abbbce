/* Many consumers with their credentials in one call: each stands or falls alone, and the answer says which. The lines are texts, so that
 * one that is no JSON is refused like any other bad one. */
#include "control/consumers.h"
#include "control/quotas.h"
#include "control/resources.h"
#include "store/attempt.h"
#include "store/bulk.h"

#define MAX_LINES 1000
#define MAX_LINE  8192

static const struct field fields[] = {
    {.name = "lines",
     .type = FIELD_STRINGS,
     .flags = FIELD_REQUIRED | FIELD_SECRET,
     .minimum = 2,
     .maximum = MAX_LINE,
     .most_items = MAX_LINES,
     .rule = "each a consumer as for creating one, as a JSON object"},
};
static const struct fields import_fields = FIELDS_OF(fields);

/* A line's consumer, or why there is none. */
static const struct field result_items[] = {
    ANSWERED("id", FIELD_STRING),
    ANSWERED("name", FIELD_STRING),
    ANSWERED("description", FIELD_STRING),
    ANSWERED("enabled", FIELD_BOOLEAN),
    ANSWERED("create_time", FIELD_TIME),
    ANSWERED("update_time", FIELD_TIME),
    {.name = "credentials", .type = FIELD_OBJECTS, .flags = FIELD_READ_ONLY, .members = &consumer_credential_fields},
    ANSWERED("error_code", FIELD_STRING),
    ANSWERED("error_msg", FIELD_STRING),
};
static const struct fields result_fields = FIELDS_OF(result_items);

static const struct field answer_items[] = {
    {.name = "imported", .type = FIELD_INTEGER, .flags = FIELD_READ_ONLY},
    {.name = "results", .type = FIELD_OBJECTS, .flags = FIELD_READ_ONLY, .members = &result_fields},
};
static const struct fields answer_fields = FIELDS_OF(answer_items);

struct import {
    json_t *results;
    int64_t imported;
    bool limited; /* there may be only so many consumers */
    bool careful; /* each line behind a savepoint */
    bool again;   /* a line was refused after it had written something: start over, carefully */
};

/* What a line wants, or, as a list, why it is refused: code and subject. */
static json_t *prepare_line(const json_t *line)
{
    struct field_problem problem;
    json_t *given = fields_parse(bytes_of(json_string_value(line), json_string_length(line)), &problem);
    json_t *checked = given != NULL ? fields_check(&consumer_fields, given, FILL_PRESETS, &problem) : NULL;
    json_decref(given);
    return checked != NULL ? checked : json_pack("[i, o]", (int)problem.code, json_string_nocheck(problem.subject));
}

/* While others write: only what follows needs the store. */
static bool prepare(struct call *call)
{
    const json_t *lines = json_object_get(call->body, "lines");
    call->prepared = json_array();
    for (size_t i = 0; i < json_array_size(lines); i++) {
        if (json_array_append_new(call->prepared, prepare_line(json_array_get(lines, i))) != 0)
            return call_fault(call, "no memory for the lines");
    }
    return true;
}

/* The line's consumer, or NULL. The call's body is the line's while it is made. */
static json_t *make_from(struct call *call, json_t *line, bool limited)
{
    json_t *whole = call->body, *made = NULL;
    if (json_is_array(line)) {
        const char *subject = json_string_value(json_array_get(line, 1));
        call_refuse(call, (enum error_code)json_integer_value(json_array_get(line, 0)), bytes_of_text(subject));
        return NULL;
    }
    call->body = line;
    made = !limited || quota_admits_one(call, QUOTA_CONSUMERS, &resource_consumer) ? consumer_make(call) : NULL;
    call->body = whole;
    return made;
}

/* The refusal of a line as its result; false: a fault. */
static bool refuse_line(struct call *call, struct import *import)
{
    json_t *item = json_object();
    if (item == NULL || !call_take_back(call, item)) {
        json_decref(item);
        return false;
    }
    return json_array_append_new(import->results, item) == 0;
}

static bool import_line(struct call *call, struct import *import, json_t *line)
{
    struct attempt_point before;
    int64_t audits = store_audits(call->session);
    if (import->careful && !call_store(call, store_attempt(call->session, &before))) return false;
    json_t *made = make_from(call, line, import->limited);
    if (made != NULL) import->imported++;
    if (made == NULL && !import->careful && store_audits(call->session) > audits) import->again = true;
    if (import->careful && !call_store(call, store_attempt_end(call->session, &before, made != NULL))) {
        json_decref(made);
        return false;
    }
    return made != NULL ? json_array_append_new(import->results, made) == 0 : refuse_line(call, import);
}

static bool import_lines(struct call *call, struct import *import)
{
    const json_t *lines = call->prepared;
    import->results = json_array();
    import->imported = 0;
    import->again = false;
    for (size_t i = 0; i < json_array_size(lines) && !import->again; i++) {
        size_t mark = call->arena.used;
        if (!import_line(call, import, json_array_get(lines, i))) return false;
        arena_rewind(&call->arena, mark);
    }
    return true;
}

/* All rows at once, which only works when no line conflicts with what is there. */
static bool import_at_once(struct call *call, struct import *import)
{
    store_bulk(call->session);
    bool done = import_lines(call, import);
    enum store_result result = done && !import->again ? store_bulk_end(call->session) : STORE_OK;
    if (!store_bulk_conflicted(call->session)) return done && call_store(call, result);
    call->error = ERROR_NONE;
    import->again = true;
    return true;
}

/* A transaction begins anew when a line has to be taken back: rare enough not to pay for savepoints otherwise. */
static bool import_all(struct call *call, struct import *import)
{
    if (!quota_is_limited(call, QUOTA_CONSUMERS, &import->limited) || !import_at_once(call, import)) return false;
    if (!import->again) return true;
    json_decref(import->results);
    import->results = NULL;
    import->careful = true;
    call_let_go(call);
    return call_begin(call, true) && import_lines(call, import);
}

static bool import_consumers(struct call *call)
{
    struct import import = {0};
    if (import_all(call, &import)) {
        return call_answer(call, 200, json_pack("{s:I, s:o}", "imported", (json_int_t)import.imported, "results", import.results));
    }
    json_decref(import.results);
    return false;
}

static const struct route routes[] = {
    {"POST", IN_INSTANCE "/consumers/import", "import_consumers", RIGHT_WRITE_APPS, &import_fields, FILL_PRESETS, import_consumers,
     .answer = &answer_fields, .status = 200, .prepare = prepare},
};
const struct routes routes_consumer_import = ROUTES_OF(routes);

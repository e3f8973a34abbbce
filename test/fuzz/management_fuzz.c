/* Bodies of the management API through the field table of every route that takes one: fields_parse, fields_check, fields_to_row. */
#include "control/fields.h"
#include "control/routes.h"

#include <stdlib.h>
#include <string.h>

static void require(bool holds)
{
    if (!holds) abort();
}

/* Nothing but writable fields of the table comes through. */
static void require_known(const struct fields *fields, json_t *checked)
{
    const char *name;
    json_t *value;
    json_object_foreach(checked, name, value)
    {
        const struct field *field = fields_find(fields, name);
        require(field != NULL && (field->flags & FIELD_READ_ONLY) == 0 && !json_is_null(value));
        if (field->type == FIELD_OBJECT) require_known(field->members, value);
    }
}

/* What was accepted once is accepted again, unchanged: presets follow their own rules, and nothing is half read. */
static void require_stable(const struct fields *fields, const json_t *checked)
{
    struct field_problem problem;
    json_t *again = fields_check(fields, checked, FILL_PRESETS, &problem);
    require(again != NULL && json_equal(again, checked));
    json_decref(again);
}

static void lay_into_row(const struct fields *fields, const json_t *checked)
{
    static uint8_t memory[1 << 20];
    struct arena arena = arena_over(memory, sizeof memory);
    struct value row[ENTITY_MAX_COLUMNS];
    memset(row, 0, sizeof row);
    if (!fields_to_row(fields, checked, &arena, row)) return;
    json_t *answer = fields_from_row(fields, row, HIDE_SECRETS);
    for (size_t i = 0; answer != NULL && i < fields->count; i++) {
        if (fields->items[i].flags & FIELD_SECRET) require(json_object_get(answer, fields->items[i].name) == NULL);
    }
    json_decref(answer);
}

static void check(const struct fields *fields, const json_t *given)
{
    struct field_problem problem = {ERROR_NONE, ""};
    json_t *checked = fields_check(fields, given, FILL_PRESETS, &problem);
    if (checked == NULL) {
        require(problem.code != ERROR_NONE && strlen(problem.subject) > 0 && strlen(problem.subject) < sizeof problem.subject);
        require(error_of(problem.code)->code == problem.code && error_of(problem.code)->status == 400);
        return;
    }
    require_known(fields, checked);
    require_stable(fields, checked);
    lay_into_row(fields, checked);
    json_decref(checked);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct field_problem problem = {ERROR_NONE, ""};
    json_t *given = fields_parse(bytes_of(data, size), &problem);
    if (given == NULL) {
        require(problem.code == ERROR_BODY_UNREADABLE && strlen(problem.subject) > 0);
        return 0;
    }
    const struct route *route;
    for (size_t i = 0; (route = route_at(i)) != NULL; i++) {
        if (route->body != NULL) check(route->body, given);
    }
    json_decref(given);
    return 0;
}

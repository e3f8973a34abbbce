#include "control/credential_states.h"

#include "control/apis.h"
#include "control/looked_up.h"
#include "control/related.h"
#include "store/traffic.h"

const char *const generate_modes[] = {"SYSTEM", "CUSTOM", NULL};

static const struct field items[] = {
    {.name = "enabled", .type = FIELD_BOOLEAN, .flags = FIELD_STORED, .column = CREDENTIAL_ENABLED, .preset = "true"},
    {.name = "start_time", .type = FIELD_TIME, .flags = FIELD_STORED, .column = CREDENTIAL_NOT_BEFORE},
    {.name = "end_time", .type = FIELD_TIME, .flags = FIELD_STORED, .column = CREDENTIAL_NOT_AFTER},
};
const struct fields credential_state_fields = FIELDS_OF(items);

bool credential_lay_state(struct call *call, struct value *row)
{
    row[CREDENTIAL_NOT_BEFORE] = row[CREDENTIAL_NOT_AFTER] = value_integer(0);
    row[CREDENTIAL_REVISION] = value_integer((int64_t)store_revision(call->session));
    if (!fields_to_row(&credential_state_fields, call->body, &call->arena, row)) return call_fault(call, "no memory for the row");
    int64_t end = row[CREDENTIAL_NOT_AFTER].integer;
    if (end == 0 || end >= row[CREDENTIAL_NOT_BEFORE].integer) return true;
    return call_refuse_rule(call, "end_time", "not before start_time");
}

bool credential_put_state(const struct value *row, json_t *answer)
{
    const char *mode = generate_modes[row[CREDENTIAL_GENERATED].integer != 0 ? 0 : 1];
    return json_object_set_new(answer, "generate_mode", json_string(mode)) == 0 &&
           json_put_time(answer, "start_time", row[CREDENTIAL_NOT_BEFORE].integer) &&
           json_put_time(answer, "end_time", row[CREDENTIAL_NOT_AFTER].integer);
}

bool credential_put_last_use(struct call *call, json_t *item)
{
    struct value row[CREDENTIAL_USE_COLUMNS];
    enum store_result result = store_get(call->session, &entity_credential_use, json_get_text(item, "id"), &call->arena, row);
    if (result != STORE_NOTHING && !call_store(call, result)) return false;
    int64_t time = result == STORE_OK ? row[CREDENTIAL_USE_TIME].integer : 0;
    return json_put_time(item, "last_used", time) || call_fault(call, "no memory for the answer");
}

json_t *credential_json(struct call *call, const struct resource *resource, const struct value *row)
{
    json_t *json = resource_json(call, resource, row, HIDE_SECRETS);
    if (json == NULL) call_fault(call, "no memory for the answer");
    if (json != NULL && credential_put_last_use(call, json)) return json;
    json_decref(json);
    return NULL;
}

bool credential_answer(struct call *call, const struct resource *resource, const struct value *row, unsigned status)
{
    json_t *json = credential_json(call, resource, row);
    return json != NULL && call_answer(call, status, json);
}

struct bytes credential_draw_or_take(struct call *call, const struct wanted_text *text)
{
    struct bytes given = json_get_text(text->wanted, text->name);
    if (bytes_equal(json_get_text(text->wanted, "generate_mode"), BYTES("CUSTOM"))) {
        if (given.length == 0) call_refuse(call, ERROR_FIELD_MISSING, bytes_of_text(text->field));
        return given;
    }
    if (given.length == 0) return looked_up_draw(call, text->length);
    call_refuse_rule(call, text->field, "absent, unless generate_mode is CUSTOM");
    return BYTES("");
}

#include "control/security.h"

#include "control/code_webhook.h"
#include "control/resources.h"

static const char *const shows[] = {"step_up", "never", "as_vendor", NULL};

#define NUMBER(word, at, least, most)                                                                                                      \
    {                                                                                                                                      \
        .name = word, .type = FIELD_INTEGER, .flags = FIELD_STORED, .column = at, .minimum = least, .maximum = most                        \
    }
static const struct field fields[] = {
    NUMBER("session_idle_seconds", SECURITY_SESSION_IDLE, 60, 24 * 3600),
    NUMBER("session_end_seconds", SECURITY_SESSION_END, 300, 7 * 24 * 3600),
    {.name = "show_secrets", .type = FIELD_STRING, .flags = FIELD_STORED, .column = SECURITY_SHOW_SECRETS, .choices = shows},
    NUMBER("step_up_window_minutes", SECURITY_STEP_UP_WINDOW, 0, 30),
    {.name = "require_factor", .type = FIELD_BOOLEAN, .flags = FIELD_STORED, .column = SECURITY_REQUIRE_FACTOR},
    /* Whether there is one: who only shows the settings need not ask for what may not be there. */
    {.name = "code_webhook", .type = FIELD_BOOLEAN, .flags = FIELD_READ_ONLY},
};
static const struct fields security_fields = FIELDS_OF(fields);

static const struct resource resource_security = {
    .name = "security_settings",
    .entity = &entity_security,
    .fields = &security_fields,
    .instance_column = SECURITY_ID,
    .unknown = ERROR_IAM_UNKNOWN,
};

static void set_defaults(struct bytes domain_id, struct value row[static SECURITY_COLUMNS])
{
    row_clear(&entity_security, row);
    row[SECURITY_ID] = value_text(domain_id);
    row[SECURITY_SESSION_IDLE] = value_integer(30 * 60);
    row[SECURITY_SESSION_END] = value_integer(12 * 3600);
    row[SECURITY_SHOW_SECRETS] = value_text(BYTES("step_up"));
}

static bool read_row(struct call *call, struct session *session, struct bytes domain_id, struct value *row, bool *stored)
{
    enum store_result result = store_get(session, &entity_security, domain_id, &call->arena, row);
    *stored = result == STORE_OK;
    if (result == STORE_NOTHING) set_defaults(domain_id, row);
    return result == STORE_OK || result == STORE_NOTHING || call_fault(call, "the security settings could not be read");
}

bool security_read(struct call *call, struct session *session, struct bytes domain_id, struct value row[static SECURITY_COLUMNS])
{
    bool stored;
    return read_row(call, session, domain_id, row, &stored);
}

static bool answer(struct call *call, const struct value *row)
{
    struct value webhook[WEBHOOK_COLUMNS];
    bool found;
    if (!webhook_read(call, webhook, &found)) return false;
    json_t *json = resource_json(call, &resource_security, row, HIDE_SECRETS);
    if (json != NULL && json_object_set_new(json, "code_webhook", json_boolean(found)) == 0) return call_answer(call, 200, json);
    json_decref(json);
    return call_fault(call, "no memory for the answer");
}

static bool show(struct call *call)
{
    struct value row[SECURITY_COLUMNS];
    return security_read(call, call->session, call->caller.domain_id, row) && answer(call, row);
}

static bool update(struct call *call)
{
    struct value before[SECURITY_COLUMNS];
    struct value after[SECURITY_COLUMNS];
    bool stored;
    if (!read_row(call, call->session, call->caller.domain_id, before, &stored)) return false;
    for (size_t i = 0; i < SECURITY_COLUMNS; i++) after[i] = before[i];
    if (!resource_fill(call, &resource_security, after)) return false;
    after[SECURITY_UPDATE_TIME] = value_integer(call->now);
    bool kept = stored ? resource_update(call, &resource_security, before, after) : resource_insert(call, &resource_security, after);
    return kept && answer(call, after);
}

#define SETTINGS "/v2/{project_id}/apigw/security-settings"
static const struct route routes[] = {
    {"GET", SETTINGS, "show_security_settings", RIGHT_READ_USERS, NULL, FILL_PRESETS, show, .answer = &security_fields},
    {"PUT", SETTINGS, "update_security_settings", RIGHT_WRITE_USERS, &security_fields, LEAVE_ABSENT, update, .answer = &security_fields},
};
const struct routes routes_security = ROUTES_OF(routes);

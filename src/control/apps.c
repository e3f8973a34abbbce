/* Apps (huawei.md 4.7): who signs with AppKey and AppSecret. The secret is answered when it is made, and never again. */
#include "control/acls.h"
#include "control/authorisations.h"
#include "control/charsets.h"
#include "control/credential_states.h"
#include "control/key_pairs.h"
#include "control/listing.h"
#include "control/looked_up.h"
#include "control/quotas.h"
#include "control/resources.h"
#include "control/secrets.h"
#include "control/throttles.h"

#define GENERATED_SECRET 64

static const struct field fields[] = {
    {.name = "id", .type = FIELD_STRING, .flags = FIELD_READ_ONLY | FIELD_STORED, .column = APP_ID},
    {.name = "name",
     .type = FIELD_STRING,
     .flags = FIELD_REQUIRED | FIELD_STORED,
     .column = APP_NAME,
     .minimum = 3,
     .maximum = 64,
     .charset = &charset_name},
    {.name = "remark", .type = FIELD_STRING, .flags = FIELD_STORED, .column = APP_REMARK, .maximum = 255, .preset = "\"\""},
    {.name = "app_key",
     .type = FIELD_STRING,
     .flags = FIELD_STORED,
     .column = APP_APP_KEY,
     .minimum = 8,
     .maximum = 200,
     .charset = &charset_id},
    {.name = "app_secret", .type = FIELD_STRING, .flags = FIELD_SECRET, .minimum = 8, .maximum = 128, .charset = &charset_secret},
    {.name = "status", .type = FIELD_INTEGER, .flags = FIELD_STORED, .column = APP_STATUS, .minimum = 1, .maximum = 2, .preset = "1"},
    {.name = "creator", .type = FIELD_STRING, .flags = FIELD_READ_ONLY | FIELD_STORED, .column = APP_CREATOR},
    {.name = "register_time", .type = FIELD_TIME, .flags = FIELD_READ_ONLY | FIELD_STORED, .column = APP_REGISTER_TIME},
    {.name = "update_time", .type = FIELD_TIME, .flags = FIELD_READ_ONLY | FIELD_STORED, .column = APP_UPDATE_TIME},
    ANSWERED("app_type", FIELD_STRING),
    ANSWERED("bind_num", FIELD_INTEGER),
};
static const struct fields app_fields = FIELDS_OF(fields);

static const struct field secret_list[] = {
    {.name = "app_secret", .type = FIELD_STRING, .flags = FIELD_SECRET, .minimum = 8, .maximum = 128, .charset = &charset_secret},
    {.name = "overlap_seconds", .type = FIELD_INTEGER, .minimum = 0, .maximum = OVERLAP_MOST, .preset = "0"},
};
const struct fields app_secret_fields = FIELDS_OF(secret_list);

static const struct conflict conflicts[] = {
    {"app_name", ERROR_APP_EXISTS, APP_NAME},
    {"app_key", ERROR_APP_KEY_EXISTS, APP_APP_KEY},
};

static bool derive(const struct call *call, const struct value *row, json_t *answer)
{
    (void)call, (void)row;
    return json_object_set_new(answer, "app_type", json_string("apig")) == 0;
}

const struct resource resource_app = {
    .name = "app",
    .entity = &entity_app,
    .fields = &app_fields,
    .instance_column = APP_INSTANCE_ID,
    .unknown = ERROR_APP_UNKNOWN,
    .conflicts = conflicts,
    .conflict_count = sizeof conflicts / sizeof *conflicts,
    .derive = derive,
};

/* The app with the secret that was just made or given; the only answers that hold one. */
static bool answer_with_secret(struct call *call, const struct value *row, struct bytes secret, unsigned status)
{
    json_t *json = resource_json(call, &resource_app, row, HIDE_SECRETS);
    json_t *text = json_stringn((const char *)secret.data, secret.length);
    if (json != NULL && json_object_set_new(json, "app_secret", text) == 0) return call_answer(call, status, json);
    json_decref(json);
    return call_fault(call, "no memory for the answer");
}

static bool answer_app(struct call *call, const struct value *row)
{
    json_t *json = resource_json(call, &resource_app, row, HIDE_SECRETS);
    if (json == NULL) return call_fault(call, "no memory for the answer");
    if (secrets_put_app(call, json)) return call_answer(call, 200, json);
    json_decref(json);
    return false;
}

/* Empty: a fault. */
struct bytes app_secret_of_body(struct call *call)
{
    struct bytes given = call_text(call, "app_secret");
    if (given.length > 0) return given;
    return looked_up_draw(call, GENERATED_SECRET);
}

static bool create(struct call *call)
{
    struct value row[APP_COLUMNS], credential[CREDENTIAL_COLUMNS];
    row_clear(&entity_app, row);
    struct bytes id = call_new_id(call);
    struct bytes key = call_has(call, "app_key") ? call_text(call, "app_key") : call_new_id(call);
    struct bytes secret = app_secret_of_body(call);
    if (id.length == 0 || key.length == 0 || secret.length == 0 || !resource_fill(call, &resource_app, row)) return false;
    if (!quota_admits_one(call, QUOTA_APPS, &resource_app)) return false;
    row[APP_ID] = value_text(id);
    row[APP_INSTANCE_ID] = value_text(call->instance_id);
    row[APP_APP_KEY] = value_text(key);
    row[APP_CREATOR] = value_text(BYTES("USER"));
    row[APP_REGISTER_TIME] = row[APP_UPDATE_TIME] = value_integer(call->now);
    struct key_pair pair = {PRINCIPAL_APP, id, key, secret, !call_has(call, "app_secret")};
    return resource_insert(call, &resource_app, row) && key_pair_add(call, &resource_key_pair, &pair, credential) &&
           answer_with_secret(call, row, secret, 201);
}

static bool complete(struct call *call, json_t *item)
{
    json_t *id = json_object_get(item, "id");
    int64_t count;
    struct store_filter filters[] = {
        {AUTH_PRINCIPAL_ID, STORE_EQUAL, value_text(bytes_of(json_string_value(id), json_string_length(id)))},
        {AUTH_PRINCIPAL_KIND, STORE_EQUAL, value_integer(PRINCIPAL_APP)},
    };
    return resource_count(call, &resource_authorisation, (struct where){filters, 2}, &count) &&
           (json_object_set_new(item, "bind_num", json_integer(count)) == 0 || call_fault(call, "no memory for the list")) &&
           secrets_put_app(call, item);
}

static const struct list_filter list_filters[] = {
    {"id", FILTER_EXACT, APP_ID},           {"name", FILTER_NAME, APP_NAME},        {"status", FILTER_INTEGER, APP_STATUS},
    {"app_key", FILTER_EXACT, APP_APP_KEY}, {"creator", FILTER_EXACT, APP_CREATOR},
};
static const struct listing listing = {.resource = &resource_app,
                                       .items = "apps",
                                       .filters = list_filters,
                                       .filter_count = sizeof list_filters / sizeof *list_filters,
                                       .order_column = APP_REGISTER_TIME,
                                       .descending = true,
                                       .complete = complete};

static bool show(struct call *call)
{
    struct value row[APP_COLUMNS];
    return resource_load(call, &resource_app, call->params[0], row) && answer_app(call, row);
}

static bool validate(struct call *call)
{
    struct value row[APP_COLUMNS];
    if (!resource_load(call, &resource_app, call->params[0], row)) return false;
    struct bytes id = row[APP_ID].bytes, name = row[APP_NAME].bytes, remark = row[APP_REMARK].bytes;
    return call_answer(call, 200,
                       json_pack("{s:s%, s:s%, s:s%}", "id", (const char *)id.data, id.length, "name", (const char *)name.data, name.length,
                                 "remark", (const char *)remark.data, remark.length));
}

static bool load_pair(struct call *call, const struct value *app, struct value *row)
{
    const struct key_pair own = {.kind = PRINCIPAL_APP, .principal_id = app[APP_ID].bytes, .key = app[APP_APP_KEY].bytes};
    return key_pair_load(call, &own, row);
}

static bool rename_key(struct call *call, const struct value *app, const struct value *renamed)
{
    struct value before[CREDENTIAL_COLUMNS], after[CREDENTIAL_COLUMNS];
    if (!load_pair(call, app, before)) return false;
    for (size_t i = 0; i < CREDENTIAL_COLUMNS; i++) after[i] = before[i];
    after[CREDENTIAL_LOOKUP] = renamed[APP_APP_KEY];
    return key_pair_update(call, &resource_key_pair, before, after);
}

static bool give_secret(struct call *call, const struct value *app, struct bytes secret)
{
    struct value row[CREDENTIAL_COLUMNS];
    const struct new_secret new = {
        .secret = secret, .generated = !call_has(call, "app_secret"), .overlap_seconds = call_integer(call, "overlap_seconds", 0)};
    return load_pair(call, app, row) && key_pair_reset(call, &resource_key_pair, row, &new);
}

/* Key and secret live in the credential; status is what the edge reads of the app itself. */
static bool follow_update(struct call *call, const struct value *before, const struct value *after)
{
    if (!bytes_equal(before[APP_APP_KEY].bytes, after[APP_APP_KEY].bytes) && !rename_key(call, before, after)) return false;
    if (call_has(call, "app_secret") && !give_secret(call, after, call_text(call, "app_secret"))) return false;
    /* The name is told to logs and variables of the edge, so it is followed too. */
    bool same = before[APP_STATUS].integer == after[APP_STATUS].integer && bytes_equal(before[APP_NAME].bytes, after[APP_NAME].bytes);
    return same || credentials_touch(call, PRINCIPAL_APP, after[APP_ID].bytes);
}

static bool update(struct call *call)
{
    struct value before[APP_COLUMNS];
    struct value after[APP_COLUMNS];
    if (!resource_load(call, &resource_app, call->params[0], before)) return false;
    for (size_t i = 0; i < APP_COLUMNS; i++) after[i] = before[i];
    after[APP_UPDATE_TIME] = value_integer(call->now);
    return resource_fill(call, &resource_app, after) && resource_update(call, &resource_app, before, after) &&
           follow_update(call, before, after) && answer_app(call, after);
}

static bool reset_secret(struct call *call)
{
    struct value before[APP_COLUMNS];
    struct value after[APP_COLUMNS];
    struct bytes secret = app_secret_of_body(call);
    if (secret.length == 0 || !resource_load(call, &resource_app, call->params[0], before)) return false;
    for (size_t i = 0; i < APP_COLUMNS; i++) after[i] = before[i];
    after[APP_UPDATE_TIME] = value_integer(call->now);
    return resource_update(call, &resource_app, before, after) && give_secret(call, after, secret) &&
           answer_with_secret(call, after, secret, 200);
}

static bool destroy(struct call *call)
{
    struct value row[APP_COLUMNS];
    struct bytes id = call->params[0];
    if (!resource_load(call, &resource_app, id, row)) return false;
    struct store_filter of_app = {AUTH_PRINCIPAL_ID, STORE_EQUAL, value_text(id)};
    struct store_filter specials = {SPECIAL_OBJECT_ID, STORE_EQUAL, value_text(id)};
    return authorisations_remove_where(call, &of_app) && specials_remove_where(call, &specials) && app_acl_remove(call, id) &&
           credentials_remove(call, PRINCIPAL_APP, id) && resource_remove(call, &resource_app, row) && call_answer(call, 204, NULL);
}

static const struct field validation_answer_items[] = {
    ANSWERED("id", FIELD_STRING),
    ANSWERED("name", FIELD_STRING),
    ANSWERED("remark", FIELD_STRING),
};
static const struct fields validation_fields = FIELDS_OF(validation_answer_items);

static const struct route routes[] = {
    {"POST", IN_INSTANCE "/apps", "create_app", RIGHT_WRITE_APPS, &app_fields, FILL_PRESETS, create, .answer = &app_fields},
    {"GET", IN_INSTANCE "/apps", "list_apps", RIGHT_READ, NULL, FILL_PRESETS, listing_handle, .listing = &listing},
    {"GET", IN_INSTANCE "/apps/validation/{app_id}", "validate_app", RIGHT_READ, NULL, FILL_PRESETS, validate,
     .answer = &validation_fields},
    {"GET", IN_INSTANCE "/apps/{app_id}", "show_app", RIGHT_READ, NULL, FILL_PRESETS, show, .answer = &app_fields},
    {"PUT", IN_INSTANCE "/apps/secret/{app_id}", "reset_app_secret", RIGHT_WRITE_APPS, &app_secret_fields, FILL_PRESETS, reset_secret,
     .answer = &app_fields},
    {"PUT", IN_INSTANCE "/apps/{app_id}", "update_app", RIGHT_WRITE_APPS, &app_fields, LEAVE_ABSENT, update, .answer = &app_fields},
    {"DELETE", IN_INSTANCE "/apps/{app_id}", "delete_app", RIGHT_WRITE_APPS, NULL, FILL_PRESETS, destroy},
};
const struct routes routes_apps = ROUTES_OF(routes);

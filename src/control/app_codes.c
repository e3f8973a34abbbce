/* AppCodes of apps (huawei.md 4.7): made or taken once, kept as a keyed hash, shown as a few characters. */
#include "control/charsets.h"
#include "control/credential_states.h"
#include "control/listing.h"
#include "control/looked_up.h"
#include "control/quotas.h"
#include "control/resources.h"
#include "policy/publication.h"

#define GENERATED_LENGTH 64

/* The vendor's set; from 32 characters on, since other vendors' AppCodes are that long (alibaba.md 2, baidu.md 2.2). */
static const struct charset charset_app_code = {"A-Za-z0-9+/", "A-Za-z0-9+_!@#$%/=-", false,
                                                "letters, digits and +_!@#$%-/=, first a letter, a digit, + or /"};

static const struct field given_items[] = {
    {.name = "app_code",
     .type = FIELD_STRING,
     .flags = FIELD_REQUIRED | FIELD_SECRET,
     .minimum = 32,
     .maximum = 180,
     .charset = &charset_app_code},
};
static const struct fields given_fields = FIELDS_OF(given_items);

static const struct field shown_items[] = {
    {.name = "id", .type = FIELD_STRING, .flags = FIELD_READ_ONLY | FIELD_STORED, .column = CREDENTIAL_ROW_ID},
    {.name = "app_id", .type = FIELD_STRING, .flags = FIELD_READ_ONLY | FIELD_STORED, .column = CREDENTIAL_PRINCIPAL_ID},
    {.name = "display", .type = FIELD_STRING, .flags = FIELD_READ_ONLY | FIELD_STORED, .column = CREDENTIAL_DISPLAY},
    {.name = "create_time", .type = FIELD_TIME, .flags = FIELD_READ_ONLY | FIELD_STORED, .column = CREDENTIAL_CREATE_TIME},
    ANSWERED("last_used", FIELD_TIME),
    {.name = "app_code", .type = FIELD_STRING, .flags = FIELD_READ_ONLY | FIELD_SECRET},
};
static const struct fields shown_fields = FIELDS_OF(shown_items);

static const struct conflict conflicts[] = {
    {"credential_lookup", ERROR_KEY_EXISTS, CREDENTIAL_DISPLAY},
};

static const struct resource resource_app_code = {
    .name = "app_code",
    .entity = &entity_credential,
    .fields = &shown_fields,
    .instance_column = CREDENTIAL_INSTANCE_ID,
    .unknown = ERROR_APP_CODE_UNKNOWN,
    .conflicts = conflicts,
    .conflict_count = sizeof conflicts / sizeof *conflicts,
};

/* The AppCodes of one app. */
#define OF_APP(app_id)                                                                                                                     \
    {                                                                                                                                      \
        {CREDENTIAL_PRINCIPAL_ID, STORE_EQUAL, value_text(app_id)},                                                                        \
            {CREDENTIAL_PRINCIPAL_KIND, STORE_EQUAL, value_integer(PRINCIPAL_APP)},                                                        \
        {                                                                                                                                  \
            CREDENTIAL_KIND, STORE_EQUAL, value_integer(CREDENTIAL_API_KEY)                                                                \
        }                                                                                                                                  \
    }

static bool load_app(struct call *call, struct value *app)
{
    return resource_load(call, &resource_app, call->params[0], app);
}

static bool within_quota(struct call *call, struct bytes app_id)
{
    struct store_filter filters[] = OF_APP(app_id);
    int64_t count;
    if (!resource_count(call, &resource_app_code, (struct where){filters, sizeof filters / sizeof *filters}, &count)) return false;
    return quota_admits(call, QUOTA_APP_CODES, count);
}

/* The one answer that holds the AppCode. */
static bool answer_made(struct call *call, const struct value *row, struct bytes code)
{
    json_t *json = credential_json(call, &resource_app_code, row);
    if (json == NULL) return false;
    json_t *text = json_stringn((const char *)code.data, code.length);
    if (json_object_set_new(json, "app_code", text) == 0) return call_answer(call, 201, json);
    json_decref(json);
    return call_fault(call, "no memory for the answer");
}

static bool add(struct call *call, struct bytes code, bool generated)
{
    struct value app[APP_COLUMNS], row[CREDENTIAL_COLUMNS];
    if (code.length == 0 || !load_app(call, app) || !within_quota(call, app[APP_ID].bytes) || !looked_up_lay(call, code, row)) return false;
    struct bytes lookup = row[CREDENTIAL_LOOKUP].bytes;
    row[CREDENTIAL_PRINCIPAL_KIND] = value_integer(PRINCIPAL_APP);
    row[CREDENTIAL_PRINCIPAL_ID] = app[APP_ID];
    row[CREDENTIAL_SCHEMES] = value_integer(1u << SCHEME_APP_CODE);
    row[CREDENTIAL_GENERATED] = value_integer(generated);
    /* The edge's record of what is looked up names a place; where an AppCode counts, the API decides. */
    row[CREDENTIAL_LOCATION] = value_integer(PLACE_HEADER);
    row[CREDENTIAL_PLACE_NAME] = value_text(BYTES("authorization"));
    row[CREDENTIAL_PLACE_PREFIX] = value_text(BYTES("APPCODE "));
    return resource_insert(call, &resource_app_code, row) && call_change(call, CHANGE_API_KEY, lookup, BYTES("")) &&
           answer_made(call, row, code);
}

static bool create(struct call *call)
{
    return add(call, call_text(call, "app_code"), false);
}

static bool generate(struct call *call)
{
    return add(call, looked_up_draw(call, GENERATED_LENGTH), true);
}

static const struct listing listing = {.resource = &resource_app_code,
                                       .items = "app_codes",
                                       .complete = credential_put_last_use,
                                       .order_column = CREDENTIAL_CREATE_TIME,
                                       .descending = true};

static bool list(struct call *call)
{
    struct value app[APP_COLUMNS];
    if (!load_app(call, app)) return false;
    struct store_filter filters[] = OF_APP(app[APP_ID].bytes);
    return listing_answer_where(call, &listing, filters, sizeof filters / sizeof *filters);
}

/* Of this app; another's counts as unknown. */
static bool load(struct call *call, struct value *row)
{
    struct value app[APP_COLUMNS];
    if (!load_app(call, app) || !resource_load(call, &resource_app_code, call->params[1], row)) return false;
    bool own = bytes_equal(row[CREDENTIAL_PRINCIPAL_ID].bytes, app[APP_ID].bytes) && row[CREDENTIAL_KIND].integer == CREDENTIAL_API_KEY;
    return own || call_refuse(call, ERROR_APP_CODE_UNKNOWN, call->params[1]);
}

static bool show(struct call *call)
{
    struct value row[CREDENTIAL_COLUMNS];
    return load(call, row) && credential_answer(call, &resource_app_code, row, 200);
}

static bool destroy(struct call *call)
{
    struct value row[CREDENTIAL_COLUMNS];
    return load(call, row) && resource_remove(call, &resource_app_code, row) &&
           call_change(call, CHANGE_API_KEY, row[CREDENTIAL_LOOKUP].bytes, BYTES("")) && call_answer(call, 204, NULL);
}

static const struct route routes[] = {
    {"POST", IN_INSTANCE "/apps/{app_id}/app-codes", "create_app_code", RIGHT_WRITE_APPS, &given_fields, FILL_PRESETS, create,
     .answer = &shown_fields},
    {"PUT", IN_INSTANCE "/apps/{app_id}/app-codes", "generate_app_code", RIGHT_WRITE_APPS, NULL, FILL_PRESETS, generate,
     .answer = &shown_fields, .status = 201},
    {"GET", IN_INSTANCE "/apps/{app_id}/app-codes", "list_app_codes", RIGHT_READ, NULL, FILL_PRESETS, list, .listing = &listing},
    {"GET", IN_INSTANCE "/apps/{app_id}/app-codes/{app_code_id}", "show_app_code", RIGHT_READ, NULL, FILL_PRESETS, show,
     .answer = &shown_fields},
    {"DELETE", IN_INSTANCE "/apps/{app_id}/app-codes/{app_code_id}", "delete_app_code", RIGHT_WRITE_APPS, NULL, FILL_PRESETS, destroy},
};
const struct routes routes_app_codes = ROUTES_OF(routes);

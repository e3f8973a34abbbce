/* Further key pairs of an app: each with states of its own, so that one can be retired while another counts. The one that the app itself
 * names (app_key) is among them. */
#include "control/apis.h"
#include "control/charsets.h"
#include "control/credential_states.h"
#include "control/key_pairs.h"
#include "control/listing.h"
#include "control/resources.h"

#define PAIRS_MOST 20

static const struct field make_items[] = {
    {.name = "app_key", .type = FIELD_STRING, .minimum = 8, .maximum = 200, .charset = &charset_id},
    {.name = "app_secret", .type = FIELD_STRING, .flags = FIELD_SECRET, .minimum = 8, .maximum = 128, .charset = &charset_secret},
};
static const struct fields make_fields = FIELDS_OF(make_items);

static const struct field shown_items[] = {
    {.name = "id", .type = FIELD_STRING, .flags = FIELD_READ_ONLY | FIELD_STORED, .column = CREDENTIAL_ROW_ID},
    {.name = "app_id", .type = FIELD_STRING, .flags = FIELD_READ_ONLY | FIELD_STORED, .column = CREDENTIAL_PRINCIPAL_ID},
    {.name = "app_key", .type = FIELD_STRING, .flags = FIELD_READ_ONLY | FIELD_STORED, .column = CREDENTIAL_LOOKUP},
    {.name = "enabled", .type = FIELD_BOOLEAN, .flags = FIELD_READ_ONLY | FIELD_STORED, .column = CREDENTIAL_ENABLED},
    {.name = "create_time", .type = FIELD_TIME, .flags = FIELD_READ_ONLY | FIELD_STORED, .column = CREDENTIAL_CREATE_TIME},
    ANSWERED("last_used", FIELD_TIME),
    ANSWERED("generate_mode", FIELD_STRING),
    ANSWERED("start_time", FIELD_TIME),
    ANSWERED("end_time", FIELD_TIME),
    ANSWERED("former_secret_until", FIELD_TIME),
    {.name = "app_secret", .type = FIELD_STRING, .flags = FIELD_READ_ONLY | FIELD_SECRET},
};
static const struct fields shown_fields = FIELDS_OF(shown_items);

static bool derive(const struct call *call, const struct value *row, json_t *answer)
{
    (void)call;
    return credential_put_state(row, answer) && json_put_time(answer, "former_secret_until", row[CREDENTIAL_SECRET_UNTIL].integer);
}

static const struct conflict conflicts[] = {
    {"credential_lookup", ERROR_APP_KEY_EXISTS, CREDENTIAL_LOOKUP},
};

static const struct resource resource_app_pair = {
    .name = "app_key_pair",
    .entity = &entity_credential,
    .fields = &shown_fields,
    .instance_column = CREDENTIAL_INSTANCE_ID,
    .unknown = ERROR_CREDENTIAL_UNKNOWN,
    .conflicts = conflicts,
    .conflict_count = sizeof conflicts / sizeof *conflicts,
    .derive = derive,
};

static bool answer_with_secret(struct call *call, const struct value *row, struct bytes secret, unsigned status)
{
    json_t *json = credential_json(call, &resource_app_pair, row);
    if (json == NULL) return false;
    json_t *text = json_stringn((const char *)secret.data, secret.length);
    if (json_object_set_new(json, "app_secret", text) == 0) return call_answer(call, status, json);
    json_decref(json);
    return call_fault(call, "no memory for the answer");
}

/* The key pairs of one app. */
#define OF_APP(app)                                                                                                                        \
    {                                                                                                                                      \
        {CREDENTIAL_PRINCIPAL_ID, STORE_EQUAL, (app)[APP_ID]}, {CREDENTIAL_PRINCIPAL_KIND, STORE_EQUAL, value_integer(PRINCIPAL_APP)},     \
        {                                                                                                                                  \
            CREDENTIAL_KIND, STORE_EQUAL, value_integer(CREDENTIAL_KEY_PAIR)                                                               \
        }                                                                                                                                  \
    }

static bool load_app(struct call *call, struct value *app)
{
    return resource_load(call, &resource_app, call->params[0], app);
}

static bool within_quota(struct call *call, const struct value *app)
{
    struct store_filter filters[] = OF_APP(app);
    int64_t count;
    if (!resource_count(call, &resource_app_pair, (struct where){filters, sizeof filters / sizeof *filters}, &count)) return false;
    return count < PAIRS_MOST || call_refuse(call, ERROR_KEY_QUOTA, BYTES("20"));
}

static bool create(struct call *call)
{
    struct value app[APP_COLUMNS], row[CREDENTIAL_COLUMNS];
    struct key_pair pair = {.kind = PRINCIPAL_APP, .generated = !call_has(call, "app_secret")};
    if (!load_app(call, app) || !within_quota(call, app)) return false;
    pair.principal_id = app[APP_ID].bytes;
    pair.key = call_has(call, "app_key") ? call_text(call, "app_key") : call_new_id(call);
    pair.secret = app_secret_of_body(call);
    if (pair.key.length == 0 || pair.secret.length == 0) return false;
    return key_pair_add(call, &resource_app_pair, &pair, row) && answer_with_secret(call, row, pair.secret, 201);
}

static const struct listing listing = {
    .resource = &resource_app_pair, .items = "key_pairs", .complete = credential_put_last_use, .order_column = CREDENTIAL_CREATE_TIME};

static bool list(struct call *call)
{
    struct value app[APP_COLUMNS];
    if (!load_app(call, app)) return false;
    struct store_filter filters[] = OF_APP(app);
    return listing_answer_where(call, &listing, filters, sizeof filters / sizeof *filters);
}

/* A key pair of this app; another's counts as unknown. */
static bool load(struct call *call, struct value *app, struct value *row)
{
    if (!load_app(call, app) || !resource_load(call, &resource_app_pair, call->params[1], row)) return false;
    bool own = bytes_equal(row[CREDENTIAL_PRINCIPAL_ID].bytes, app[APP_ID].bytes) && row[CREDENTIAL_KIND].integer == CREDENTIAL_KEY_PAIR;
    return own || call_refuse(call, ERROR_CREDENTIAL_UNKNOWN, call->params[1]);
}

static bool update(struct call *call)
{
    struct value app[APP_COLUMNS], before[CREDENTIAL_COLUMNS], after[CREDENTIAL_COLUMNS];
    if (!load(call, app, before)) return false;
    for (size_t i = 0; i < CREDENTIAL_COLUMNS; i++) after[i] = before[i];
    return credential_lay_state(call, after) && key_pair_update(call, &resource_app_pair, before, after) &&
           credential_answer(call, &resource_app_pair, after, 200);
}

static bool reset(struct call *call)
{
    struct value app[APP_COLUMNS], row[CREDENTIAL_COLUMNS];
    struct bytes secret = app_secret_of_body(call);
    const struct new_secret new = {
        .secret = secret, .generated = !call_has(call, "app_secret"), .overlap_seconds = call_integer(call, "overlap_seconds", 0)};
    if (secret.length == 0 || !load(call, app, row) || !key_pair_reset(call, &resource_app_pair, row, &new)) return false;
    return resource_load(call, &resource_app_pair, call->params[1], row) && answer_with_secret(call, row, secret, 200);
}

/* The app is known by one of them: its app_key must open something as long as it stands there. */
static bool destroy(struct call *call)
{
    struct value app[APP_COLUMNS], row[CREDENTIAL_COLUMNS];
    if (!load(call, app, row)) return false;
    if (bytes_equal(row[CREDENTIAL_LOOKUP].bytes, app[APP_APP_KEY].bytes))
        return call_refuse(call, ERROR_PAIR_OF_APP, app[APP_APP_KEY].bytes);
    return key_pair_remove(call, &resource_app_pair, row) && call_answer(call, 204, NULL);
}

#define KEY_PAIRS IN_INSTANCE "/apps/{app_id}/key-pairs"

static const struct route routes[] = {
    {"POST", KEY_PAIRS, "create_app_key_pair", RIGHT_WRITE_APPS, &make_fields, FILL_PRESETS, create, .answer = &shown_fields},
    {"GET", KEY_PAIRS, "list_app_key_pairs", RIGHT_READ, NULL, FILL_PRESETS, list, .listing = &listing},
    {"PUT", KEY_PAIRS "/{key_pair_id}", "update_app_key_pair", RIGHT_WRITE_APPS, &credential_state_fields, FILL_PRESETS, update,
     .answer = &shown_fields},
    {"PUT", KEY_PAIRS "/{key_pair_id}/secret", "reset_app_key_pair", RIGHT_WRITE_APPS, &app_secret_fields, FILL_PRESETS, reset,
     .answer = &shown_fields},
    {"DELETE", KEY_PAIRS "/{key_pair_id}", "delete_app_key_pair", RIGHT_WRITE_APPS, NULL, FILL_PRESETS, destroy},
};
const struct routes routes_app_key_pairs = ROUTES_OF(routes);

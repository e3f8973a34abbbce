#include "control/features.h"

#include "admit/app_grant.h"
#include "control/charsets.h"
#include "control/key_places.h"
#include "control/listing.h"
#include "control/resources.h"
#include "policy/publication.h"
#include "scheme/app_token.h"

#define CONFIG_MAX 2048

static const struct field fields[] = {
    {.name = "id", .type = FIELD_STRING, .flags = FIELD_READ_ONLY | FIELD_STORED, .column = FEATURE_ID},
    {.name = "instance_id", .type = FIELD_STRING, .flags = FIELD_READ_ONLY | FIELD_STORED, .column = FEATURE_INSTANCE_ID},
    {.name = "name",
     .type = FIELD_STRING,
     .flags = FIELD_REQUIRED | FIELD_STORED,
     .column = FEATURE_NAME,
     .minimum = 1,
     .maximum = 64,
     .charset = &charset_printable},
    {.name = "enable", .type = FIELD_BOOLEAN, .flags = FIELD_REQUIRED | FIELD_STORED, .column = FEATURE_ENABLE},
    {.name = "config", .type = FIELD_STRING, .flags = FIELD_STORED, .column = FEATURE_CONFIG, .maximum = CONFIG_MAX},
    {.name = "update_time", .type = FIELD_TIME, .flags = FIELD_READ_ONLY | FIELD_STORED, .column = FEATURE_UPDATE_TIME},
};
static const struct fields feature_fields = FIELDS_OF(fields);

static const struct resource resource_feature = {
    .name = "feature",
    .entity = &entity_feature,
    .fields = &feature_fields,
    .instance_column = FEATURE_INSTANCE_ID,
    .unknown = ERROR_FEATURE_UNRECOGNISED,
};

/* The vendor has many; the others have no counterpart here. */
static bool is_of_apps(struct bytes name)
{
    return bytes_equal(name, BYTES(FEATURE_APP_SECRET)) || bytes_equal(name, BYTES(FEATURE_APP_BASIC));
}

static bool is_known(struct bytes name)
{
    return bytes_equal(name, BYTES(FEATURE_PUBLIC_KEY)) || bytes_equal(name, BYTES(FEATURE_CONSUMER_HEADER)) ||
           bytes_equal(name, BYTES(FEATURE_APP_TOKEN)) || is_of_apps(name);
}

/* It is a part of every publication. */
static bool is_of_plans(struct bytes name)
{
    return !bytes_equal(name, BYTES(FEATURE_PUBLIC_KEY));
}

static bool find(struct call *call, struct bytes name, struct value *row, bool *found)
{
    struct store_filter filter = {FEATURE_NAME, STORE_EQUAL, value_text(name)};
    return resource_find(call, &resource_feature, (struct where){&filter, 1}, row, found);
}

bool feature_read(struct call *call, const char *name, bool *on)
{
    struct value row[FEATURE_COLUMNS];
    bool found;
    size_t mark = call->arena.used;
    bool done = find(call, bytes_of_text(name), row, &found);
    *on = done && found && row[FEATURE_ENABLE].integer == 1;
    arena_rewind(&call->arena, mark);
    return done;
}

static bool member_is(const json_t *config, const char *name, const char *wanted)
{
    const json_t *value = json_object_get(config, name);
    const char *text = json_string_value(value);
    return value == NULL || (text != NULL && bytes_equal(bytes_of_text(text), bytes_of_text(wanted)));
}

/* A word alone, as the vendor has it. */
static struct bytes word_of(bool enable)
{
    return enable ? BYTES("on") : BYTES("off");
}

struct bytes feature_consumer_header(struct arena *arena, struct bytes config)
{
    json_t *read = json_loadb((const char *)config.data, config.length, JSON_REJECT_DUPLICATES, NULL);
    const json_t *name = json_object_get(read, "name");
    struct bytes text = arena_copy(arena, bytes_of(json_string_value(name), json_string_length(name)));
    json_decref(read);
    return text;
}

/* A header like one for API keys: with no other meaning, and nobody else's to set. */
static bool check_consumer_header(struct call *call, bool enable)
{
    struct bytes given = call_text(call, "config");
    json_t *config = json_loadb((const char *)given.data, given.length, JSON_REJECT_DUPLICATES, NULL);
    size_t known = json_object_get(config, "enable") != NULL ? 2 : 1;
    bool right = json_object_size(config) == known && member_is(config, "enable", enable ? "on" : "off");
    json_decref(config);
    struct bytes name = feature_consumer_header(&call->arena, given);
    if (!enable && given.length == 0) return true;
    return (right && name.length > 0 && key_header_rule(name) == NULL) ||
           call_refuse_rule(
               call, "config",
               "JSON text of an object with \"name\": 1 to 64 letters, digits and -, first a letter, of a header that has no other "
               "meaning (not of the connection, the message, a signature or the gateway)");
}

/* --- app_token -------------------------------------------------------------------------------------------------------------------------
 */

#define TOKEN_URI_MAX 128

static const struct charset charset_uri = {"/", "A-Za-z0-9/._~-", false, "a path of letters, digits and /._~-"};

static bool take_seconds(const json_t *config, const char *name, json_int_t preset, json_int_t *seconds)
{
    const json_t *value = json_object_get(config, name);
    *seconds = value == NULL ? preset : json_integer_value(value);
    return *seconds >= 1 && *seconds <= APP_TOKEN_MOST;
}

static bool take_uri(const json_t *config, struct bytes *uri)
{
    const json_t *value = json_object_get(config, "app_token_uri");
    *uri = value == NULL ? BYTES(APP_GRANT_DEFAULT_URI) : bytes_of(json_string_value(value), json_string_length(value));
    return uri->length > 1 && uri->length <= TOKEN_URI_MAX && charset_allows(&charset_uri, *uri);
}

static size_t known_members(const json_t *config)
{
    static const char *const names[] = {"enable", "app_token_expire_time", "app_token_uri", "refresh_token_expire_time"};
    size_t count = 0;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) count += json_object_get(config, names[i]) != NULL;
    return count;
}

/* The whole of it, as the vendor writes it; empty: it cannot be read. */
static struct bytes complete_token_config(struct call *call, bool enable)
{
    struct bytes given = call_text(call, "config"), uri;
    json_int_t lifetime, refresh;
    json_t *config = given.length == 0 ? json_object() : json_loadb((const char *)given.data, given.length, JSON_REJECT_DUPLICATES, NULL);
    struct buffer out = buffer_in(&call->arena, 256 + TOKEN_URI_MAX);
    bool right = json_is_object(config) && json_object_size(config) == known_members(config) &&
                 member_is(config, "enable", enable ? "on" : "off") && take_uri(config, &uri) &&
                 take_seconds(config, "app_token_expire_time", APP_TOKEN_LIFETIME, &lifetime) &&
                 take_seconds(config, "refresh_token_expire_time", APP_TOKEN_REFRESH_LIFETIME, &refresh);
    if (right) {
        buffer_add_text(&out, enable ? "{\"enable\":\"on\",\"app_token_expire_time\":" : "{\"enable\":\"off\",\"app_token_expire_time\":");
        buffer_add_number(&out, lifetime);
        buffer_add_text(&out, ",\"app_token_uri\":\"");
        buffer_add(&out, uri);
        buffer_add_text(&out, "\",\"refresh_token_expire_time\":");
        buffer_add_number(&out, refresh);
        buffer_add_byte(&out, '}');
    }
    json_decref(config);
    return buffer_bytes(&out);
}

/* The vendor's app_token_key is refused: tokens are made with the app's own secret, so there is no key of theirs. */
static bool check_token_config(struct call *call, bool enable)
{
    return complete_token_config(call, enable).length > 0 ||
           call_refuse_rule(
               call, "config",
               "JSON text of an object with \"enable\" (\"on\" or \"off\", as the member enable says), "
               "\"app_token_expire_time\" and \"refresh_token_expire_time\" (1 to 72000 seconds) and \"app_token_uri\" (a path of "
               "2 to 128 letters, digits and /._~-), each of which may be absent; app_token_key is not taken");
}

/* It may say nothing but what is so anyway. The prefix is the gateway's own path. */
static bool check_public_key_config(struct call *call, bool enable)
{
    struct bytes given = call_text(call, "config");
    json_t *config = json_loadb((const char *)given.data, given.length, JSON_REJECT_DUPLICATES, NULL);
    size_t known = json_object_get(config, "enable") != NULL ? 1 : 0;
    if (json_object_get(config, "public_key_uri_prefix") != NULL) known++;
    bool right = json_is_object(config) && json_object_size(config) == known && member_is(config, "enable", enable ? "on" : "off") &&
                 member_is(config, "public_key_uri_prefix", PUBLIC_KEY_URI_PREFIX);
    json_decref(config);
    return right || call_refuse_rule(call, "config",
                                     "JSON text of an object with \"enable\" (\"on\" or \"off\", as the member enable says) and "
                                     "\"public_key_uri_prefix\" (\"" PUBLIC_KEY_URI_PREFIX "\")");
}

static bool check_config(struct call *call, bool enable)
{
    struct bytes given = call_text(call, "config"), name = call_text(call, "name");
    if (bytes_equal(name, BYTES(FEATURE_CONSUMER_HEADER))) return check_consumer_header(call, enable);
    if (bytes_equal(name, BYTES(FEATURE_APP_TOKEN))) return check_token_config(call, enable);
    if (given.length == 0) return true;
    if (!is_of_apps(name)) return check_public_key_config(call, enable);
    return bytes_equal(given, word_of(enable)) || call_refuse_rule(call, "config", "\"on\" or \"off\", as the member enable says");
}

static struct value config_of(struct call *call, struct bytes name, bool enable)
{
    if (bytes_equal(name, BYTES(FEATURE_CONSUMER_HEADER))) return value_text(call_text(call, "config"));
    if (bytes_equal(name, BYTES(FEATURE_APP_TOKEN))) return value_text(complete_token_config(call, enable));
    if (is_of_apps(name)) return value_text(word_of(enable));
    return value_text(enable ? BYTES("{\"enable\":\"on\",\"public_key_uri_prefix\":\"" PUBLIC_KEY_URI_PREFIX "\"}")
                             : BYTES("{\"enable\":\"off\",\"public_key_uri_prefix\":\"" PUBLIC_KEY_URI_PREFIX "\"}"));
}

static bool write(struct call *call, const struct value *before, struct value *after, bool found)
{
    if (found) return resource_update(call, &resource_feature, before, after);
    struct bytes id = call_new_id(call);
    after[FEATURE_ID] = value_text(id);
    after[FEATURE_INSTANCE_ID] = value_text(call->instance_id);
    return id.length > 0 && resource_insert(call, &resource_feature, after);
}

static bool set(struct call *call)
{
    struct value before[FEATURE_COLUMNS], after[FEATURE_COLUMNS];
    struct bytes name = call_text(call, "name");
    bool enable = call_integer(call, "enable", 0) != 0, found;
    if (!is_known(name)) return call_refuse(call, ERROR_FEATURE_UNRECOGNISED, name);
    if (!check_config(call, enable) || !find(call, name, before, &found)) return false;
    row_clear(&entity_feature, after);
    if (found) after[FEATURE_ID] = before[FEATURE_ID];
    if (found) after[FEATURE_INSTANCE_ID] = before[FEATURE_INSTANCE_ID];
    after[FEATURE_NAME] = value_text(name);
    after[FEATURE_ENABLE] = value_integer(enable);
    after[FEATURE_CONFIG] = config_of(call, name, enable);
    after[FEATURE_UPDATE_TIME] = value_integer(call->now);
    return write(call, before, after, found) && call_change(call, CHANGE_FEATURE, name, BYTES("")) &&
           (!is_of_plans(name) || call_change(call, CHANGE_PLANS, BYTES(""), BYTES(""))) &&
           resource_answer(call, &resource_feature, after, 201);
}

static const struct listing listing = {.resource = &resource_feature, .items = "features", .order_column = FEATURE_NAME};

static const struct route routes[] = {
    {"GET", IN_INSTANCE "/features", "list_features", RIGHT_READ, NULL, FILL_PRESETS, listing_handle, .listing = &listing},
    {"POST", IN_INSTANCE "/features", "set_feature", RIGHT_WRITE, &feature_fields, FILL_PRESETS, set, .answer = &feature_fields},
};
const struct routes routes_features = ROUTES_OF(routes);

#include "store/schema.h"

/* The order of each list is the order of the enum in schema.h; a test compares names and types with the database's own catalogue. */

#define INTEGER(column)                                                                                                                    \
    {                                                                                                                                      \
        column, VALUE_INTEGER                                                                                                              \
    }
#define TEXT(column)                                                                                                                       \
    {                                                                                                                                      \
        column, VALUE_TEXT                                                                                                                 \
    }
#define BLOB(column)                                                                                                                       \
    {                                                                                                                                      \
        column, VALUE_BLOB                                                                                                                 \
    }

static const struct column instance_columns[INSTANCE_COLUMNS] = {
    TEXT("id"), TEXT("project_id"), TEXT("name"), INTEGER("create_time"), TEXT("description"), TEXT("region")};
const struct entity entity_instance = {"instance", instance_columns, INSTANCE_COLUMNS};

static const struct column env_columns[ENV_COLUMNS] = {TEXT("id"), TEXT("instance_id"), TEXT("name"), TEXT("remark"),
                                                       INTEGER("create_time")};
const struct entity entity_env = {"env", env_columns, ENV_COLUMNS};

static const struct column group_columns[GROUP_COLUMNS] = {
    TEXT("id"), TEXT("instance_id"), TEXT("name"), TEXT("remark"), TEXT("sl_domain"), INTEGER("register_time"), INTEGER("update_time")};
const struct entity entity_group = {"api_group", group_columns, GROUP_COLUMNS}; /* "group" is a word of SQL */

static const struct column domain_columns[DOMAIN_COLUMNS] = {TEXT("id"), TEXT("instance_id"), TEXT("group_id"), TEXT("url_domain"),
                                                             TEXT("min_ssl_version")};
const struct entity entity_domain = {"domain", domain_columns, DOMAIN_COLUMNS};

static const struct column api_columns[API_COLUMNS] = {TEXT("id"),         TEXT("instance_id"),      TEXT("group_id"),      TEXT("name"),
                                                       INTEGER("type"),    TEXT("req_protocol"),     TEXT("req_method"),    TEXT("req_uri"),
                                                       TEXT("route_key"),  TEXT("auth_type"),        TEXT("match_mode"),    TEXT("remark"),
                                                       TEXT("definition"), INTEGER("register_time"), INTEGER("update_time")};
const struct entity entity_api = {"api", api_columns, API_COLUMNS};

static const struct column version_columns[VERSION_COLUMNS] = {
    TEXT("id"),         TEXT("instance_id"), TEXT("api_id"), TEXT("group_id"),  TEXT("env_id"),     TEXT("publish_id"),
    TEXT("version_no"), INTEGER("status"),   TEXT("remark"), TEXT("route_key"), TEXT("definition"), INTEGER("publish_time")};
const struct entity entity_version = {"version", version_columns, VERSION_COLUMNS};

static const struct column app_columns[APP_COLUMNS] = {TEXT("id"),      TEXT("instance_id"),      TEXT("name"),
                                                       TEXT("remark"),  INTEGER("status"),        TEXT("app_key"),
                                                       TEXT("creator"), INTEGER("register_time"), INTEGER("update_time")};
const struct entity entity_app = {"app", app_columns, APP_COLUMNS};

static const struct column consumer_columns[CONSUMER_COLUMNS] = {
    TEXT("id"), TEXT("instance_id"), TEXT("name"), TEXT("description"), INTEGER("enabled"), INTEGER("create_time"), INTEGER("update_time")};
const struct entity entity_consumer = {"consumer", consumer_columns, CONSUMER_COLUMNS};

static const struct column credential_columns[CREDENTIAL_COLUMNS] = {
    TEXT("id"),         TEXT("instance_id"),   INTEGER("kind"),      INTEGER("principal_kind"), TEXT("principal_id"),
    TEXT("lookup"),     BLOB("secret"),        BLOB("next_secret"),  INTEGER("secret_until"),   TEXT("display"),
    INTEGER("enabled"), INTEGER("not_before"), INTEGER("not_after"), INTEGER("schemes"),        INTEGER("location"),
    TEXT("place_name"), TEXT("place_prefix"),  INTEGER("generated"), INTEGER("revision"),       INTEGER("create_time"),
    TEXT("rules")};
const struct entity entity_credential = {"credential", credential_columns, CREDENTIAL_COLUMNS};

static const struct column authorisation_columns[AUTH_COLUMNS] = {TEXT("id"),           TEXT("instance_id"), INTEGER("principal_kind"),
                                                                  TEXT("principal_id"), TEXT("api_id"),      TEXT("env_id"),
                                                                  INTEGER("auth_time"), INTEGER("not_after")};
const struct entity entity_authorisation = {"authorisation", authorisation_columns, AUTH_COLUMNS};

static const struct column sign_columns[SIGN_COLUMNS] = {
    TEXT("id"),          TEXT("instance_id"),    TEXT("name"),           TEXT("sign_type"),      TEXT("sign_key"),
    BLOB("sign_secret"), TEXT("sign_algorithm"), INTEGER("create_time"), INTEGER("update_time"), INTEGER("revision"),
    TEXT("next_key"),    BLOB("next_secret"),    INTEGER("next_from")};
const struct entity entity_sign = {"sign", sign_columns, SIGN_COLUMNS};

static const struct column binding_columns[BINDING_COLUMNS] = {TEXT("id"),     TEXT("instance_id"), TEXT("sign_id"),        TEXT("api_id"),
                                                               TEXT("env_id"), TEXT("publish_id"),  INTEGER("binding_time")};
const struct entity entity_binding = {"binding", binding_columns, BINDING_COLUMNS};

static const struct column place_use_columns[PLACE_USE_COLUMNS] = {
    TEXT("id"),   TEXT("instance_id"), TEXT("api_id"),  TEXT("env_id"),    INTEGER("location"),
    TEXT("name"), TEXT("prefix"),      INTEGER("uses"), INTEGER("scheme"), TEXT("claim")};
const struct entity entity_place_use = {"place_use", place_use_columns, PLACE_USE_COLUMNS};

static const struct column feature_columns[FEATURE_COLUMNS] = {TEXT("id"),        TEXT("instance_id"), TEXT("name"),
                                                               INTEGER("enable"), TEXT("config"),      INTEGER("update_time")};
const struct entity entity_feature = {"feature", feature_columns, FEATURE_COLUMNS};

static const struct column quota_columns[QUOTA_ROW_COLUMNS] = {TEXT("id"), TEXT("instance_id"), TEXT("config_name"),
                                                               INTEGER("config_value"), INTEGER("config_time")};
const struct entity entity_quota = {"quota", quota_columns, QUOTA_ROW_COLUMNS};

static const struct column key_set_columns[KEY_SET_COLUMNS] = {TEXT("id"),
                                                               TEXT("instance_id"),
                                                               TEXT("name"),
                                                               TEXT("url"),
                                                               TEXT("jwks"),
                                                               INTEGER("keys"),
                                                               INTEGER("revision"),
                                                               INTEGER("fetch_time"),
                                                               INTEGER("expire_time"),
                                                               INTEGER("attempt_time"),
                                                               INTEGER("next_time"),
                                                               INTEGER("attempts"),
                                                               TEXT("problem")};
const struct entity entity_key_set = {"key_set", key_set_columns, KEY_SET_COLUMNS};

static const struct column key_set_use_columns[KEY_SET_USE_COLUMNS] = {TEXT("id"), TEXT("instance_id"), TEXT("name")};
const struct entity entity_key_set_use = {"key_set_use", key_set_use_columns, KEY_SET_USE_COLUMNS};

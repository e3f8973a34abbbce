/* The entities and their columns, in the order of rows. The enums index a row: row[APP_NAME]. Migrations stand in store/migrations.c;
 * a test compares both on both databases. Times are Unix seconds; booleans 0 or 1; ids 32 hex digits unless said. Types stand in schema.c:
 * auth_type, sign_type, match_mode and the like are words of the API ("APP", "hmac", "SWA"). What identifies a row is never null. The store
 * removes nothing on its own: a row that others refer to cannot go before them (a fault), as each removal needs change and audit rows. */
#ifndef COUNTERSIGN_STORE_SCHEMA_H
#define COUNTERSIGN_STORE_SCHEMA_H

#include "store/schema_iam.h"
#include "store/schema_key_sets.h"
#include "store/schema_policies.h"
#include "store/schema_signs.h"
#include "store/store.h"

enum {
    INSTANCE_ID,
    INSTANCE_PROJECT_ID,
    INSTANCE_NAME,
    INSTANCE_CREATE_TIME,
    INSTANCE_DESCRIPTION,
    INSTANCE_REGION, /* empty: that of the daemon */
    INSTANCE_COLUMNS
};
enum { ENV_ID, ENV_INSTANCE_ID, ENV_NAME, ENV_REMARK, ENV_CREATE_TIME, ENV_COLUMNS };
/* The row id is "<instance>/<env_id>" since RELEASE has one fixed env_id (huawei.md 4.1); env_id in other entities is the plain one. */
enum { GROUP_ID, GROUP_INSTANCE_ID, GROUP_NAME, GROUP_REMARK, GROUP_SL_DOMAIN, GROUP_REGISTER_TIME, GROUP_UPDATE_TIME, GROUP_COLUMNS };
enum { DOMAIN_ID, DOMAIN_INSTANCE_ID, DOMAIN_GROUP_ID, DOMAIN_URL_DOMAIN, DOMAIN_MIN_SSL_VERSION, DOMAIN_COLUMNS };
enum {
    API_ID,
    API_INSTANCE_ID,
    API_GROUP_ID,
    API_NAME,
    API_TYPE,
    API_REQ_PROTOCOL,
    API_REQ_METHOD,
    API_REQ_URI,
    API_ROUTE_KEY,
    API_AUTH_TYPE,
    API_MATCH_MODE,
    API_REMARK,
    API_DEFINITION,
    API_REGISTER_TIME,
    API_UPDATE_TIME,
    API_COLUMNS
};
/* route_key: method and path without parameter names, for the unique rule (same group + method + path). definition: the API as JSON. */
enum {
    VERSION_ID,
    VERSION_INSTANCE_ID,
    VERSION_API_ID,
    VERSION_GROUP_ID,
    VERSION_ENV_ID,
    VERSION_PUBLISH_ID,
    VERSION_VERSION_NO,
    VERSION_STATUS,
    VERSION_REMARK,
    VERSION_ROUTE_KEY,
    VERSION_DEFINITION,
    VERSION_PUBLISH_TIME,
    VERSION_COLUMNS
};
/* status 1 = in effect, 2 = not; definition: the snapshot that was published, route_key that of the snapshot (the API may have been
 * edited since). Two partial unique indexes, both where status = 1: version_effective (instance, API, environment) and version_route
 * (instance, group, environment, route_key), so that two APIs never stand on one route. */
enum {
    APP_ID,
    APP_INSTANCE_ID,
    APP_NAME,
    APP_REMARK,
    APP_STATUS,
    APP_APP_KEY,
    APP_CREATOR,
    APP_REGISTER_TIME,
    APP_UPDATE_TIME,
    APP_COLUMNS
};
enum {
    CONSUMER_ID,
    CONSUMER_INSTANCE_ID,
    CONSUMER_NAME,
    CONSUMER_DESCRIPTION,
    CONSUMER_ENABLED,
    CONSUMER_CREATE_TIME,
    CONSUMER_UPDATE_TIME,
    CONSUMER_COLUMNS
};
enum {
    CREDENTIAL_ROW_ID,
    CREDENTIAL_INSTANCE_ID,
    CREDENTIAL_KIND,
    CREDENTIAL_PRINCIPAL_KIND,
    CREDENTIAL_PRINCIPAL_ID,
    CREDENTIAL_LOOKUP,
    CREDENTIAL_SECRET,
    CREDENTIAL_NEXT_SECRET,
    CREDENTIAL_SECRET_UNTIL,
    CREDENTIAL_DISPLAY,
    CREDENTIAL_ENABLED,
    CREDENTIAL_NOT_BEFORE,
    CREDENTIAL_NOT_AFTER,
    CREDENTIAL_SCHEMES,
    CREDENTIAL_LOCATION,
    CREDENTIAL_PLACE_NAME,
    CREDENTIAL_PLACE_PREFIX,
    CREDENTIAL_GENERATED,
    CREDENTIAL_REVISION,
    CREDENTIAL_CREATE_TIME,
    CREDENTIAL_RULES,
    CREDENTIAL_COLUMNS
};
/* lookup: key pair → the public key id; API key → hex of the keyed hash; token → hex of jwt_holder_name. rules: what a token has to be, as
 * JSON. Unique per (instance, kind). IAM access keys have instance_id "".
 * secret, next_secret: sealed with the store key. display: prefix and last four, for people. */
enum {
    AUTH_ID,
    AUTH_INSTANCE_ID,
    AUTH_PRINCIPAL_KIND,
    AUTH_PRINCIPAL_ID,
    AUTH_API_ID,
    AUTH_ENV_ID,
    AUTH_TIME,
    AUTH_NOT_AFTER,
    AUTH_COLUMNS
};
/* location PLACE_USE_TOLD: no place, but a header that claims fill (name); PLACE_USE_PASSED: one in which tokens are passed through. */
#define PLACE_USE_TOLD   100
#define PLACE_USE_PASSED 101
/* One place in which consumers authorised for an API present their keys, with the number of them (proof plan; kept in the transaction). */
enum {
    PLACE_USE_ID,
    PLACE_USE_INSTANCE_ID,
    PLACE_USE_API_ID,
    PLACE_USE_ENV_ID,
    PLACE_USE_LOCATION,
    PLACE_USE_NAME,
    PLACE_USE_PREFIX,
    PLACE_USE_COUNT,
    PLACE_USE_SCHEME,
    PLACE_USE_CLAIM,
    PLACE_USE_COLUMNS
};

/* A limit that the operator set; without a row the preset holds (control/quotas.h). */
enum { QUOTA_ROW_ID, QUOTA_ROW_INSTANCE_ID, QUOTA_ROW_NAME, QUOTA_ROW_VALUE, QUOTA_ROW_TIME, QUOTA_ROW_COLUMNS };

extern const struct entity entity_instance, entity_env, entity_group, entity_domain, entity_api, entity_version, entity_app,
    entity_consumer, entity_credential, entity_authorisation, entity_sign, entity_binding, entity_place_use, entity_feature, entity_quota;

#endif

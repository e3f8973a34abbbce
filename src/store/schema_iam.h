/* The part of the schema about who manages the gateway; include store/schema.h. */
#ifndef COUNTERSIGN_STORE_SCHEMA_IAM_H
#define COUNTERSIGN_STORE_SCHEMA_IAM_H

#include "store/store.h"

/* A domain is an account: users and projects are of one. The name "domain" is taken by what a group is reached under. */
enum { ACCOUNT_ID, ACCOUNT_NAME, ACCOUNT_CREATE_TIME, ACCOUNT_COLUMNS };
enum { PROJECT_ID, PROJECT_DOMAIN_ID, PROJECT_NAME, PROJECT_DESCRIPTION, PROJECT_CREATE_TIME, PROJECT_COLUMNS };
enum {
    USER_ID,
    USER_PROJECT_ID,
    USER_DOMAIN_ID,
    USER_NAME,
    USER_ENABLED,
    USER_CREATE_TIME,
    USER_DESCRIPTION,
    USER_EMAIL,
    USER_MOBILE,
    USER_PASSWORD,
    USER_PASSWORD_TIME,
    USER_STAMP,
    USER_COLUMNS
};
/* password: crypto/password.h; null: none. stamp: the revision at which the user was last disabled, enabled, or got another password or
 * other roles. What was issued under another stamp is dead. */
enum { ROLE_ROW_ID, ROLE_ROW_USER_ID, ROLE_ROW_ROLE, ROLE_ROW_PROJECT_ID, ROLE_ROW_INSTANCE_ID, ROLE_ROW_CREATE_TIME, ROLE_ROW_COLUMNS };
/* An empty project_id means every project of the user's domain, an empty instance_id every instance of the project. */
enum {
    TOKEN_ID,
    TOKEN_KIND,
    TOKEN_LOOKUP,
    TOKEN_USER_ID,
    TOKEN_PROJECT_ID,
    TOKEN_DOMAIN_ID,
    TOKEN_METHODS,
    TOKEN_STAMP,
    TOKEN_ISSUED,
    TOKEN_EXPIRES,
    TOKEN_LAST_USED,
    TOKEN_COLUMNS
};
/* lookup: hex of the keyed hash, unique. A token is of one project, or of the domain, or (sessions, temporary keys) of neither. The token
 * of a temporary key has the id of its credential. */
enum {
    SECURITY_ID,
    SECURITY_SESSION_IDLE,
    SECURITY_SESSION_END,
    SECURITY_UPDATE_TIME,
    SECURITY_SHOW_SECRETS,
    SECURITY_STEP_UP_WINDOW,
    SECURITY_REQUIRE_FACTOR,
    SECURITY_COLUMNS
};
/* Of a domain, whose id it has; seconds. show_secrets: "step_up", "never" or "as_vendor". */
enum {
    FACTOR_ID,
    FACTOR_USER_ID,
    FACTOR_SECRET,
    FACTOR_LAST_STEP,
    FACTOR_CONFIRMED,
    FACTOR_RECOVERY,
    FACTOR_REVISION,
    FACTOR_CREATE_TIME,
    FACTOR_COLUMNS
};
/* The one-time codes of a user, whose id it has. secret: sealed with the store key. last_step: the last that was used. recovery: hex of the
 * keyed hashes of the recovery codes that are left, separated by blanks. */
enum {
    STEP_UP_ID,
    STEP_UP_USER_ID,
    STEP_UP_PROOF_ID,
    STEP_UP_ACTION,
    STEP_UP_OBJECT_ID,
    STEP_UP_TRIES,
    STEP_UP_GRANTED,
    STEP_UP_USED,
    STEP_UP_EXPIRES,
    STEP_UP_METHOD,
    STEP_UP_DESTINATION,
    STEP_UP_CODE,
    STEP_UP_SENT,
    STEP_UP_COLUMNS
};
/* That a user proves once more who he is, for one action on one object; granted: when he did, 0 = not yet. method: "totp", or "sms" or
 * "email": then destination is where the code went, masked, code the hex of its keyed hash, and sent when. */
enum {
    WEBHOOK_ID,
    WEBHOOK_URL,
    WEBHOOK_SECRET,
    WEBHOOK_USER_DAILY_MOST,
    WEBHOOK_DAILY_MOST,
    WEBHOOK_REVISION,
    WEBHOOK_CREATE_TIME,
    WEBHOOK_UPDATE_TIME,
    WEBHOOK_COLUMNS
};
/* Who carries codes to the users of a domain, whose id it has. secret: sealed with the store key. */
enum { CODE_ID, CODE_USER_ID, CODE_DOMAIN_ID, CODE_SENT, CODE_COLUMNS };
/* That a code was sent, for the bounds of a day. */

extern const struct entity entity_account, entity_project, entity_user, entity_role, entity_token, entity_security, entity_factor,
    entity_step_up, entity_webhook, entity_code;

#endif

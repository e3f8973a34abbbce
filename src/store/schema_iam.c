#include "store/schema.h"

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

static const struct column account_columns[ACCOUNT_COLUMNS] = {TEXT("id"), TEXT("name"), INTEGER("create_time")};
const struct entity entity_account = {"iam_domain", account_columns, ACCOUNT_COLUMNS};

static const struct column project_columns[PROJECT_COLUMNS] = {TEXT("id"), TEXT("domain_id"), TEXT("name"), TEXT("description"),
                                                               INTEGER("create_time")};
const struct entity entity_project = {"iam_project", project_columns, PROJECT_COLUMNS};

static const struct column user_columns[USER_COLUMNS] = {
    TEXT("id"),          TEXT("project_id"), TEXT("domain_id"), TEXT("name"),     INTEGER("enabled"),       INTEGER("create_time"),
    TEXT("description"), TEXT("email"),      TEXT("mobile"),    TEXT("password"), INTEGER("password_time"), INTEGER("stamp")};
const struct entity entity_user = {"iam_user", user_columns, USER_COLUMNS}; /* "user" is a word of SQL */

static const struct column role_columns[ROLE_ROW_COLUMNS] = {TEXT("id"),         TEXT("user_id"),     TEXT("role"),
                                                             TEXT("project_id"), TEXT("instance_id"), INTEGER("create_time")};
const struct entity entity_role = {"iam_role", role_columns, ROLE_ROW_COLUMNS};

static const struct column token_columns[TOKEN_COLUMNS] = {TEXT("id"),         INTEGER("kind"),    TEXT("lookup"),      TEXT("user_id"),
                                                           TEXT("project_id"), TEXT("domain_id"),  TEXT("methods"),     INTEGER("stamp"),
                                                           INTEGER("issued"),  INTEGER("expires"), INTEGER("last_used")};
const struct entity entity_token = {"iam_token", token_columns, TOKEN_COLUMNS};

static const struct column security_columns[SECURITY_COLUMNS] = {
    TEXT("id"),           INTEGER("session_idle"),   INTEGER("session_end"),   INTEGER("update_time"),
    TEXT("show_secrets"), INTEGER("step_up_window"), INTEGER("require_factor")};
const struct entity entity_security = {"iam_security", security_columns, SECURITY_COLUMNS};

static const struct column factor_columns[FACTOR_COLUMNS] = {TEXT("id"),           TEXT("user_id"),       BLOB("secret"),
                                                             INTEGER("last_step"), INTEGER("confirmed"),  TEXT("recovery"),
                                                             INTEGER("revision"),  INTEGER("create_time")};
const struct entity entity_factor = {"iam_factor", factor_columns, FACTOR_COLUMNS};

static const struct column step_up_columns[STEP_UP_COLUMNS] = {
    TEXT("id"),      TEXT("user_id"),    TEXT("proof_id"), TEXT("action"),      TEXT("object_id"), INTEGER("tries"), INTEGER("granted"),
    INTEGER("used"), INTEGER("expires"), TEXT("method"),   TEXT("destination"), TEXT("code"),      INTEGER("sent")};
const struct entity entity_step_up = {"iam_step_up", step_up_columns, STEP_UP_COLUMNS};

static const struct column webhook_columns[WEBHOOK_COLUMNS] = {TEXT("id"),
                                                               TEXT("url"),
                                                               BLOB("secret"),
                                                               INTEGER("user_daily_most"),
                                                               INTEGER("daily_most"),
                                                               INTEGER("revision"),
                                                               INTEGER("create_time"),
                                                               INTEGER("update_time")};
const struct entity entity_webhook = {"iam_code_webhook", webhook_columns, WEBHOOK_COLUMNS};

static const struct column code_columns[CODE_COLUMNS] = {TEXT("id"), TEXT("user_id"), TEXT("domain_id"), INTEGER("sent")};
const struct entity entity_code = {"iam_code", code_columns, CODE_COLUMNS};

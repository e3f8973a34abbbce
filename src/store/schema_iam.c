#include "store/schema.h"

#define INTEGER(column)                                                                                                                    \
    {                                                                                                                                      \
        column, VALUE_INTEGER                                                                                                              \
    }
#define TEXT(column)                                                                                                                       \
    {                                                                                                                                      \
        column, VALUE_TEXT                                                                                                                 \
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

static const struct column security_columns[SECURITY_COLUMNS] = {TEXT("id"), INTEGER("session_idle"), INTEGER("session_end"),
                                                                 INTEGER("update_time")};
const struct entity entity_security = {"iam_security", security_columns, SECURITY_COLUMNS};

#include "control/errors.h"

/* Texts as in huawei.md 2.2 and 4.1 where they are known there. */
static const struct error table[] = {
    {ERROR_ROUTE_UNKNOWN, 404, "The API does not exist."},
    {ERROR_REQUEST_MALFORMED, 400, "API request error: $"},
    {ERROR_BODY_TOO_LARGE, 413, "Request entity too large."},
    {ERROR_IAM_REFUSED, 401, "Incorrect IAM authentication information: $"},
    {ERROR_CREDENTIALS_MISSING, 401,
     "Token missing: send X-Auth-Token, or sign the request with AK/SK (Authorization: SDK-HMAC-SHA256 Access=..., ...)"},
    {ERROR_TOKEN_ENDED, 401, "Session expired"},
    {ERROR_TOKEN_WRONG, 401, "Incorrect token or token resolution failed"},
    {ERROR_PROOFS_SEVERAL, 401, "More than one proof: send X-Auth-Token, or a signature, or the session's cookie"},
    {ERROR_ORIGIN_FOREIGN, 403, "A session counts for pages of this address only, not for $"},
    {ERROR_CSRF_TOKEN, 403, "The session's X-CSRF-Token is missing or wrong"},
    {ERROR_SECURITY_TOKEN, 401,
     "Incorrect IAM authentication information: X-Security-Token is missing or not that of the temporary access key"},
    {ERROR_BODY_NEEDS_TOKEN, 413,
     "Request entity too large: a signed body has at most 12 MiB. Use a token (X-Auth-Token) for larger ones."},
    {ERROR_PROJECT_FOREIGN, 403, "No permissions to request this method: the credentials belong to another project than $"},
    {ERROR_FORBIDDEN, 403, "No permissions to request this method"},
    {ERROR_BODY_UNREADABLE, 400, "Parameter error: Serialization error: $"},
    {ERROR_FEATURE_UNRECOGNISED, 400, "Parameter error: unrecognized feature $"},
    {ERROR_FIELD_MISSING, 400, "The parameter must be specified,parameterName:$. Please refer to the support documentation"},
    {ERROR_FIELD_INVALID, 400, "Invalid parameter value,parameterName:$"},
    {ERROR_FIELD_VALUE, 400, "Invalid parameter value,parameterName:$"},
    {ERROR_PATH_PARAM_UNDEFINED, 400, "The path parameter is not defined in req_params,parameterName:$"},
    {ERROR_BACKEND_PARAM_UNDEFINED, 400, "The backend path parameter is not defined in backend_params,parameterName:$"},
    {ERROR_REQUEST_PARAM_UNDEFINED, 400, "The mapped request parameter is not defined in req_params,parameterName:$"},
    {ERROR_GROUP_UNKNOWN, 404, "API group $ does not exist"},
    {ERROR_API_UNKNOWN, 404, "API $ does not exist"},
    {ERROR_ENV_UNKNOWN, 404, "Environment $ does not exist"},
    {ERROR_APP_UNKNOWN, 404, "App $ does not exist"},
    {ERROR_THROTTLE_UNKNOWN, 404, "Request throttling policy $ does not exist"},
    {ERROR_THROTTLE_BINDING_UNKNOWN, 404, "The request throttling policy binding record does not exist,id:$"},
    {ERROR_SPECIAL_UNKNOWN, 404, "The excluded request throttling configuration does not exist,id:$"},
    {ERROR_THROTTLE_QUOTA, 403, "The number of request throttling policies exceeds the quota of $"},
    {ERROR_SPECIAL_QUOTA, 403, "The number of excluded request throttling configurations of a policy exceeds $"},
    {ERROR_THROTTLE_EXISTS, 400, "The request throttling policy name already exists,name:$"},
    {ERROR_SPECIAL_EXISTS, 400, "The excluded request throttling configuration already exists,object_id:$"},
    {ERROR_THROTTLE_IN_USE, 403,
     "The request throttling policy cannot be deleted because it has been bound to APIs (unbind=true unbinds them),api_names:$"},
    {ERROR_API_THROTTLED, 409,
     "The API is bound to another request throttling policy in this environment: unbind it first,throttle_name:$"},
    {ERROR_ACL_UNKNOWN, 404, "Access control policy $ does not exist"},
    {ERROR_ACL_BINDING_UNKNOWN, 404, "The access control policy binding record does not exist,id:$"},
    {ERROR_ACL_QUOTA, 403, "The number of access control policies exceeds the quota of $"},
    {ERROR_ACL_EXISTS, 400, "The access control policy name already exists,acl_name:$"},
    {ERROR_ACL_IN_USE, 403,
     "The access control policy cannot be deleted because it has been bound to APIs (unbind=true unbinds them),api_names:$"},
    {ERROR_API_LISTED, 409, "The API is bound to another access control policy in this environment: unbind it first,acl_name:$"},
    {ERROR_AUTH_UNKNOWN, 404, "Authorization record $ does not exist"},
    {ERROR_DOMAIN_UNKNOWN, 404, "Domain $ does not exist"},
    {ERROR_PUBLICATION_UNKNOWN, 404, "Publication record $ does not exist"},
    {ERROR_SIGN_UNKNOWN, 404, "Signature key $ does not exist"},
    {ERROR_BINDING_UNKNOWN, 404, "The signature key binding record does not exist,id:$"},
    {ERROR_VERSION_UNKNOWN, 404, "The API version does not exist,id:$"},
    {ERROR_INSTANCE_UNKNOWN, 404, "The instance does not exist;id:$"},
    {ERROR_APP_CODE_UNKNOWN, 404, "AppCode $ does not exist"},
    {ERROR_GROUP_QUOTA, 403, "The number of API groups exceeds the quota of $"},
    {ERROR_API_QUOTA, 403, "The number of APIs exceeds the quota of $"},
    {ERROR_APP_QUOTA, 403, "The number of apps exceeds the quota of $"},
    {ERROR_ENV_QUOTA, 403, "The number of environments exceeds the quota of $"},
    {ERROR_SIGN_QUOTA, 403, "The number of signature keys exceeds the quota of $"},
    {ERROR_APP_CODE_QUOTA, 403, "The number of AppCodes of the app exceeds the quota of $"},
    {ERROR_GROUP_EXISTS, 400, "The API group name already exists,group_name:$"},
    {ERROR_API_NAME_EXISTS, 400, "The API name already exists, api_name:$"},
    {ERROR_APP_EXISTS, 400, "The app name already exists,app_name:$"},
    {ERROR_ENV_EXISTS, 400, "The environment name already exists,env_name:$"},
    {ERROR_SIGN_EXISTS, 400, "The signature key name already exists,sign_name:$"},
    {ERROR_API_EXISTS, 400, "The API already exists: an API of this group has the same method and path,req_uri:$"},
    {ERROR_DOMAIN_EXISTS, 400, "The domain already exists,url_domain:$"},
    {ERROR_ALREADY_DONE, 400, "The operation has already been performed: $"},
    {ERROR_APP_KEY_EXISTS, 400, "The AppKey already exists,app_key:$"},
    {ERROR_AUTH_EXISTS, 400, "The authorization already exists: $"},
    {ERROR_ENV_FIXED, 403, "The environment RELEASE cannot be renamed or deleted"},
    {ERROR_GROUP_HAS_APIS, 403, "The API group $ contains APIs"},
    {ERROR_API_IS_PUBLISHED, 403, "The API $ has been published"},
    {ERROR_ENV_HAS_APIS, 403, "The environment $ contains published APIs"},
    {ERROR_NOT_SUPPORTED, 412, "The feature is not supported by the current instance: $"},
    {ERROR_CONSUMER_UNKNOWN, 404, "Consumer $ does not exist"},
    {ERROR_CREDENTIAL_UNKNOWN, 404, "Credential $ does not exist"},
    {ERROR_CONSUMER_EXISTS, 409, "The consumer name already exists,consumer_name:$"},
    {ERROR_KEY_EXISTS, 409, "The key already exists: as an API key, an AppCode or an access key"},
    {ERROR_PLACES_EXHAUSTED, 409,
     "The API $ would take the keys of consumers in more than 14 places, or write claims into more than 120 headers: let "
     "consumers share headers and query names"},
    {ERROR_SIGN_IN_USE, 409, "The signature key is bound to APIs and cannot be deleted (unbind=true unbinds them),api_names:$"},
    {ERROR_API_SIGNED, 409, "The API is bound to another signature key in this environment: unbind it first,sign_name:$"},
    {ERROR_PASS_THROUGH, 409,
     "A credential is passed through in a header that the signature key writes: bind another type of key, or end the pass-through,$"},
    {ERROR_CLAIM_EXISTS, 409, "Another consumer is named by the same value of this claim,claim:$"},
    {ERROR_KEY_QUOTA, 403, "The number of credentials exceeds the quota of $"},
    {ERROR_PAIR_OF_APP, 409, "The key pair that is the app's own cannot be deleted: disable it, or delete the app,app_key:$"},
    {ERROR_CONSUMER_QUOTA, 403, "The number of consumers exceeds the quota of $"},
    {ERROR_KEY_SET_UNKNOWN, 404, "Key set $ does not exist"},
    {ERROR_KEY_SET_QUOTA, 403, "The number of URLs that key sets are fetched from exceeds the quota of $"},
    {ERROR_KEY_SET_BUSY, 429, "This URL was fetched a moment ago, or too many are being tried: wait $ seconds"},
    {ERROR_NOT_SERVED, 404, "This gateway does not serve that: $"},
    {ERROR_SIGN_TYPE_OFF, 412, "$"},
    {ERROR_USER_UNKNOWN, 404, "User $ does not exist"},
    {ERROR_PROJECT_UNKNOWN, 404, "Project $ does not exist"},
    {ERROR_USER_EXISTS, 409, "The user name already exists,user_name:$"},
    {ERROR_ACCESS_KEY_QUOTA, 400, "akSkNumExceed: the number of access keys of the user exceeds the quota of $"},
    {ERROR_FACTOR_UNKNOWN, 404, "There is no factor to confirm or to take away"},
    {ERROR_STEP_UP_UNKNOWN, 404, "There is no open step-up $ of this caller: it was answered, tried 5 times, or is older than 5 minutes"},
    {ERROR_FACTOR_EXISTS, 409, "There is a factor already: take it away first"},
    {ERROR_STEP_UP, 403, "Step-up required: prove again who you are (POST step-ups, then X-Step-Up) for $"},
    {ERROR_FACTOR_MISSING, 403, "Step-up required, and you have no second factor: add one (POST factors/totp)"},
    {ERROR_SECRETS_NEVER, 403, "Secrets are never shown here: reset it instead"},
    {ERROR_STEP_UP_CODE, 403, "The code is wrong or was used already"},
    {ERROR_STEP_UP_TOO_MANY, 429, "Too many step-ups: wait a quarter of an hour"},
    {ERROR_KEY_OF_TOKEN, 403,
     "A token of one project makes no permanent access key for a user who has roles beyond it: use a session, or a token of the domain"},
    {ERROR_INSTANCE_IN_USE, 409, "The instance still holds $: remove them first"},
    {ERROR_INSTANCE_LAST, 409, "The last instance of a project stays"},
    {ERROR_CODE_TOO_SOON, 429, "A code was sent less than 60 seconds ago: wait for it"},
    {ERROR_CODE_DAILY, 429, "$ codes were sent within a day: no more today"},
    {ERROR_CODE_METHOD, 409, "You cannot prove yourself by $"},
    {ERROR_WEBHOOK_UNKNOWN, 404, "Nobody is named who would carry codes"},
    {ERROR_TRY_UNKNOWN_GATEWAY, 412,
     "This node does not know where the gateway listens: add $ to --gateway of its countersignd"
     " (of the package: COUNTERSIGND_OPTIONS in /etc/default/countersignd)"},
    {ERROR_TRY_FAILED, 502, "The gateway did not answer: $"},
    {ERROR_DEBUG_TOO_MANY, 429, "Too many requests to explain or to try: wait a minute"},
    {ERROR_REFUSED_UNKNOWN, 404, "No refused request $ is known; samples are kept for a day"},
    {ERROR_NOT_YET_EFFECTIVE, 503, "stored, not yet effective"},
    {ERROR_IAM_UNPROVED, 401, "The request you have made requires authentication."},
    {ERROR_IAM_FORBIDDEN, 403, "You are not authorized to perform the requested action."},
    {ERROR_IAM_UNKNOWN, 404, "Could not find $."},
    {ERROR_IAM_EXISTS, 409, "Conflict occurred: $ exists."},
    {ERROR_IAM_SUBJECT_MISSING, 400, "X-Subject-Token is invalid in the request."},
    {ERROR_IAM_LOCKED, 401, "Account locked."},
    {ERROR_IAM_PASSWORD, 401, "The username or password is wrong."},
    {ERROR_IAM_TOKEN_UNKNOWN, 404, "Could not find the token."},
    {ERROR_IAM_PROJECT_UNKNOWN, 401, "Could not find project: $."},
    {ERROR_IAM_DOMAIN_UNKNOWN, 401, "Could not find domain: $."},
    {ERROR_IAM_TOO_MANY, 429, "Too many sign-ins from this address: a token lasts a day, keep it."},
    {ERROR_IAM_BUSY, 503, "Too many passwords are being checked. Try again."},
    {ERROR_IAM_PASSCODE_MISSING, 401, "A code of the second factor is needed."},
    {ERROR_IAM_PASSCODE, 401, "The code of the second factor is wrong or was used already."},
    {ERROR_FAULT, 500, "System error"},
};
#define IAM_CODES   10000
#define TABLE_COUNT (sizeof table / sizeof *table)

const struct error *error_at(size_t index)
{
    return index < TABLE_COUNT ? &table[index] : NULL;
}

const struct error *error_of(enum error_code code)
{
    for (size_t i = 0; i < TABLE_COUNT; i++) {
        if (table[i].code == code) return &table[i];
    }
    return &table[TABLE_COUNT - 1];
}

static unsigned written(enum error_code code)
{
    if (code == ERROR_BODY_TOO_LARGE || code == ERROR_BODY_NEEDS_TOKEN) return ERROR_REQUEST_MALFORMED;
    if (code == ERROR_FEATURE_UNRECOGNISED) return ERROR_BODY_UNREADABLE;
    return (unsigned)error_of(code)->code;
}

void error_write_code(struct buffer *out, enum error_code code)
{
    unsigned number = written(code);
    buffer_add_text(out, number > IAM_CODES ? "IAM." : "APIG.");
    for (unsigned unit = 1000; unit > 0; unit /= 10) buffer_add_byte(out, (uint8_t)('0' + number / unit % 10));
}

void error_write_text(struct buffer *out, enum error_code code, struct bytes subject)
{
    for (const char *c = error_of(code)->text; *c != '\0'; c++) {
        if (*c == '$') {
            buffer_add(out, subject);
        } else {
            buffer_add_byte(out, (uint8_t)*c);
        }
    }
}

/* The error codes of the management API (huawei.md 4.1): code → status → text. The number is the one behind "APIG.". */
#ifndef COUNTERSIGN_CONTROL_ERRORS_H
#define COUNTERSIGN_CONTROL_ERRORS_H
#include "base/buffer.h"

enum error_code {
    ERROR_NONE = 0,
    ERROR_ROUTE_UNKNOWN = 101,
    ERROR_REQUEST_MALFORMED = 201,
    ERROR_BODY_TOO_LARGE = 202, /* written as APIG.0201, which the vendor uses for several statuses */
    ERROR_IAM_REFUSED = 301,
    ERROR_CREDENTIALS_MISSING = 1000,
    ERROR_TOKEN_ENDED = 1001,
    ERROR_TOKEN_WRONG = 1002,
    ERROR_PROJECT_FOREIGN = 1005,
    ERROR_FORBIDDEN = 1020,
    ERROR_BODY_UNREADABLE = 2000,
    ERROR_FEATURE_UNRECOGNISED = 2901, /* written as APIG.2000, which the vendor uses for several texts */
    ERROR_FIELD_MISSING = 2001,
    ERROR_FIELD_INVALID = 2011,
    ERROR_FIELD_VALUE = 2012,
    ERROR_PATH_PARAM_UNDEFINED = 2026,
    ERROR_BACKEND_PARAM_UNDEFINED = 2027,
    ERROR_REQUEST_PARAM_UNDEFINED = 2028,
    ERROR_GROUP_UNKNOWN = 3001,
    ERROR_API_UNKNOWN = 3002,
    ERROR_ENV_UNKNOWN = 3003,
    ERROR_APP_UNKNOWN = 3004,
    ERROR_THROTTLE_UNKNOWN = 3005,
    ERROR_ACL_UNKNOWN = 3006,
    ERROR_AUTH_UNKNOWN = 3009,
    ERROR_ACL_BINDING_UNKNOWN = 3010,
    ERROR_DOMAIN_UNKNOWN = 3011,
    ERROR_THROTTLE_BINDING_UNKNOWN = 3012,
    ERROR_SPECIAL_UNKNOWN = 3013,
    ERROR_PUBLICATION_UNKNOWN = 3015,
    ERROR_SIGN_UNKNOWN = 3017,
    ERROR_BINDING_UNKNOWN = 3018,
    ERROR_VERSION_UNKNOWN = 3022,
    ERROR_INSTANCE_UNKNOWN = 3030,
    ERROR_APP_CODE_UNKNOWN = 3082,
    ERROR_CONSUMER_UNKNOWN = 3901,   /* ours: the vendor has no consumers */
    ERROR_CREDENTIAL_UNKNOWN = 3902, /* ours */
    ERROR_CONSUMER_EXISTS = 3911,    /* ours */
    ERROR_KEY_EXISTS = 3912,         /* ours */
    ERROR_PLACES_EXHAUSTED = 3913,   /* ours */
    ERROR_SIGN_IN_USE = 3914,        /* ours */
    ERROR_API_SIGNED = 3915,         /* ours */
    ERROR_KEY_QUOTA = 3916,          /* ours */
    ERROR_PAIR_OF_APP = 3917,        /* ours */
    ERROR_API_THROTTLED = 3918,      /* ours */
    ERROR_API_LISTED = 3920,         /* ours */
    ERROR_SPECIAL_QUOTA = 3944,      /* ours */
    ERROR_CONSUMER_QUOTA = 3940,     /* ours */
    ERROR_NOT_SERVED = 3941,         /* ours: the vendor has it, this gateway has not */
    ERROR_GROUP_QUOTA = 3101,
    ERROR_API_QUOTA = 3102,
    ERROR_APP_QUOTA = 3103,
    ERROR_ENV_QUOTA = 3104,
    ERROR_SIGN_QUOTA = 3105,
    ERROR_THROTTLE_QUOTA = 3107,
    ERROR_ACL_QUOTA = 3112,
    ERROR_APP_CODE_QUOTA = 3131,
    ERROR_GROUP_EXISTS = 3201,
    ERROR_API_NAME_EXISTS = 3202,
    ERROR_APP_EXISTS = 3203,
    ERROR_THROTTLE_EXISTS = 3204,
    ERROR_ENV_EXISTS = 3205,
    ERROR_ACL_EXISTS = 3206,
    ERROR_SIGN_EXISTS = 3207,
    ERROR_API_EXISTS = 3301,
    ERROR_DOMAIN_EXISTS = 3305,
    ERROR_SPECIAL_EXISTS = 3308,
    ERROR_ALREADY_DONE = 3309,
    ERROR_APP_KEY_EXISTS = 3310,
    ERROR_AUTH_EXISTS = 3316,
    ERROR_ENV_FIXED = 3401, /* ours: RELEASE cannot be renamed or deleted */
    ERROR_GROUP_HAS_APIS = 3415,
    ERROR_API_IS_PUBLISHED = 3416,
    ERROR_ENV_HAS_APIS = 3418,
    ERROR_ACL_IN_USE = 3447,
    ERROR_THROTTLE_IN_USE = 3451,
    ERROR_NOT_SUPPORTED = 3458,
    ERROR_SIGN_TYPE_OFF = 3548,
    ERROR_USER_UNKNOWN = 3903, /* ours, as are those below */
    ERROR_PROJECT_UNKNOWN = 3904,
    ERROR_USER_EXISTS = 3921,
    ERROR_ACCESS_KEY_QUOTA = 3922,
    ERROR_CLAIM_EXISTS = 3919,
    ERROR_FACTOR_UNKNOWN = 3905,
    ERROR_STEP_UP_UNKNOWN = 3906,
    ERROR_FACTOR_EXISTS = 3923,
    ERROR_STEP_UP = 3961,
    ERROR_FACTOR_MISSING = 3962,
    ERROR_SECRETS_NEVER = 3963,
    ERROR_STEP_UP_CODE = 3964,
    ERROR_STEP_UP_TOO_MANY = 3965,
    ERROR_KEY_OF_TOKEN = 3924,
    ERROR_PASS_THROUGH = 3925,
    ERROR_INSTANCE_IN_USE = 3981,
    ERROR_INSTANCE_LAST = 3982,
    ERROR_CODE_TOO_SOON = 3966,
    ERROR_CODE_DAILY = 3967,
    ERROR_CODE_METHOD = 3968,
    ERROR_WEBHOOK_UNKNOWN = 3907,
    ERROR_KEY_SET_UNKNOWN = 3908,
    ERROR_KEY_SET_QUOTA = 3942,
    ERROR_KEY_SET_BUSY = 3943,
    ERROR_DEBUG_TOO_MANY = 3975,
    ERROR_TRY_UNKNOWN_GATEWAY = 3977,
    ERROR_TRY_FAILED = 3978,
    ERROR_REFUSED_UNKNOWN = 3909,
    ERROR_PROOFS_SEVERAL = 3931,    /* ours */
    ERROR_ORIGIN_FOREIGN = 3932,    /* ours */
    ERROR_CSRF_TOKEN = 3933,        /* ours */
    ERROR_SECURITY_TOKEN = 3934,    /* ours */
    ERROR_BODY_NEEDS_TOKEN = 203,   /* written as APIG.0201 */
    ERROR_NOT_YET_EFFECTIVE = 9998, /* ours: committed, but the local edge does not have it yet */
    ERROR_FAULT = 9999,
    /* Of IAM (huawei.md 5): "IAM." and the number behind 10000. */
    ERROR_IAM_UNPROVED = 10001,
    ERROR_IAM_FORBIDDEN = 10003,
    ERROR_IAM_UNKNOWN = 10004,
    ERROR_IAM_EXISTS = 10005,
    ERROR_IAM_SUBJECT_MISSING = 10009,
    ERROR_IAM_LOCKED = 10061,
    ERROR_IAM_PASSWORD = 10062,
    ERROR_IAM_TOKEN_UNKNOWN = 10901, /* ours, as are those below */
    ERROR_IAM_PROJECT_UNKNOWN = 10902,
    ERROR_IAM_DOMAIN_UNKNOWN = 10903,
    ERROR_IAM_TOO_MANY = 10904,
    ERROR_IAM_BUSY = 10905,
    ERROR_IAM_PASSCODE_MISSING = 10906,
    ERROR_IAM_PASSCODE = 10907
};

struct error {
    enum error_code code;
    unsigned status;
    const char *text; /* '$' stands for the subject: an id, a name, a field */
};

/* The row of a code; one that is not in the table is a fault of ours and gives ERROR_FAULT's row. */
const struct error *error_of(enum error_code code);
/* "APIG.3001", "IAM.0062"; and the text with its subject put in. */
void error_write_code(struct buffer *out, enum error_code code);
void error_write_text(struct buffer *out, enum error_code code, struct bytes subject);
/* Steps through the table (tests, reference); NULL at its end. */
const struct error *error_at(size_t index);
#endif

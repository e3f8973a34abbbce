/* The numbers under which edge and store know the schemes; what they are stands in scheme/scheme.h. */
#ifndef COUNTERSIGN_POLICY_SCHEME_ID_H
#define COUNTERSIGN_POLICY_SCHEME_ID_H

/* Stored in edge and store: never renumber. */
enum scheme_id {
    SCHEME_NONE = 0,
    SCHEME_API_KEY = 1,
    SCHEME_ALIYUN_CA = 2,
    SCHEME_SDK_HMAC_SHA256 = 3,
    SCHEME_BCE_AUTH_V1 = 4,
    SCHEME_APP_CODE = 5,
    SCHEME_SDK_HMAC_SM3 = 6,
    SCHEME_V11_HMAC_SHA256 = 7,
    SCHEME_JWT = 8,
    SCHEME_AUTH_TOKEN = 9,
    SCHEME_APP_SECRET = 10,
    SCHEME_APP_BASIC = 11,
    SCHEME_SDK_ECDSA_P256_SHA256 = 12,
    SCHEME_SDK_SM2_SM3 = 13,
    SCHEME_APP_TOKEN = 14,
    SCHEME_COUNT
};

#endif

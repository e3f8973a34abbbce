/* auth-token: the token of an IAM user in X-Auth-Token (huawei.md 1.4, 5), for APIs of type IAM. It is looked up like an API key. */
#include "scheme/api_key.h"

static const char *const carriers[] = {NULL};

const struct scheme scheme_auth_token = {
    .id = SCHEME_AUTH_TOKEN,
    .name = "auth-token",
    .proof_kind = PROOF_LOOKUP,
    .format = ANSWER_APIG,
    .carriers = carriers,
    .present = api_key_present,
    .read = api_key_read,
};

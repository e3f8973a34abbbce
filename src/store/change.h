/* What a change of the truth touches, for whoever keeps a picture of it. */
#ifndef COUNTERSIGN_STORE_CHANGE_H
#define COUNTERSIGN_STORE_CHANGE_H

#include "base/bytes.h"

/* What the publisher must look at again: kinds are words of the edge, ids as each kind needs them. */
enum change_kind {
    CHANGE_EVERYTHING = 0,
    CHANGE_HOST = 1,          /* id: host; what it maps to now */
    CHANGE_ROUTES = 2,        /* id: group id, second: environment id */
    CHANGE_PUBLICATION = 3,   /* id: API id, second: environment id */
    CHANGE_KEY_PAIR = 4,      /* id: public key id */
    CHANGE_API_KEY = 5,       /* id: hex of the keyed hash */
    CHANGE_AUTHORISATION = 6, /* id: principal kind ":" principal id, second: API id "@" environment id */
    CHANGE_SIGNATURE_KEY = 7, /* id: sign id */
    CHANGE_FEATURE = 8,       /* id: name of the feature */
    CHANGE_TOKEN = 9,         /* id: hex of jwt_holder_name, second: id of the credential */
    CHANGE_USER = 10,         /* id: user id */
    CHANGE_USER_TOKEN = 11,   /* id: hex of the keyed hash */
    CHANGE_INSTANCE = 12,     /* id: instance id */
    CHANGE_KEY_SET = 13,      /* id: name of a set from elsewhere */
    CHANGE_THROTTLE = 14,     /* id: of the policy */
    CHANGE_ADDRESS_LIST = 15, /* id: of the access control policy, or of the app */
    CHANGE_PLANS = 16         /* every publication of the instance */
};

struct change {
    uint64_t revision;
    enum change_kind kind;
    struct bytes instance_id;
    struct bytes id;
    struct bytes second;
};

#endif

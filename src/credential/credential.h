/* What a principal holds to prove itself, and whether it may be used now. */
#ifndef COUNTERSIGN_CREDENTIAL_CREDENTIAL_H
#define COUNTERSIGN_CREDENTIAL_CREDENTIAL_H

#include "base/bytes.h"

/* Stored in the edge and the store: never renumber. */
enum principal_kind { PRINCIPAL_NONE = 0, PRINCIPAL_APP = 1, PRINCIPAL_CONSUMER = 2, PRINCIPAL_USER = 3 };
/* API key: any secret that is looked up by its keyed hash, AppCodes too; `schemes` tells them apart. */
enum credential_kind { CREDENTIAL_API_KEY = 1, CREDENTIAL_KEY_PAIR = 2, CREDENTIAL_TOKEN = 3 /* JSON Web Tokens */ };
/* Where a proof stands in a request. */
enum place_location { PLACE_HEADER = 1, PLACE_QUERY = 2, PLACE_COOKIE = 3 };

struct principal {
    enum principal_kind kind;
    bool enabled;
    struct bytes id;
    struct bytes name;
    bool listed; /* he may call from certain addresses only: an address list of his own, under his id */
};

/* A key pair may have a second live secret while it is being rotated; until is the last second at which it counts. */
struct hmac_key;
struct credential_secret {
    struct bytes value;
    int64_t until;               /* Unix seconds; 0 = no end */
    const struct hmac_key *hmac; /* made ready with the value, for HMAC-SHA256; NULL: not at hand */
};

#define CREDENTIAL_MAX_SECRETS 2

/* By which a directory knows the credential again while it answers for one request; nobody else looks at it. */
struct credential_remembered {
    void *look_up;
    const uint8_t *record;
};

/* Of users of IAM. */
enum credential_flaw {
    CREDENTIAL_FLAWLESS,
    CREDENTIAL_FLAW_STALE,        /* a token issued when its user had another standing, password or roles */
    CREDENTIAL_FLAW_UNACCOMPANIED /* a temporary key pair without the security token that makes it count */
};

struct credential {
    struct bytes id;
    enum credential_kind kind;
    struct principal principal;
    bool enabled;
    int64_t not_before; /* Unix seconds; 0 = none */
    int64_t not_after;  /* Unix seconds, still usable in this second; 0 = none */
    uint64_t revision;  /* of the last change to the credential or its principal */
    uint32_t schemes;   /* bits 1 << enum scheme_id: the schemes it may be used with */

    /* API key, token: the one place where it is taken. */
    enum place_location location;
    struct bytes place_name;   /* header or query name */
    struct bytes place_prefix; /* "Bearer " for the Authorization header, else empty */

    /* Key pair. */
    struct credential_secret secrets[CREDENTIAL_MAX_SECRETS];
    size_t secret_count;

    union {
        struct bytes token_rules; /* Token: see token_rules.h */
        struct bytes limit;       /* Of a user's token: see user_may_call */
    };
    enum credential_flaw flaw; /* what the directory found to be wrong with it, beside what the record says */

    struct credential_remembered remembered;
};

enum credential_standing {
    CREDENTIAL_USABLE,
    CREDENTIAL_DISABLED,
    CREDENTIAL_PRINCIPAL_DISABLED,
    CREDENTIAL_STALE,
    CREDENTIAL_UNACCOMPANIED,
    CREDENTIAL_NOT_YET_VALID,
    CREDENTIAL_EXPIRED
};
enum credential_standing credential_standing_at(const struct credential *credential, int64_t now);
bool credential_secret_is_live(const struct credential_secret *secret, int64_t now);
const char *principal_kind_name(enum principal_kind kind); /* "app", "consumer", "user", "none" */

#endif

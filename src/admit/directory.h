/* Through these few functions admission learns what the world knows. edge/ and store/ implement them for real, a test with an array. */
#ifndef COUNTERSIGN_ADMIT_DIRECTORY_H
#define COUNTERSIGN_ADMIT_DIRECTORY_H

#include "base/arena.h"
#include "credential/credential.h"

enum found { FOUND, FOUND_NOTHING, FOUND_FAULT /* the directory itself failed: 503, fail closed */ };

struct directory {
    void *context;
    /* A key pair by its public key id, within the directory's instance. Secrets unsealed into the arena. */
    enum found (*key_pair)(void *context, struct bytes key_id, struct arena *arena, struct credential *credential);
    /* An API key by its keyed hash; the implementation applies the pepper. */
    enum found (*api_key)(void *context, struct bytes secret, struct arena *arena, struct credential *credential);
    /* May this principal call this API in this environment? *not_after: last second, Unix; 0 = no end. */
    enum found (*authorisation)(void *context, const struct principal *principal, struct bytes api_id, struct bytes environment_id,
                                int64_t *not_after);
};

#endif

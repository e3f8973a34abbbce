/* Key sets from elsewhere (JWKS URLs): the last good set of each, and who checks tokens by it. Times are Unix seconds, 0 = never. */
#ifndef COUNTERSIGN_STORE_SCHEMA_KEY_SETS_H
#define COUNTERSIGN_STORE_SCHEMA_KEY_SETS_H

#include "store/store.h"

/* name: 32 hex digits made of the URL, the same in every instance; unique per instance. revision: of the keys as they are now. */
enum {
    KEY_SET_ID,
    KEY_SET_INSTANCE_ID,
    KEY_SET_NAME,
    KEY_SET_URL,
    KEY_SET_JWKS, /* the last good set; empty: never fetched */
    KEY_SET_KEYS, /* how many are in it */
    KEY_SET_REVISION,
    KEY_SET_FETCH_TIME,
    KEY_SET_EXPIRE_TIME,
    KEY_SET_ATTEMPT_TIME,
    KEY_SET_NEXT_TIME, /* when it is fetched again, by whichever node comes first */
    KEY_SET_ATTEMPTS,
    KEY_SET_PROBLEM, /* of the last attempt, in words; empty: it went well */
    KEY_SET_COLUMNS
};
/* Its id is that of who checks: a credential, or "<API>@<environment>". */
enum { KEY_SET_USE_HOLDER, KEY_SET_USE_INSTANCE_ID, KEY_SET_USE_NAME, KEY_SET_USE_COLUMNS };

extern const struct entity entity_key_set, entity_key_set_use;

#endif

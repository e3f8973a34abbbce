/* The part of the schema about signing to backends; include store/schema.h. */
#ifndef COUNTERSIGN_STORE_SCHEMA_SIGNS_H
#define COUNTERSIGN_STORE_SCHEMA_SIGNS_H

enum {
    SIGN_ID,
    SIGN_INSTANCE_ID,
    SIGN_NAME,
    SIGN_TYPE,
    SIGN_KEY,
    SIGN_SECRET,
    SIGN_ALGORITHM,
    SIGN_CREATE_TIME,
    SIGN_UPDATE_TIME,
    SIGN_REVISION,
    SIGN_NEXT_KEY,
    SIGN_NEXT_SECRET,
    SIGN_NEXT_FROM,
    SIGN_COLUMNS
};
/* sign_secret, next_secret: sealed with the store key. Of aes the key is a secret, too: it stands in front of the vector in the sealed
 * text, and sign_key, next_key are empty. next_from: from then on the next key signs; null: there is none. */
enum {
    BINDING_ID,
    BINDING_INSTANCE_ID,
    BINDING_SIGN_ID,
    BINDING_API_ID,
    BINDING_ENV_ID,
    BINDING_PUBLISH_ID,
    BINDING_TIME,
    BINDING_COLUMNS
};
/* What is switched on or off for a gateway: name, and the JSON text of its configuration. */
enum { FEATURE_ID, FEATURE_INSTANCE_ID, FEATURE_NAME, FEATURE_ENABLE, FEATURE_CONFIG, FEATURE_UPDATE_TIME, FEATURE_COLUMNS };

#endif

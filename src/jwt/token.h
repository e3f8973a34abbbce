/* A JSON Web Token as it stands in a request: the compact form of a JSON Web Signature (RFC 7515, 3.1), and nothing else. */
#ifndef COUNTERSIGN_JWT_TOKEN_H
#define COUNTERSIGN_JWT_TOKEN_H

#include "base/json.h"
#include "crypto/verify_key.h"
#include "jwt/verdict.h"

#define JWT_MAX_LENGTH 16384
#define JWT_MAX_KID    256

/* Borrowed from the text or in the arena. Nothing in it is believed yet. */
struct jwt_token {
    struct bytes signed_text; /* header and payload, as they came */
    struct bytes signature;
    enum verify_algorithm algorithm; /* what it says; it only picks among keys */
    bool has_kid;
    struct bytes kid;
    struct bytes payload;
    struct json_value claims;
};

/* Header and signature: three parts in base64url (an empty signature is read as one that matches nothing). */
enum jwt_verdict jws_read(struct arena *arena, struct bytes text, struct jwt_token *token);
/* The same with the claims, which are a JSON object. */
enum jwt_verdict jwt_token_read(struct arena *arena, struct bytes text, struct jwt_token *token);
/* Two dots and no more: what a bearer value has to look like to be taken for a token. */
bool jwt_has_shape(struct bytes text);

#endif

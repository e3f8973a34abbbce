/* Between the files of the scheme bce-auth-v1 (baidu.md 1); nobody else includes this. */
#ifndef COUNTERSIGN_SCHEME_BCE_AUTH_H
#define COUNTERSIGN_SCHEME_BCE_AUTH_H

#include "scheme/scheme.h"

#define BCE_AUTH_VERSION   "bce-auth-v1"
#define BCE_AUTH_MAX_NAMES 64
#define BCE_AUTH_LIFETIME  1800 /* seconds; what we write, and the vendor's default */

/* claim.reading of this scheme. */
struct bce_auth_reading {
    struct bytes prefix;             /* "bce-auth-v1/{key}/{time}/{lifetime}": the text from which the signing key is derived */
    const struct http_field **lines; /* the signed fields that have a value, as sent */
    size_t line_count;
    const struct http_field *content_md5;    /* signed, else NULL */
    const struct http_field *content_sha256; /* x-bce-content-sha256, signed, else NULL */
};

/* Finds the fields that claim->signed_names lists; a blank list stands for the default set without the header at `place`. */
enum refusal bce_auth_collect(const struct http_request *request, struct arena *arena, struct claim *claim,
                              struct bce_auth_reading *reading);
enum refusal bce_auth_read(const struct http_request *request, struct arena *arena, struct claim *claim);
bool bce_auth_canonical(const struct scheme_input *input, unsigned candidate, struct buffer *out);
void bce_auth_signature(const struct claim *claim, const struct hmac_secret *secret, struct bytes canonical, struct buffer *out);
/* The same; the key that is derived from the secret, if that is made ready, is found in or put into signing->derived. */
void bce_auth_signature_with(const struct claim *claim, const struct signing *signing, struct bytes canonical, struct buffer *out);

#endif

/* Between the files of sdk-hmac-sha256 and its sisters (huawei.md 1.1, 1.3, 1.5); nobody else includes this. */
#ifndef COUNTERSIGN_SCHEME_SDK_HMAC_H
#define COUNTERSIGN_SCHEME_SDK_HMAC_H

#include "scheme/scheme.h"

#define SDK_HMAC_ALGORITHM "SDK-HMAC-SHA256"
#define SDK_HMAC_DATE      "x-sdk-date"
#define SDK_HMAC_PAYLOAD   "x-sdk-content-sha256"
#define SDK_HMAC_UNSIGNED  "UNSIGNED-PAYLOAD"
#define SDK_HMAC_MAX_NAMES 64

/* What the sisters differ in (huawei.md 1.3). */
struct sdk_hmac_dialect {
    const char *algorithm;     /* the first word of the proof and of the string to sign */
    const char *payload;       /* the header that declares the body's digest, in lower case */
    const char *payload_shown; /* as clients write it */
    enum digest_kind hash;
    unsigned body;   /* the bit of what the hash needs of a body */
    bool is_derived; /* V11: the key is derived for a day, a region and a service, which the proof names */
    bool is_der;     /* the signature is DER and of no fixed length */
};
/* Of one of the five schemes. */
const struct sdk_hmac_dialect *sdk_hmac_dialect_of(const struct scheme *scheme);
/* The body's digest by the dialect's hash. */
const struct digest_value *sdk_hmac_body_digest(const struct sdk_hmac_dialect *dialect, const struct body_facts *body);

enum sdk_hmac_payload {
    SDK_HMAC_PAYLOAD_BODY,     /* no header: the digest of the body */
    SDK_HMAC_PAYLOAD_UNSIGNED, /* the header says UNSIGNED-PAYLOAD */
    SDK_HMAC_PAYLOAD_DIGEST    /* the header holds the body's digest */
};

/* claim.reading of this scheme. */
struct sdk_hmac_reading {
    struct http_field *lines; /* the canonical header lines: names in the order given, repeated ones sorted by value */
    size_t line_count;
    enum sdk_hmac_payload payload;
    struct bytes payload_text; /* of the header */
    struct bytes scope;        /* V11: "YYYYMMDD/region/service" */
};

/* Finds the fields that claim->signed_names lists. REFUSAL_NONE, or why they cannot be signed (claim->field). */
enum refusal sdk_hmac_collect(const struct http_request *request, struct arena *arena, struct claim *claim,
                              struct sdk_hmac_reading *reading);
enum refusal sdk_hmac_read(const struct http_request *request, struct arena *arena, struct claim *claim);
bool sdk_hmac_canonical(const struct scheme_input *input, unsigned candidate, struct buffer *out);
/* algorithm \n date \n hex(SHA-256(canonical request)) */
void sdk_hmac_string_to_sign(const struct claim *claim, struct bytes algorithm, struct bytes canonical, struct buffer *out);
void sdk_hmac_signature(const struct claim *claim, const struct hmac_secret *secret, struct bytes canonical, struct buffer *out);

/* The other members of struct scheme that all five share. */
extern const char *const sdk_hmac_carriers[];
extern const char *const sdk_sm3_carriers[];
size_t sdk_hmac_present(const struct http_request *request, const struct place *place);
enum refusal sdk_hmac_check_body(const struct scheme_input *input, const struct admission_rules *rules);
/* scheme.sign of one of the five. */
bool sdk_hmac_sign_as(const struct scheme *scheme, const struct signing *signing, struct arena *arena, struct signed_fields *fields);

#endif

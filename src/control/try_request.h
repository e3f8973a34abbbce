/* The request that is tried: of an API as it is defined, with what the caller gives, and a proof. */
#ifndef COUNTERSIGN_CONTROL_TRY_REQUEST_H
#define COUNTERSIGN_CONTROL_TRY_REQUEST_H

#include "control/call.h"
#include "http/request.h"

#define TRY_MAX_FIELDS 32
#define TRY_MAX_BODY   65536
#define TRY_MAX_QUERY  2048

struct try_request {
    bool https;
    struct bytes host, body, proof;
    struct bytes environment; /* its name, for the header that chooses it */
    struct bytes key, secret; /* what proves the caller; in clear */
    bool hides_proof;         /* what was added as proof is told to nobody */
    struct http_request request;
    struct http_field fields[TRY_MAX_FIELDS + 16];
    struct bytes signed_names[TRY_MAX_FIELDS];
    size_t field_count, name_count;
    size_t proof_field;       /* from this field on they are the proof */
    struct bytes shown_query; /* without a key */
};

extern const struct fields try_body_fields;

/* Method, target, fields and body, without a proof; `api` is a row. False: refused. */
bool try_request_compose(struct call *call, const struct value *api, struct try_request *try);
/* Adds the proof; key and secret are there. False: refused. */
bool try_request_prove(struct call *call, struct try_request *try);

#endif

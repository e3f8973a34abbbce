/* Why is this request refused, or would it be? What the gateway reads in it and reconstructs from it, through the real admission, beside
 * what the client says it signed, and the likely cause.
 *
 * What a signature is worth is told only to who may know (`may_verify`): for all others nothing is done that depends on a secret, so that
 * nobody can try keys here that he may not read. A signature never comes out. */
#ifndef COUNTERSIGN_EXPLAIN_DIAGNOSIS_H
#define COUNTERSIGN_EXPLAIN_DIAGNOSIS_H

#include "admit/admit.h"
#include "explain/cause.h"
#include "explain/difference.h"

#define DIAGNOSIS_MAX_FINDINGS 4

struct diagnosis_question {
    const struct http_request *request;
    struct bytes body;
    const struct publication *publication; /* NULL: no API is published there; what the proof says can be told all the same */
    const struct directory *directory;     /* its nonces are not asked */
    struct jwt_memory *tokens;
    struct bytes client_text; /* what the client says it signed; empty: it does not say */
    int64_t now;
    unsigned may_verify; /* bits 1 << enum principal_kind: of whose keys the caller may know what they are worth */
};

enum diagnosis_proof {
    DIAGNOSIS_NOTHING_SIGNED, /* nothing presented, or it cannot be read */
    DIAGNOSIS_NOT_TOLD,       /* to this caller */
    DIAGNOSIS_UNKNOWN_KEY,
    DIAGNOSIS_HOLDS,
    DIAGNOSIS_DOES_NOT_HOLD
};
/* "nothing_signed", "not_told", "unknown_key", "holds", "does_not_hold". */
const char *diagnosis_proof_name(enum diagnosis_proof proof);

enum client_text_source { CLIENT_TEXT_NONE, CLIENT_TEXT_GIVEN, CLIENT_TEXT_DEDUCED /* its signature is that of this text */ };

struct finding {
    enum cause cause;
    struct bytes note; /* "Accept: text/plain", a header's name; may be empty */
    bool certain;      /* seen, not guessed */
};

struct diagnosis {
    bool judged; /* outcome and refusal say what the gateway would; else only as far as no secret is asked */
    enum admission_outcome outcome;
    enum refusal refusal;
    struct bytes field;
    struct claim claim; /* claim.scheme is NULL when nothing was presented */
    bool known;         /* principal and credential_id are filled */
    struct principal principal;
    struct bytes credential_id;
    enum diagnosis_proof proof;
    struct bytes gateway_text; /* of a signed request that can be read */
    struct bytes client_text;
    enum client_text_source client_text_source;
    struct difference difference;
    struct finding findings[DIAGNOSIS_MAX_FINDINGS];
    size_t finding_count;
};

/* Everything in the answer borrows from the question and the arena. False: the arena is full, or a fault of ours. */
bool diagnose(const struct diagnosis_question *question, struct arena *arena, struct diagnosis *diagnosis);

/* The same of a request that was refused, from what was kept of it: no signature is left that could be tried. */
struct diagnosis_sample {
    const struct scheme *scheme; /* NULL: none was presented */
    enum refusal refusal;
    struct bytes field, key_id, signed_names;
    struct bytes gateway_text; /* empty: it was not kept */
    struct bytes client_text;
};
bool diagnose_sample(const struct diagnosis_sample *sample, struct arena *arena, struct diagnosis *diagnosis);

/* Of every proof a request may carry, those that can be told without knowing an API. */
bool diagnosis_any_place(struct proof_plan *plan);

#endif

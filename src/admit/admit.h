/* The heart: request + policy + directory + now → admission. Pure: no clock, no socket, no allocation beyond the caller's arena.
 *
 *   admit_begin   finds the one proof, reads its claim, looks the caller up, checks state, freshness, authorisation, and the proof
 *                 where it does not depend on the body. A stranger is refused here, before a byte of his body is read.
 *   admit_finish  with the body's facts: the proof, the body's own digests; credential and authorisation are looked up again
 *                 (by revision), since time has passed.
 */
#ifndef COUNTERSIGN_ADMIT_ADMIT_H
#define COUNTERSIGN_ADMIT_ADMIT_H

#include "admit/directory.h"
#include "jwt/known.h"
#include "policy/throttle.h"
#include "scheme/scheme.h"

#define ADMIT_CLOCK_SKEW         900                   /* seconds, both ways (huawei.md 1.1, alibaba.md 1.6); exactly 900 is accepted */
#define ADMIT_MAX_LIFETIME       1800                  /* seconds; of a proof that names its own (bce-auth-v1), whatever it asks for */
#define ADMIT_DEFAULT_BODY_LIMIT (12ull * 1024 * 1024) /* huawei.md 1.1, Size */
#define ADMIT_FORM_LIMIT         (1024ull * 1024)
#define ADMIT_FORM_MAX_FIELDS    1000
#define ADMIT_ARENA_SIZE         (256 * 1024) /* enough for the largest request that nginx lets in, twice */
/* For admit_finish, when a form of so many bytes is signed: its fields are decoded and written out again. */
#define ADMIT_FORM_ARENA_SIZE(length) (ADMIT_ARENA_SIZE + 4 * (size_t)(length))

enum admission_outcome {
    ADMISSION_ACCEPTED,
    ADMISSION_REFUSED,   /* the caller's business: see refusal */
    ADMISSION_FAULT,     /* ours: 503 */
    ADMISSION_NEEDS_BODY /* begin only: read the body with body_needs, at most body_limit bytes, then admit_finish */
};

/* The limit that was reached. */
struct throttled {
    enum throttle_kind kind;
    uint32_t limit, seconds; /* so many requests in so many seconds */
    uint32_t wait;           /* seconds until the next period */
};

struct admission {
    enum admission_outcome outcome;
    enum refusal refusal;
    struct claim claim;           /* claim.scheme is NULL when nothing was presented */
    struct credential credential; /* kind, principal, id, revision; secrets are cleared once the proof was checked */
    bool known;                   /* credential is filled */
    bool proven;                  /* the proof held: only then may an answer tell what is wrong with the credential itself */
    enum answer_format format;    /* of the answer to a refused caller; when nothing was presented, guessed from the request */
    bool nonce_remembered;        /* the directory said NONCE_UNSEEN to this request */
    unsigned body_needs;          /* body_need bits */
    uint64_t body_limit;
    int64_t now;
    struct bytes token_tells; /* of an accepted token: claims that the backend is told (token_tell_next), and what they say, in the same */
    struct bytes token_told;  /* order: a byte 1 and the text (token_text_next), or a byte 0 for a claim that is not there */
    bool pass_through;        /* the backend may see the proof, beside what the place says */
    struct bytes canonical;   /* of candidate 0, kept when the signature did not match: for hint and explain */
    const struct throttled *throttled; /* of REFUSAL_THROTTLED; set by whoever counts, which admission does not */
};

struct admit_context {
    const struct publication *publication;
    const struct http_request *request;
    const struct directory *directory;
    /* Lives until the verdict was acted upon. admit_finish may be given another one, while that of admit_begin still lives. */
    struct arena *arena;
    int64_t now;               /* Unix seconds */
    struct jwt_memory *tokens; /* for tokens, which without it are a fault */
    struct scalar_keys *keys;  /* for proofs by derived key pairs, which without it are derived each time */
    /* APIs of type APP admit apps and consumers, those of type IAM admit users; another kind's key is unknown there. Both demand an
     * authorisation; the management API, which has rights of its own, does not. */
    bool skip_authorisation;
    bool has_body; /* a Content-Length above 0, or chunked: without it nothing waits for a body */
    /* admission.nonce_remembered of an earlier try at this very request, which a small arena cut short: its nonce is its own. */
    bool nonce_remembered;
};

void admit_begin(const struct admit_context *context, struct admission *admission);
/* Behind ADMISSION_ACCEPTED or ADMISSION_NEEDS_BODY, of a request with a body: `needs` (body_need bits) of it have to be known before the
 * request can be forwarded, whatever its proof demands. The outcome is ADMISSION_NEEDS_BODY then. */
void admit_need_body(const struct admit_context *context, unsigned needs, struct admission *admission);
/* Only behind ADMISSION_NEEDS_BODY; `body` holds the facts of admission->body_needs. Otherwise a fault. */
void admit_finish(const struct admit_context *context, const struct body_facts *body, struct admission *admission);
/* Behind ADMISSION_ACCEPTED, of a request that is answered without an end: would its caller be admitted now? His time and nonce do not
 * count again. `body`: its facts, NULL when they are not known: a secret that was changed meanwhile ends it then. */
void admit_again(const struct admit_context *context, const struct body_facts *body, struct admission *admission);
/* Behind ADMISSION_NEEDS_BODY: the body is longer than body_limit. */
void admit_refuse_large_body(struct admission *admission);

#endif

/* A scheme is how a proof travels in a request. It only reads and writes; all else lives once, in admit/.
 *
 * To add a scheme:
 *   1. one file scheme/<name>.c with a `const struct scheme`; sign stands beside verify, both use the one canonical function;
 *   2. one value in enum scheme_id and one row in the table of scheme.c;
 *   3. its column in admit/answer.c (what its users expect to read when refused);
 *   4. vectors, a unit test, a fuzzer for its reader with a corpus;
 *   5. docs/schemes/<name>.md. */
#ifndef COUNTERSIGN_SCHEME_SCHEME_H
#define COUNTERSIGN_SCHEME_SCHEME_H

#include "base/arena.h"
#include "base/buffer.h"
#include "crypto/hmac.h"
#include "crypto/scalar_keys.h"
#include "http/request.h"
#include "policy/publication.h"
#include "scheme/body.h"
#include "scheme/refusal.h"
#include "scheme/signing.h"

/* What a request claims. Borrowed from the request or the arena; nothing in it is believed yet. */
struct claim {
    const struct scheme *scheme;
    const struct place *place;
    struct bytes key_id;       /* the public half; of a look-up scheme: empty */
    struct bytes proof;        /* the signature as presented; of a look-up scheme: the secret itself */
    struct bytes signed_names; /* the list as presented */
    enum digest_kind hash;     /* of the MAC */
    bool timed;                /* it carries a time */
    int64_t time;              /* Unix seconds */
    struct bytes time_text;    /* as presented */
    bool time_is_signed;
    int64_t lifetime;       /* seconds from `time` on, where the request says so itself; 0: the clock skew counts both ways */
    unsigned body_in_proof; /* body_need bits without which the proof cannot be computed */
    unsigned body_after;    /* body_need bits to compare once the proof holds (Content-MD5, x-sdk-content-sha256) */
    const void *reading;    /* what the scheme itself noted while reading, so that canonical() need not search again; in the arena */
    struct bytes nonce;     /* what must not come twice; empty: the proof carries nothing of the kind */
    int64_t nonce_until;    /* last second (Unix) at which this proof could be admitted; 0: as long as its signed time counts */
    struct bytes field;     /* of a refusal: the field at fault, for the message */
};

/* PROOF_SECRET: a key id with its secret itself, or a token made with it: no body plays a part, and a time only where the claim has one. */
enum proof_kind { PROOF_LOOKUP, PROOF_MAC, PROOF_TOKEN, PROOF_SECRET };
enum answer_format { ANSWER_APIG, ANSWER_CA, ANSWER_BCE };

/* What a canonical text is made of. */
struct scheme_input {
    const struct http_request *request;
    const struct claim *claim;
    const struct body_facts *body; /* NULL: there is a body, and nobody waits for it */
    struct arena *arena;
    struct bytes *field;      /* check_body: the field at fault; may be NULL */
    struct scalar_keys *keys; /* what holds() keeps; may be NULL */
};

/* No canonical text of this input is longer: how large a buffer for canonical() must be. */
size_t scheme_text_bound(const struct scheme_input *input);

/* Long enough for a signature that comes out the same each time. */
#define SCHEME_MAX_SIGNATURE (2 * DIGEST_MAX_SIZE)

#define SCHEME_MAX_FORMS   8
#define SCHEME_MAX_MESSAGE 160

/* Of each form of the text, see scheme.holds. */
struct scheme_messages {
    struct bytes items[SCHEME_MAX_FORMS];
    size_t count;
};

struct scheme {
    enum scheme_id id;
    const char *name; /* "aliyun-ca": as in vectors, CLI, docs, logs */
    enum proof_kind proof_kind;
    enum answer_format format;
    enum answer_format (*format_at)(const struct place *place); /* where it depends on the place; else NULL */
    /* Header names (lower case, NULL-terminated) that carry the proof beside the place, taken off before forwarding. */
    const char *const *carriers;
    bool looks_elsewhere;  /* present() looks at fields of other names than the place's, too */
    bool lifetime_is_ours; /* claim.lifetime is the operator's word: nothing shortens it */
    bool encodes_fields;   /* header values are percent-encoded in the text: for scheme_text_bound */

    /* How often is there a proof of this scheme at this place? 0: none. Cheap; called for each place of a plan. */
    size_t (*present)(const struct http_request *request, const struct place *place);
    /* Reads the claim; claim->scheme and claim->place are set already. REFUSAL_NONE, or why it cannot be read (claim->field). */
    enum refusal (*read)(const struct http_request *request, struct arena *arena, struct claim *claim);

    /* MAC schemes. Several forms of the text may be right (vendor signers differ); candidate 0 is the documented one. */
    unsigned candidate_count;
    /* The text that is signed (for the sdk-hmac family: the canonical request). False when this candidate does not apply to this
     * request, or would be the same as an earlier one. Overflow of `out`, set also when the arena is full or a limit is passed: the
     * caller refuses. */
    bool (*canonical)(const struct scheme_input *input, unsigned candidate, struct buffer *out);
    /* The signature as it would be presented, over a canonical text. */
    void (*signature)(const struct claim *claim, const struct hmac_secret *secret, struct bytes canonical, struct buffer *out);
    /* Where another signature comes out each time, and a look at one is dear; else NULL, see scheme_proof_holds. What is signed of a
     * canonical text (SCHEME_MAX_MESSAGE bytes at most), and: is the claimed signature of one of these messages? What is wrong takes the
     * same time, whatever `keys` (may be NULL) has kept. */
    void (*message)(const struct claim *claim, struct bytes canonical, struct buffer *out);
    bool (*holds)(const struct claim *claim, struct bytes secret, const struct scheme_messages *messages, struct scalar_keys *keys);
    /* After the proof held: compares what body_after asked for, and refuses what the signature leaves open. */
    enum refusal (*check_body)(const struct scheme_input *input, const struct admission_rules *rules);

    /* The header fields that sign the request; a client's own copies of these names must be removed first. False: the arena is full,
     * or too many names. NULL for look-up schemes, and for those in which we only read. */
    bool (*sign)(const struct signing *signing, struct arena *arena, struct signed_fields *fields);
};

const struct scheme *scheme_by_id(enum scheme_id id);   /* NULL: none */
const struct scheme *scheme_by_name(struct bytes name); /* NULL: none */
/* The place where an app's key pair is presented under a MAC scheme. */
struct place scheme_default_place(enum scheme_id id);

/* Is the claimed signature the one that this secret gives over this canonical text? Takes the same time for all that are wrong. */
bool scheme_proof_holds(const struct claim *claim, const struct hmac_secret *secret, struct bytes canonical);

/* Adds the places of the key pairs' schemes; of bce-auth-v1 both headers. False when the plan is full. */
bool scheme_signature_places(struct proof_plan *plan, enum scheme_id id);
/* The signatures that the vendor's SDKs write with an access key (huawei.md 1.3), as bits 1 << enum scheme_id. */
uint32_t scheme_sdk_family(void);
/* The ways in with an app's key pair that are features of a gateway (huawei.md 1.4), as such bits. */
uint32_t scheme_app_features(void);
/* Adds the headers, and if wanted the query name, where an AppCode is presented. */
bool scheme_app_code_places(struct proof_plan *plan, bool in_query);

extern const struct scheme scheme_api_key;
extern const struct scheme scheme_app_code;
extern const struct scheme scheme_aliyun_ca;
extern const struct scheme scheme_sdk_hmac_sha256;
extern const struct scheme scheme_sdk_hmac_sm3;
extern const struct scheme scheme_v11_hmac_sha256;
extern const struct scheme scheme_sdk_ecdsa_p256_sha256;
extern const struct scheme scheme_sdk_sm2_sm3;
extern const struct scheme scheme_bce_auth_v1;
extern const struct scheme scheme_jwt;
extern const struct scheme scheme_auth_token;
extern const struct scheme scheme_app_secret;
extern const struct scheme scheme_app_basic;
extern const struct scheme scheme_app_token;

#endif

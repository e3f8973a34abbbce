/* What one version of an API in one environment demands of a caller, tells the backend, and where it forwards to. */
#ifndef COUNTERSIGN_POLICY_PUBLICATION_H
#define COUNTERSIGN_POLICY_PUBLICATION_H

#include "credential/credential.h"
#include "policy/scheme_id.h"

#define PLAN_MAX_PLACES 32

enum auth_type { AUTH_TYPE_NONE = 0, AUTH_TYPE_APP = 1, AUTH_TYPE_IAM = 2 };

/* One place where a proof may be. */
struct place {
    enum scheme_id scheme;
    enum place_location location;
    struct bytes name;   /* header name (compared folded) or query name: see place_is_query_name */
    struct bytes prefix; /* what the value must begin with (folded), e.g. "Bearer "; empty for none */
    bool pass_through;   /* the backend may see the credential; otherwise it is stripped */
    struct bytes claim; /* of a JWT: the path of the claim that names its consumer, or empty; of app-token: its lifetime, decimal seconds */
};

/* Computed by the publisher from the principals authorised here. */
struct proof_plan {
    enum auth_type auth_type;
    struct place places[PLAN_MAX_PLACES];
    size_t place_count;
};

/* What the operator set for admission; zero = the default. */
struct admission_rules {
    uint64_t body_limit;        /* of a signed body, bytes; 0 = 12 MiB */
    bool hide_hint;             /* do not send the string to sign with a refused signature */
    bool accept_repeated_names; /* aliyun-ca: admit query or form names repeated beyond what the signature covers */
    bool require_body_digest;   /* the signature must cover a body: Content-MD5 (aliyun-ca, no form), no UNSIGNED-PAYLOAD (sdk-hmac) */
    bool require_nonce;         /* aliyun-ca: X-Ca-Nonce must be there and signed (ForceNonceCheck) */
    bool accept_anonymous;      /* who brings no proof at all passes, as nobody */
    bool accept_undated;        /* a proof that carries no signed time is admitted: replay is then possible for ever */
    bool disable_internet, disable_internal; /* it is for the other side of the gateway only */
    bool https_only;                         /* what comes in clear is refused before anything else is looked at */
    bool cors;                               /* pages of other origins may call it: preflights are answered without a proof */
};

enum backend_kind { BACKEND_HTTP = 1, BACKEND_HTTPS = 2, BACKEND_MOCK = 3 /* the gateway answers by itself */ };
#define BACKEND_MAX_MEMBERS 16
#define BACKEND_MAX_RETRIES 10
#define BACKEND_MAX_WEIGHT  100

/* One of several servers that do the same. */
struct backend_member {
    struct bytes authority; /* host:port, as in struct backend */
    uint8_t weight;         /* its share of the requests, 1 to BACKEND_MAX_WEIGHT */
};

struct backend {
    enum backend_kind kind;
    struct bytes authority; /* host:port, always with port: the name under which the edge keeps its addresses */
    struct bytes host;      /* Host header, and TLS server name without its port */
    struct bytes method;    /* empty: the caller's */
    struct bytes path;      /* template with {param}; a trailing '*' part (prefix match) takes what the match left over */
    uint32_t timeout_ms;    /* connect, send and read, each */
    bool verify_certificate;
    struct bytes ca_certificates; /* PEM; empty: the system's */
    bool client_certificate;      /* the gateway shows its own (countersign_client_certificate) */
    int8_t retries; /* how often a request that failed is sent again, if its method may be repeated; -1: the vendor's default, once */
    struct backend_member members[BACKEND_MAX_MEMBERS];
    size_t member_count;      /* 0: the authority alone */
    struct bytes mock_answer; /* of BACKEND_MOCK: the body of its answer */
};

/* Stored in edge and store: never renumber. */
enum signature_type {
    SIGNATURE_NONE = 0,
    SIGNATURE_HMAC = 1,       /* huawei.md 3.2 */
    SIGNATURE_BASIC = 2,      /* huawei.md 3.3 */
    SIGNATURE_AES = 3,        /* this gateway's own (huawei.md 3.4, "OURS"); key: 16 or 32 bytes, secret: the vector */
    SIGNATURE_PUBLIC_KEY = 4, /* this gateway's own; key: SubjectPublicKeyInfo, secret: PKCS#8, both DER in base64 */
    SIGNATURE_BCE = 5,        /* baidu.md 2.4 */
    SIGNATURE_ALIYUN = 6,     /* alibaba.md 4.4 */
    SIGNATURE_COUNT
};

/* Behind it the gateway serves the public half of a signature key, under the key's id (huawei.md 3.4). */
#define PUBLIC_KEY_URI_PREFIX "/apigw/authadv/v2/public-key/"

/* With what the gateway signs to the backend. */
struct hmac_key;
struct signature_key {
    enum signature_type type;
    struct bytes id;
    struct bytes key;
    struct bytes secret;         /* unsealed */
    const struct hmac_key *hmac; /* of what it MACs with (the secret; of aes the key), for HMAC-SHA256; NULL: not at hand */
    uint64_t opening;            /* of a secret that is kept opened: no two openings in the life of a process share one; 0: not kept */
    uint64_t revision;
    /* What it signs with from a moment on; 0: there is nothing of the kind. */
    int64_t next_from; /* Unix seconds */
    struct bytes next_key;
    struct bytes next_secret;
};

struct publication {
    struct bytes id; /* publish_id */
    struct bytes instance_id;
    struct bytes api_id;
    struct bytes api_name;
    struct bytes group_id;
    struct bytes environment_id;
    struct bytes environment_name;
    uint64_t revision;
    uint64_t serial; /* of this decoded copy: no two in the life of a process share one; 0 = none given. Not stored */
    struct proof_plan plan;
    struct admission_rules rules;
    struct backend backend;
    struct bytes signature_key_id; /* empty: the request is forwarded unsigned */
    struct bytes acl_id;           /* empty: from every address (address_list.h) */
    bool guarded;                  /* not everybody may come in: acl_id, or one side is shut out. Not stored */
    struct bytes throttle_id;      /* empty: requests are not counted (throttle.h) */
    struct bytes mapping;          /* backend parameters, see policy/mapping.h; empty: none */
    size_t mapping_count;          /* of its items. Not stored */
    struct bytes parameters;       /* what is demanded of the caller's, see policy/parameter.h; empty: nothing */
    struct bytes told_headers;     /* names (token_text …) that only claims of tokens fill here: nobody else may send them */
    struct bytes told_parameters;  /* the same of query parameters */
    struct bytes consumer_header;  /* in which the backend is told who the consumer is; empty: TELL_CONSUMER */
    struct bytes token_policy;     /* what a token has to be here, whoever brings it (token_rules.h); empty: there is no such policy */
};

const char *auth_type_name(enum auth_type type);             /* "NONE", "APP", "IAM" */
const char *signature_type_name(enum signature_type type);   /* "hmac" …; NULL: none of ours */
enum signature_type signature_type_named(struct bytes name); /* SIGNATURE_NONE: there is none of this name */
/* Is a raw query name the one of this place? Compared after percent-decoding: "api%5Fkey" must count, be stripped and be masked like
 * "api_key". Case counts, but not of an AppCode's (alibaba.md 2). */
bool place_is_query_name(const struct place *place, struct bytes raw);
/* Adds a place unless an equal one (scheme, location, name, prefix) is there; false when the plan is full. */
bool proof_plan_add(struct proof_plan *plan, struct place place);
/* A proof may be there, of a token by whatever claim; `place` may be of an older plan. */
bool proof_plan_has(const struct proof_plan *plan, const struct place *place);

#endif

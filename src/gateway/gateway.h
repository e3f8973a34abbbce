/* The nginx module: what its files share. One request goes one way (docs/tour.md):
 *
 *   access.c    the request as it came → route → admission; asks body.c for the body when the proof covers it
 *   guard.c     from where
 *   throttle.c  how many there were of it in this period
 *   refuse.c    an answer of our own, when it was refused
 *   public_key.c  what is asked of the gateway itself
 *   forward.c   the request as it goes out: target, headers, countersignature; then nginx's proxy module, with wire.c's help
 *   sending.c   how what is small leaves, in both directions
 *   balancer.c  the last gate before a connection: no verdict, no connection; pool.c and tls.c under it
 *   filter.c    the answer on its way back: request id, nginx's own errors in our format; watch.c for answers without an end
 */
#ifndef COUNTERSIGN_GATEWAY_GATEWAY_H
#define COUNTERSIGN_GATEWAY_GATEWAY_H

#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "admit/admit.h"
#include "admit/answer.h"
#include "edge/reader.h"
#include "lock/lock.h"

#define REQUEST_ID_LENGTH 32

struct gateway_lock {
    bool set, on;
    struct lock_rule rule;
    uint32_t global_failures; /* of a key, from anywhere; 0: sources are counted apart only */
};

enum staleness { STALENESS_REFUSE, STALENESS_WARN };

struct gateway_main {
    ngx_str_t edge_directory;
    ngx_str_t keys_directory;
    ngx_str_t state_directory; /* of the mapped files; the edge's unless told otherwise */
    ngx_flag_t feedback;
    struct gateway_lock lock;
    time_t max_staleness; /* seconds; 0: none */
    enum staleness staleness;
    struct edge_keys *keys; /* read at configuration time, as the owner of the files; wiped with the configuration */
};
enum gateway_side { SIDE_UNSET, SIDE_EXTERNAL, SIDE_INTERNAL };

struct gateway_server {
    ngx_str_t instance;
    enum gateway_side side;     /* from where requests come to it */
    ngx_flag_t behind_tls;      /* what comes in clear came over TLS to somebody in front of us */
    ngx_msec_t recheck;         /* of callers whose answers have no end; 0: never */
    struct tls_client *clients; /* what is shown to backends that want a client certificate (tls.h); NULL: nothing */
};
struct gateway_location {
    ngx_flag_t on;
    bool own_headers_only; /* no proxy_set_header beside those that the module wants */
};

enum gateway_stage {
    STAGE_NEW,
    STAGE_READING_BODY,
    STAGE_ACCEPTED,
    STAGE_FORWARDED, /* one verdict, one proxied request */
    STAGE_REFUSED,
    STAGE_ANSWERED /* by the gateway itself, see own_answer */
};

/* What body.c gathers while the body streams in. */
struct gateway_body {
    ngx_http_client_body_handler_pt resume;
    uint64_t limit;
    uint64_t length;
    struct digest sha256;
    struct digest md5;
    struct digest sm3;
    struct buffer form;
    unsigned gathered; /* body_need bits that `facts` hold */
    bool too_large;
    struct body_facts facts;
};

/* The client's request while ours stands in its place: between forward.c and balancer.c. */
struct gateway_saved {
    bool swapped;
    ngx_list_t headers;
    ngx_str_t target;
    ngx_str_t method;
    unsigned valid_target;
    ngx_uint_t version; /* stays: nginx lowers the request's own when a backend's answer is no HTTP */
};

/* The verdict and all that belongs to it. It lives with the request (r->pool), not with r->ctx, which redirects clear. */
struct gateway_context {
    ngx_http_request_t *request;
    enum gateway_stage stage;
    uint8_t request_id[REQUEST_ID_LENGTH];
    struct arena arena;
    struct http_request view;
    struct admission admission;
    const struct publication *publication;       /* held; NULL before the route was found */
    const struct publication *first_publication; /* held when it changed while the body came; the claim points into it */
    unsigned body_needs;                         /* body_need bits while somebody listens to the body; see body */
    bool addresses_known;                        /* from recent.c, in the visit to the edge that goes on */
    bool grants;                                 /* app_token.c: it is no API's, and asks for an access token */
    bool counted;                                /* throttle.c has counted it */
    bool body_known;                             /* body.facts are filled: the body was read whole, or there is none */
    struct signature_key signature;              /* SIGNATURE_NONE: forwarded unsigned */
    struct bytes masked_target;                  /* empty until somebody logs it */
    ngx_http_handler_pt content_handler;
    struct gateway_saved saved;
    const struct outgoing *outgoing; /* while wire.c hands it over; NULL before and after */
    bool wire_begins, wire_held;     /* while wire.c has nginx begin; a connection was found meanwhile */
    ngx_str_t sent_method;
    const struct answer *own_answer; /* to a request that is no API's; NULL: it is one */
    struct answer *failure;          /* filter.c: what stands in for nginx's own page and is still to be sent */

    /* From here on nothing is cleared for a new request. */
    struct {
    } unset;
    struct gateway_body body;        /* valid once body_needs or body_known is set */
    struct route route;              /* valid once publication is set */
    struct edge_addresses addresses; /* valid once accepted */
    struct signature_key sealed;     /* as it lies in the edge; valid in the visit that accepts, when the API has one */
};

extern ngx_module_t ngx_http_countersign_module;

static inline struct bytes bytes_of_str(ngx_str_t text)
{
    return (struct bytes){text.data, text.len};
}
/* nginx's string type has no const; nothing writes through it. */
static inline ngx_str_t str_of_bytes(struct bytes text)
{
    return (ngx_str_t){text.length, (u_char *)(uintptr_t)text.data};
}

#endif

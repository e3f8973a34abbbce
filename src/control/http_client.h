/* One HTTP call over libcurl, waiting for its answer: for the CLI and for threads of their own; in a handler of the daemon for a request
 * that is tried alone (try_api.c). No redirect is followed, no proxy of the environment is used, and an answer larger than its limit is a
 * failure, unless its start will do. */
#ifndef COUNTERSIGN_CONTROL_HTTP_CLIENT_H
#define COUNTERSIGN_CONTROL_HTTP_CLIENT_H

#include "base/arena.h"
#include "http/request.h"

#define HTTP_REPLY_LIMIT  (256u * 1024)
#define HTTP_TIMEOUT_MS   30000L
#define HTTP_REPLY_FIELDS 100

struct http_call {
    struct bytes base;           /* "http://127.0.0.1:8081" */
    struct http_request request; /* method, target and fields, all sent as they are */
    struct bytes body;
    const char *socket; /* NULL, or the Unix socket to connect to, whatever `base` names */
    size_t limit;       /* of the answer's bytes; 0: HTTP_REPLY_LIMIT */
    long timeout_ms;    /* 0: HTTP_TIMEOUT_MS */
    const char
        *connect_to;    /* NULL, or "address:port" of this machine, connected to whatever `base` names; its certificate is not looked at */
    bool wants_fields;  /* of the answer */
    bool start_will_do; /* of an answer larger than its limit */
    bool guarded;       /* connects to no address where no backend may be (authority.h) */
};

struct http_reply {
    unsigned status;
    struct bytes body; /* in the arena, as are the fields */
    bool cut;          /* only its start */
    const struct http_field *fields;
    size_t field_count;
};

/* False: no answer came, with *problem in words. An answer of any status is true. */
bool http_call(const struct http_call *call, struct arena *arena, struct http_reply *reply, char problem[static 256]);

#endif

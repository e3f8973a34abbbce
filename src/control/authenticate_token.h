/* Tokens and sessions of the console as proof of who calls. */
#ifndef COUNTERSIGN_CONTROL_AUTHENTICATE_TOKEN_H
#define COUNTERSIGN_CONTROL_AUTHENTICATE_TOKEN_H

#include "control/call.h"
#include "store/schema.h"

#define SESSION_COOKIE "countersign_session"

/* Does the request bring a token or a session? Then *one is true and the call is that user's. False: refused (several proofs, one that
 * does not count, a page of another address). */
bool caller_presents(struct call *call, bool *one);

/* The request comes from a page of our own address, as far as a browser tells (Origin, Sec-Fetch-Site). False: refused. */
bool check_origin(struct call *call);
/* The value of our cookie; empty: none. */
struct bytes session_cookie(const struct call *call);
/* How long sessions of this domain last, in seconds. False: a fault. */
struct session_life {
    int64_t idle;
    int64_t end;
};
bool session_life_read(struct call *call, struct session *session, struct bytes domain_id, struct session_life *life);

#endif

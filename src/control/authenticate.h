/* Who calls the management API (huawei.md 4, 5): an IAM user with AK/SK, proved by SDK-HMAC-SHA256 and decided by admit/; with a token; or
 * with a session of the console. One of them: several proofs are refused. */
#ifndef COUNTERSIGN_CONTROL_AUTHENTICATE_H
#define COUNTERSIGN_CONTROL_AUTHENTICATE_H

#include "control/call.h"

#define SIGNED_BODY_LIMIT   (12u * 1024 * 1024) /* huawei.md 1.1, Size */
#define TOKEN_BODY_LIMIT    (64u * 1024 * 1024) /* "for larger bodies, token-based authentication is recommended" */
#define STRANGER_BODY_LIMIT (64u * 1024)        /* where nobody has proved anything yet */

/* From the header fields alone; false: refused. A stranger is refused here, before his body is read. */
bool authenticate_begin(struct call *call);
/* With the whole body; fills the actor and checks project, instance and the route's right. False: refused. */
bool authenticate_finish(struct call *call, struct bytes body);
/* The refusal of a body over the call's limit. Always false. */
bool authenticate_refuse_size(struct call *call);

#endif

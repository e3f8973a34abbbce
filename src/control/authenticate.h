/* Who calls the management API: an IAM user with AK/SK, proved by SDK-HMAC-SHA256 (huawei.md 1.1, 4), decided by admit/. */
#ifndef COUNTERSIGN_CONTROL_AUTHENTICATE_H
#define COUNTERSIGN_CONTROL_AUTHENTICATE_H

#include "control/call.h"

#define MANAGEMENT_BODY_LIMIT (12u * 1024 * 1024) /* huawei.md 1.1, Size */

/* From the header fields alone; false: refused. A stranger is refused here, before his body is read. */
bool authenticate_begin(struct call *call);
/* With the whole body; fills the actor and checks project and instance. False: refused. */
bool authenticate_finish(struct call *call, struct bytes body);

#endif

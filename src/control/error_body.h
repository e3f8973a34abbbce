/* An error as a client reads it (huawei.md 4.1, 5). */
#ifndef COUNTERSIGN_CONTROL_ERROR_BODY_H
#define COUNTERSIGN_CONTROL_ERROR_BODY_H

#include "control/call.h"

/* {"error_code","error_msg","request_id"}; under /v3 with {"error":{"code","message","title"}} in front, and IAM's codes. In the arena. */
struct bytes error_body(struct call *call);

#endif

/* What the daemon is told about a request once it is over (feedback/feedback.h). */
#ifndef COUNTERSIGN_GATEWAY_REPORT_H
#define COUNTERSIGN_GATEWAY_REPORT_H

#include "gateway/gateway.h"

/* Log phase. */
ngx_int_t report_handler(ngx_http_request_t *r);

#endif

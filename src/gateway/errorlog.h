/* nginx's error log names the request of each message, query and all. Ours names it with its credentials masked. */
#ifndef COUNTERSIGN_GATEWAY_ERRORLOG_H
#define COUNTERSIGN_GATEWAY_ERRORLOG_H

#include "gateway/gateway.h"

/* Post-read phase: from here on messages about this request go through us. */
ngx_int_t errorlog_handler(ngx_http_request_t *r);

#endif

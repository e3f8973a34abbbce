/* What nginx's own directives must be around ours. Checked when the configuration is read, so that a mistake stops nginx instead of
 * opening a hole. */
#ifndef COUNTERSIGN_GATEWAY_STOCK_H
#define COUNTERSIGN_GATEWAY_STOCK_H

#include "gateway/gateway.h"

/* For a location with `countersign on`, its own and the stock modules' configuration merged. NULL, or what is wrong. */
const char *stock_check_location(ngx_conf_t *cf);
/* Of a location that was checked: nginx sets no headers there but those that the module wants, and speaks HTTP/1.1. */
bool stock_sets_own_headers_only(ngx_conf_t *cf);

#endif

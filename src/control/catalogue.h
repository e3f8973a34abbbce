/* What a token says about its user, and where services are: the part of IAM's answers that SDKs find their way by (huawei.md 5). */
#ifndef COUNTERSIGN_CONTROL_CATALOGUE_H
#define COUNTERSIGN_CONTROL_CATALOGUE_H

#include "control/call.h"

/* {"token": {…}} of a token's row; NULL: a fault. */
json_t *token_json(struct call *call, const struct value *row, const struct value *user, bool with_catalogue);
/* "https://host:port" as this caller reached us. In the arena; empty: a fault. */
struct bytes own_address(struct call *call);

#endif

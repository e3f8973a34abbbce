/* What a token says about its user, and where services are: the part of IAM's answers that SDKs find their way by (huawei.md 5). */
#ifndef COUNTERSIGN_CONTROL_CATALOGUE_H
#define COUNTERSIGN_CONTROL_CATALOGUE_H

#include "control/call.h"

/* {"token": {…}} of a token's row; NULL: a fault. */
json_t *token_json(struct call *call, const struct value *row, const struct value *user, bool with_catalogue);
/* Where services are, as a token tells; NULL: out of memory. */
json_t *catalogue_json(struct call *call);
/* Sets a member to a time as IAM writes it, with six digits of fraction: 2015-11-09T01:42:57.527363Z. */
bool iam_put_time(struct call *call, json_t *object, const char *name, int64_t seconds);
/* "https://host:port" as this caller reached us. In the arena; empty: a fault. */
struct bytes own_address(struct call *call);

#endif

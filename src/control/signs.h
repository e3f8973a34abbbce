/* Signature keys: with what the gateway signs to backends (huawei.md 3.1, 4.6). */
#ifndef COUNTERSIGN_CONTROL_SIGNS_H
#define COUNTERSIGN_CONTROL_SIGNS_H

#include "control/resource.h"
#include "control/sign_pair.h"

#define SIGN_QUOTA 30

extern const struct resource resource_sign;

/* For the files of this resource. The pair in clear, in the call's arena. False: a fault. */
bool sign_open(struct call *call, const struct value *row, enum sign_turn turn, struct sign_pair *pair);
/* Seals both for the revision of this write, to which the seals are bound; `next` NULL: none follows. False: a fault. */
bool sign_seal(struct call *call, const struct sign_pair *now, const struct sign_pair *next, struct value *row);

#endif

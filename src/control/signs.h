/* Signature keys: with what the gateway signs to backends (huawei.md 3.1, 4.6). */
#ifndef COUNTERSIGN_CONTROL_SIGNS_H
#define COUNTERSIGN_CONTROL_SIGNS_H

#include "control/resource.h"

#define SIGN_QUOTA 30

extern const struct resource resource_sign;

#endif

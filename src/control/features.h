/* Features of a gateway that can be switched on and off (huawei.md 4.2). */
#ifndef COUNTERSIGN_CONTROL_FEATURES_H
#define COUNTERSIGN_CONTROL_FEATURES_H

#include "control/call.h"

/* Ways in for apps that are no signatures (huawei.md 1.4). */
#define FEATURE_APP_SECRET "app_secret"
#define FEATURE_APP_BASIC  "app_basic"
#define FEATURE_PUBLIC_KEY "public_key"

/* Is it switched on for the call's instance? False: a fault. */
bool feature_read(struct call *call, const char *name, bool *on);

#endif

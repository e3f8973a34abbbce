/* Features of a gateway that can be switched on and off (huawei.md 4.2). */
#ifndef COUNTERSIGN_CONTROL_FEATURES_H
#define COUNTERSIGN_CONTROL_FEATURES_H

#include "control/call.h"

/* Ways in for apps that are no signatures (huawei.md 1.4). */
#define FEATURE_APP_SECRET "app_secret"
#define FEATURE_APP_BASIC  "app_basic"
#define FEATURE_APP_TOKEN  "app_token" /* its config: app_grant.h */
/* Ours: the header in which backends are told who the consumer is. */
#define FEATURE_CONSUMER_HEADER "consumer_header"
#define FEATURE_PUBLIC_KEY      "public_key"

/* The header's name in the config of FEATURE_CONSUMER_HEADER, in the arena; empty: there is none. */
struct bytes feature_consumer_header(struct arena *arena, struct bytes config);

/* Is it switched on for the call's instance? False: a fault. */
bool feature_read(struct call *call, const char *name, bool *on);

#endif

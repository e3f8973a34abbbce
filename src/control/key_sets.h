/* Key sets from elsewhere: fetched for who checks tokens by them, and for as long as somebody does. */
#ifndef COUNTERSIGN_CONTROL_KEY_SETS_H
#define COUNTERSIGN_CONTROL_KEY_SETS_H

#include "control/call.h"

/* Sets of one instance, so that nobody makes the daemon fetch all day. */
#define KEY_SETS_MOST 200

/* From now on `holder` (a credential, or "<API>@<environment>") checks tokens by the set of this URL; empty: by none (any more). A set that
 * is new is fetched at once, by the fetcher; one that nobody holds goes. False: refused or a fault. */
bool key_set_hold(struct call *call, struct bytes holder, struct bytes url);

#endif

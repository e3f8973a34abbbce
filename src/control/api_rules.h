/* What the table of fields cannot say about an API: how its fields hang together, and what this gateway does not serve yet. What is not
 * served is refused, never stored and ignored: an operator must not believe in a check that nobody makes. */
#ifndef COUNTERSIGN_CONTROL_API_RULES_H
#define COUNTERSIGN_CONTROL_API_RULES_H

#include "control/call.h"

/* For a body that api_fields has checked. False: the call is refused, with the field and the rule. */
bool api_rules_hold(struct call *call);

#endif

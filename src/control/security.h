/* What a domain demands of its users: how long sessions last, when they prove again who they are. */
#ifndef COUNTERSIGN_CONTROL_SECURITY_H
#define COUNTERSIGN_CONTROL_SECURITY_H

#include "control/call.h"
#include "store/schema.h"

/* The settings of a domain; what was never set has its default. False: a fault. */
bool security_read(struct call *call, struct session *session, struct bytes domain_id, struct value row[static SECURITY_COLUMNS]);

#endif

/* The provider that carries codes to the users of a domain: an address to which a letter with the code is POSTed, and the secret with which
 * it is signed (code_sender.h). */
#ifndef COUNTERSIGN_CONTROL_CODE_WEBHOOK_H
#define COUNTERSIGN_CONTROL_CODE_WEBHOOK_H

#include "control/call.h"
#include "store/schema.h"

/* That of the caller's domain; *found: there is one. False: a fault. */
bool webhook_read(struct call *call, struct value row[static WEBHOOK_COLUMNS], bool *found);
/* Its secret, in the arena. False: a fault. */
bool webhook_open(struct call *call, const struct value row[static WEBHOOK_COLUMNS], struct bytes *secret);

#endif

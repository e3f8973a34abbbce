/* Secrets in answers, as the vendor has them; off unless the domain's settings say otherwise (security.c). */
#ifndef COUNTERSIGN_CONTROL_SECRETS_H
#define COUNTERSIGN_CONTROL_SECRETS_H

#include "control/call.h"

/* Adds app_secret to an app, sign_secret to a signature key, where the domain has show_secrets "as_vendor" and the caller may write what he
 * reads: a right to read alone never tells a secret. False: a fault. */
bool secrets_put_app(struct call *call, json_t *app);
bool secrets_put_sign(struct call *call, json_t *sign);

#endif

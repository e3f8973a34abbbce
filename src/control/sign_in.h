/* Name and password: for tokens and for the console. */
#ifndef COUNTERSIGN_CONTROL_SIGN_IN_H
#define COUNTERSIGN_CONTROL_SIGN_IN_H

#include "control/call.h"
#include "store/schema.h"

/* By id, or by name and the domain's name or id. */
struct sign_in {
    struct bytes user_id;
    struct bytes user_name;
    struct bytes domain_id;
    struct bytes domain_name;
    struct bytes password;
};
/* The user's row when the password is right and he is enabled; the call is his then. Otherwise refused, in one way for every reason.
 * Attempts are bounded per user and address, and per address. Call without a session: it takes a tenth of a second. */
bool sign_in(struct call *call, const struct sign_in *given, struct value *user);
/* The password of a user whose row was read already: for what asks for it again. */
bool password_confirm(struct call *call, const struct value *user, struct bytes password);
/* A new password as it will be kept (crypto/password.h), in turn with the checks of others. */
bool password_make(struct call *call, struct bytes password, struct buffer *kept);

#endif

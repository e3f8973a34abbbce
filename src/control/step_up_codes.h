/* By what a user can prove once more who he is: one-time codes of his app, or, when he has none, codes that the operator's provider carries
 * to the telephone or mailbox that an administrator noted for him (code_webhook.c). */
#ifndef COUNTERSIGN_CONTROL_STEP_UP_CODES_H
#define COUNTERSIGN_CONTROL_STEP_UP_CODES_H

#include "control/call.h"
#include "store/schema.h"

enum step_up_method { METHOD_NONE, METHOD_TOTP, METHOD_SMS, METHOD_EMAIL, METHOD_COUNT };
/* "totp": in store and JSON; NULL at the end. */
extern const char *const step_up_method_names[METHOD_COUNT];

#define CODE_SECONDS        300 /* a code and its challenge live */
#define CODE_RESEND_SECONDS 60  /* between two codes of one user */

struct means {
    bool has[METHOD_COUNT]; /* never METHOD_TOTP and another: who has the stronger way has no weaker one beside it */
    bool any;
    struct value factor[FACTOR_COLUMNS]; /* with METHOD_TOTP */
    struct value user[USER_COLUMNS];
    struct value webhook[WEBHOOK_COLUMNS]; /* with METHOD_SMS and METHOD_EMAIL */
};
/* Those of the caller, in the call's session. False: a fault. */
bool step_up_means(struct call *call, struct means *means);
/* {"method", "destination" masked} for each that sends codes. NULL: out of memory. */
json_t *means_say(struct call *call, const struct means *means);

/* The method that the body names, or the first that the caller has. False: refused. */
bool step_up_method_of_body(struct call *call, const struct means *means, enum step_up_method *method);
/* Draws a code for this challenge, and has it sent once the call is committed; refused when the last one is too young or those of the day
 * are too many. Fills the row's columns, which the caller writes. In a write session. */
bool step_up_send(struct call *call, const struct means *means, enum step_up_method method, struct value row[static STEP_UP_COLUMNS]);
/* Is this the code that was sent for the challenge? False also for one to which none was sent. */
bool step_up_code_is(struct call *call, const struct value row[static STEP_UP_COLUMNS], struct bytes code);
/* What was noted about codes sent to a user, with the user. */
bool codes_remove_of(struct call *call, struct bytes user_id);

#endif

/* Sends codes to the provider that carries them to a telephone or a mailbox, by threads of its own: a handler never waits for it. A letter
 * is POSTed as Standard Webhooks has it: webhook-id, webhook-timestamp and webhook-signature, "v1," and the base64 of HMAC-SHA256(secret,
 * id "." timestamp "." body). */
#ifndef COUNTERSIGN_CONTROL_CODE_SENDER_H
#define COUNTERSIGN_CONTROL_CODE_SENDER_H

#include "base/buffer.h"
#include "control/daemon.h"

#define CODE_URL_MAX    1024
#define CODE_SECRET_MAX 64
#define CODE_BODY_MAX   1024

/* One request, whole. */
struct code_letter {
    char id[ID_SIZE]; /* the same when it is sent again */
    struct bytes url;
    struct bytes secret;
    struct bytes body;
    int64_t until; /* Unix seconds: what comes later is of no use */
};

/* NULL with *problem in words. */
struct code_sender *code_sender_start(char problem[static 256]);
/* Letters that nobody has begun with are dropped; one that is on its way ends within seconds. NULL is fine. */
void code_sender_stop(struct code_sender *sender);
/* Is there room for another one? */
bool code_sender_has_room(struct code_sender *sender);
/* Takes a copy, to be sent at once; three times at most, when the provider does not answer or answers 5xx or 429. One that could not be
 * sent is a line in the log, without the code. NULL is fine: nothing is sent. */
void code_sender_take(struct code_sender *sender, const struct code_letter *letter);

/* The value of webhook-signature. */
void code_sign(struct buffer *out, const struct code_letter *letter, struct bytes timestamp);

#endif

/* Permanent access keys of users: AK/SK, at most two each. */
#ifndef COUNTERSIGN_CONTROL_ACCESS_KEYS_H
#define COUNTERSIGN_CONTROL_ACCESS_KEYS_H

#include "control/call.h"
#include "store/schema.h"

#define ACCESS_LENGTH 20
#define SECRET_LENGTH 40

/* Upper-case letters and digits, as the vendor's access keys are; NUL-terminated. False: no randomness. */
bool access_draw(char access[static ACCESS_LENGTH + 1]);

/* A new key pair of a user in the call's session, with audit: an end makes it temporary. `secret` in the arena, to be shown once. */
struct access_order {
    struct bytes user_id;
    struct bytes description;
    int64_t not_after; /* 0: none */
};
bool access_key_make(struct call *call, const struct access_order *order, struct value *row, struct bytes *secret);
/* All keys of a user, temporary ones too. */
bool access_keys_remove_of(struct call *call, struct bytes user_id);

#endif

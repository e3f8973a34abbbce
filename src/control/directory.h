/* IAM users for admit/: access keys and their secrets from the store. */
#ifndef COUNTERSIGN_CONTROL_DIRECTORY_H
#define COUNTERSIGN_CONTROL_DIRECTORY_H

#include "admit/directory.h"
#include "control/daemon.h"
#include "store/schema.h"

struct user_directory {
    const struct daemon *daemon;
    /* In which keys are looked up; NULL: in one of its own each time. Whoever holds one gives it: a second one beside it could be had by
     * none when all who call at once hold their first. */
    struct session *session;
    /* Of the key that was found last, in the arena of the look-up: */
    bool temporary; /* it has an end, so it counts only with its X-Security-Token */
    struct value user[USER_COLUMNS];
};

/* Borrows `users`. Only key pairs are answered; everything else is FOUND_NOTHING. */
struct directory user_directory_of(struct user_directory *users);

#endif

/* The key and secret of a signature key, in clear, and how they stand in the store's row. */
#ifndef COUNTERSIGN_CONTROL_SIGN_PAIR_H
#define COUNTERSIGN_CONTROL_SIGN_PAIR_H

#include "store/sealing.h"

#define SIGN_PAIR_MAX 8192 /* a private RSA key in text is the longest */

struct sign_pair {
    struct bytes key;
    struct bytes secret;
};

/* The pair that signs now, or the one that follows. */
enum sign_turn { SIGN_NOW, SIGN_NEXT };

/* There is a key that follows. */
bool sign_has_next(const struct value *row);
/* Opens into `memory` (room for SIGN_PAIR_MAX), from which the pair borrows; wipe it. False: the secret does not open. */
bool sign_pair_open(struct seal *seal, const struct value *row, enum sign_turn turn, struct buffer *memory, struct sign_pair *pair);
/* Writes key and sealed secret into the row, whose id, instance and revision are final; text in the arena. False: a fault. */
bool sign_pair_seal(struct seal *seal, const struct sign_pair *pair, enum sign_turn turn, struct arena *arena, struct value *row);

#endif

/* What the signature schemes share in reading and writing their lists of signed names and their parameters. */
#ifndef COUNTERSIGN_SCHEME_NAMES_H
#define COUNTERSIGN_SCHEME_NAMES_H

#include "scheme/pairs.h"

/* The name in lower case, unless it is there already. False when the arena or `names` (names->capacity) is full. */
bool names_add(struct pairs *names, struct arena *arena, struct bytes name);
/* In byte order, with `separator` between them. False when the arena is full. */
bool names_join(struct pairs *names, uint8_t separator, struct arena *arena, struct bytes *list);

/* Visible ASCII only: no blank, no control byte. */
bool text_is_visible(struct bytes text);
/* 0-9 and a-f only: the vendors' checkers compare signatures as text, so upper case is another signature. */
bool text_is_lower_hex(struct bytes text);

#endif

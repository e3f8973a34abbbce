/* From where two texts begin to differ to what may be the cause: without any secret, so it may be wrong. */
#ifndef COUNTERSIGN_EXPLAIN_GUESS_H
#define COUNTERSIGN_EXPLAIN_GUESS_H

#include "explain/cause.h"
#include "explain/difference.h"
#include "scheme/scheme.h"

/* `gateway` is the text of this scheme in which the difference was found. */
enum cause guess_cause(const struct scheme *scheme, struct bytes gateway, const struct difference *difference, struct arena *arena);

#endif

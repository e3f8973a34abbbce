/* A command line as a POSIX shell splits it, as far as people paste one: blanks, quotes, '$'-quotes (bash), backslashes, continued lines.
 */
#ifndef COUNTERSIGN_EXPLAIN_SHELL_WORDS_H
#define COUNTERSIGN_EXPLAIN_SHELL_WORDS_H

#include "base/arena.h"

#define SHELL_WORDS_MAX 512

struct shell_words {
    struct bytes *items; /* in the arena, quotes taken off */
    size_t count;
};

/* Up to the end of the first command (';', '|', '&', '>' or a line's end outside of quotes). Nothing is expanded: "$X" stays as it is.
 * NULL, or in words why it cannot be read. */
const char *shell_words_read(struct arena *arena, struct bytes line, struct shell_words *words);

#endif

/* What is asked of a person. Without a terminal the answer is a line of standard input, so that scripts can give it. */
#ifndef COUNTERSIGN_CLI_TERMINAL_H
#define COUNTERSIGN_CLI_TERMINAL_H

#include <stdbool.h>
#include <stddef.h>

#define TERMINAL_LINE 4096 /* what a terminal takes as one line; a private key in base64 needs half of it */

/* A secret, not shown; on a terminal asked twice, and both must be the same. False with *problem in words. */
bool terminal_ask_secret(const char *what, char secret[static TERMINAL_LINE], char problem[static 256]);
/* A line, shown. False: none came. */
bool terminal_ask(const char *question, char line[static TERMINAL_LINE]);

#endif

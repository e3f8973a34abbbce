/* Text of others on a terminal. */
#ifndef COUNTERSIGN_CLI_VISIBLE_H
#define COUNTERSIGN_CLI_VISIBLE_H

#include "base/bytes.h"

/* Prints `text` such that it cannot steer a terminal: control characters as \x1b. */
void print_visible(struct bytes text);

#endif

/* Where the store is, for commands that work on it without the daemon: --data and --store, beside a command's own options. */
#ifndef COUNTERSIGN_CLI_STORE_OPTIONS_H
#define COUNTERSIGN_CLI_STORE_OPTIONS_H

#include <getopt.h>

struct store_options {
    const char *data;  /* NULL: not given */
    const char *store; /* NULL: <data>/store.db */
    char url[4096];    /* empty: neither is given */
};

/* A command's own options. */
struct store_command {
    const struct option *names; /* ends with one without a name; NULL: none. At most 8 */
    /* Takes one; NULL, or what is wrong with it. */
    const char *(*take)(void *context, int option, const char *value);
    void *context;
};

/* Reads all arguments. NULL, or what is wrong with them. */
const char *store_options_read(struct store_options *options, int argc, char **argv, const struct store_command *command);

#endif

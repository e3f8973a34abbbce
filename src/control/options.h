/* The daemon's command line. */
#ifndef COUNTERSIGN_CONTROL_OPTIONS_H
#define COUNTERSIGN_CONTROL_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#define OPTION_TEXT_SIZE 4096

enum command { COMMAND_SERVE, COMMAND_ROUTES, COMMAND_REFERENCE, COMMAND_OPENAPI, COMMAND_HELP };

struct options {
    enum command command;
    const char *data;
    const char *group;        /* NULL: none */
    const char *name_servers; /* NULL: the system's */
    const char *region;
    char store[OPTION_TEXT_SIZE];  /* URL */
    char socket[OPTION_TEXT_SIZE]; /* path */
    char state[OPTION_TEXT_SIZE];  /* the directory of the files that are shared with the workers */
    const char *key_set_hosts;     /* "name,…" that key sets may be fetched from at private addresses; NULL: none */
    const char *key_set_ca;        /* a file of authorities for that; NULL: the system's */
    const char *gateway;           /* gateway_address.h; NULL: none */
    unsigned nonce_rate;           /* a second: the replay memory's size */
    uint64_t edge_size;            /* bytes */
};

/* False with *problem in words: the caller prints it and ends with status 2. */
bool options_read(int argc, char **argv, struct options *options, char problem[static 256]);
extern const char options_usage[];

#endif

/* The configuration of the nginx that `countersign up` runs: packaging/nginx/nginx.conf.in, filled in. */
#ifndef COUNTERSIGN_CLI_UP_NGINX_H
#define COUNTERSIGN_CLI_UP_NGINX_H

#include "base/arena.h"
#include "base/buffer.h"

/* One @NAME@ of a template and what stands in its place. */
struct placeholder {
    const char *name;
    const char *value;
};

/* Fills `count` placeholders into `text`. False with *problem in words: it names one that has no value, or does not fit. */
bool template_fill(struct bytes text, const struct placeholder *placeholders, size_t count, struct buffer *out, char problem[static 256]);

struct nginx_settings {
    const char *program_folder; /* where `countersign` is: template and module are looked for from there */
    const char *data;           /* absolute */
    const char *logs;
    const char *instance; /* the gateway's id */
    unsigned port;
    unsigned management_port;
};

/* Writes <data>/nginx/nginx.conf; *path in the arena. */
bool nginx_configure(struct arena *arena, const struct nginx_settings *settings, const char **path, char problem[static 256]);

#endif

/* From where a command talks to which gateway, and as whom: a data directory's admin.json over the daemon's own socket, or a profile. */
#ifndef COUNTERSIGN_CLI_CONNECTION_H
#define COUNTERSIGN_CLI_CONNECTION_H

#include <jansson.h>

#include "control/management_client.h"

#define CONNECTION_ARENA (96u * 1024 * 1024) /* taken from the system page by page */
#define CONNECTION_REPLY (32u * 1024 * 1024)

struct connection_options {
    const char *data;     /* DIR/admin.json and DIR/countersignd.sock */
    const char *profile;  /* a name or a file; NULL: $COUNTERSIGN_PROFILE, else "default" */
    const char *endpoint; /* instead of the profile's */
    const char *instance; /* the same */
};

struct connection {
    struct arena arena;
    struct management management;
    char socket[256];
    char problem[256];
};

/* False with connection->problem in words. */
bool connection_open(struct connection *connection, const struct connection_options *options);
void connection_close(struct connection *connection); /* wipes what it read */

/* One call. `path` is a route's, whose {project_id} and {instance_id} are filled in, and whose other parameters are taken from `params` in
 * order. `query` is what stands behind '?', or empty. `body` may be NULL. */
struct connection_call {
    const char *method;
    const char *path;
    const char *const *params;
    const char *query;
    const json_t *body;
};
enum connection_outcome { CONNECTION_DONE, CONNECTION_REFUSED, CONNECTION_FAULT };
/* *answer is the answer's document, which the caller gives back, or NULL (no body). After anything but CONNECTION_DONE the problem says
 * why. */
enum connection_outcome connection_send(struct connection *connection, const struct connection_call *call, json_t **answer);

/* Adds "name=value", encoded, to a query of QUERY_SIZE. False: too long. */
#define QUERY_SIZE 8192
bool query_add(char query[static QUERY_SIZE], const char *name, const char *value);

#endif

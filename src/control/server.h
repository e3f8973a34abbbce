/* The management API on a Unix socket (libmicrohttpd, a thread per connection). nginx stands in front of it. */
#ifndef COUNTERSIGN_CONTROL_SERVER_H
#define COUNTERSIGN_CONTROL_SERVER_H

#include "control/daemon.h"

#define SERVER_MAX_CONNECTIONS 256
#define SERVER_TIMEOUT_SECONDS 60

struct server;

/* Listens at `path`; the socket is 0660 and of `group` (NULL: as it comes). NULL with *problem in words. `daemon` must outlive it. */
struct server *server_start(const struct daemon *daemon, const char *path, const char *group, char problem[static 256]);
/* Takes no new connections, lets running calls end, removes the socket. NULL is fine. */
void server_stop(struct server *server);

#endif

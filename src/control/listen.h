/* The Unix socket of the management API. */
#ifndef COUNTERSIGN_CONTROL_LISTEN_H
#define COUNTERSIGN_CONTROL_LISTEN_H

#include <stdbool.h>

/* A listening socket at `path`, 0660, of `group` when given. Removes what an ended daemon left there; refuses when somebody still
 * listens. -1 with *problem in words. */
int listen_at(const char *path, const char *group, char problem[static 256]);

#endif

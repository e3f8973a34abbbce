/* What an empty store gets: one instance, the environment RELEASE, and an administrator whose access key is shown once. */
#ifndef COUNTERSIGN_CONTROL_FIRST_START_H
#define COUNTERSIGN_CONTROL_FIRST_START_H

#include "control/daemon.h"

/* Has the store been through its first start? False: a fault, in words. */
bool first_start_is_due(struct store *store, bool *due, char problem[static 256]);

/* All of it in one transaction. The administrator goes to <data>/admin.json (0600) before the commit, so that no store exists whose
 * credentials nobody knows, and to standard output after it. Another node may have been first: then nothing happens. */
bool first_start(const struct daemon *daemon, char problem[static 256]);

#endif

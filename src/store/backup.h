/* Copies of the store, and what a copy must be told when it takes the place of its original. */
#ifndef COUNTERSIGN_STORE_BACKUP_H
#define COUNTERSIGN_STORE_BACKUP_H

#include "store/store.h"

/* A copy of the embedded store, as of one moment, in the new file `path`, while others go on writing. False with *problem in words: it
 * could not be written, or the database has its own tool (PostgreSQL: pg_dump). */
bool store_backup(struct store *store, const char *path, char problem[static 256]);
/* In a write: this store is another one's older copy from here on. It gets an id of its own, so that every edge is made anew. */
enum store_result store_mark_restored(struct session *session);

#endif

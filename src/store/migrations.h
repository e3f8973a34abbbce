/* Bringing a database to the schema this program knows. */
#ifndef COUNTERSIGN_STORE_MIGRATIONS_H
#define COUNTERSIGN_STORE_MIGRATIONS_H

#include "store/driver.h"

/* In one transaction, one process at a time; draws the store's id when there is none. False: connection->problem says why; a schema newer
 * than this program's is refused. */
bool migrations_apply(struct connection *connection) __attribute__((warn_unused_result));

#endif

#include "store/backup.h"

#include "crypto/random.h"
#include "store/pool.h"
#include "store/session.h"

#include <stdio.h>

bool store_backup(struct store *store, const char *path, char problem[static 256])
{
    if (store->driver->backup == NULL) {
        snprintf(problem, 256, "this database has its own tool for backups: pg_dump");
        return false;
    }
    struct connection *connection = pool_connect(store);
    if (connection == NULL) {
        store_trouble(store, problem);
        return false;
    }
    bool done = store->driver->backup(connection, path);
    if (!done) memcpy(problem, connection->problem, STORE_PROBLEM_SIZE);
    store->driver->disconnect(connection);
    return done;
}

enum store_result store_mark_restored(struct session *session)
{
    char id[33];
    if (!random_id(id)) return session_fault(session, "store: no randomness");
    struct value parameter = value_text(bytes_of_text(id));
    return session_run(session, &(struct command){"UPDATE identity SET id = $1", &parameter, 1}, NULL);
}

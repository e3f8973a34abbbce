/* How the LMDB environment is opened: the one place that knows its files and flags. */
#ifndef COUNTERSIGN_EDGE_ENVIRONMENT_H
#define COUNTERSIGN_EDGE_ENVIRONMENT_H

#include "edge/edge.h"

#include <lmdb.h>

struct environment {
    MDB_env *env;
    MDB_dbi records;
    int writer_lock; /* held by the one process that writes; -1 for readers */
};

/* For a worker: never creates a file. False with *problem in words. */
bool environment_open_reading(struct environment *environment, const char *directory, char problem[static 256]);
/* For the one writer: creates files, sets modes and group (NULL or not root: left alone). */
struct environment_place {
    const char *directory;
    const char *group;
    size_t map_size;
};
bool environment_open_writing(struct environment *environment, const struct environment_place *place, char problem[static 256]);
void environment_close(struct environment *environment);

/* "what: why" into *problem; false. `status` is LMDB's or errno. */
bool environment_problem(char problem[static 256], const char *what, int status);

#endif

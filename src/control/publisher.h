/* Keeps the edge of this node equal to the store: a thread that waits for changes, looks at the current state of what changed, and
 * commits it to the edge with the store's revision. It looks at states, not at events, so doing a change twice does no harm and a
 * missed one is mended by the next look. What it cannot write it tries again, with growing pauses, for ever. */
#ifndef COUNTERSIGN_CONTROL_PUBLISHER_H
#define COUNTERSIGN_CONTROL_PUBLISHER_H

#include "store/sealing.h"
#include "store/store.h"

struct publisher;

struct publisher_options {
    struct store *store;
    const struct store_keys *store_keys; /* opens the secrets of the store; must live until publisher_stop */
    const char *keys_directory;          /* node.key and pepper.key */
    const char *edge_directory;
    const char *group;        /* of the gateway's workers; NULL: leave it */
    const char *name_servers; /* "ip[:port],…" for the names of backends; NULL: the system's */
    uint64_t edge_size;       /* bytes that the edge may take; 0: EDGE_MAP_SIZE */
};

/* Opens the edge for writing and starts the threads (publisher, resolver). The first picture may not be there yet: publisher_wait.
 * NULL with *problem in words. The options' texts are copied. */
struct publisher *publisher_start(const struct publisher_options *options, char problem[static 256]);
/* Ends the threads and closes the edge, synced. NULL is fine. */
void publisher_stop(struct publisher *publisher);

enum publisher_outcome {
    PUBLISHER_DONE,   /* the edge has the revision: the next request on any worker sees it */
    PUBLISHER_FAILED, /* an attempt failed while waiting: stored, not yet effective, tried again */
    PUBLISHER_LATE    /* the time is over: stored, not yet effective */
};
/* Blocks until the edge has `revision`, from any thread. */
enum publisher_outcome publisher_wait(struct publisher *publisher, uint64_t revision, unsigned timeout_ms);

/* The local edge as it stands, for a look from any thread; to be closed soon, and before publisher_stop. NULL with *problem in words. */
struct edge_reader;
struct edge_reader *publisher_reader(struct publisher *publisher, char problem[static 256]);

/* Asks for the whole picture anew, in one transaction in the same files: readers see the old one until then. Returns at once. */
void publisher_rebuild(struct publisher *publisher);

struct publisher_status {
    uint64_t edge_revision;
    uint64_t store_revision; /* as last seen */
    uint64_t rebuilds;
    uint64_t edge_used; /* bytes, of edge_size */
    uint64_t edge_size;
    int64_t store_seen;    /* when the store answered last, Unix seconds */
    char problem[256];     /* empty: none */
    int64_t problem_since; /* Unix seconds; 0: none */
};
void publisher_status(struct publisher *publisher, struct publisher_status *status);

#endif

/* The processes that `countersign up` runs: started, watched, and stopped all together. Each has a process group and a log of its own,
 * and ends when we die, however we die. */
#ifndef COUNTERSIGN_CLI_UP_CHILDREN_H
#define COUNTERSIGN_CLI_UP_CHILDREN_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#define CHILDREN_MAX 4

struct child {
    const char *name; /* for people */
    const char *log;  /* standard output and error are appended here */
    int stop_signal;
    pid_t pid;  /* 0: does not run */
    int status; /* of waitpid, once it has ended */
};

struct children {
    struct child items[CHILDREN_MAX];
    size_t count;
};

enum children_event { CHILDREN_QUIET, CHILDREN_STOP_ASKED, CHILDREN_ONE_DIED };

/* Blocks SIGINT, SIGTERM, SIGHUP and SIGCHLD: from here on they arrive through children_watch only. Call first. */
void children_prepare(void);
/* Adds a child and starts it: argv[0] is searched in PATH. False with *problem in words. */
bool children_start(struct children *children, struct child child, const char *const argv[], char problem[static 256]);
/* Waits up to `timeout_ms` (negative: for ever) for a signal to stop, or the death of a child, which is then in *dead. */
enum children_event children_watch(struct children *children, int timeout_ms, struct child **dead);
/* Ends what still runs, the last one started first: asks, waits some seconds, then kills its whole group. */
void children_stop(struct children *children);
/* "countersignd was killed by signal 9", and the last lines of its log, on standard error. */
void child_report_death(const struct child *child);

#endif

/* The end of the audit's chain, kept outside the database: <data>/audit.anchors. A line per hour in which something was written,
 *
 *     {"time":1795400000,"id":"0000000000000012.0000","chain":"<64 hex digits>"}
 *
 * whose last one follows every change before it is answered. So whoever can write the database, but not this file, can neither rewrite nor
 * cut off what was answered through this node. The same goes to the log when a line begins, for places that even root of this node cannot
 * reach. */
#ifndef COUNTERSIGN_CONTROL_ANCHOR_H
#define COUNTERSIGN_CONTROL_ANCHOR_H

#include "store/audit.h"

#define ANCHOR_FILE    "audit.anchors"
#define ANCHOR_SECONDS 3600 /* a line stands for at most so much time */

struct anchor;

/* NULL with *problem in words. */
struct anchor *anchor_open(const char *data, char problem[static 256]);
void anchor_close(struct anchor *anchor); /* NULL is fine */

/* A change with this end of the chain was committed. Safe to call from any thread; an older end than the last one changes nothing. A file
 * that cannot be written is logged: the change itself stands. NULL (tests of handlers): nothing happens. */
void anchor_note(struct anchor *anchor, const struct audit_point *end, int64_t now);

/* Reads a file's lines in order; `time` in Unix seconds. False with *problem (which names the line) when it cannot be read, or a line is
 * none; also when `each` returned false, which sets *problem itself. */
typedef bool (*anchor_each)(void *context, int64_t time, const struct audit_point *point);
bool anchors_read(const char *path, anchor_each each, void *context, char problem[static 256]);

/* At start: is what the file says last still in the store? When not, the log says so, loudly; a restored backup is the harmless reason. */
void anchor_check(const char *data, struct store *store);

#endif

/* Commits are not synced to disk (they take microseconds instead of milliseconds), so after a crash of the machine the files may hold
 * anything, and reading them may crash too. The file `boot` beside them says in which boot they were last written, or "clean": a
 * picture of another boot that was not closed cleanly is never opened; the writer throws it away, and the daemon rebuilds. */
#ifndef COUNTERSIGN_EDGE_BOOT_H
#define COUNTERSIGN_EDGE_BOOT_H

#include "edge/edge.h"

#define BOOT_FILE  "boot"
#define BOOT_CLEAN "clean"

/* Of this boot, or clean. */
bool boot_mark_is_trusted(const char *directory);
/* Replaces the mark: atomically, and on disk when it returns. False: not written. */
bool boot_mark_write(const char *directory, const char *mark);

#endif

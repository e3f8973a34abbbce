/* Files and directories with the modes they must have. */
#ifndef COUNTERSIGN_CONTROL_FILES_H
#define COUNTERSIGN_CONTROL_FILES_H

#include "base/bytes.h"

#include <sys/types.h>

/* "directory/name"; false when it does not fit. */
bool path_join(char *path, size_t size, const char *directory, const char *name);
/* Makes the directory unless it is there, then sets its mode. `group` may be NULL. False with *problem in words. */
bool directory_provide(const char *path, mode_t mode, const char *group, char problem[static 256]);
/* What root makes in another's folder is that other's: the daemon's own user has to open it. False: errno says why. */
bool file_belongs_to_folder(int fd, const char *path);
/* A new file, written and flushed to the disk; an existing one is a problem. */
bool file_create(const char *path, mode_t mode, struct bytes content, char problem[static 256]);
/* The same, taking the place of an existing file in one step. */
bool file_replace(const char *path, mode_t mode, struct bytes content, char problem[static 256]);

#endif

/* Paths and small files of `countersign up`. */
#ifndef COUNTERSIGN_CLI_UP_FILES_H
#define COUNTERSIGN_CLI_UP_FILES_H

#include <sys/types.h>

#include "base/arena.h"

#define FILE_LIMIT (256u * 1024)

/* "folder/name" in the arena; NULL when it is full. */
const char *path_in(struct arena *arena, const char *folder, const char *name);
/* The folder of this program; NULL when the system does not tell. */
const char *path_of_program(struct arena *arena);
/* The first of `candidates` (NULL-terminated) that can be read; NULL: none. */
const char *path_first(const char *const *candidates);

/* Makes a folder, or takes one that is there and is ours: a folder of somebody else's could be changed under us. */
bool folder_make(const char *path, mode_t mode, char problem[static 256]);
/* Can users other than root reach it? Every folder above it must let them pass. On false, *blocking is the one that does not. */
bool folder_is_open(struct arena *arena, const char *path, const char **blocking);

/* The whole file, at most FILE_LIMIT. False with *problem in words. */
bool file_read(struct arena *arena, const char *path, struct bytes *content, char problem[static 256]);

#endif

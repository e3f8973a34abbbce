/* The three files of a key that is being changed: NAME.key is in use; NAME.next.key is known to all before it is; NAME.former.key goes on
 * to open what it has sealed. */
#ifndef COUNTERSIGN_CLI_KEY_FILES_H
#define COUNTERSIGN_CLI_KEY_FILES_H

#include <stdbool.h>

#define KEY_PATH_SIZE 4352

struct key_files {
    char now[KEY_PATH_SIZE], next[KEY_PATH_SIZE], former[KEY_PATH_SIZE];
};

/* False: the names are too long. */
bool key_files_name(struct key_files *files, const char *data, const char *name);
bool key_file_is_there(const char *path);
/* Draws the next key, unless it is there already. */
bool key_files_prepare(const struct key_files *files, char problem[static 256]);
/* The next key becomes that in use, which stays as the former one. Whoever looks in between finds a key in use and all others. Done
 * already: true. */
bool key_files_switch(const struct key_files *files, char problem[static 256]);
/* The former key goes. */
bool key_files_retire(const struct key_files *files, char problem[static 256]);

#endif

#include "cli/key_files.h"

#include "base/text.h"
#include "control/files.h"
#include "crypto/random.h"
#include "crypto/secret.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define KEY_BYTES 36 /* 4 of its id, 32 of the key */

static bool fail(char problem[static 256], const char *path, const char *words)
{
    snprintf(problem, 256, "%.180s: %.60s", path, words);
    return false;
}

bool key_files_name(struct key_files *files, const char *data, const char *name)
{
    const struct {
        char *path;
        const char *kind;
    } paths[] = {{files->now, "key"}, {files->next, "next.key"}, {files->former, "former.key"}};
    bool fits = true;
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        int length = snprintf(paths[i].path, KEY_PATH_SIZE, "%s/keys/%s.%s", data, name, paths[i].kind);
        fits = fits && length > 0 && length < KEY_PATH_SIZE;
    }
    return fits;
}

bool key_file_is_there(const char *path)
{
    return access(path, F_OK) == 0;
}

bool key_files_prepare(const struct key_files *files, char problem[static 256])
{
    uint8_t key[KEY_BYTES];
    char line[2 * KEY_BYTES + 1];
    struct buffer text = buffer_over(line, sizeof line);
    if (!key_file_is_there(files->now)) return fail(problem, files->now, "is not there");
    if (key_file_is_there(files->next)) return true;
    if (key_file_is_there(files->former)) return fail(problem, files->former, "a change of keys is not finished: retire comes first");
    if (!random_bytes(key, sizeof key)) return fail(problem, files->next, "no randomness");
    hex_encode(&text, bytes_of(key, sizeof key));
    buffer_add_byte(&text, '\n');
    bool made = file_create(files->next, 0600, buffer_bytes(&text), problem);
    secret_wipe(key, sizeof key);
    secret_wipe(line, sizeof line);
    return made;
}

bool key_files_switch(const struct key_files *files, char problem[static 256])
{
    if (!key_file_is_there(files->next)) {
        return key_file_is_there(files->former) || fail(problem, files->next, "is not there: prepare comes first");
    }
    if (link(files->now, files->former) != 0 && errno != EEXIST) return fail(problem, files->former, strerror(errno));
    return rename(files->next, files->now) == 0 || fail(problem, files->now, strerror(errno));
}

bool key_files_retire(const struct key_files *files, char problem[static 256])
{
    if (key_file_is_there(files->next)) return fail(problem, files->next, "was never switched to: remove it, or switch");
    return unlink(files->former) == 0 || errno == ENOENT || fail(problem, files->former, strerror(errno));
}

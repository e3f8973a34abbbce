#include "control/keys.h"

#include "base/text.h"
#include "control/files.h"
#include "crypto/random.h"
#include "crypto/secret.h"

#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

#define KEY_BYTES (4 + 32)

struct key_file {
    const char *name;
    bool of_the_store; /* shared by all nodes of a store */
    bool random_id;    /* the first four bytes are an id, else the version 1 */
};

static const struct key_file key_files[] = {
    {"store.key", true, true},
    {"pepper.key", true, false},
    {"node.key", false, true},
};

static bool draw(const struct key_file *file, uint8_t key[static KEY_BYTES])
{
    if (!random_bytes(key, KEY_BYTES)) return false;
    if (file->random_id) return true;
    key[0] = key[1] = key[2] = 0;
    key[3] = 1;
    return true;
}

static bool make(const struct key_file *file, const char *path, char *problem)
{
    uint8_t key[KEY_BYTES];
    char memory[2 * KEY_BYTES + 1];
    struct buffer text = buffer_over(memory, sizeof memory);
    if (!draw(file, key)) {
        snprintf(problem, 256, "no randomness for %s", file->name);
        return false;
    }
    hex_encode(&text, bytes_of(key, sizeof key));
    buffer_add_byte(&text, '\n');
    bool made = file_create(path, 0600, buffer_bytes(&text), problem);
    secret_wipe(key, sizeof key);
    secret_wipe(memory, sizeof memory);
    return made;
}

bool keys_provide(const char *directory, bool store_is_empty, char problem[static 256])
{
    for (size_t i = 0; i < sizeof key_files / sizeof *key_files; i++) {
        const struct key_file *file = &key_files[i];
        char path[4096];
        if (!path_join(path, sizeof path, directory, file->name)) {
            snprintf(problem, 256, "the data directory's name is too long");
            return false;
        }
        if (access(path, F_OK) == 0) continue;
        if (file->of_the_store && !store_is_empty) {
            snprintf(problem, 256, "%s is missing, and the store holds data that needs it: bring the file from a backup or another node",
                     file->name);
            return false;
        }
        if (!make(file, path, problem)) return false;
    }
    return true;
}

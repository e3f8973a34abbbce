/* The key files of a store: store.key seals and opens; store.next.key and store.former.key open, too, while the store key is changed. The
 * files are looked at again before each use, so that a change of keys needs no restart. */
#include "store/sealing.h"

#include "base/text.h"
#include "crypto/secret.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define KEY_FILE_BYTES  (4 + SEAL_KEY_SIZE)
#define KEY_FILE_DIGITS (2 * KEY_FILE_BYTES)
#define FILES           3

static const char *const files[FILES] = {"store.key", "store.next.key", "store.former.key"};

struct store_key {
    uint8_t bytes[SEAL_KEY_SIZE];
    uint32_t id;
    uint64_t file; /* by which another file of this name is known; 0: there is none, and no key */
};

struct store_ring {
    pthread_mutex_t lock;
    char directory[4096];
    struct store_key keys[FILES]; /* in the order of `files` */
};

static bool key_problem(char problem[static 256], const char *path, const char *rule)
{
    snprintf(problem, 256, "%.180s: %s", path, rule);
    return false;
}

/* The content of a file that only its owner may touch, up to `capacity` bytes. */
static bool key_file_read(const char *path, char *text, size_t *length, char problem[static 256])
{
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0) return key_problem(problem, path, "cannot be opened");
    struct stat status;
    ssize_t got = -1;
    bool private = fstat(file, &status) == 0 && (status.st_mode & 077) == 0;
    if (private) got = read(file, text, *length);
    close(file);
    if (!private) return key_problem(problem, path, "must not be open to others (mode 0600)");
    if (got < 0) return key_problem(problem, path, "cannot be read");
    *length = (size_t)got;
    return true;
}

static bool key_decode(struct bytes text, uint8_t bytes[static KEY_FILE_BYTES])
{
    struct buffer out = buffer_over(bytes, KEY_FILE_BYTES);
    bool ended = text.length == KEY_FILE_DIGITS || (text.length == KEY_FILE_DIGITS + 1 && text.data[KEY_FILE_DIGITS] == '\n');
    return ended && hex_decode(&out, bytes_slice(text, 0, KEY_FILE_DIGITS)) && buffer_bytes(&out).length == KEY_FILE_BYTES;
}

static bool key_load(const char *directory, const char *name, uint8_t bytes[static KEY_FILE_BYTES], char problem[static 256])
{
    char path[4096], text[KEY_FILE_DIGITS + 2];
    size_t length = sizeof text;
    snprintf(path, sizeof path, "%s/%s", directory, name);
    bool done = key_file_read(path, text, &length, problem);
    if (done && !key_decode(bytes_of(text, length), bytes)) done = key_problem(problem, path, "must be one line of 72 hex digits");
    secret_wipe(text, sizeof text);
    return done;
}

static uint32_t key_id(const uint8_t bytes[static 4])
{
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

static void path_of(char path[static 4096 + 32], const char *directory, const char *name)
{
    snprintf(path, 4096 + 32, "%s/%s", directory, name);
}

static uint64_t file_of(const char *directory, const char *name)
{
    char path[4096 + 32];
    struct stat status;
    path_of(path, directory, name);
    if (stat(path, &status) != 0) return 0;
    uint64_t time = (uint64_t)status.st_ctim.tv_sec * 1000000000 + (uint64_t)status.st_ctim.tv_nsec;
    return (time * 1000003 + status.st_ino) | 1;
}

/* All files as they are now. The first one has to be there. */
static bool read_ring(const char *directory, struct store_key keys[static FILES], char problem[static 256])
{
    uint8_t bytes[KEY_FILE_BYTES];
    bool good = true;
    for (size_t i = 0; good && i < FILES; i++) {
        keys[i] = (struct store_key){.file = file_of(directory, files[i])};
        if (i > 0 && keys[i].file == 0) continue;
        good = key_load(directory, files[i], bytes, problem);
        keys[i].id = key_id(bytes);
        memcpy(keys[i].bytes, bytes + 4, SEAL_KEY_SIZE);
    }
    secret_wipe(bytes, sizeof bytes);
    return good;
}

/* A change is in the middle of being made, or cannot be read: the keys before go on to count, and the next use looks again. */
static void look_again(struct store_ring *ring)
{
    struct store_key keys[FILES];
    char problem[256];
    bool same = true;
    for (size_t i = 0; i < FILES; i++) same = same && file_of(ring->directory, files[i]) == ring->keys[i].file;
    if (same) return;
    if (read_ring(ring->directory, keys, problem)) memcpy(ring->keys, keys, sizeof keys);
    secret_wipe(keys, sizeof keys);
}

bool store_keys_load(struct store_keys *keys, const char *directory, char problem[static 256])
{
    uint8_t pepper[KEY_FILE_BYTES];
    struct store_ring *ring = calloc(1, sizeof *ring);
    snprintf(problem, 256, "no memory");
    if (ring == NULL) return false;
    snprintf(ring->directory, sizeof ring->directory, "%s", directory);
    bool loaded = read_ring(directory, ring->keys, problem) && key_load(directory, "pepper.key", pepper, problem);
    if (loaded) {
        pthread_mutex_init(&ring->lock, NULL);
        hmac_prepare(&keys->pepper, DIGEST_SHA256, bytes_of(pepper + 4, KEY_FILE_BYTES - 4));
        keys->pepper_version = key_id(pepper);
        keys->ring = ring;
    }
    secret_wipe(pepper, sizeof pepper);
    if (loaded) return true;
    secret_wipe(ring, sizeof *ring);
    free(ring);
    return false;
}

void store_keys_wipe(struct store_keys *keys)
{
    if (keys->ring != NULL) {
        pthread_mutex_destroy(&keys->ring->lock);
        secret_wipe(keys->ring, sizeof *keys->ring);
        free(keys->ring);
    }
    secret_wipe(keys, sizeof *keys);
}

static struct seal *make_seal(const struct store_key keys[static FILES])
{
    struct seal *seal = seal_prepare(keys[0].bytes, keys[0].id);
    for (size_t i = 1; seal != NULL && i < FILES; i++) {
        if (keys[i].file == 0 || keys[i].id == keys[0].id || seal_other_prepare(seal, keys[i].bytes, keys[i].id)) continue;
        seal_destroy(seal);
        seal = NULL;
    }
    return seal;
}

struct seal *store_keys_seal(const struct store_keys *keys)
{
    struct store_ring *ring = keys->ring;
    pthread_mutex_lock(&ring->lock);
    look_again(ring);
    struct seal *seal = make_seal(ring->keys);
    pthread_mutex_unlock(&ring->lock);
    return seal;
}

uint32_t store_keys_id(const struct store_keys *keys)
{
    pthread_mutex_lock(&keys->ring->lock);
    look_again(keys->ring);
    uint32_t id = keys->ring->keys[0].id;
    pthread_mutex_unlock(&keys->ring->lock);
    return id;
}

/* The key files of a node: one line of 72 hex digits each, 4 bytes of id and 32 of key, mode 0600. */
#include "base/text.h"
#include "crypto/random.h"
#include "crypto/secret.h"
#include "edge/edge.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define KEY_BYTES  (4 + SEAL_KEY_SIZE)
#define KEY_DIGITS (2 * KEY_BYTES)

static bool complain(char problem[static 256], const char *path, const char *what)
{
    snprintf(problem, 256, "%.180s: %.60s", path, what);
    return false;
}

/* Mode, because a key that others can read is no longer one. */
static bool read_digits(const char *path, char digits[static KEY_DIGITS + 2], size_t *length, char problem[static 256])
{
    struct stat status;
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0) return complain(problem, path, strerror(errno));
    bool is_private = !fstat(file, &status) && !(status.st_mode & 077);
    ssize_t got = read(file, digits, KEY_DIGITS + 2);
    close(file);
    if (!is_private) return complain(problem, path, "must not be accessible to group or others (mode 0600)");
    if (got < 0) return complain(problem, path, strerror(errno));
    *length = (size_t)got;
    return true;
}

static bool load_key(const char *path, uint32_t *id, uint8_t key[static SEAL_KEY_SIZE], char problem[static 256])
{
    char digits[KEY_DIGITS + 2];
    uint8_t decoded[KEY_BYTES];
    size_t length = 0;
    struct buffer out = buffer_over(decoded, sizeof decoded);
    if (!read_digits(path, digits, &length, problem)) return false;
    if (length == KEY_DIGITS + 1 && digits[KEY_DIGITS] == '\n') length--;
    bool good = length == KEY_DIGITS && hex_decode(&out, bytes_of(digits, length)) && out.length == KEY_BYTES;
    if (good) {
        *id = (uint32_t)decoded[0] << 24 | (uint32_t)decoded[1] << 16 | (uint32_t)decoded[2] << 8 | decoded[3];
        memcpy(key, decoded + 4, SEAL_KEY_SIZE);
    }
    secret_wipe(digits, sizeof digits);
    secret_wipe(decoded, sizeof decoded);
    return good || complain(problem, path, "must be one line of 72 hex digits");
}

static bool path_in(char path[static 4096], const char *directory, const char *name, char problem[static 256])
{
    int length = snprintf(path, 4096, "%s/%s", directory, name);
    return (length > 0 && length < 4096) || complain(problem, directory, "path is too long");
}

/* A file that is not there is none. */
static bool load_other(struct edge_keys *keys, const char *directory, const char *name, char problem[static 256])
{
    char path[4096];
    struct edge_other_key *other = &keys->others[keys->other_count];
    if (!path_in(path, directory, name, problem)) return false;
    if (access(path, F_OK) != 0) return true;
    if (!load_key(path, &other->id, other->key, problem)) return false;
    if (other->id != keys->node_key_id) keys->other_count++;
    return true;
}

struct seal *edge_keys_seal(const struct edge_keys *keys)
{
    struct seal *seal = seal_prepare(keys->node_key, keys->node_key_id);
    for (size_t i = 0; seal != NULL && i < keys->other_count; i++) {
        if (seal_other_prepare(seal, keys->others[i].key, keys->others[i].id)) continue;
        seal_destroy(seal);
        seal = NULL;
    }
    return seal;
}

bool edge_keys_know(const struct edge_keys *keys, uint32_t node_key_id)
{
    bool known = node_key_id == keys->node_key_id;
    for (size_t i = 0; i < keys->other_count; i++) known = known || node_key_id == keys->others[i].id;
    return known;
}

bool edge_keys_load(struct edge_keys *keys, const char *directory, char problem[static 256])
{
    char path[4096];
    uint8_t pepper[SEAL_KEY_SIZE];
    if (!path_in(path, directory, "node.key", problem)) return false;
    if (!load_key(path, &keys->node_key_id, keys->node_key, problem)) return false;
    keys->other_count = 0;
    if (!load_other(keys, directory, "node.next.key", problem) || !load_other(keys, directory, "node.former.key", problem)) return false;
    if (!path_in(path, directory, "pepper.key", problem)) return false;
    if (!load_key(path, &keys->pepper_version, pepper, problem)) return false;
    hmac_prepare(&keys->pepper, DIGEST_SHA256, bytes_of(pepper, sizeof pepper));
    secret_wipe(pepper, sizeof pepper);
    return true;
}

/* A random id for node keys: a picture sealed by another node key is known by it. Peppers count versions from 1. */
static bool draw_key(struct buffer *line, bool random_number)
{
    uint8_t drawn[KEY_BYTES] = {0, 0, 0, 1};
    uint8_t *start = random_number ? drawn : drawn + 4;
    bool good = random_bytes(start, (size_t)(drawn + sizeof drawn - start));
    hex_encode(line, bytes_of(drawn, sizeof drawn));
    buffer_add_byte(line, '\n');
    secret_wipe(drawn, sizeof drawn);
    return good && !line->overflow;
}

static bool write_line(int file, struct bytes line)
{
    return write(file, line.data, line.length) == (ssize_t)line.length && !fsync(file);
}

static bool create_key(const char *path, bool random_number, char problem[static 256])
{
    uint8_t memory[KEY_DIGITS + 2];
    struct buffer line = buffer_over(memory, sizeof memory);
    int file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (file < 0 && errno == EEXIST) return true;
    if (file < 0) return complain(problem, path, strerror(errno));
    bool good = draw_key(&line, random_number) && write_line(file, buffer_bytes(&line));
    secret_wipe(memory, sizeof memory);
    close(file);
    if (!good) unlink(path);
    return good || complain(problem, path, "cannot be written");
}

bool edge_keys_create(const char *directory, char problem[static 256])
{
    char path[4096];
    if (mkdir(directory, 0700) && errno != EEXIST) return complain(problem, directory, strerror(errno));
    if (!path_in(path, directory, "node.key", problem) || !create_key(path, true, problem)) return false;
    return path_in(path, directory, "pepper.key", problem) && create_key(path, false, problem);
}

struct digest_value edge_api_key_hash(const struct edge_keys *keys, struct bytes api_key)
{
    return hmac_with(&keys->pepper, api_key);
}

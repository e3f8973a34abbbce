#include "cli/backend_key.h"

#include <string.h>

#include "base/buffer.h"
#include "cli/up_files.h"

#define PEM_BEGIN "-----BEGIN PUBLIC KEY-----"
#define PEM_END   "-----END PUBLIC KEY-----"

bool backend_key_take(struct backend_key_options *options, const char *name, const char *value)
{
    const struct {
        const char *name;
        const char **place;
    } texts[] = {{"sign-type", &options->sign_type},
                 {"key", &options->id},
                 {"secret-file", &options->secret_file},
                 {"key-file", &options->key_file}};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        if (strcmp(name, texts[i].name) != 0) continue;
        *texts[i].place = value;
        return true;
    }
    return false;
}

/* Up to the end of its first line: an editor leaves one behind. */
static struct bytes first_line(struct bytes text)
{
    return bytes_trim(bytes_slice(text, 0, bytes_find(text, '\n')));
}

static bool is_blank(uint8_t byte)
{
    return byte == '\n' || byte == '\r' || byte == ' ' || byte == '\t';
}

/* What stands in a PEM (RFC 7468), without its lines; another text as it is. Empty: it does not end. */
static struct bytes without_armour(struct bytes text, struct arena *arena)
{
    const uint8_t *begin = text.length > 0 ? memmem(text.data, text.length, PEM_BEGIN, sizeof PEM_BEGIN - 1) : NULL;
    if (begin == NULL) return first_line(text);
    struct bytes rest = bytes_from(text, (size_t)(begin - text.data) + sizeof PEM_BEGIN - 1);
    const uint8_t *end = memmem(rest.data, rest.length, PEM_END, sizeof PEM_END - 1);
    struct buffer out = buffer_in(arena, rest.length);
    for (const uint8_t *at = rest.data; end != NULL && at < end; at++)
        if (!is_blank(*at)) buffer_add_byte(&out, *at);
    return buffer_bytes(&out);
}

/* aes and public_key have a key beside their id. */
static const char *missing_key(const struct backend_key_options *options, enum signature_type type)
{
    if (options->id == NULL) return "--key is missing: the signature key's id";
    if (options->key_file == NULL)
        return type == SIGNATURE_AES ? "--key-file is missing: a file with the AES key"
                                     : "--key-file is missing: a file with the public key";
    if (type == SIGNATURE_PUBLIC_KEY && options->secret_file != NULL) return "--secret-file is not wanted: a public key has no secret";
    return type == SIGNATURE_AES && options->secret_file == NULL ? "--secret-file is missing: a file with the vector" : NULL;
}

static const char *missing(const struct backend_key_options *options, enum signature_type type)
{
    if (type == SIGNATURE_NONE) return "--sign-type is one of hmac, basic, aes, public_key, bce and aliyun";
    if (type == SIGNATURE_AES || type == SIGNATURE_PUBLIC_KEY) return missing_key(options, type);
    if (options->id == NULL) return "--key is missing: the signature key's sign_key";
    if (options->key_file != NULL) return "--key-file is for the types aes and public_key only";
    return options->secret_file == NULL ? "--secret-file is missing" : NULL;
}

static const char *read_text(const char *path, struct arena *arena, struct bytes *text)
{
    char *problem = arena_take(arena, 256);
    if (problem == NULL) return "out of memory";
    return file_read(arena, path, text, problem) ? NULL : problem;
}

static const char *read_secret(const struct backend_key_options *options, struct arena *arena, struct signature_key *key)
{
    const char *problem = read_text(options->secret_file, arena, &key->secret);
    if (problem != NULL) return problem;
    key->secret = first_line(key->secret);
    if (key->secret.length == 0) return "the secret file is empty";
    bool fits = key->type != SIGNATURE_AES || key->secret.length == 16;
    return fits ? NULL : "--secret-file: the vector of aes has 16 characters";
}

static const char *read_key(const struct backend_key_options *options, struct arena *arena, struct signature_key *key)
{
    if (options->key_file == NULL) {
        key->key = key->id;
        return NULL;
    }
    const char *problem = read_text(options->key_file, arena, &key->key);
    if (problem != NULL) return problem;
    key->key = key->type == SIGNATURE_AES ? first_line(key->key) : without_armour(key->key, arena);
    bool fits = key->type != SIGNATURE_AES || key->key.length == 16 || key->key.length == 32;
    return fits ? NULL : "--key-file: the key of aes has 16 or 32 characters";
}

const char *backend_key_read(const struct backend_key_options *options, struct arena *arena, struct signature_key *key, bool *misused)
{
    *key = (struct signature_key){.type = signature_type_named(bytes_of_text(options->sign_type)), .id = bytes_of_text(options->id)};
    const char *problem = missing(options, key->type);
    *misused = problem != NULL;
    if (problem == NULL) problem = read_key(options, arena, key);
    if (problem == NULL && options->secret_file != NULL) problem = read_secret(options, arena, key);
    return problem;
}

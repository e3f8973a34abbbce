#include "store/sealing.h"

#include "base/text.h"
#include "crypto/random.h"
#include "crypto/secret.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define KEY_FILE_BYTES  (4 + SEAL_KEY_SIZE)
#define KEY_FILE_DIGITS (2 * KEY_FILE_BYTES)
#define BINDING_SIZE    512

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

bool store_keys_load(struct store_keys *keys, const char *directory, char problem[static 256])
{
    uint8_t key[KEY_FILE_BYTES], pepper[KEY_FILE_BYTES];
    bool loaded = key_load(directory, "store.key", key, problem) && key_load(directory, "pepper.key", pepper, problem);
    if (loaded) {
        memcpy(keys->store_key, key + 4, SEAL_KEY_SIZE);
        keys->store_key_id = key_id(key);
        hmac_prepare(&keys->pepper, DIGEST_SHA256, bytes_of(pepper + 4, KEY_FILE_BYTES - 4));
        keys->pepper_version = key_id(pepper);
    }
    secret_wipe(key, sizeof key);
    secret_wipe(pepper, sizeof pepper);
    return loaded;
}

void store_keys_wipe(struct store_keys *keys)
{
    secret_wipe(keys, sizeof *keys);
}

struct seal *store_keys_seal(const struct store_keys *keys)
{
    return seal_prepare(keys->store_key, keys->store_key_id);
}

void store_api_key_lookup(const struct store_keys *keys, struct bytes api_key, struct buffer *out)
{
    struct digest_value hash = hmac_with(&keys->pepper, api_key);
    hex_encode(out, digest_bytes(&hash));
}

/* What the binding is made of. */
struct sealed_place {
    const struct entity *entity;
    const struct value *row;
    size_t column;
    size_t instance;
    size_t revision;
};

static struct sealed_place credential_place(const struct value *row, size_t column)
{
    return (struct sealed_place){&entity_credential, row, column, CREDENTIAL_INSTANCE_ID, CREDENTIAL_REVISION};
}

static struct sealed_place signature_key_place(const struct value *row, size_t column)
{
    return (struct sealed_place){&entity_sign, row, column, SIGN_INSTANCE_ID, SIGN_REVISION};
}

static struct sealed_place factor_place(const struct value *row)
{
    return (struct sealed_place){&entity_factor, row, FACTOR_SECRET, FACTOR_USER_ID, FACTOR_REVISION};
}

static struct sealed_place webhook_place(const struct value *row)
{
    return (struct sealed_place){&entity_webhook, row, WEBHOOK_SECRET, WEBHOOK_ID, WEBHOOK_REVISION};
}

static void place_write(const struct sealed_place *place, struct buffer *out)
{
    buffer_add(out, place->row[place->instance].bytes);
    buffer_add_byte(out, '|');
    buffer_add_text(out, place->entity->table);
    buffer_add_byte(out, '|');
    buffer_add(out, place->row[0].bytes);
    buffer_add_byte(out, '|');
    buffer_add_text(out, place->entity->columns[place->column].name);
    buffer_add_byte(out, '|');
    buffer_add_number(out, place->row[place->revision].integer);
}

/* Only these columns hold sealed secrets; and without an id a secret would be bound to nothing. */
static bool place_is_sound(const struct sealed_place *place)
{
    return place->entity->columns[place->column].type == VALUE_BLOB && place->row[0].bytes.length > 0;
}

static bool place_seal(struct seal *seal, const struct sealed_place *place, struct bytes secret, struct buffer *out)
{
    uint8_t binding_memory[BINDING_SIZE], nonce[SEAL_NONCE_SIZE];
    struct buffer binding = buffer_over(binding_memory, sizeof binding_memory);
    place_write(place, &binding);
    if (binding.overflow || !place_is_sound(place) || !random_bytes(nonce, sizeof nonce)) return false;
    return seal_close(seal, bytes_of(nonce, sizeof nonce), buffer_bytes(&binding), secret, out);
}

static bool place_open(struct seal *seal, const struct sealed_place *place, struct buffer *out)
{
    uint8_t binding_memory[BINDING_SIZE];
    struct buffer binding = buffer_over(binding_memory, sizeof binding_memory);
    place_write(place, &binding);
    if (binding.overflow || !place_is_sound(place)) return false;
    return seal_open(seal, buffer_bytes(&binding), place->row[place->column].bytes, out);
}

bool store_seal_credential(struct seal *seal, const struct value *row, size_t column, struct bytes secret, struct buffer *out)
{
    struct sealed_place place = credential_place(row, column);
    return place_seal(seal, &place, secret, out);
}

bool store_open_credential(struct seal *seal, const struct value *row, size_t column, struct buffer *out)
{
    struct sealed_place place = credential_place(row, column);
    return place_open(seal, &place, out);
}

bool store_seal_signature_key(struct seal *seal, const struct value *row, size_t column, struct bytes secret, struct buffer *out)
{
    struct sealed_place place = signature_key_place(row, column);
    return place_seal(seal, &place, secret, out);
}

bool store_open_signature_key(struct seal *seal, const struct value *row, size_t column, struct buffer *out)
{
    struct sealed_place place = signature_key_place(row, column);
    return place_open(seal, &place, out);
}

bool store_seal_factor(struct seal *seal, const struct value *row, struct bytes secret, struct buffer *out)
{
    struct sealed_place place = factor_place(row);
    return place_seal(seal, &place, secret, out);
}

bool store_open_factor(struct seal *seal, const struct value *row, struct buffer *out)
{
    struct sealed_place place = factor_place(row);
    return place_open(seal, &place, out);
}

bool store_seal_webhook(struct seal *seal, const struct value *row, struct bytes secret, struct buffer *out)
{
    struct sealed_place place = webhook_place(row);
    return place_seal(seal, &place, secret, out);
}

bool store_open_webhook(struct seal *seal, const struct value *row, struct buffer *out)
{
    struct sealed_place place = webhook_place(row);
    return place_open(seal, &place, out);
}

#include "store/sealing.h"

#include "base/text.h"
#include "crypto/random.h"
#include "crypto/secret.h"

#define BINDING_SIZE 512

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

static struct sealed_place factor_place(const struct value *row, size_t column)
{
    return (struct sealed_place){&entity_factor, row, column, FACTOR_USER_ID, FACTOR_REVISION};
}

static struct sealed_place webhook_place(const struct value *row, size_t column)
{
    return (struct sealed_place){&entity_webhook, row, column, WEBHOOK_ID, WEBHOOK_REVISION};
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
    struct sealed_place place = factor_place(row, FACTOR_SECRET);
    return place_seal(seal, &place, secret, out);
}

bool store_open_factor(struct seal *seal, const struct value *row, struct buffer *out)
{
    struct sealed_place place = factor_place(row, FACTOR_SECRET);
    return place_open(seal, &place, out);
}

bool store_seal_webhook(struct seal *seal, const struct value *row, struct bytes secret, struct buffer *out)
{
    struct sealed_place place = webhook_place(row, WEBHOOK_SECRET);
    return place_seal(seal, &place, secret, out);
}

bool store_open_webhook(struct seal *seal, const struct value *row, struct buffer *out)
{
    struct sealed_place place = webhook_place(row, WEBHOOK_SECRET);
    return place_open(seal, &place, out);
}

static const struct {
    const struct entity *entity;
    size_t column;
    struct sealed_place (*place)(const struct value *row, size_t column);
} sealed_columns[] = {
    {&entity_credential, CREDENTIAL_SECRET, credential_place},
    {&entity_credential, CREDENTIAL_NEXT_SECRET, credential_place},
    {&entity_sign, SIGN_SECRET, signature_key_place},
    {&entity_sign, SIGN_NEXT_SECRET, signature_key_place},
    {&entity_factor, FACTOR_SECRET, factor_place},
    {&entity_webhook, WEBHOOK_SECRET, webhook_place},
};
#define SEALED_COLUMNS (sizeof sealed_columns / sizeof *sealed_columns)

const struct entity *store_sealed_entity(size_t index)
{
    const struct entity *last = NULL;
    for (size_t i = 0; i < SEALED_COLUMNS; i++) {
        if (sealed_columns[i].entity == last) continue;
        last = sealed_columns[i].entity;
        if (index-- == 0) return last;
    }
    return NULL;
}

static bool reseal_place(struct seal *seal, const struct sealed_place *place, struct arena *arena, struct value *column, bool *opened)
{
    size_t length = column->bytes.length;
    struct buffer clear = buffer_in(arena, length), sealed = buffer_in(arena, length);
    *opened = place_open(seal, place, &clear);
    bool done = !*opened || place_seal(seal, place, buffer_bytes(&clear), &sealed);
    secret_wipe(clear.data, clear.length);
    if (*opened && done) *column = value_blob(buffer_bytes(&sealed));
    return done && !arena->exhausted;
}

bool store_reseal_row(struct resealer *resealer, const struct entity *entity, struct value *row)
{
    for (size_t i = 0; i < SEALED_COLUMNS; i++) {
        struct value *column = &row[sealed_columns[i].column];
        uint32_t id;
        bool opened;
        if (sealed_columns[i].entity != entity || column->type != VALUE_BLOB || column->bytes.length == 0) continue;
        if (seal_key_id(column->bytes, &id) && id == resealer->key_id) continue;
        struct sealed_place place = sealed_columns[i].place(row, sealed_columns[i].column);
        if (!reseal_place(resealer->seal, &place, resealer->arena, column, &opened)) return false;
        resealer->changed += opened;
        resealer->unopened += !opened;
    }
    return true;
}

#include "control/sign_pair.h"

#include "crypto/cfb.h"
#include "crypto/secret.h"
#include "policy/publication.h"

static size_t key_column(enum sign_turn turn)
{
    return turn == SIGN_NOW ? SIGN_KEY : SIGN_NEXT_KEY;
}

static size_t secret_column(enum sign_turn turn)
{
    return turn == SIGN_NOW ? SIGN_SECRET : SIGN_NEXT_SECRET;
}

/* Of aes the "key" is the key itself: it is sealed with the vector, of fixed length, behind it. */
static bool key_is_secret(const struct value *row)
{
    return signature_type_named(row[SIGN_TYPE].bytes) == SIGNATURE_AES;
}

bool sign_has_next(const struct value *row)
{
    return row[SIGN_NEXT_FROM].type == VALUE_INTEGER && row[SIGN_NEXT_FROM].integer != 0;
}

bool sign_pair_open(struct seal *seal, const struct value *row, enum sign_turn turn, struct buffer *memory, struct sign_pair *pair)
{
    if (!store_open_signature_key(seal, row, secret_column(turn), memory)) return false;
    struct bytes opened = buffer_bytes(memory);
    *pair = (struct sign_pair){row[key_column(turn)].bytes, opened};
    if (!key_is_secret(row)) return opened.length > 0;
    if (opened.length <= CFB_IV_SIZE) return false;
    pair->key = bytes_slice(opened, 0, opened.length - CFB_IV_SIZE);
    pair->secret = bytes_from(opened, opened.length - CFB_IV_SIZE);
    return true;
}

static bool seal_text(struct seal *seal, struct bytes text, enum sign_turn turn, struct arena *arena, struct value *row)
{
    struct buffer sealed = buffer_in(arena, text.length + SEAL_OVERHEAD);
    if (!store_seal_signature_key(seal, row, secret_column(turn), text, &sealed)) return false;
    row[secret_column(turn)] = value_blob(buffer_bytes(&sealed));
    return true;
}

bool sign_pair_seal(struct seal *seal, const struct sign_pair *pair, enum sign_turn turn, struct arena *arena, struct value *row)
{
    uint8_t memory[SIGN_PAIR_MAX];
    struct buffer text = buffer_over(memory, sizeof memory);
    bool hidden = key_is_secret(row);
    if (hidden) buffer_add(&text, pair->key);
    buffer_add(&text, pair->secret);
    row[key_column(turn)] = value_text(hidden ? BYTES("") : arena_copy(arena, pair->key));
    bool done = !text.overflow && seal_text(seal, buffer_bytes(&text), turn, arena, row);
    secret_wipe(memory, sizeof memory);
    return done && !arena->exhausted;
}

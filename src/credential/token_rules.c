#include "credential/token_rules.h"

/* In the order of their bits. */
enum { IGNORE_EXPIRY = 1, ACCEPT_UNDATED = 2, SINGLE_USE = 4, PASS_THROUGH = 8, REMOTE = 16, ALL_FLAGS = 31 };

static unsigned flags_of(const struct token_rules *rules)
{
    return (rules->ignore_expiry ? IGNORE_EXPIRY : 0u) | (rules->accept_undated ? ACCEPT_UNDATED : 0u) |
           (rules->single_use ? SINGLE_USE : 0u) | (rules->pass_through ? PASS_THROUGH : 0u) | (rules->remote ? REMOTE : 0u);
}

static void read_flags(unsigned flags, struct token_rules *rules)
{
    rules->ignore_expiry = (flags & IGNORE_EXPIRY) != 0;
    rules->accept_undated = (flags & ACCEPT_UNDATED) != 0;
    rules->single_use = (flags & SINGLE_USE) != 0;
    rules->pass_through = (flags & PASS_THROUGH) != 0;
    rules->remote = (flags & REMOTE) != 0;
}

void token_rules_write(struct buffer *out, const struct token_rules *rules)
{
    buffer_add_byte(out, (uint8_t)flags_of(rules));
    buffer_add_u32(out, rules->leeway);
    token_text_add(out, rules->key_set);
    token_text_add(out, rules->claim);
    token_text_add(out, rules->issuer);
    token_text_add(out, rules->audiences);
    token_text_add(out, rules->tells);
}

bool token_rules_read(struct bytes run, struct token_rules *rules)
{
    if (run.length < 5 || run.data[0] > ALL_FLAGS) return false;
    read_flags(run.data[0], rules);
    rules->leeway = (uint32_t)run.data[1] << 24 | (uint32_t)run.data[2] << 16 | (uint32_t)run.data[3] << 8 | run.data[4];
    struct bytes rest = bytes_from(run, 5);
    return token_text_next(&rest, &rules->key_set) && token_text_next(&rest, &rules->claim) && token_text_next(&rest, &rules->issuer) &&
           token_text_next(&rest, &rules->audiences) && token_text_next(&rest, &rules->tells) && rest.length == 0;
}

bool token_text_next(struct bytes *rest, struct bytes *text)
{
    if (rest->length < 2) return false;
    size_t length = (size_t)rest->data[0] << 8 | rest->data[1];
    if (rest->length - 2 < length) return false;
    *text = bytes_slice(*rest, 2, length);
    *rest = bytes_from(*rest, 2 + length);
    return true;
}

bool token_tell_next(struct bytes *rest, struct token_tell *tell)
{
    if (rest->length == 0 || rest->data[0] < TOKEN_TELL_HEADER || rest->data[0] > TOKEN_TELL_QUERY) return false;
    tell->location = (enum token_tell_location)rest->data[0];
    *rest = bytes_from(*rest, 1);
    return token_text_next(rest, &tell->claim) && token_text_next(rest, &tell->name);
}

void token_text_add(struct buffer *out, struct bytes text)
{
    if (text.length > UINT16_MAX) out->overflow = true;
    buffer_add_u16(out, (uint16_t)text.length);
    buffer_add(out, text);
}

void token_tell_add(struct buffer *out, const struct token_tell *tell)
{
    buffer_add_byte(out, (uint8_t)tell->location);
    token_text_add(out, tell->claim);
    token_text_add(out, tell->name);
}

bool token_texts_are_sound(struct bytes texts)
{
    struct bytes text;
    while (token_text_next(&texts, &text))
        if (text.length == 0) return false;
    return texts.length == 0;
}

bool token_tells_are_sound(struct bytes tells)
{
    struct token_tell tell;
    size_t count = 0;
    for (; tells.length > 0; count++)
        if (!token_tell_next(&tells, &tell) || tell.claim.length == 0 || tell.name.length == 0) return false;
    return count <= TOKEN_MAX_TELLS;
}

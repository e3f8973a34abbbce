#include "credential/token_rules.h"

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

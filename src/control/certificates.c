#include "control/certificates.h"

#include "base/text.h"

static const char begin_certificate[] = "-----BEGIN CERTIFICATE-----";
static const char end_certificate[] = "-----END CERTIFICATE-----";

static bool is_blank(uint8_t byte)
{
    return byte == ' ' || byte == '\n' || byte == '\r' || byte == '\t';
}

static struct bytes skip_blanks(struct bytes text)
{
    size_t i = 0;
    while (i < text.length && is_blank(text.data[i])) i++;
    return bytes_from(text, i);
}

/* Reads base64 lines up to the next '-'; a certificate is a DER sequence (0x30). */
static bool read_certificate_body(struct arena *arena, struct bytes *rest)
{
    size_t length = bytes_find(*rest, '-');
    struct buffer digits = buffer_in(arena, length);
    struct buffer der = buffer_in(arena, length);
    for (size_t i = 0; i < length; i++) {
        if (!is_blank(rest->data[i])) buffer_add_byte(&digits, rest->data[i]);
    }
    *rest = bytes_from(*rest, length);
    return base64_decode(&der, buffer_bytes(&digits)) && buffer_bytes(&der).length > 0 && der.data[0] == 0x30;
}

bool certificates_are_pem(struct arena *arena, struct bytes text)
{
    struct bytes rest = skip_blanks(text);
    while (rest.length > 0) {
        if (!bytes_start_with(rest, bytes_of_text(begin_certificate))) return false;
        rest = bytes_from(rest, sizeof begin_certificate - 1);
        if (!read_certificate_body(arena, &rest) || !bytes_start_with(rest, bytes_of_text(end_certificate))) return false;
        rest = skip_blanks(bytes_from(rest, sizeof end_certificate - 1));
    }
    return true;
}

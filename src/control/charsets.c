#include "control/charsets.h"

const struct charset charset_name = {"A-Za-z", "A-Za-z0-9_", false, "letters, digits and _, first a letter"};
const struct charset charset_group_name = {"A-Za-z0-9", "A-Za-z0-9_./():-", true, "letters, digits and -_./():, first a letter or digit"};
const struct charset charset_key = {"A-Za-z0-9", "A-Za-z0-9_-", false, "letters, digits, _ and -, first a letter or digit"};
const struct charset charset_secret = {"A-Za-z0-9", "A-Za-z0-9_!@#$%-", false, "letters, digits and _-!@#$%, first a letter or digit"};
const struct charset charset_id = {NULL, "A-Za-z0-9_-", false, "letters, digits, _ and -"};
const struct charset charset_printable = {NULL, " -~", true, "no control characters"};

/* "A-Za-z_-": pairs with '-' between are ranges, anything else stands for itself. */
static bool ranges_hold(const char *ranges, uint8_t byte)
{
    for (const char *r = ranges; *r != '\0'; r++) {
        if (r[1] == '-' && r[2] != '\0') {
            if (byte >= (uint8_t)r[0] && byte <= (uint8_t)r[2]) return true;
            r += 2;
        } else if (byte == (uint8_t)*r) {
            return true;
        }
    }
    return false;
}

bool charset_allows(const struct charset *charset, struct bytes text)
{
    for (size_t i = 0; i < text.length; i++) {
        uint8_t byte = text.data[i];
        if (byte >= 0x80) {
            if (!charset->letters) return false;
            continue;
        }
        const char *ranges = i == 0 && charset->first != NULL ? charset->first : charset->rest;
        if (!ranges_hold(ranges, byte)) return false;
    }
    return true;
}

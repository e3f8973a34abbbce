/* The character rules that several resources share (huawei.md 3.1 and 4). */
#ifndef COUNTERSIGN_CONTROL_CHARSETS_H
#define COUNTERSIGN_CONTROL_CHARSETS_H

#include "control/fields.h"

extern const struct charset charset_name;       /* letters, digits, _; first a letter */
extern const struct charset charset_group_name; /* also Chinese, -_./():, first a letter or digit */
extern const struct charset charset_key;        /* A-Za-z0-9_-, first a letter or digit */
extern const struct charset charset_secret;     /* A-Za-z0-9_-!@#$%, first a letter or digit */
extern const struct charset charset_id;         /* letters, digits, _ and -: what our ids are made of */
extern const struct charset charset_printable;  /* anything but control characters */

/* True when every character of `text` (valid UTF-8) is allowed. */
bool charset_allows(const struct charset *charset, struct bytes text);

#endif

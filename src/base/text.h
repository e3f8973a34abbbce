/* Text encodings: hex, base64, percent. Decoders are strict and say so; all write into a bounded buffer. A decoder is also false when
 * `out` overflows (out->overflow tells the two apart); what it has appended until then is unspecified. */
#ifndef COUNTERSIGN_BASE_TEXT_H
#define COUNTERSIGN_BASE_TEXT_H

#include "base/buffer.h"

void hex_encode(struct buffer *out, struct bytes bytes); /* lower case */
/* Even length, [0-9a-fA-F] only; false otherwise. */
bool hex_decode(struct buffer *out, struct bytes text);

void base32_encode(struct buffer *out, struct bytes bytes); /* RFC 4648, 6, no padding */

void base64_encode(struct buffer *out, struct bytes bytes); /* RFC 4648, 4, padded */
/* RFC 4648, 4: padding required, no white space, unused bits zero. */
bool base64_decode(struct buffer *out, struct bytes text);
void base64url_encode(struct buffer *out, struct bytes bytes); /* RFC 4648, 5, no padding */
bool base64url_decode(struct buffer *out, struct bytes text);  /* RFC 4648, 5, padding refused, unused bits zero */

/* Every byte except A-Z a-z 0-9 - _ . ~ as %XX with upper-case hex (RFC 3986, 2.1 and 2.3). */
void percent_encode(struct buffer *out, struct bytes bytes);
/* The same, but '/' stays. */
void percent_encode_path(struct buffer *out, struct bytes bytes);
/* Whether it would stay as it is; where '/' stays; where '&' and '=' stay, of which a query is made. */
bool percent_is_plain(struct bytes text);
bool percent_is_plain_path(struct bytes text);
bool percent_is_plain_query(struct bytes text);
/* False when a '%' is not followed by two hex digits. '+' is left alone. */
bool percent_decode(struct buffer *out, struct bytes text);
/* The same with '+' read as a space (HTML form encoding). */
bool percent_decode_form(struct buffer *out, struct bytes text);
/* Every '%' is followed by two hex digits. */
bool percent_is_valid(struct bytes text);

/* RFC 3629: shortest form, no surrogates, at most U+10FFFF. */
bool utf8_is_valid(struct bytes text);
/* Bytes of the first character of `text`; 0 when it is empty or does not begin with a valid one. */
size_t utf8_character_length(struct bytes text);

/* Decimal digits only, at least one, no sign, fits; false otherwise. */
bool number_parse(struct bytes text, int64_t *number);

#endif

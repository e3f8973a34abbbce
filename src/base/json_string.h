/* The strings of a JSON document, for json.c alone: checked where they stand, compared and hashed without being unescaped into memory.
 * The "inside" of a string is what stands between its quotes, as written; all but json_scan_string take only what that has checked. */
#ifndef COUNTERSIGN_BASE_JSON_STRING_H
#define COUNTERSIGN_BASE_JSON_STRING_H

#include "base/arena.h"

/* Moves over `byte`; false when `rest` begins otherwise. */
bool json_take_byte(struct bytes *rest, uint8_t byte);
/* Moves over a string and gives its inside; false when it is not valid (RFC 8259, 7). */
bool json_scan_string(struct bytes *rest, struct bytes *inside);
/* The text of an inside: borrowed when nothing is escaped, else in the arena; false when it does not fit. */
bool json_unescape(struct arena *arena, struct bytes inside, struct bytes *text);
/* Whether two insides are the same text, whatever their escapes. */
bool json_same_text(struct bytes a, struct bytes b);
/* Whether the text of an inside is `text`. */
bool json_is_text(struct bytes inside, struct bytes text);
/* Of the text of an inside. It only spares most comparisons: equal hashes prove nothing. */
uint32_t json_hash(struct bytes inside);

#endif

/* A bounded JSON scanner over borrowed bytes (RFC 8259). It never allocates except for unescaping into the caller's arena, and
 * refuses what the limits do not allow: depth, members, size, duplicate member names (compared after unescaping), lone
 * surrogates, control characters, \u0000 (it would end a C string early), bytes that are not UTF-8, anything behind the value. */
#ifndef COUNTERSIGN_BASE_JSON_H
#define COUNTERSIGN_BASE_JSON_H

#include "base/arena.h"

#define JSON_MAX_DEPTH   8             /* arrays and objects within each other, the outermost is the first */
#define JSON_MAX_MEMBERS 256           /* of one object together with those of the objects around it */
#define JSON_MAX_SIZE    (1024 * 1024) /* bytes of the document */

enum json_type { JSON_TYPE_NULL, JSON_TYPE_FALSE, JSON_TYPE_TRUE, JSON_TYPE_NUMBER, JSON_TYPE_STRING, JSON_TYPE_ARRAY, JSON_TYPE_OBJECT };

struct json_value {
    enum json_type type;
    struct bytes raw;  /* as written, braces and quotes included */
    struct bytes text; /* of a string: unescaped (borrowed when nothing was escaped, else in the arena); of a number: its digits */
};

/* Checks the whole document and gives its top value. Here and below false also when a string to unescape does not fit into the arena
 * (arena->exhausted tells). */
bool json_read(struct arena *arena, struct bytes document, struct json_value *value);
/* The member `name` (unescaped) of an object that json_read has checked; false when absent or not an object. */
bool json_member(struct arena *arena, const struct json_value *object, struct bytes name, struct json_value *value);
/* Steps through an array or object that json_read has checked: start with *rest = value->raw; `name` may be NULL. False at the
 * end. */
bool json_next(struct arena *arena, struct bytes *rest, struct json_value *name, struct json_value *value);
/* An integer written without fraction and exponent that fits; false otherwise. */
bool json_read_integer(const struct json_value *value, int64_t *number);

/* Writes `text` as a JSON string with quotes; bytes that are not UTF-8 become U+FFFD. For answers and logs. */
struct buffer;
void json_write_string(struct buffer *out, struct bytes text);

#endif

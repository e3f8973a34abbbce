/* One description of each resource: a table of fields that drives reading a body, checking it, writing an answer and the audit
 * row; later the OpenAPI description, CLI flags and the reference page. No endpoint takes JSON apart by hand (docs/decisions/0003).
 *
 *   body text → fields_parse → fields_check → fields_to_row → store          store → fields_from_row → answer
 */
#ifndef COUNTERSIGN_CONTROL_FIELDS_H
#define COUNTERSIGN_CONTROL_FIELDS_H

#include "base/buffer.h"
#include "control/errors.h"
#include "store/store.h"

#include <jansson.h>

enum field_type {
    FIELD_STRING,
    FIELD_INTEGER,
    FIELD_BOOLEAN, /* a column holds 0 or 1 */
    FIELD_TIME,    /* RFC 3339 in JSON, Unix seconds in a column */
    FIELD_STRINGS, /* a list; a column holds it as JSON text, as it does the two below */
    FIELD_OBJECT,
    FIELD_OBJECTS
};

enum field_flag {
    FIELD_REQUIRED = 1,
    FIELD_READ_ONLY = 2, /* answered; in a body it is ignored */
    FIELD_SECRET = 4,    /* taken; answered only by SHOW_SECRETS; never in audit rows */
    FIELD_STORED = 8     /* `column` of the entity holds it */
};

/* Which characters a string may hold. Ranges like "A-Za-z0-9_" (a '-' that is meant stands last). */
struct charset {
    const char *first; /* of the first character; NULL: as `rest` */
    const char *rest;
    bool letters;      /* any character beyond ASCII counts as a letter too (vendor: "also Chinese") */
    const char *words; /* the rule, for the refusal: "letters, digits and _, first a letter" */
};

struct fields;

struct field {
    const char *name;
    enum field_type type;
    unsigned flags;
    size_t column;     /* with FIELD_STORED */
    int64_t minimum;   /* characters of a string (each one, in a list), or the smallest integer */
    int64_t maximum;   /* the same; a string that a body may hold must have one, or choices */
    size_t most_items; /* of a list */
    const struct charset *charset;
    const char *const *choices; /* NULL-terminated; exact */
    bool (*accepts)(struct bytes text);
    const char *rule;             /* what `accepts` demands, in words; or, without it, a note for the refusal */
    const char *preset;           /* JSON text of the default; NULL: stays absent */
    enum error_code code;         /* for a bad value; 0 = ERROR_FIELD_VALUE */
    const struct fields *members; /* of an object, or of each object in a list */
};

/* A member that is answered and neither taken nor stored by its table. */
#define ANSWERED(member, kind)                                                                                                             \
    {                                                                                                                                      \
        .name = (member), .type = (kind), .flags = FIELD_READ_ONLY                                                                         \
    }

struct fields {
    const struct field *items;
    size_t count;
};
#define FIELDS_OF(array)                                                                                                                   \
    {                                                                                                                                      \
        (array), sizeof(array) / sizeof *(array)                                                                                           \
    }

/* An object of which no member is described. */
extern const struct fields fields_any;

/* What is wrong with a body: enough for the answer. */
struct field_problem {
    enum error_code code;
    char subject[512]; /* "backend_api.timeout. Please refer to the support documentation. The rule: 1 to 600000" */
};

/* One JSON object: UTF-8, no duplicate members, no NUL, nothing behind it. The caller owns it; NULL with *problem filled. */
json_t *fields_parse(struct bytes text, struct field_problem *problem);

/* Absent members: filled from presets (a new object), or left as they are (an update that names only what it changes). Required ones
 * must be there either way. */
enum field_filling { FILL_PRESETS, LEAVE_ABSENT };

/* A new object that holds exactly the table's writable fields as given (and presets): unknown and read-only members are dropped, as the
 * vendor does; null, and "" for an optional string that may not be empty, count as absent. The caller owns it; NULL with *problem. */
json_t *fields_check(const struct fields *fields, const json_t *given, enum field_filling filling, struct field_problem *problem);
/* One value by one field's rule, for query parameters and generated values; `name` goes into the problem. */
bool field_check_text(const struct field *field, struct bytes text, struct field_problem *problem);

/* The same for the text of a query parameter: a number or true, false, 1, 0 where the type is one. */
bool field_check_query(const struct field *field, struct bytes text, struct field_problem *problem);

/* Zero values by the columns' types: every column of a row is set before the fields are laid over it. */
void row_clear(const struct entity *entity, struct value *row);
/* Writes the members that are there into their columns; text borrows from `checked`, lists and objects from the arena. False: the arena
 * is full. */
bool fields_to_row(const struct fields *fields, const json_t *checked, struct arena *arena, struct value *row);

enum field_showing { HIDE_SECRETS, SHOW_SECRETS };
/* The stored fields of a row as a new object; NULL: out of memory. */
json_t *fields_from_row(const struct fields *fields, const struct value *row, enum field_showing showing);

/* The rule of a field in words: the refusal and the reference say the same. */
void fields_say_rule(struct buffer *out, const struct field *field);

/* Nothing in it is required. */
bool fields_may_be_absent(const struct fields *fields);

/* The field of this name, or NULL. */
const struct field *fields_find(const struct fields *fields, const char *name);

#endif

/* A table of fields as JSON Schema. The schema may be stricter than the table (null and "" for what may be left out), never looser in what
 * it can say at all; rules that are functions are told in words. */
#include "control/openapi.h"

#define WORDS_SIZE   1024
#define PATTERN_SIZE 256

struct schema_use {
    bool answered; /* else taken */
    enum field_filling filling;
};

static json_t *schema_of_object(const struct schema_use *use, const struct fields *fields);

static void put(json_t *schema, const char *name, json_t *value)
{
    json_object_set_new(schema, name, value);
}

/* Charsets hold what a bracket expression holds; these four would mean something else there. */
static void add_class(struct buffer *out, const char *ranges, bool letters)
{
    buffer_add_byte(out, '[');
    for (const char *r = ranges; *r != '\0'; r++) {
        bool range = r[0] == '-' && r != ranges && r[1] != '\0';
        if (*r == '[' || *r == ']' || *r == '\\' || *r == '^' || (*r == '-' && !range)) buffer_add_byte(out, '\\');
        buffer_add_byte(out, (uint8_t)*r);
    }
    if (letters) buffer_add_text(out, "\xc2\x80-\xf4\x8f\xbf\xbf"); /* U+0080 to U+10FFFF */
    buffer_add_byte(out, ']');
}

/* {2,63}; the lengths stand in the pattern too, so that whoever makes up a value need not try. */
static void add_count(struct buffer *out, int64_t least, int64_t most)
{
    buffer_add_byte(out, '{');
    buffer_add_number(out, least > 0 ? least : 0);
    buffer_add_byte(out, ',');
    buffer_add_number(out, most);
    buffer_add_byte(out, '}');
}

static json_t *pattern_of(const struct field *field)
{
    char memory[PATTERN_SIZE];
    struct buffer out = buffer_over(memory, sizeof memory);
    const struct charset *charset = field->charset;
    bool may_be_empty = charset->first != NULL && field->minimum == 0;
    buffer_add_text(&out, may_be_empty ? "^(" : "^");
    if (charset->first != NULL) add_class(&out, charset->first, charset->letters);
    add_class(&out, charset->rest, charset->letters);
    add_count(&out, field->minimum - (charset->first != NULL), field->maximum - (charset->first != NULL));
    buffer_add_text(&out, may_be_empty ? ")?$" : "$");
    return json_stringn(memory, out.length);
}

static void put_choices(json_t *schema, const char *const *choices)
{
    json_t *list = json_array();
    for (; *choices != NULL; choices++) json_array_append_new(list, json_string(*choices));
    put(schema, "enum", list);
}

static void put_text_rule(json_t *schema, const struct field *field)
{
    if (field->choices != NULL) {
        put_choices(schema, field->choices);
        return;
    }
    if (field->minimum > 0) put(schema, "minLength", json_integer(field->minimum));
    put(schema, "maxLength", json_integer(field->maximum));
    if (field->charset != NULL) put(schema, "pattern", pattern_of(field));
}

static json_t *typed(const char *type)
{
    return json_pack("{s:s}", "type", type);
}

static json_t *schema_of_text(const struct schema_use *use, const struct field *field)
{
    json_t *schema = typed("string");
    if (!use->answered) put_text_rule(schema, field);
    return schema;
}

static json_t *schema_of_integer(const struct schema_use *use, const struct field *field)
{
    json_t *schema = typed("integer");
    if (use->answered) return schema;
    put(schema, "minimum", json_integer(field->minimum));
    put(schema, "maximum", json_integer(field->maximum));
    return schema;
}

static json_t *schema_of_list(const struct schema_use *use, const struct field *field, json_t *item)
{
    json_t *schema = typed("array");
    put(schema, "items", item);
    if (use->answered) return schema;
    if (field->flags & FIELD_REQUIRED) put(schema, "minItems", json_integer(1));
    put(schema, "maxItems", json_integer((json_int_t)field->most_items));
    return schema;
}

static json_t *schema_of_value(const struct schema_use *use, const struct field *field)
{
    switch (field->type) {
    case FIELD_STRING:
        return schema_of_text(use, field);
    case FIELD_INTEGER:
        return schema_of_integer(use, field);
    case FIELD_BOOLEAN:
        return typed("boolean");
    case FIELD_TIME:
        return json_pack("{s:s, s:s}", "type", "string", "format", "date-time");
    case FIELD_STRINGS:
        return schema_of_list(use, field, schema_of_text(use, field));
    case FIELD_OBJECT:
        return schema_of_object(use, field->members);
    case FIELD_OBJECTS:
        return schema_of_list(use, field, schema_of_object(use, field->members));
    }
    return NULL;
}

static void allow_null(json_t *schema)
{
    json_t *choices = json_object_get(schema, "enum");
    json_t *types = json_pack("[O, s]", json_object_get(schema, "type"), "null");
    put(schema, "type", types);
    if (choices != NULL) json_array_append_new(choices, json_null());
}

static void put_words(json_t *schema, const struct schema_use *use, const struct field *field)
{
    char memory[WORDS_SIZE];
    struct buffer words = buffer_over(memory, sizeof memory);
    if (field->flags & FIELD_SECRET) {
        buffer_add_text(&words, use->answered ? "a secret: only in the answer of the call that makes it" : "a secret; ");
    }
    if (!use->answered) fields_say_rule(&words, field);
    if (words.length > 0) put(schema, "description", json_stringn(memory, words.length));
}

static bool takes_part(const struct schema_use *use, const struct field *field)
{
    if (!use->answered) return (field->flags & FIELD_READ_ONLY) == 0;
    return true;
}

static bool is_nested(const struct field *field)
{
    return field->type == FIELD_OBJECT || field->type == FIELD_OBJECTS || field->type == FIELD_STRINGS;
}

/* A time that is derived may be none, and so may what a column holds as JSON. */
static bool may_be_null(const struct schema_use *use, const struct field *field)
{
    if (field->flags & FIELD_REQUIRED) return false;
    if (!use->answered) return true;
    if (field->flags & FIELD_READ_ONLY) return is_nested(field) || (field->type == FIELD_TIME && (field->flags & FIELD_STORED) == 0);
    return (field->flags & FIELD_STORED) == 0;
}

static void put_member(json_t *members, const struct schema_use *use, const struct field *field)
{
    json_t *schema = schema_of_value(use, field);
    if (may_be_null(use, field)) allow_null(schema);
    if (!use->answered && field->preset != NULL && use->filling == FILL_PRESETS) {
        put(schema, "default", json_loads(field->preset, JSON_DECODE_ANY, NULL));
    }
    put_words(schema, use, field);
    put(members, field->name, schema);
}

static json_t *schema_of_object(const struct schema_use *use, const struct fields *fields)
{
    json_t *schema = typed("object");
    json_t *members = json_object();
    json_t *required = json_array();
    for (size_t i = 0; fields != NULL && i < fields->count; i++) {
        const struct field *field = &fields->items[i];
        if (!takes_part(use, field)) continue;
        put_member(members, use, field);
        if (!use->answered && (field->flags & FIELD_REQUIRED)) json_array_append_new(required, json_string(field->name));
    }
    put(schema, "properties", members);
    if (json_array_size(required) > 0) json_object_set(schema, "required", required);
    json_decref(required);
    return schema;
}

json_t *schema_of_body(const struct fields *fields, enum field_filling filling)
{
    return schema_of_object(&(struct schema_use){false, filling}, fields);
}

json_t *schema_of_answer(const struct fields *fields)
{
    return schema_of_object(&(struct schema_use){true, LEAVE_ABSENT}, fields);
}

json_t *schema_of_parameter(const struct field *field)
{
    return schema_of_value(&(struct schema_use){false, LEAVE_ABSENT}, field);
}

/* Between a row of the store and a JSON object, by the table of fields. */
#include "base/date.h"
#include "control/fields.h"

#include <stdlib.h>

void row_clear(const struct entity *entity, struct value *row)
{
    for (size_t i = 0; i < entity->column_count; i++) {
        row[i] = (struct value){.type = entity->columns[i].type, .bytes = BYTES("")};
    }
}

static struct bytes text_of(const json_t *value)
{
    return bytes_of(json_string_value(value), json_string_length(value));
}

static struct value integer_of(const json_t *value)
{
    return value_integer(json_is_boolean(value) ? json_is_true(value) : json_integer_value(value));
}

static struct value time_of(const json_t *value)
{
    int64_t seconds = 0;
    date_parse_rfc3339(text_of(value), &seconds); /* fields_check has accepted it */
    return value_integer(seconds);
}

/* A list or object as JSON text in the arena. */
static bool nested_of(const json_t *value, struct arena *arena, struct value *column)
{
    size_t length = json_dumpb(value, NULL, 0, JSON_COMPACT);
    char *text = arena_take(arena, length + 1);
    if (text == NULL) return false;
    json_dumpb(value, text, length, JSON_COMPACT);
    *column = value_text(bytes_of(text, length));
    return true;
}

bool fields_to_row(const struct fields *fields, const json_t *checked, struct arena *arena, struct value *row)
{
    for (size_t i = 0; i < fields->count; i++) {
        const struct field *field = &fields->items[i];
        const json_t *value = json_object_get(checked, field->name);
        if (value == NULL || (field->flags & FIELD_STORED) == 0) continue;
        switch (field->type) {
        case FIELD_STRING:
            row[field->column] = value_text(text_of(value));
            break;
        case FIELD_INTEGER:
        case FIELD_BOOLEAN:
            row[field->column] = integer_of(value);
            break;
        case FIELD_TIME:
            row[field->column] = time_of(value);
            break;
        case FIELD_STRINGS:
        case FIELD_OBJECT:
        case FIELD_OBJECTS:
            if (!nested_of(value, arena, &row[field->column])) return false;
            break;
        }
    }
    return true;
}

static json_t *json_of_time(int64_t seconds)
{
    char memory[32];
    struct buffer text = buffer_over(memory, sizeof memory);
    date_format_rfc3339(&text, seconds);
    return json_stringn((const char *)text.data, buffer_bytes(&text).length);
}

static json_t *json_of_text(const struct value *value)
{
    if (value->type == VALUE_NULL) return json_null();
    return value->bytes.length == 0 ? json_string("") : json_stringn((const char *)value->bytes.data, value->bytes.length);
}

static json_t *json_of_nested(const struct value *value)
{
    if (value->bytes.length == 0) return json_null();
    return json_loadb((const char *)value->bytes.data, value->bytes.length, 0, NULL);
}

static json_t *json_of_column(const struct field *field, const struct value *value)
{
    switch (field->type) {
    case FIELD_STRING:
        return json_of_text(value);
    case FIELD_INTEGER:
        return json_integer(value->integer);
    case FIELD_BOOLEAN:
        return json_boolean(value->integer != 0);
    case FIELD_TIME:
        return json_of_time(value->integer);
    case FIELD_STRINGS:
    case FIELD_OBJECT:
    case FIELD_OBJECTS:
        return json_of_nested(value);
    }
    return NULL;
}

json_t *fields_from_row(const struct fields *fields, const struct value *row, enum field_showing showing)
{
    json_t *object = json_object();
    for (size_t i = 0; object != NULL && i < fields->count; i++) {
        const struct field *field = &fields->items[i];
        if ((field->flags & FIELD_STORED) == 0) continue;
        if ((field->flags & FIELD_SECRET) && showing == HIDE_SECRETS) continue;
        if (json_object_set_new(object, field->name, json_of_column(field, &row[field->column])) == 0) continue;
        json_decref(object);
        return NULL;
    }
    return object;
}

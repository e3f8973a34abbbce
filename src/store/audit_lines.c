/* Rows of the audit as lines of JSON, out and in. */
#include "base/buffer.h"
#include "base/json.h"
#include "store/audit.h"

static void add_member(struct buffer *out, const struct column *column, const struct value *value)
{
    buffer_add_byte(out, '"');
    buffer_add_text(out, column->name);
    buffer_add_text(out, "\":");
    if (value->type == VALUE_INTEGER) {
        buffer_add_number(out, value->integer);
    } else {
        json_write_string(out, value->bytes);
    }
}

bool audit_write_line(struct buffer *out, const struct value row[static AUDIT_COLUMNS])
{
    size_t begin = out->length;
    for (size_t i = 0; i < AUDIT_COLUMNS; i++) {
        buffer_add_byte(out, i == 0 ? '{' : ',');
        add_member(out, &entity_audit.columns[i], &row[i]);
    }
    buffer_add_text(out, "}\n");
    if (!out->overflow) return true;
    out->length = begin;
    out->overflow = false;
    return false;
}

static bool read_member(struct arena *arena, const struct json_value *document, const struct column *column, struct value *value)
{
    struct json_value member;
    if (!json_member(arena, document, bytes_of_text(column->name), &member)) return false;
    *value = value_text(member.text);
    if (column->type != VALUE_INTEGER) return member.type == JSON_TYPE_STRING;
    *value = value_integer(0);
    return json_read_integer(&member, &value->integer);
}

bool audit_read_line(struct arena *arena, struct bytes line, struct value row[static AUDIT_COLUMNS])
{
    struct json_value document;
    if (!json_read(arena, line, &document)) return false;
    for (size_t i = 0; i < AUDIT_COLUMNS; i++) {
        if (!read_member(arena, &document, &entity_audit.columns[i], &row[i])) return false;
    }
    return true;
}

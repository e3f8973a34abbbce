#include "control/fields.h"

#include "base/date.h"
#include "base/text.h"
#include "control/charsets.h"

#include <string.h>

#define SUPPORT ". Please refer to the support documentation"

const struct fields fields_any = {NULL, 0};

/* Where in the body we are: members and list items from the innermost outwards. */
struct trail {
    const struct trail *outer;
    const char *name; /* NULL: an item of a list */
    size_t item;
};

struct check {
    enum field_filling filling;
    struct field_problem *problem;
};

static json_t *check_object(const struct check *check, const struct trail *trail, const struct fields *fields, const json_t *given);

static void write_trail(struct buffer *out, const struct trail *trail)
{
    if (trail == NULL) return;
    write_trail(out, trail->outer);
    if (trail->name == NULL) {
        buffer_add_text(out, "[");
        buffer_add_number(out, (int64_t)trail->item);
        buffer_add_text(out, "]");
        return;
    }
    if (trail->outer != NULL) buffer_add_text(out, ".");
    buffer_add_text(out, trail->name);
}

static void problem_finish(struct field_problem *problem, struct buffer *text)
{
    /* A subject that is too long is cut, never left out. */
    size_t length = text->length < sizeof problem->subject ? text->length : sizeof problem->subject - 1;
    problem->subject[length] = '\0';
}

static void say_range(struct buffer *out, const struct field *field, const char *unit)
{
    buffer_add_number(out, field->minimum);
    buffer_add_text(out, " to ");
    buffer_add_number(out, field->maximum);
    buffer_add_text(out, unit);
}

static void say_choices(struct buffer *out, const char *const *choices)
{
    buffer_add_text(out, "one of");
    for (; *choices != NULL; choices++) {
        buffer_add_text(out, " ");
        buffer_add_text(out, *choices);
    }
}

static void say_text_rule(struct buffer *out, const struct field *field)
{
    if (field->choices != NULL) {
        say_choices(out, field->choices);
        return;
    }
    say_range(out, field, " characters");
    if (field->charset != NULL) {
        buffer_add_text(out, ", ");
        buffer_add_text(out, field->charset->words);
    }
    if (field->rule != NULL) {
        buffer_add_text(out, ", ");
        buffer_add_text(out, field->rule);
    }
}

static void say_list_limit(struct buffer *out, const struct field *field, const char *what)
{
    buffer_add_text(out, "a list of at most ");
    buffer_add_number(out, (int64_t)field->most_items);
    buffer_add_text(out, what);
}

void fields_say_rule(struct buffer *out, const struct field *field)
{
    switch (field->type) {
    case FIELD_STRING:
        buffer_add_text(out, "a string, ");
        say_text_rule(out, field);
        return;
    case FIELD_INTEGER:
        buffer_add_text(out, "an integer, ");
        say_range(out, field, "");
        return;
    case FIELD_BOOLEAN:
        buffer_add_text(out, "true or false");
        return;
    case FIELD_TIME:
        buffer_add_text(out, "a time as in 2020-08-03T04:00:11Z");
        return;
    case FIELD_STRINGS:
        say_list_limit(out, field, " strings, each ");
        say_text_rule(out, field);
        return;
    case FIELD_OBJECT:
        buffer_add_text(out, "an object");
        return;
    case FIELD_OBJECTS:
        say_list_limit(out, field, " objects");
        return;
    }
}

static json_t *refuse(const struct check *check, const struct trail *trail, const struct field *field)
{
    struct field_problem *problem = check->problem;
    struct buffer text = buffer_over(problem->subject, sizeof problem->subject - 1);
    problem->code = field->code != ERROR_NONE ? field->code : ERROR_FIELD_VALUE;
    write_trail(&text, trail);
    buffer_add_text(&text, SUPPORT ". The rule: ");
    fields_say_rule(&text, field);
    problem_finish(problem, &text);
    return NULL;
}

static json_t *refuse_missing(const struct check *check, const struct trail *trail)
{
    struct field_problem *problem = check->problem;
    struct buffer text = buffer_over(problem->subject, sizeof problem->subject - 1);
    problem->code = ERROR_FIELD_MISSING;
    write_trail(&text, trail);
    problem_finish(problem, &text);
    return NULL;
}

static json_t *out_of_memory(const struct check *check)
{
    check->problem->code = ERROR_FAULT;
    check->problem->subject[0] = '\0';
    return NULL;
}

static int64_t count_characters(struct bytes text)
{
    int64_t count = 0;
    for (size_t i = 0; i < text.length; i++) count += (text.data[i] & 0xc0) != 0x80;
    return count;
}

static bool is_choice(const char *const *choices, struct bytes text)
{
    for (; *choices != NULL; choices++) {
        if (bytes_equal(bytes_of_text(*choices), text)) return true;
    }
    return false;
}

static bool text_follows(const struct field *field, struct bytes text)
{
    if (memchr(text.data != NULL ? (const void *)text.data : "", 0, text.length) != NULL) return false;
    if (field->choices != NULL) return is_choice(field->choices, text);
    int64_t characters = count_characters(text);
    if (characters < field->minimum || characters > field->maximum) return false;
    if (field->charset != NULL && !charset_allows(field->charset, text)) return false;
    return field->accepts == NULL || field->accepts(text);
}

static struct bytes json_text(const json_t *value)
{
    return bytes_of(json_string_value(value), json_string_length(value));
}

static bool integer_follows(const struct field *field, const json_t *value)
{
    json_int_t number = json_integer_value(value);
    return json_is_integer(value) && number >= field->minimum && number <= field->maximum;
}

static bool is_time(const json_t *value)
{
    int64_t seconds;
    return json_is_string(value) && date_parse_rfc3339(json_text(value), &seconds);
}

static json_t *check_strings(const struct check *check, const struct trail *trail, const struct field *field, const json_t *value)
{
    if (!json_is_array(value) || json_array_size(value) > field->most_items) return refuse(check, trail, field);
    for (size_t i = 0; i < json_array_size(value); i++) {
        const json_t *item = json_array_get(value, i);
        struct trail inner = {trail, NULL, i};
        if (!json_is_string(item) || !text_follows(field, json_text(item))) return refuse(check, &inner, field);
    }
    return json_copy((json_t *)(uintptr_t)value);
}

static json_t *check_objects(const struct check *check, const struct trail *trail, const struct field *field, const json_t *value)
{
    if (!json_is_array(value) || json_array_size(value) > field->most_items) return refuse(check, trail, field);
    json_t *list = json_array();
    for (size_t i = 0; list != NULL && i < json_array_size(value); i++) {
        struct trail inner = {trail, NULL, i};
        const json_t *item = json_array_get(value, i);
        json_t *object = json_is_object(item) ? check_object(check, &inner, field->members, item) : refuse(check, &inner, field);
        if (object == NULL || json_array_append_new(list, object) != 0) {
            json_decref(list);
            return NULL;
        }
    }
    return list != NULL ? list : out_of_memory(check);
}

/* The value as it will be kept, or NULL with the problem filled. */
static json_t *check_value(const struct check *check, const struct trail *trail, const struct field *field, const json_t *value)
{
    bool right = false;
    switch (field->type) {
    case FIELD_STRING:
        right = json_is_string(value) && text_follows(field, json_text(value));
        break;
    case FIELD_INTEGER:
        right = integer_follows(field, value);
        break;
    case FIELD_BOOLEAN:
        right = json_is_boolean(value);
        break;
    case FIELD_TIME:
        right = is_time(value);
        break;
    case FIELD_STRINGS:
        return check_strings(check, trail, field, value);
    case FIELD_OBJECT:
        return json_is_object(value) ? check_object(check, trail, field->members, value) : refuse(check, trail, field);
    case FIELD_OBJECTS:
        return check_objects(check, trail, field, value);
    }
    return right ? json_incref((json_t *)(uintptr_t)value) : refuse(check, trail, field);
}

static bool counts_as_absent(const struct field *field, const json_t *value)
{
    if (value == NULL || json_is_null(value)) return true;
    bool list = field->type == FIELD_STRINGS || field->type == FIELD_OBJECTS;
    if (list && (field->flags & FIELD_REQUIRED) != 0 && json_is_array(value)) return json_array_size(value) == 0;
    bool may_be_empty = field->minimum == 0 && field->choices == NULL;
    return field->type == FIELD_STRING && (field->flags & FIELD_REQUIRED) == 0 && !may_be_empty && json_is_string(value) &&
           json_string_length(value) == 0;
}

/* A plain text need not be parsed each time. */
static json_t *preset_of(const struct field *field)
{
    struct bytes preset = bytes_of_text(field->preset);
    if (preset.data[0] != '"' || bytes_find(preset, '\\') < preset.length) return json_loads(field->preset, JSON_DECODE_ANY, NULL);
    return json_stringn((const char *)preset.data + 1, preset.length - 2);
}

/* False: refused. Absent fields without preset leave `out` alone. */
static bool check_member(const struct check *check, const struct trail *trail, const struct field *field, const json_t *value, json_t *out)
{
    json_t *kept;
    if (!counts_as_absent(field, value)) {
        kept = check_value(check, trail, field, value);
        if (kept == NULL) return false;
    } else if (field->flags & FIELD_REQUIRED) {
        refuse_missing(check, trail);
        return false;
    } else if (field->preset != NULL && check->filling == FILL_PRESETS) {
        kept = preset_of(field);
    } else {
        return true;
    }
    if (json_object_set_new(out, field->name, kept) == 0) return true;
    out_of_memory(check);
    return false;
}

static json_t *check_object(const struct check *check, const struct trail *trail, const struct fields *fields, const json_t *given)
{
    json_t *out = json_object();
    if (out == NULL) return out_of_memory(check);
    for (size_t i = 0; i < fields->count; i++) {
        const struct field *field = &fields->items[i];
        if (field->flags & FIELD_READ_ONLY) continue;
        struct trail inner = {trail, field->name, 0};
        if (!check_member(check, &inner, field, json_object_get(given, field->name), out)) {
            json_decref(out);
            return NULL;
        }
    }
    return out;
}

json_t *fields_parse(struct bytes text, struct field_problem *problem)
{
    json_error_t error;
    json_t *value = json_loadb(text.data != NULL ? (const char *)text.data : "", text.length, JSON_REJECT_DUPLICATES, &error);
    if (value != NULL && json_is_object(value)) return value;
    struct buffer out = buffer_over(problem->subject, sizeof problem->subject - 1);
    problem->code = ERROR_BODY_UNREADABLE;
    if (value != NULL) {
        buffer_add_text(&out, "the body must be one JSON object");
    } else if (text.length == 0) {
        buffer_add_text(&out, "unexpected end of JSON input");
    } else {
        /* "… near 'token'": the token may be a secret, and this text is logged. */
        const char *near = strstr(error.text, " near '");
        buffer_add(&out, bytes_of(error.text, near != NULL ? (size_t)(near - error.text) : strlen(error.text)));
        buffer_add_text(&out, ", at byte ");
        buffer_add_number(&out, error.position);
    }
    json_decref(value);
    problem_finish(problem, &out);
    return NULL;
}

json_t *fields_check(const struct fields *fields, const json_t *given, enum field_filling filling, struct field_problem *problem)
{
    struct check check = {filling, problem};
    return check_object(&check, NULL, fields, given);
}

bool field_check_text(const struct field *field, struct bytes text, struct field_problem *problem)
{
    struct check check = {LEAVE_ABSENT, problem};
    struct trail trail = {NULL, field->name, 0};
    if (utf8_is_valid(text) && text_follows(field, text)) return true;
    refuse(&check, &trail, field);
    return false;
}

static bool query_integer(const struct field *field, struct bytes text)
{
    bool negative = text.length > 0 && text.data[0] == '-';
    int64_t number;
    if (!number_parse(bytes_from(text, negative ? 1 : 0), &number)) return false;
    if (negative) number = -number;
    return number >= field->minimum && number <= field->maximum;
}

static bool is_boolean_text(struct bytes text)
{
    return bytes_equal(text, BYTES("true")) || bytes_equal(text, BYTES("false")) || bytes_equal(text, BYTES("1")) ||
           bytes_equal(text, BYTES("0"));
}

bool field_check_query(const struct field *field, struct bytes text, struct field_problem *problem)
{
    struct check check = {LEAVE_ABSENT, problem};
    struct trail trail = {NULL, field->name, 0};
    int64_t seconds;
    bool right = field->type == FIELD_STRING    ? text_follows(field, text)
                 : field->type == FIELD_INTEGER ? query_integer(field, text)
                 : field->type == FIELD_TIME    ? date_parse_rfc3339(text, &seconds)
                                                : is_boolean_text(text);
    if (!right) refuse(&check, &trail, field);
    return right;
}

bool fields_may_be_absent(const struct fields *fields)
{
    for (size_t i = 0; i < fields->count; i++) {
        if (fields->items[i].flags & FIELD_REQUIRED) return false;
    }
    return true;
}

const struct field *fields_find(const struct fields *fields, const char *name)
{
    for (size_t i = 0; i < fields->count; i++) {
        if (strcmp(fields->items[i].name, name) == 0) return &fields->items[i];
    }
    return NULL;
}

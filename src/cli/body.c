#include "cli/body.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"

#define NAME_SIZE 64

/* The next part of "backend-api.url-domain" as a member's name; false at the end, or when it is too long. */
static bool next_name(const char **option, char name[static NAME_SIZE])
{
    size_t length = strcspn(*option, ".");
    if (length == 0 || length >= NAME_SIZE) return false;
    memcpy(name, *option, length);
    name[length] = '\0';
    for (char *c = name; *c != '\0'; c++) {
        if (*c == '-') *c = '_';
    }
    *option += length + ((*option)[length] == '.');
    return true;
}

const struct field *body_field(const struct fields *fields, const char *option)
{
    char name[NAME_SIZE];
    const struct field *field = NULL;
    while (fields != NULL && next_name(&option, name)) {
        field = fields_find(fields, name);
        if (field == NULL || (field->flags & FIELD_READ_ONLY)) return NULL;
        fields = field->members;
        if (*option == '\0') return field;
        if (field->type != FIELD_OBJECT) return NULL;
    }
    return NULL;
}

static json_t *list_of(const char *value)
{
    json_t *list = json_array();
    struct bytes rest = bytes_of_text(value), part;
    while (bytes_next_part(&rest, ',', &part)) json_array_append_new(list, json_stringn((const char *)part.data, part.length));
    return list;
}

static json_t *integer_of(const char *value)
{
    int64_t number;
    bool negative = value[0] == '-';
    if (!number_parse(bytes_of_text(value + negative), &number)) return NULL;
    return json_integer(negative ? -number : number);
}

static json_t *boolean_of(const char *value)
{
    if (strcmp(value, "true") == 0) return json_true();
    return strcmp(value, "false") == 0 ? json_false() : NULL;
}

/* In the field's type; NULL: it is none. The daemon checks the rest. */
static json_t *value_of(const struct field *field, const char *value, const char **wanted)
{
    switch (field->type) {
    case FIELD_STRING:
    case FIELD_TIME:
        *wanted = "UTF-8";
        return json_string(value);
    case FIELD_INTEGER:
        *wanted = "an integer";
        return integer_of(value);
    case FIELD_BOOLEAN:
        *wanted = "true or false";
        return boolean_of(value);
    case FIELD_STRINGS:
        *wanted = "a list, with commas between";
        return value[0] == '[' ? json_loads(value, JSON_REJECT_DUPLICATES, NULL) : list_of(value);
    case FIELD_OBJECT:
    case FIELD_OBJECTS:
        *wanted = "JSON";
        return json_loads(value, JSON_REJECT_DUPLICATES, NULL);
    }
    return NULL;
}

/* A member of it, or of what is in it, that is a secret; NULL: none. */
static const char *secret_in(const struct fields *fields, const json_t *value)
{
    const char *found = NULL;
    for (size_t i = 0; found == NULL && i < json_array_size(value); i++) found = secret_in(fields, json_array_get(value, i));
    for (size_t i = 0; fields != NULL && found == NULL && json_is_object(value) && i < fields->count; i++) {
        const struct field *field = &fields->items[i];
        const json_t *member = json_object_get(value, field->name);
        if (member == NULL) continue;
        found = (field->flags & FIELD_SECRET) != 0 ? field->name : secret_in(field->members, member);
    }
    return found;
}

/* The object around the last name of the option, made where it is missing; NULL: something else stands there. */
static json_t *object_around(json_t *body, const char *option, char name[static NAME_SIZE])
{
    while (next_name(&option, name) && *option != '\0') {
        json_t *inner = json_object_get(body, name);
        if (inner == NULL) {
            inner = json_object();
            json_object_set_new(body, name, inner);
        }
        if (!json_is_object(inner)) return NULL;
        body = inner;
    }
    return body;
}

bool body_set(json_t *body, const struct fields *fields, const char *option, const char *value, char problem[static 256])
{
    char name[NAME_SIZE];
    const char *wanted = "";
    const struct field *field = body_field(fields, option);
    json_t *json = field != NULL ? value_of(field, value, &wanted) : NULL;
    if (json == NULL) {
        snprintf(problem, 256, "--%.100s must be %s", option, wanted);
        return false;
    }
    const char *secret = secret_in(field->members, json);
    if (secret != NULL) {
        snprintf(problem, 256,
                 "--%.60s holds a secret, %.60s, for every user of the machine to see: say it by --ask, by a file, or in --body FILE",
                 option, secret);
        json_decref(json);
        return false;
    }
    json_t *object = object_around(body, option, name);
    if (object != NULL && json_object_set_new(object, name, json) == 0) return true;
    if (object == NULL) json_decref(json);
    snprintf(problem, 256, "--%.100s stands within what is no object", option);
    return false;
}

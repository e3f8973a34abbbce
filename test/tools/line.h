/* One JSON object of a test's line, member by member, in a program that stops at the first problem. */
#ifndef COUNTERSIGN_TEST_TOOLS_LINE_H
#define COUNTERSIGN_TEST_TOOLS_LINE_H

#include "base/json.h"
#include "edge/writer.h"

#include <arpa/inet.h>
#include <string.h>

struct line {
    struct arena arena;
    struct json_value object;
    struct edge_writer *writer;
    struct edge_keys *keys;
    size_t asked; /* members that were looked at and are there: fewer than the object has means one is unknown */
    const char *problem;
    const char *member;
    bool remove;
    bool open; /* a transaction is */
};

static inline void complain(struct line *line, const char *member, const char *problem)
{
    if (line->problem) return;
    line->member = member;
    line->problem = problem;
}

static inline bool get(struct line *line, const struct json_value *object, const char *name, struct json_value *value)
{
    if (!json_member(&line->arena, object, bytes_of_text(name), value)) return false;
    line->asked++;
    return true;
}

static inline struct bytes text(struct line *line, const struct json_value *object, const char *name)
{
    struct json_value value;
    if (!get(line, object, name, &value)) return BYTES("");
    if (value.type != JSON_TYPE_STRING) complain(line, name, "must be a string");
    return value.text;
}

static inline struct bytes needed(struct line *line, const struct json_value *object, const char *name)
{
    struct bytes value = text(line, object, name);
    if (!value.length && !line->remove) complain(line, name, "is missing or empty");
    return value;
}

static inline int64_t number(struct line *line, const struct json_value *object, const char *name, int64_t otherwise)
{
    struct json_value value;
    int64_t result = otherwise;
    if (get(line, object, name, &value) && !json_read_integer(&value, &result)) complain(line, name, "must be an integer");
    return result;
}

static inline bool flag(struct line *line, const struct json_value *object, const char *name)
{
    struct json_value value;
    if (!get(line, object, name, &value)) return false;
    if (value.type != JSON_TYPE_TRUE && value.type != JSON_TYPE_FALSE) complain(line, name, "must be true or false");
    return value.type == JSON_TYPE_TRUE;
}

/* Position of the member's text in `words`; the first when it is absent. */
static inline int choice(struct line *line, const struct json_value *object, const char *name, const char *const words[])
{
    struct bytes value = text(line, object, name);
    if (!value.length) return 0;
    for (int i = 0; words[i]; i++) {
        if (bytes_equal(value, bytes_of_text(words[i]))) return i;
    }
    complain(line, name, "is none of the words it may be");
    return 0;
}

/* An object's members must all have been asked for. */
static inline void finish(struct line *line, const struct json_value *object, size_t asked_before)
{
    struct json_value name, value;
    struct bytes rest = object->raw;
    size_t members = 0;
    if (object->type != JSON_TYPE_OBJECT) return complain(line, "", "must be an object");
    while (json_next(&line->arena, &rest, &name, &value)) members++;
    if (members != line->asked - asked_before) complain(line, "", "an object has a member that is unknown here");
}

static inline struct json_value object_of(struct line *line, const char *name)
{
    struct json_value value = {0};
    if (!get(line, &line->object, name, &value) || value.type != JSON_TYPE_OBJECT) {
        if (!line->remove) complain(line, name, "must be an object");
        value = (struct json_value){.type = JSON_TYPE_OBJECT, .raw = BYTES("{}")};
    }
    return value;
}

/* The elements of an array member, one after the other. */
static inline bool element(struct line *line, struct bytes *rest, struct json_value *value)
{
    return rest->length && !line->problem && json_next(&line->arena, rest, NULL, value);
}

static inline struct bytes array_in(struct line *line, const struct json_value *object, const char *name, bool *present)
{
    struct json_value value;
    *present = get(line, object, name, &value);
    if (!*present) return BYTES("");
    if (value.type != JSON_TYPE_ARRAY) complain(line, name, "must be an array");
    return value.raw;
}

static inline struct bytes array_of(struct line *line, const char *name, bool *present)
{
    return array_in(line, &line->object, name, present);
}

/* "127.0.0.1-127.0.0.9" */
static inline bool read_range(struct line *line, struct bytes written, struct buffer v[static 2])
{
    uint8_t first[16], last[16];
    char *copy = arena_copy_text(&line->arena, written);
    char *dash = copy ? strchr(copy, '-') : NULL;
    if (!dash) return false;
    *dash = 0;
    bool v6 = strchr(copy, ':') != NULL;
    size_t size = v6 ? ADDRESS_V6 : ADDRESS_V4;
    if (inet_pton(v6 ? AF_INET6 : AF_INET, copy, first) != 1 || inet_pton(v6 ? AF_INET6 : AF_INET, dash + 1, last) != 1) return false;
    buffer_add(&v[v6], bytes_of(first, size));
    buffer_add(&v[v6], bytes_of(last, size));
    return true;
}

#endif

#include "cli/print.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_COLUMNS 7
#define MAX_WIDTH   44

json_t *answer_items(json_t *answer)
{
    const char *name;
    json_t *value;
    if (json_object_get(answer, "total") == NULL || json_object_get(answer, "size") == NULL) return NULL;
    json_object_foreach(answer, name, value)
    {
        if (json_is_array(value)) return value;
    }
    return NULL;
}

static bool is_scalar(const json_t *value)
{
    return value != NULL && !json_is_object(value) && !json_is_array(value);
}

/* The value as one line of text, which the caller frees. Control characters never reach a terminal. */
static char *text_of(const json_t *value)
{
    char *text = json_is_string(value) ? strdup(json_string_value(value)) : NULL;
    if (json_is_null(value)) text = strdup("-");
    if (text == NULL) text = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
    for (char *c = text; c != NULL && *c != '\0'; c++) {
        if ((unsigned char)*c < 0x20 || *c == 0x7f) *c = '?';
    }
    return text;
}

/* Characters of a cell: bytes that begin one. */
static size_t width_of(const char *text)
{
    size_t width = 0;
    for (; *text != '\0'; text++) width += ((unsigned char)*text & 0xc0) != 0x80;
    return width;
}

struct table {
    const char *names[MAX_COLUMNS];
    size_t widths[MAX_COLUMNS];
    size_t count;
};

static void take_column(struct table *table, const char *name)
{
    if (table->count < MAX_COLUMNS) table->names[table->count++] = name;
}

/* Id and name first, then what else is short, in the order of the first item. */
static void choose_columns(struct table *table, json_t *first)
{
    const char *name;
    json_t *value;
    if (json_object_get(first, "id") != NULL) take_column(table, "id");
    if (json_object_get(first, "name") != NULL) take_column(table, "name");
    json_object_foreach(first, name, value)
    {
        if (is_scalar(value) && strcmp(name, "id") != 0 && strcmp(name, "name") != 0) take_column(table, name);
    }
}

static void measure(struct table *table, const json_t *items)
{
    for (size_t column = 0; column < table->count; column++) {
        table->widths[column] = width_of(table->names[column]);
        for (size_t i = 0; i < json_array_size(items); i++) {
            char *text = text_of(json_object_get(json_array_get(items, i), table->names[column]));
            size_t width = text != NULL ? width_of(text) : 0;
            free(text);
            if (width > MAX_WIDTH) width = MAX_WIDTH;
            if (width > table->widths[column]) table->widths[column] = width;
        }
    }
}

static void print_cell(const char *text, size_t width, bool last)
{
    size_t used = width_of(text);
    fputs(text, stdout);
    if (last) {
        putchar('\n');
    } else {
        printf("%*s", (int)(width > used ? width - used : 0) + 2, "");
    }
}

static void print_table(const json_t *items)
{
    struct table table = {0};
    if (json_array_size(items) == 0) return;
    choose_columns(&table, json_array_get(items, 0));
    measure(&table, items);
    for (size_t i = 0; i < table.count; i++) print_cell(table.names[i], table.widths[i], i + 1 == table.count);
    for (size_t row = 0; row < json_array_size(items); row++) {
        for (size_t i = 0; i < table.count; i++) {
            const json_t *value = json_object_get(json_array_get(items, row), table.names[i]);
            char *text = value != NULL ? text_of(value) : NULL;
            print_cell(text != NULL ? text : "-", table.widths[i], i + 1 == table.count);
            free(text);
        }
    }
}

static void print_lines(json_t *answer)
{
    const char *name;
    json_t *value;
    json_object_foreach(answer, name, value)
    {
        char *text = text_of(value);
        printf("%s: %s\n", name, text != NULL ? text : "");
        free(text);
    }
}

bool print_answer(json_t *answer, bool as_json)
{
    json_t *items = answer_items(answer);
    if (json_is_string(answer)) {
        fputs(json_string_value(answer), stdout);
    } else if (answer != NULL && as_json) {
        json_dumpf(answer, stdout, JSON_COMPACT);
        putchar('\n');
    } else if (items != NULL) {
        print_table(items);
        json_int_t total = json_integer_value(json_object_get(answer, "total"));
        if (total > (json_int_t)json_array_size(items)) printf("%zu of %lld\n", json_array_size(items), (long long)total);
    } else if (answer != NULL) {
        print_lines(answer);
    }
    return fflush(stdout) == 0 && ferror(stdout) == 0;
}

#include "control/reference.h"

#include "control/routes.h"

#include <string.h>

#define TEXT_SIZE 1024

void reference_print_routes(FILE *out)
{
    const struct route *route;
    for (size_t i = 0; (route = route_at(i)) != NULL; i++) {
        fprintf(out, "%s %s %s\n", route->method, route->path, right_name(route->right));
    }
}

static void print_bytes(FILE *out, struct bytes text)
{
    for (size_t i = 0; i < text.length; i++) {
        if (text.data[i] == '|') fputc('\\', out); /* ends a cell of the table otherwise */
        fputc(text.data[i], out);
    }
}

static void print_rule(FILE *out, const struct field *field)
{
    char memory[TEXT_SIZE];
    struct buffer text = buffer_over(memory, sizeof memory);
    fields_say_rule(&text, field);
    print_bytes(out, buffer_bytes(&text));
}

static void print_fields(FILE *out, const struct fields *fields, const char *prefix);

static void print_field(FILE *out, const struct field *field, const char *prefix)
{
    char inner[TEXT_SIZE];
    fprintf(out, "| `%s%s`%s | ", prefix, field->name, field->flags & FIELD_REQUIRED ? " *" : "");
    print_rule(out, field);
    if (field->flags & FIELD_SECRET) fputs("; secret", out);
    fprintf(out, " | %s%s%s |\n", field->preset != NULL ? "`" : "", field->preset != NULL ? field->preset : "",
            field->preset != NULL ? "`" : "");
    if (field->members == NULL) return;
    snprintf(inner, sizeof inner, "%s%s%s.", prefix, field->name, field->type == FIELD_OBJECTS ? "[]" : "");
    print_fields(out, field->members, inner);
}

static void print_fields(FILE *out, const struct fields *fields, const char *prefix)
{
    for (size_t i = 0; i < fields->count; i++) {
        if ((fields->items[i].flags & FIELD_READ_ONLY) == 0) print_field(out, &fields->items[i], prefix);
    }
}

/* The part of a path that all routes share is left out. */
static const char *short_path(const char *path)
{
    size_t common = strlen(IN_INSTANCE);
    return strncmp(path, IN_INSTANCE, common) == 0 && path[common] == '/' ? path + common : path;
}

static void print_route(FILE *out, const struct route *route)
{
    fprintf(out, "\n### `%s %s`\n\nAction `%s`, right `%s`", route->method, short_path(route->path), route->action,
            right_name(route->right));
    if (route->body == NULL) {
        fputs(".\n", out);
        return;
    }
    fprintf(out, ", %s\n\n| field | rule | default |\n|---|---|---|\n",
            route->filling == LEAVE_ABSENT ? "absent fields stay as they are." : "absent fields get their defaults.");
    print_fields(out, route->body, "");
}

static void print_error(FILE *out, const struct error *error)
{
    char memory[16];
    struct buffer code = buffer_over(memory, sizeof memory);
    error_write_code(&code, error->code);
    fprintf(out, "| %.*s | %u | %s |\n", (int)code.length, (const char *)code.data, error->status, error->text);
}

void reference_print(FILE *out)
{
    const struct route *route;
    const struct error *error;
    fputs("# Management API: routes, fields, error codes\n\n"
          "Written by `countersignd --reference` from the tables that serve the API; a test compares. Prose stands in\n"
          "[management-api.md](management-api.md). Paths stand behind `" IN_INSTANCE "`. `*` marks required fields.\n\n## Routes\n",
          out);
    for (size_t i = 0; (route = route_at(i)) != NULL; i++) print_route(out, route);
    fputs("\n## Error codes\n\n`$` is the id, name or field that the error is about.\n\n| code | status | text |\n|---|---|---|\n", out);
    for (size_t i = 0; (error = error_at(i)) != NULL; i++) print_error(out, error);
}

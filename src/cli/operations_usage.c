/* What the commands for resources say about themselves: from the tables of routes and fields, like the API's reference. */
#include <string.h>

#include "base/buffer.h"
#include "cli/operations.h"
#include "control/listing.h"

#define TEXT_SIZE 1024

typedef void (*resource_visit)(void *context, const char *resource);

/* Each resource once, where it first comes. */
static void each_resource(resource_visit each, void *context)
{
    struct operation operation, earlier;
    for (size_t i = 0; operation_at(i, &operation); i++) {
        bool first = true;
        for (size_t j = 0; j < i && operation_at(j, &earlier); j++) first = first && strcmp(operation.resource, earlier.resource) != 0;
        if (first) each(context, operation.resource);
    }
}

static void print_resource(void *context, const char *resource)
{
    struct operation operation;
    FILE *out = context;
    fprintf(out, "  %-24s", resource);
    for (size_t i = 0; operation_at(i, &operation); i++) {
        if (strcmp(operation.resource, resource) == 0) fprintf(out, " %s", operation.verb);
    }
    fputc('\n', out);
}

void operations_print_resources(FILE *out)
{
    each_resource(print_resource, out);
}

static bool has_options(const struct route *route)
{
    return route->body != NULL || route->query != NULL || route->listing != NULL || route->items != NULL;
}

static void print_call(FILE *out, const struct operation *operation)
{
    fprintf(out, "countersign %s %s", operation->resource, operation->verb);
    for (size_t i = 0; i < operation->param_count; i++) {
        char word[OPERATION_WORD];
        snprintf(word, sizeof word, "%s", operation->params[i]);
        operation_dashed(word);
        fprintf(out, " <%s>", word);
    }
    if (has_options(operation->route)) fputs(" [--OPTION VALUE]...", out);
}

void operations_print_verbs(FILE *out, const char *resource)
{
    struct operation operation;
    for (size_t i = 0; operation_at(i, &operation); i++) {
        if (strcmp(operation.resource, resource) != 0) continue;
        fputs("  ", out);
        print_call(out, &operation);
        fputc('\n', out);
    }
}

/* What is printed of a field, and how: for a terminal, or for Markdown. */
struct field_format {
    const char *begin, *middle, *end;
};

static void print_field(FILE *out, const struct field *field, const char *prefix, const struct field_format *format);

static void print_fields(FILE *out, const struct fields *fields, const char *prefix, const struct field_format *format)
{
    for (size_t i = 0; i < fields->count; i++) {
        if ((fields->items[i].flags & FIELD_READ_ONLY) == 0) print_field(out, &fields->items[i], prefix, format);
    }
}

static void print_rule(FILE *out, const struct field *field)
{
    char memory[TEXT_SIZE];
    struct buffer rule = buffer_over(memory, sizeof memory);
    fields_say_rule(&rule, field);
    for (size_t i = 0; i < rule.length; i++) {
        if (memory[i] == '|') fputc('\\', out);
        fputc(memory[i], out);
    }
    if (field->flags & FIELD_REQUIRED) fputs("; required", out);
    if (field->flags & FIELD_SECRET) fputs("; secret: --ask or --NAME-file", out);
}

static void print_field(FILE *out, const struct field *field, const char *prefix, const struct field_format *format)
{
    char name[TEXT_SIZE], word[OPERATION_WORD];
    snprintf(word, sizeof word, "%s", field->name);
    operation_dashed(word);
    snprintf(name, sizeof name, "%s%s", prefix, word);
    fprintf(out, "%s--%s%s", format->begin, name, format->middle);
    print_rule(out, field);
    if (field->type == FIELD_OBJECTS) fputs(", as JSON", out);
    fputs(format->end, out);
    if (field->type != FIELD_OBJECT || field->members == NULL) return;
    snprintf(name, sizeof name, "%s%s.", prefix, word);
    print_fields(out, field->members, name, format);
}

/* What a list is filtered by, as far as the route's own table does not say more of it. */
static void print_filters(FILE *out, const struct route *route, const struct field_format *format)
{
    const struct listing *listing = route->listing;
    for (size_t i = 0; listing != NULL && i < listing->filter_count; i++) {
        const struct list_filter *filter = &listing->filters[i];
        char word[OPERATION_WORD];
        if (route->query != NULL && fields_find(route->query, filter->parameter) != NULL) continue;
        snprintf(word, sizeof word, "%s", filter->parameter);
        operation_dashed(word);
        fprintf(out, "%s--%s%s%s%s", format->begin, word, format->middle,
                filter->kind == FILTER_NAME ? "a part of it, or with --precise-search all of it" : "exactly", format->end);
    }
    if (listing != NULL || route->items != NULL)
        fprintf(out, "%s--offset, --limit%sthe page%s", format->begin, format->middle, format->end);
}

static void print_options(FILE *out, const struct route *route, const struct field_format *format)
{
    if (route->body != NULL) print_fields(out, route->body, "", format);
    if (route->query != NULL) print_fields(out, route->query, "", format);
    print_filters(out, route, format);
}

void operation_print_usage(FILE *out, const struct operation *operation)
{
    static const struct field_format plain = {"  ", "  ", "\n"};
    fputs("usage: ", out);
    print_call(out, operation);
    fputc('\n', out);
    print_options(out, operation->route, &plain);
}

static void print_section(void *context, const char *resource)
{
    static const struct field_format row = {"| `", "` | ", " |\n"};
    struct operation operation;
    FILE *out = context;
    fprintf(out, "\n## %s\n", resource);
    for (size_t i = 0; operation_at(i, &operation); i++) {
        if (strcmp(operation.resource, resource) != 0) continue;
        fputs("\n`", out);
        print_call(out, &operation);
        fprintf(out, "`: `%s %s`\n", operation.route->method, operation.route->path);
        if (!has_options(operation.route)) continue;
        fputs("\n| option | value |\n|---|---|\n", out);
        print_options(out, operation.route, &row);
    }
}

void operations_print_reference(FILE *out)
{
    fputs(
        "# The command line: a command for each call of the management API\n\n"
        "Written by `countersign help --reference` from the tables that serve the API; a test compares. How to connect, name things, give\n"
        "secrets and read the exit codes stands in [cli.md](cli.md).\n",
        out);
    each_resource(print_section, out);
}

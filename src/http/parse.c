#include "http/parse.h"

#include "base/text.h"

static bool refuse(const char **problem, const char *words)
{
    *problem = words;
    return false;
}

/* A line without its LF or CRLF; false when no line end is left. */
static bool next_line(struct bytes *rest, struct bytes *line)
{
    size_t end = bytes_find(*rest, '\n');
    if (end == rest->length) return false;
    *line = bytes_slice(*rest, 0, end);
    *rest = bytes_from(*rest, end + 1);
    if (line->length > 0 && line->data[line->length - 1] == '\r') line->length--;
    return true;
}

static bool read_request_line(struct bytes line, struct http_request *request, const char **problem)
{
    struct bytes version = line;
    struct bytes target = {0};
    if (!bytes_next_part(&version, ' ', &request->method) || !bytes_next_part(&version, ' ', &target))
        return refuse(problem, "the first line is not: method, target, version, with one space between");
    if (!http_name_is_token(request->method)) return refuse(problem, "the method is no token");
    if (!bytes_equal(version, BYTES("HTTP/1.1")) && !bytes_equal(version, BYTES("HTTP/1.0")))
        return refuse(problem, "the version is neither HTTP/1.1 nor HTTP/1.0");
    if (!http_request_set_target(request, target))
        return refuse(problem, "the target is not a path and query of valid characters and percent escapes");
    return true;
}

static bool is_value(struct bytes value)
{
    for (size_t i = 0; i < value.length; i++) {
        uint8_t byte = value.data[i];
        if ((byte < 0x20 && byte != '\t') || byte == 0x7f) return false;
    }
    return true;
}

static bool read_field(struct bytes line, struct http_field *field, const char **problem)
{
    size_t colon = bytes_find(line, ':');
    if (colon == line.length) return refuse(problem, "a field line has no colon");
    field->name = bytes_slice(line, 0, colon);
    field->value = bytes_trim(bytes_from(line, colon + 1));
    /* A folded line (RFC 9112, 5.2) begins with white space and fails here too. */
    if (!http_name_is_token(field->name)) return refuse(problem, "a field name is no token");
    if (!is_value(field->value)) return refuse(problem, "a field value has a control character");
    return true;
}

static bool read_fields(struct bytes *rest, struct http_request *request, struct http_field *fields, const char **problem)
{
    struct bytes line;
    request->fields = fields;
    request->field_count = 0;
    while (next_line(rest, &line)) {
        if (line.length == 0) return true;
        if (request->field_count == HTTP_MAX_FIELDS) return refuse(problem, "more than 200 fields");
        if (!read_field(line, &fields[request->field_count], problem)) return false;
        request->field_count++;
    }
    return refuse(problem, "no empty line behind the fields");
}

static bool check_body(const struct http_request *request, struct bytes body, const char **problem)
{
    if (http_field_find(request, BYTES("transfer-encoding")) != NULL)
        return refuse(problem, "Transfer-Encoding: give the body as it is, without chunks");
    for (size_t i = 0; i < request->field_count; i++) {
        int64_t length = 0;
        if (!bytes_equal_folded(request->fields[i].name, BYTES("content-length"))) continue;
        if (!number_parse(request->fields[i].value, &length)) return refuse(problem, "Content-Length is no number");
        if ((uint64_t)length != body.length) return refuse(problem, "Content-Length is not the length of the body");
    }
    return true;
}

bool http_parse(struct arena *arena, struct bytes text, struct http_request *request, struct bytes *body, const char **problem)
{
    struct bytes line;
    size_t before = arena->used;
    *request = (struct http_request){0};
    struct http_field *fields = arena_take_array(arena, HTTP_MAX_FIELDS, sizeof *fields);
    if (fields == NULL) return refuse(problem, "out of memory");
    bool complete = next_line(&text, &line) ? read_request_line(line, request, problem) && read_fields(&text, request, fields, problem) &&
                                                  check_body(request, text, problem)
                                            : refuse(problem, "no line end behind the first line");
    if (!complete) {
        arena_rewind(arena, before);
        return false;
    }
    arena_rewind(arena, arena->used - (HTTP_MAX_FIELDS - request->field_count) * sizeof *fields);
    *body = text;
    return true;
}

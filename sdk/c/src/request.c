#include "internal.h"

#include <stdlib.h>

cs_request cs_request_read(cs_arena *arena, const countersign_request *given)
{
    cs_request request = {
        .arena = arena, .method = cs_string(given->method), .body = {given->body_size == 0 ? "" : given->body, given->body_size}};
    cs_span target = cs_string(given->target);
    size_t mark = cs_find(target, '?');
    request.path = cs_part(target, 0, mark);
    request.query = mark < target.size ? cs_part(target, mark + 1, target.size) : (cs_span){"", 0};
    request.headers.items = cs_take(arena, given->header_count + CS_MORE_HEADERS, sizeof(cs_pair));
    if (request.headers.items == NULL) return request;
    for (size_t i = 0; i < given->header_count; i++)
        cs_request_add(&request, cs_string(given->headers[i].name), cs_string(given->headers[i].value));
    return request;
}

void cs_request_add(cs_request *request, cs_span name, cs_span value)
{
    if (request->headers.items == NULL) return;
    request->headers.items[request->headers.count++] = (cs_pair){name, cs_trim(value)};
}

size_t cs_header_count_of(const cs_request *request, cs_span name)
{
    size_t count = 0;
    for (size_t i = 0; i < request->headers.count; i++) count += cs_equal_folded(request->headers.items[i].name, name);
    return count;
}

cs_span cs_header_of(const cs_request *request, cs_span name)
{
    for (size_t i = 0; i < request->headers.count; i++)
        if (cs_equal_folded(request->headers.items[i].name, name)) return request->headers.items[i].value;
    return (cs_span){"", 0};
}

size_t cs_header_count(const cs_request *request, const char *name)
{
    return cs_header_count_of(request, cs_string(name));
}

cs_span cs_header(const cs_request *request, const char *name)
{
    return cs_header_of(request, cs_string(name));
}

bool cs_has(const cs_request *request, const char *name)
{
    return cs_header_count(request, name) > 0;
}

bool cs_is_form(const cs_request *request)
{
    cs_span type = cs_header(request, "content-type");
    return cs_is_folded(cs_trim(cs_part(type, 0, cs_find(type, ';'))), "application/x-www-form-urlencoded");
}

bool cs_names_hold(const cs_names *names, const char *name)
{
    for (size_t i = 0; i < names->count; i++)
        if (cs_is(names->items[i], name)) return true;
    return false;
}

static int by_bytes(const void *a, const void *b)
{
    return cs_compare(*(const cs_span *)a, *(const cs_span *)b);
}

void cs_names_sort(cs_names *names)
{
    if (names->count > 1) qsort(names->items, names->count, sizeof *names->items, by_bytes);
}

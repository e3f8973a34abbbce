#include "edge/route.h"

#include "edge/record.h"

#define CHILD_SIZE    10
#define NODE_MIN_SIZE 11

struct methods {
    struct record list;
    size_t count;
};

struct node {
    struct methods exact, prefix, slash;
    uint32_t param_child;
    struct bytes statics;
};

struct walk {
    struct bytes compiled;
    uint8_t method;
    size_t visits; /* left: a sound trie is walked through once at most */
    size_t depth;
    struct bytes values[ROUTE_MAX_PARAMS];
    size_t value_count;
    struct route *route;
};

static struct record record_at(struct bytes compiled, size_t offset)
{
    struct record record = {.at = compiled.data, .end = compiled.data + compiled.length};
    if (offset >= compiled.length) record.bad = true;
    if (!record.bad) record.at += offset;
    return record;
}

static struct methods methods_read(struct record *record)
{
    struct methods methods = {.count = record_u8(record)};
    struct bytes list = record_span(record, methods.count * 5);
    methods.list = (struct record){.at = list.data, .end = list.data + list.length, .bad = record->bad};
    return methods;
}

static bool node_read(const struct walk *walk, uint32_t offset, struct node *node)
{
    struct record record = record_at(walk->compiled, offset);
    node->exact = methods_read(&record);
    node->prefix = methods_read(&record);
    node->slash = methods_read(&record);
    node->param_child = record_u32(&record);
    size_t count = record_u32(&record);
    node->statics = record_span(&record, count * CHILD_SIZE);
    return !record.bad && node->param_child < offset;
}

/* The target for this method; its own entry stands before ANY. 0: none (a target never stands at 0). */
static uint32_t methods_find(struct methods methods, uint8_t wanted)
{
    uint32_t any = 0;
    for (size_t i = 0; i < methods.count; i++) {
        uint8_t method = record_u8(&methods.list);
        uint32_t target = record_u32(&methods.list);
        if (method == wanted) return target;
        if (method == ROUTE_METHOD_ANY) any = target;
    }
    return any;
}

/* The child behind a static segment: EDGE_OK, NOTHING or FAULT. */
static enum edge_result static_find(const struct walk *walk, const struct node *node, struct bytes segment, uint32_t *child)
{
    size_t low = 0, high = node->statics.length / CHILD_SIZE;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        struct record entry = record_at(node->statics, middle * CHILD_SIZE);
        struct record text = record_at(walk->compiled, record_u32(&entry));
        struct bytes name = record_span(&text, record_u16(&entry));
        *child = record_u32(&entry);
        if (text.bad) return EDGE_FAULT;
        int order = bytes_compare(segment, name);
        if (order == 0) return EDGE_OK;
        if (order < 0) high = middle;
        if (order > 0) low = middle + 1;
    }
    return EDGE_NOTHING;
}

static enum edge_result found(struct walk *walk, uint32_t target, struct bytes rest)
{
    struct record record = record_at(walk->compiled, target);
    struct route *route = walk->route;
    route->api_id = record_bytes(&record);
    size_t count = record_u8(&record);
    if (record.bad || count != walk->value_count) return EDGE_FAULT;
    for (size_t i = 0; i < count; i++) route->params[i] = (struct route_param){record_bytes(&record), walk->values[i]};
    route->param_count = count;
    route->rest = rest;
    return record.bad ? EDGE_FAULT : EDGE_OK;
}

static enum edge_result ends_here(struct walk *walk, struct methods methods, struct bytes rest)
{
    uint32_t target = methods_find(methods, walk->method);
    if (!target || route_climbs(rest)) return EDGE_NOTHING;
    return found(walk, target, rest);
}

static enum edge_result visit(struct walk *walk, uint32_t offset, struct bytes rest);

static enum edge_result visit_child(struct walk *walk, uint32_t parent, uint32_t child, struct bytes rest)
{
    if (child >= parent || walk->depth >= ROUTE_MAX_SEGMENTS) return EDGE_FAULT;
    walk->depth++;
    enum edge_result result = visit(walk, child, rest);
    walk->depth--;
    return result;
}

/* A parameter is one segment that is there, and no step up or on the spot. */
static bool is_value(struct bytes segment)
{
    static const struct bytes dots[] = {{(const uint8_t *)".", 1}, {(const uint8_t *)"%2e", 3}};
    return segment.length && !bytes_equal(segment, dots[0]) && !bytes_equal_folded(segment, dots[1]) && !route_climbs(segment);
}

static enum edge_result through_param(struct walk *walk, uint32_t offset, const struct node *node, struct bytes rest)
{
    struct bytes segment = bytes_slice(rest, 1, bytes_find(bytes_from(rest, 1), '/'));
    if (!node->param_child || !is_value(segment)) return EDGE_NOTHING;
    if (walk->value_count == ROUTE_MAX_PARAMS) return EDGE_FAULT;
    walk->values[walk->value_count++] = segment;
    enum edge_result result = visit_child(walk, offset, node->param_child, bytes_from(rest, 1 + segment.length));
    walk->value_count--;
    return result;
}

static enum edge_result through_static(struct walk *walk, uint32_t offset, const struct node *node, struct bytes rest)
{
    uint32_t child = 0;
    struct bytes segment = bytes_slice(rest, 1, bytes_find(bytes_from(rest, 1), '/'));
    enum edge_result result = static_find(walk, node, segment, &child);
    return result == EDGE_OK ? visit_child(walk, offset, child, bytes_from(rest, 1 + segment.length)) : result;
}

/* `rest` is empty, or begins with the '/' of the next segment. */
static enum edge_result visit(struct walk *walk, uint32_t offset, struct bytes rest)
{
    struct node node;
    enum edge_result result;
    if (walk->visits-- == 0 || !node_read(walk, offset, &node)) return EDGE_FAULT;
    if (!rest.length) {
        result = ends_here(walk, node.exact, rest);
    } else {
        result = through_static(walk, offset, &node, rest);
        if (result == EDGE_NOTHING) result = through_param(walk, offset, &node, rest);
        if (result == EDGE_NOTHING) result = ends_here(walk, node.slash, rest);
    }
    return result == EDGE_NOTHING ? ends_here(walk, node.prefix, rest) : result;
}

enum edge_result route_match(struct bytes compiled, struct bytes method, struct bytes path, struct route *route)
{
    struct record head = record_over(compiled);
    route->environment_id = record_bytes(&head);
    if (head.bad || head.end - head.at < 4) return EDGE_FAULT;
    struct record tail = {.at = head.end - 4, .end = head.end};
    struct walk walk = {
        .compiled = bytes_slice(compiled, 0, compiled.length - 4),
        .method = route_method(method),
        .visits = compiled.length / NODE_MIN_SIZE + 1,
        .route = route,
    };
    if (!path.length || path.data[0] != '/') return EDGE_NOTHING;
    if (walk.method == ROUTE_METHOD_ANY) walk.method = ROUTE_METHOD_OTHER; /* a caller's method "ANY" is one like any other */
    return visit(&walk, record_u32(&tail), path);
}

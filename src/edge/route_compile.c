#include "edge/route.h"

#include "edge/record.h"

#include <stdlib.h>

/* How a route ends; the order of a node's three lists. */
enum ending { ENDS_EXACT, ENDS_PREFIX, ENDS_SLASH, ENDINGS };

struct path {
    const struct route_entry *entry;
    struct bytes *segments;
    size_t count;
    enum ending ending;
    uint8_t method;
    uint32_t target;
};

struct child {
    uint32_t text;
    uint16_t length;
    uint32_t node;
};

struct compiler {
    struct buffer *out;
    struct path *paths;
    struct bytes *segments;
    struct child *children; /* a stack: the siblings written so far on each level of the way down */
    size_t child_count;
    const char *problem;
};

uint8_t route_method(struct bytes method)
{
    static const char *const names[] = {"ANY", "GET", "POST", "PUT", "DELETE", "HEAD", "PATCH", "OPTIONS"};
    for (uint8_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (bytes_equal(method, bytes_of_text(names[i]))) return i;
    }
    return ROUTE_METHOD_OTHER;
}

static bool is_param(struct bytes segment)
{
    return segment.length > 0 && segment.data[0] == '{';
}

static struct bytes param_name(struct bytes segment)
{
    return bytes_slice(segment, 1, segment.length - 2);
}

/* {name}, whole, or no brace at all. */
static bool segment_is_sound(struct bytes segment)
{
    if (bytes_find(segment, '{') == segment.length && bytes_find(segment, '}') == segment.length) return true;
    if (segment.length < 3 || segment.data[0] != '{' || segment.data[segment.length - 1] != '}') return false;
    struct bytes name = param_name(segment);
    return bytes_find(name, '{') == name.length && bytes_find(name, '}') == name.length;
}

static bool params_are_sound(const struct path *path)
{
    size_t params = 0;
    for (size_t i = 0; i < path->count; i++) {
        if (!is_param(path->segments[i])) continue;
        if (++params > ROUTE_MAX_PARAMS) return false;
        for (size_t j = 0; j < i; j++) {
            if (bytes_equal(path->segments[i], path->segments[j])) return false;
        }
    }
    return true;
}

/* A prefix "/a/" is the prefix of "/a" that wants a '/' behind it: its last, empty segment becomes the ending. */
static void set_ending(struct path *path)
{
    path->ending = path->entry->prefix ? ENDS_PREFIX : ENDS_EXACT;
    if (path->entry->prefix && path->segments[path->count - 1].length == 0) {
        path->count--;
        path->ending = ENDS_SLASH;
    }
}

static bool path_read(struct path *path, const char **problem)
{
    struct bytes rest = path->entry->path;
    *problem = "a route's path must begin with '/'";
    if (!rest.length || rest.data[0] != '/') return false;
    *problem = "a route's {name} must be one whole segment";
    while (rest.length) {
        rest = bytes_from(rest, 1);
        struct bytes segment = bytes_slice(rest, 0, bytes_find(rest, '/'));
        if (path->count == ROUTE_MAX_SEGMENTS || segment.length > UINT16_MAX || !segment_is_sound(segment)) return false;
        path->segments[path->count++] = segment;
        rest = bytes_from(rest, segment.length);
    }
    *problem = "a route has a {name} twice, or too many";
    if (!params_are_sound(path)) return false;
    *problem = "a route's method is unknown";
    path->method = route_method(path->entry->method);
    set_ending(path);
    return path->method != ROUTE_METHOD_OTHER;
}

static int compare_segments(struct bytes a, struct bytes b)
{
    if (is_param(a) || is_param(b)) return is_param(b) - is_param(a);
    return bytes_compare(a, b);
}

/* Segment by segment, shorter first; then by ending and method, so that what shares a node stands together. */
static int compare_paths(const void *left, const void *right)
{
    const struct path *a = left, *b = right;
    for (size_t i = 0; i < a->count && i < b->count; i++) {
        int order = compare_segments(a->segments[i], b->segments[i]);
        if (order) return order;
    }
    if (a->count != b->count) return a->count < b->count ? -1 : 1;
    if (a->ending != b->ending) return (int)a->ending - (int)b->ending;
    return a->method - b->method;
}

static void write_target(struct compiler *compiler, struct path *path)
{
    path->target = (uint32_t)compiler->out->length;
    record_add_bytes(compiler->out, path->entry->api_id);
    size_t params = 0;
    for (size_t i = 0; i < path->count; i++) params += is_param(path->segments[i]);
    buffer_add_byte(compiler->out, (uint8_t)params);
    for (size_t i = 0; i < path->count; i++) {
        if (is_param(path->segments[i])) record_add_bytes(compiler->out, param_name(path->segments[i]));
    }
}

/* The three lists of what ends at a node: paths[first..last), sorted by ending. */
static void write_endings(struct compiler *compiler, size_t first, size_t last)
{
    const struct path *paths = compiler->paths;
    for (unsigned ending = 0; ending < ENDINGS; ending++) {
        size_t end = first;
        while (end < last && paths[end].ending == ending) end++;
        buffer_add_byte(compiler->out, (uint8_t)(end - first));
        for (; first < end; first++) {
            buffer_add_byte(compiler->out, paths[first].method);
            buffer_add_u32(compiler->out, paths[first].target);
        }
    }
}

static void write_statics(struct compiler *compiler, size_t first)
{
    buffer_add_u32(compiler->out, (uint32_t)(compiler->child_count - first));
    for (size_t i = first; i < compiler->child_count; i++) {
        const struct child *child = &compiler->children[i];
        buffer_add_u32(compiler->out, child->text);
        buffer_add_u16(compiler->out, child->length);
        buffer_add_u32(compiler->out, child->node);
    }
}

/* End of the run of paths that share the segment at `depth` with the first. */
static size_t end_of_run(const struct compiler *compiler, size_t first, size_t last, size_t depth)
{
    const struct path *paths = compiler->paths;
    size_t end = first + 1;
    while (end < last && compare_segments(paths[first].segments[depth], paths[end].segments[depth]) == 0) end++;
    return end;
}

/* The node of paths[first..last), which agree in their first `depth` segments; returns its offset. */
static uint32_t write_node(struct compiler *compiler, size_t first, size_t last, size_t depth)
{
    uint32_t param_child = 0;
    size_t children = compiler->child_count;
    size_t ends = first;
    while (ends < last && compiler->paths[ends].count == depth) write_target(compiler, &compiler->paths[ends++]);
    for (size_t run = ends; run < last;) {
        size_t end = end_of_run(compiler, run, last, depth);
        struct bytes segment = compiler->paths[run].segments[depth];
        struct child child = {.text = (uint32_t)compiler->out->length, .length = (uint16_t)segment.length};
        if (!is_param(segment)) buffer_add(compiler->out, segment);
        child.node = write_node(compiler, run, end, depth + 1);
        if (is_param(segment)) param_child = child.node;
        if (!is_param(segment)) compiler->children[compiler->child_count++] = child;
        run = end;
    }
    uint32_t offset = (uint32_t)compiler->out->length;
    write_endings(compiler, first, ends);
    buffer_add_u32(compiler->out, param_child);
    write_statics(compiler, children);
    compiler->child_count = children;
    return offset;
}

static bool read_paths(struct compiler *compiler, const struct route_table *table)
{
    struct bytes *segments = compiler->segments;
    for (size_t i = 0; i < table->count; i++) {
        struct path *path = &compiler->paths[i];
        *path = (struct path){.entry = &table->entries[i], .segments = segments};
        if (!path_read(path, &compiler->problem)) return false;
        segments += path->count + (path->ending == ENDS_SLASH);
    }
    qsort(compiler->paths, table->count, sizeof *compiler->paths, compare_paths);
    compiler->problem = "two routes have the same method and path";
    for (size_t i = 1; i < table->count; i++) {
        if (compare_paths(&compiler->paths[i - 1], &compiler->paths[i]) == 0) return false;
    }
    return true;
}

static size_t count_segments(const struct route_table *table)
{
    size_t segments = 0;
    for (size_t i = 0; i < table->count; i++) {
        struct bytes path = table->entries[i].path;
        for (size_t j = 0; j < path.length; j++) segments += path.data[j] == '/';
    }
    return segments;
}

static bool write_trie(struct compiler *compiler, const struct route_table *table)
{
    if (!read_paths(compiler, table)) return false;
    compiler->problem = "the routes of a group are too large";
    record_start(compiler->out);
    record_add_bytes(compiler->out, table->environment_id);
    uint32_t root = write_node(compiler, 0, table->count, 0);
    buffer_add_u32(compiler->out, root);
    return !compiler->out->overflow;
}

bool route_compile(struct buffer *out, const struct route_table *table, const char **problem)
{
    struct compiler compiler = {.out = out, .problem = "no memory"};
    compiler.paths = calloc(table->count + 1, sizeof *compiler.paths);
    compiler.segments = calloc(count_segments(table) + 1, sizeof *compiler.segments);
    compiler.children = calloc(table->count + 1, sizeof *compiler.children);
    bool compiled = compiler.paths && compiler.segments && compiler.children && write_trie(&compiler, table);
    free(compiler.paths);
    free(compiler.segments);
    free(compiler.children);
    *problem = compiled ? "" : compiler.problem;
    return compiled;
}

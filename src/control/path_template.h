/* The path of an API or a backend, with parameters: /orders/{id}/lines (huawei.md 4.5). A parameter takes one whole segment. */
#ifndef COUNTERSIGN_CONTROL_PATH_TEMPLATE_H
#define COUNTERSIGN_CONTROL_PATH_TEMPLATE_H

#include "base/buffer.h"
#include "base/bytes.h"

#define PATH_TEMPLATE_MAX_LENGTH     512
#define PATH_TEMPLATE_MAX_PARAM_NAME 32
#define PATH_TEMPLATE_MAX_PARAMS     16 /* what a route of the edge holds */

struct path_template {
    struct bytes params[PATH_TEMPLATE_MAX_PARAMS]; /* names, borrowed, in the order of the path */
    size_t count;
};

/* Reads `path` and its parameter names. NULL: well formed; otherwise the broken rule in words, for the refusal. */
const char *path_template_read(struct bytes path, struct path_template *found);
bool path_template_has(const struct path_template *found, struct bytes name);

/* "GET /orders/{}/lines": equal for two APIs that no request could tell apart (the names of parameters do not matter). `path` was
 * accepted by path_template_read. */
void path_template_route_key(struct buffer *out, struct bytes method, struct bytes path);

#endif

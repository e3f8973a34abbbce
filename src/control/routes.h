/* What is served: each resource file has a const table of routes, routes.c lists the tables. */
#ifndef COUNTERSIGN_CONTROL_ROUTES_H
#define COUNTERSIGN_CONTROL_ROUTES_H

#include "control/call.h"

/* Patterns are compared segment by segment with the raw path; {name} takes one whole segment. */
#define IN_PROJECT  "/v2/{project_id}/apigw/instances"
#define IN_INSTANCE IN_PROJECT "/{instance_id}"

struct route {
    const char *method;
    const char *path;
    const char *action; /* "create_env": audit, logs, operation id */
    enum right right;   /* also decides the kind of session: right_writes */
    const struct fields *body;
    enum field_filling filling;
    bool (*handle)(struct call *call);
};

struct routes {
    const struct route *items;
    size_t count;
};
#define ROUTES_OF(array)                                                                                                                   \
    {                                                                                                                                      \
        (array), sizeof(array) / sizeof *(array)                                                                                           \
    }

/* Every route, one after the other; NULL at the end. */
const struct route *route_at(size_t index);

/* The route of a method and raw path; NULL: none. Path parameters go into call->project_id, call->instance_id (when the pattern has
 * them) and call->params. A parameter must be made of id characters, or nothing matches. */
const struct route *route_find(struct call *call, struct bytes method, struct bytes path);

#endif

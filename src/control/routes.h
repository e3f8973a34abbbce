/* What is served: each resource file has a const table of routes, routes.c lists the tables. */
#ifndef COUNTERSIGN_CONTROL_ROUTES_H
#define COUNTERSIGN_CONTROL_ROUTES_H

#include "control/call.h"

/* Patterns are compared segment by segment with the raw path; {name} takes one whole segment. */
#define IN_PROJECT  "/v2/{project_id}/apigw/instances"
#define IN_INSTANCE IN_PROJECT "/{instance_id}"

struct listing;

struct route {
    const char *method;
    const char *path;
    const char *action; /* "create_env": audit, logs, operation id */
    enum right right;   /* also decides the kind of session: right_writes */
    const struct fields *body;
    enum field_filling filling;
    bool (*handle)(struct call *call);

    /* What the description says (openapi.h) beyond that; a row leaves out what its call does not have. */
    const struct listing *listing; /* a list, with what filters it */
    const struct fields *query;    /* what else may be in the query: checked before the handler runs; call_query knows no other names */
    const struct fields *answer;   /* members of the object answered, or, with `items`, of each item; neither: no body */
    const char *items;             /* a list that is no `listing`: its name */
    const char *text;              /* an answer that is no JSON: its content type */
    unsigned status;               /* 0: 204 without body, 201 for POST, else 200 */
    bool (*prepare)(struct call *call); /* what a large body takes before a session is had, since writers queue: fills call->prepared */
};
/* Those rows are tables of constants: what is left out is zero, and meant to be. */
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"

struct routes {
    const struct route *items;
    size_t count;
};
#define ROUTES_OF(array)                                                                                                                   \
    {                                                                                                                                      \
        (array), sizeof(array) / sizeof *(array)                                                                                           \
    }

/* The status of the call when it succeeds. */
unsigned route_status(const struct route *route);
/* Whether the query may hold this parameter. */
bool route_reads(const struct route *route, const char *parameter);

/* Every route, one after the other; NULL at the end. */
const struct route *route_at(size_t index);

/* The route of a method and raw path; NULL: none. Path parameters go into call->project_id, call->instance_id (when the pattern has
 * them) and call->params. A parameter must be made of id characters, or nothing matches. */
const struct route *route_find(struct call *call, struct bytes method, struct bytes path);

#endif

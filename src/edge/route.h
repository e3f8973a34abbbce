/* The routes of one group and environment, compiled into one value of the edge.
 *
 *   version | environment id | nodes and targets | offset of the root (4 bytes)
 *   node:   three lists of methods (the path ends here; prefix that ends here; prefix that ends with a '/' here), then the child for a
 *           {param} (0 = none), then the static children in byte order
 *   target: API id, names of the parameters in the order of the path
 *
 * Children stand before their parents, so offsets only fall and a walk ends whatever the bytes are. Segments are compared as they
 * came, undecoded: the path that was decided on is the path that is sent. */
#ifndef COUNTERSIGN_EDGE_ROUTE_H
#define COUNTERSIGN_EDGE_ROUTE_H

#include "base/buffer.h"
#include "edge/reader.h"
#include "edge/writer.h"

#define ROUTE_MAX_SEGMENTS 256

/* Method to the byte it is compiled to; 0 is ANY. Unknown to us: ROUTE_METHOD_OTHER, which only ANY takes. */
#define ROUTE_METHOD_ANY   0
#define ROUTE_METHOD_OTHER 255
uint8_t route_method(struct bytes method);

/* Into an empty buffer. False: overflow of `out`, or a route that must not be there (see *problem): no leading '/', braces that are not one
 * whole {name}, a name twice, too many, an unknown method, or two routes for the same method and path. */
bool route_compile(struct buffer *out, const struct route_table *table, const char **problem);

/* EDGE_FAULT: `compiled` is not what route_compile writes. A path that climbs ('..', in any spelling) out of a prefix or out of a
 * parameter is not found: the backend would see another path than the one that was decided on. */
enum edge_result route_match(struct bytes compiled, struct bytes method, struct bytes path, struct route *route);

/* route_match, and EDGE_NOTHING for a path that another server may read as one of another API of the table: decoded, without empty
 * segments, dots, ";parameters" or a '/' at the end. */
enum edge_result route_decide(struct bytes compiled, struct bytes method, struct bytes path, struct route *route);

/* `rest` climbs out of where it stands: more ".." than names, also with %2e, %2f, '\' or ';' as some servers read them. */
bool route_climbs(struct bytes rest);

#endif

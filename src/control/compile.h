/* From a published version of an API, as the management call stored it (huawei.md 4.5, with our own fields in "countersign"), to what the
 * edge holds: a publication and a route. */
#ifndef COUNTERSIGN_CONTROL_COMPILE_H
#define COUNTERSIGN_CONTROL_COMPILE_H

#include "edge/writer.h"
#include "policy/publication.h"
#include "store/schema.h"

/* Fills everything that stands in the row of the version: not the places of API keys, the environment's name, the revision and the
 * signature key. Text borrows from the row or is copied into the arena. NULL, or in words why the gateway cannot serve it (an old
 * definition, a damaged one): such a version must not be in the edge at all. */
const char *compile_version(struct arena *arena, const struct value *version, struct publication *publication, struct route_entry *route);

#endif

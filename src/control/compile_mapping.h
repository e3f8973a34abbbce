/* backend_params of a definition as the gateway reads them (policy/mapping.h). */
#ifndef COUNTERSIGN_CONTROL_COMPILE_MAPPING_H
#define COUNTERSIGN_CONTROL_COMPILE_MAPPING_H

#include "base/arena.h"
#include "base/buffer.h"

#include <jansson.h>

/* The backend's path with its parameters renamed to those of the request and its constants put in. Empty: no memory. */
struct bytes compile_path(struct arena *arena, const json_t *api, struct bytes path);
/* What goes into query and headers otherwise than it came; empty: nothing. */
struct bytes compile_mapping(struct arena *arena, const json_t *api, size_t *count);

#endif

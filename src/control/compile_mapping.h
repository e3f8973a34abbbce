/* Parameters of a definition as the gateway reads them (policy/mapping.h, policy/parameter.h). */
#ifndef COUNTERSIGN_CONTROL_COMPILE_MAPPING_H
#define COUNTERSIGN_CONTROL_COMPILE_MAPPING_H

#include "base/arena.h"
#include "base/buffer.h"
#include "policy/parameter.h"

#include <jansson.h>

/* The backend's path with its parameters renamed to those of the request and its constants put in. Empty: no memory. */
struct bytes compile_path(struct arena *arena, const json_t *api, struct bytes path);
/* What goes into query and headers otherwise than it came; empty: nothing, or no memory while there are items (*count > 0). */
struct bytes compile_mapping(struct arena *arena, const json_t *api, size_t *count);

/* What is demanded of the caller's parameters; empty: nothing. */
struct bytes compile_parameters(struct arena *arena, const json_t *api);
/* What one of req_params demands; it borrows. */
void compile_parameter(const json_t *param, struct parameter_rule *rule);

#endif

/* What the files about APIs and publications share. */
#ifndef COUNTERSIGN_CONTROL_APIS_H
#define COUNTERSIGN_CONTROL_APIS_H

#include "control/resource.h"

extern const struct resource resource_api;

/* The definition of an API or a version as a new object; NULL: unreadable or out of memory. */
json_t *api_definition(const struct value *definition);
/* Any of `tags`, which are separated by ",", whole tags; "#no_tags#": it has none. None asked for: true. */
bool api_has_tags(const struct value *row, struct bytes tags);
/* Adds the group's name and where the API is published now. */
bool api_complete(struct call *call, json_t *item);
/* A list item leaves backend and parameters out unless return_data_mode asks for them; then as above. */
bool api_complete_item(struct call *call, json_t *item);
/* Sets a member to a text; false: a fault. */
bool json_put(struct call *call, json_t *object, const char *name, struct bytes text);
/* A time that may be left open: RFC 3339, or null for 0. False: out of memory. */
bool json_put_time(json_t *object, const char *name, int64_t seconds);
bool api_answer(struct call *call, const struct value *row, unsigned status);

#endif

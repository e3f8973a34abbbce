/* The body of a call, from options and the table of fields of its route: --name shop, --backend-api.url-domain host:80, --app-ids a,b. */
#ifndef COUNTERSIGN_CLI_BODY_H
#define COUNTERSIGN_CLI_BODY_H

#include <jansson.h>

#include "control/fields.h"

/* The field that an option's name without its dashes means ("backend-api.url-domain"); NULL: none. */
const struct field *body_field(const struct fields *fields, const char *option);
/* Lays the value over the body, in the type of the field. False with *problem in words. */
bool body_set(json_t *body, const struct fields *fields, const char *option, const char *value, char problem[static 256]);

#endif

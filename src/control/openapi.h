/* The OpenAPI 3.1 description of the management API, written from the tables that serve it: routes (routes.h), fields (fields.h), lists
 * (listing.h), errors (errors.h). Served at /openapi.json to anyone: it tells nothing of this gateway's own. */
#ifndef COUNTERSIGN_CONTROL_OPENAPI_H
#define COUNTERSIGN_CONTROL_OPENAPI_H

#include "control/fields.h"

#include <stdio.h>

/* The whole description; NULL: out of memory. */
json_t *openapi_describe(void);
/* The same as text, for people and for tools without a daemon. False: out of memory, or `out` took no more. */
bool openapi_print(FILE *out);

/* JSON Schema (2020-12, as OpenAPI 3.1 has it) of an object that a body may be: what the table takes, with its rules. */
json_t *schema_of_body(const struct fields *fields, enum field_filling filling);
/* Of an object that is answered. */
json_t *schema_of_answer(const struct fields *fields);
/* Of one query parameter. */
json_t *schema_of_parameter(const struct field *field);

#endif

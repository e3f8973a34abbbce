/* What an API is made of (huawei.md 4.5). The checked body as a whole is its definition: what a version is a snapshot of, and what the
 * publisher reads. */
#ifndef COUNTERSIGN_CONTROL_API_FIELDS_H
#define COUNTERSIGN_CONTROL_API_FIELDS_H

#include "control/fields.h"

#define API_MAX_PARAMS 50 /* huawei.md 4.1, quotas */
#define API_MAX_TAGS   10

extern const struct fields api_fields;

/* The words of the fields that others read too. */
extern const char *const api_methods[];
extern const char *const api_signature_schemes[]; /* what an API may accept key pairs with */
extern const struct charset charset_tag;

#endif

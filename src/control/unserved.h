/* What the vendor's API has and this gateway has not: asked for, it says so rather than "no such path". */
#ifndef COUNTERSIGN_CONTROL_UNSERVED_H
#define COUNTERSIGN_CONTROL_UNSERVED_H

#include "base/bytes.h"

struct unserved {
    const char *first;  /* segment behind /apigw/ or behind the instance: "throttles" */
    const char *second; /* a later segment of the path that must be there too; NULL: none */
    const char *why;
};

/* The row of a raw path, or NULL. */
const struct unserved *unserved_find(struct bytes path);
/* Steps through the table (description, reference); NULL at its end. */
const struct unserved *unserved_at(size_t index);

#endif

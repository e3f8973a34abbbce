/* Where a JSON Web Token stands in a request. */
#ifndef COUNTERSIGN_SCHEME_JWT_H
#define COUNTERSIGN_SCHEME_JWT_H

#include "scheme/scheme.h"

/* An API key and a token may have the same place. Which of the two stands there is told by its shape: two dots make a token. */
bool scheme_jwt_fits(const struct http_request *request, const struct place *place);

#endif

/* How a secret stands in a header or in the query: of the schemes that look it up. Nobody else includes this. */
#ifndef COUNTERSIGN_SCHEME_API_KEY_H
#define COUNTERSIGN_SCHEME_API_KEY_H

#include "scheme/scheme.h"

/* As struct scheme has them. */
size_t api_key_present(const struct http_request *request, const struct place *place);
enum refusal api_key_read(const struct http_request *request, struct arena *arena, struct claim *claim);

#endif

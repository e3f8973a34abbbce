/* Which environment a caller asks for: the header that names it, in the spellings of all vendors. */
#ifndef COUNTERSIGN_DIRECTORY_STAGE_H
#define COUNTERSIGN_DIRECTORY_STAGE_H

#include "http/request.h"

/* Empty: RELEASE. False: two headers name different ones. */
bool stage_of(const struct http_request *request, struct bytes *stage);

#endif

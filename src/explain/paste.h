/* What people paste to be told why a request is refused: a curl command, or the request as it went over the wire, as far as tools show it.
 */
#ifndef COUNTERSIGN_EXPLAIN_PASTE_H
#define COUNTERSIGN_EXPLAIN_PASTE_H

#include "explain/curl.h"
#include "http/request.h"

struct pasted {
    bool curl;
    bool https; /* told by a curl command only */
    struct http_request request;
    struct bytes body;
};

/* False with *problem in words. Borrows from text and arena. */
bool paste_read(struct arena *arena, struct bytes text, struct pasted *pasted, struct curl_problem *problem);

#endif

/* A curl command as the raw request that curl would send, headers included that curl adds by itself: `Accept: ...`, and with -d a form's
 * Content-Type. Both are signed by some schemes, and forgotten by many who sign. */
#ifndef COUNTERSIGN_EXPLAIN_CURL_H
#define COUNTERSIGN_EXPLAIN_CURL_H

#include "base/arena.h"

#define CURL_MAX_LENGTH (64 * 1024)

struct curl_problem {
    const char *words;
    struct bytes about; /* the option or URL at fault; may be empty */
};

/* `line` begins with "curl". Into *raw, in the arena: HTTP/1.1 with CRLF, not checked further (http/parse.h). `https`: the URL says so. */
bool curl_read(struct arena *arena, struct bytes line, struct bytes *raw, bool *https, struct curl_problem *problem);
bool curl_is_command(struct bytes text);

#endif

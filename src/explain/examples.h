/* The request as it is right, in a shell with curl and openssl and in some languages with our SDKs. Where a secret belongs stands a name.
 */
#ifndef COUNTERSIGN_EXPLAIN_EXAMPLES_H
#define COUNTERSIGN_EXPLAIN_EXAMPLES_H

#include "base/buffer.h"
#include "scheme/scheme.h"

#define EXAMPLE_MAX_FIELDS 64

enum example_language { EXAMPLE_CURL, EXAMPLE_PYTHON, EXAMPLE_JAVA, EXAMPLE_JAVASCRIPT, EXAMPLE_GO, EXAMPLE_LANGUAGES };
const char *example_language_name(enum example_language language); /* "curl", "python" … */

struct example_question {
    const struct http_request *request;
    struct bytes body;
    bool https;
    const struct claim *claim; /* of a scheme at a place; its key_id and signed_names as presented */
};

/* What the languages share: made once by example_prepare. */
struct example {
    struct bytes method, host, target, url;
    struct http_field fields[EXAMPLE_MAX_FIELDS]; /* to be sent, without Host and the proof */
    size_t field_count;
    struct bytes names[EXAMPLE_MAX_FIELDS]; /* of the fields that are signed beside the scheme's own */
    size_t name_count;
    struct bytes body;
    bool body_in_file; /* too long, or no text: it is read from a file named "body" */
    const struct scheme *scheme;
    const struct place *place;
    struct bytes key_id;
};

/* False: there is no example of this, or the arena is full. */
bool example_prepare(const struct example_question *question, struct arena *arena, struct example *example);
/* The whole program; `out` overflows when it has no room. False: none in this language. */
bool example_write(const struct example *example, enum example_language language, struct arena *arena, struct buffer *out);

/* For the files of the examples. */
bool example_write_curl(const struct example *example, struct arena *arena, struct buffer *out);
bool example_write_code(const struct example *example, enum example_language language, struct buffer *out);
/* What stands in for the secret: "APP_SECRET". */
const char *example_secret(const struct example *example);

#endif

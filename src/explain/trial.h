/* One trial, between trials.c and changes.c: the request as it might have been when it was signed. */
#ifndef COUNTERSIGN_EXPLAIN_TRIAL_H
#define COUNTERSIGN_EXPLAIN_TRIAL_H

#include "explain/trials.h"

enum text_change { TEXT_AS_IT_IS, TEXT_WITH_LINE_END, TEXT_WITH_CRLF, TEXT_WITHOUT_HEADERS, TEXT_WITHOUT_SLASH };
enum secret_change { SECRET_AS_IT_IS, SECRET_WITH_LINE_END, SECRET_WITH_CRLF, SECRET_FROM_BASE64, SECRET_FROM_HEX, SECRET_IS_KEY };

struct trial {
    const struct trials_question *question;
    struct http_request request;
    struct http_field *fields; /* of the request, with room for one more */
    struct bytes body;
    enum text_change text;
    enum secret_change secret;
};

/* One way in which it might have been another. `make` gives false when that would change nothing. */
struct change {
    enum cause cause;
    bool (*make)(struct trial *trial, const struct change *change);
    const char *name, *value;
    int number;
    const char *note; /* NULL: "name: value" */
};
extern const struct change changes[];
extern const size_t change_count;

#endif

/* Where two texts begin to differ: what a client signed, and what the gateway reconstructs. */
#ifndef COUNTERSIGN_EXPLAIN_DIFFERENCE_H
#define COUNTERSIGN_EXPLAIN_DIFFERENCE_H

#include "base/bytes.h"

struct difference {
    bool differs;
    size_t offset; /* of the first byte that differs, from 0; the length of the shorter text when it only ends there */
    size_t line;   /* from 1 */
    size_t column; /* of that byte in its line, from 1 */
    struct bytes gateway_line, client_line;
};

/* An editor's line end behind the client's text is no difference. */
void texts_compare(struct bytes gateway, struct bytes client, struct difference *difference);
/* How many bytes from the beginning on are the same. */
size_t texts_common(struct bytes a, struct bytes b);

#endif

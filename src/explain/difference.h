/* Where two texts begin to differ: what a client signed, and what the gateway reconstructs. */
#ifndef COUNTERSIGN_EXPLAIN_DIFFERENCE_H
#define COUNTERSIGN_EXPLAIN_DIFFERENCE_H

#include "base/arena.h"
#include "base/bytes.h"

struct difference {
    bool differs;
    size_t offset; /* of the first byte that differs, from 0; the length of the shorter text when it only ends there */
    size_t line;   /* from 1 */
    size_t column; /* of that byte in its line, from 1 */
    struct bytes gateway_line, client_line;
};

/* What stands in a line of the gateway's in place of a value that opens something. */
#define TEXT_MASK "***"

/* The client's text with the values masked that are masked in the gateway's, line by line. Empty when the arena is full. */
struct bytes texts_mask_alike(struct arena *arena, struct bytes gateway, struct bytes client);
/* An editor's line end behind the client's text is no difference. */
void texts_compare(struct bytes gateway, struct bytes client, struct difference *difference);
/* How many bytes from the beginning on are the same. */
size_t texts_common(struct bytes a, struct bytes b);

#endif

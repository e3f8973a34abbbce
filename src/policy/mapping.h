/* What an API does to parameters on their way to the backend: moved, renamed, constants, what the gateway knows (huawei.md 4.5). Those of
 * the path are in the backend's path already (control/compile.c); these go into query and headers. Kept as a text of items, which costs an
 * API without them nothing. */
#ifndef COUNTERSIGN_POLICY_MAPPING_H
#define COUNTERSIGN_POLICY_MAPPING_H

#include "base/buffer.h"

#define MAPPING_MAX_ITEMS 100 /* 50 parameters of the backend and 50 of the request (huawei.md 4.1, quotas) */
#define MAPPING_MAX_NAME  64
#define MAPPING_MOST      (256 * 1024) /* bytes of the whole text: all items at their longest */

/* Stored in the edge: never renumber. */
enum mapping_origin { MAPPED_PATH = 1, MAPPED_QUERY = 2, MAPPED_HEADER = 3, MAPPED_CONSTANT = 4, MAPPED_SYSTEM = 5 };
enum mapping_place { MAPPED_TO_QUERY = 1, MAPPED_TO_HEADER = 2, MAPPED_NOWHERE = 3 /* it is taken away */ };

struct mapping_item {
    enum mapping_origin origin;
    enum mapping_place place;
    struct bytes name;     /* at the backend */
    struct bytes value;    /* the request's name for it, the constant, or the word of what the gateway knows */
    struct bytes fallback; /* what the backend gets when the request does not have it; empty: nothing */
};

/* Adds an item; out overflows when name or value is longer than 65535. */
void mapping_add(struct buffer *out, const struct mapping_item *item);
/* Steps through the items; false at the end, and at what is none. Start with *rest = the text. */
bool mapping_next(struct bytes *rest, struct mapping_item *item);
/* Under its own name in its own place: what the caller sends goes on as it came, and only the fallback is ever written. */
bool mapping_stays(const struct mapping_item *item);
/* How many items a text holds; false: it is broken, or holds too many. */
bool mapping_count(struct bytes text, size_t *count);

/* "sourceIp" …, NULL-terminated: what the gateway knows. */
extern const char *const mapping_system_words[];

#endif

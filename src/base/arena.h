/* Memory for one request or one call: taken in order, given back all at once. Below and in admit/ all memory comes from here;
 * a full arena gives NULL, and the caller refuses the request (never a crash, never a pass). */
#ifndef COUNTERSIGN_BASE_ARENA_H
#define COUNTERSIGN_BASE_ARENA_H

#include "base/bytes.h"

struct arena {
    uint8_t *memory;
    size_t capacity;
    size_t used;
    bool exhausted; /* one request for memory was refused; stays set until arena_reset */
};

struct arena arena_over(void *memory, size_t capacity);
/* Zeroed, aligned for any type; NULL when it does not fit. */
void *arena_take(struct arena *arena, size_t size);
/* The same, not zeroed: for memory that is written before it is read. */
void *arena_take_unset(struct arena *arena, size_t size);
/* `count` items of `size`; NULL when the product overflows or does not fit. */
void *arena_take_array(struct arena *arena, size_t count, size_t size);
/* A copy of `bytes`; {NULL, 0} with exhausted set when it does not fit. */
struct bytes arena_copy(struct arena *arena, struct bytes bytes);
/* The same with a NUL behind it, as a C string; NULL when it does not fit. */
char *arena_copy_text(struct arena *arena, struct bytes bytes);
/* Everything taken since `mark` (an earlier value of arena->used) is given back. */
void arena_rewind(struct arena *arena, size_t mark);
void arena_reset(struct arena *arena);

#endif

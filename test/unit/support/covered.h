/* What a countersignature covers of a request: host, tells, and content-type last, names in lower case. The gateway knows which headers
 * are its own; here they are known by their names. */
#ifndef COUNTERSIGN_TEST_COVERED_H
#define COUNTERSIGN_TEST_COVERED_H

#include "base/arena.h"
#include "http/request.h"

static inline struct http_request covered_of(const struct http_request *whole, struct arena *arena)
{
    static const struct bytes names[] = {
        BYTES("host"),         BYTES("x-countersign-app"),  BYTES("x-mse-consumer"),    BYTES("x-countersign-user"),
        BYTES("x-request-id"), BYTES("x-countersign-hops"), BYTES("x-countersign-try"), BYTES("content-type"),
    };
    struct http_request covered = *whole;
    struct http_field *fields = arena_take_array(arena, sizeof names / sizeof names[0], sizeof *fields);
    covered.fields = fields;
    covered.field_count = 0;
    for (size_t i = 0; fields != NULL && i < sizeof names / sizeof names[0]; i++) {
        const struct http_field *field = http_field_find(whole, names[i]);
        if (field != NULL) fields[covered.field_count++] = (struct http_field){names[i], field->value};
    }
    return covered;
}

#endif

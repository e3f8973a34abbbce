#include "directory/stage.h"

static bool names_a_stage(struct bytes name)
{
    switch (name.length) {
    case sizeof "X-Stage" - 1:
        return bytes_equal_folded(name, BYTES("X-Stage"));
    case sizeof "X-Ca-Stage" - 1:
        return bytes_equal_folded(name, BYTES("X-Ca-Stage"));
    case sizeof "X-Bce-Stage" - 1:
        return bytes_equal_folded(name, BYTES("X-Bce-Stage"));
    default:
        return false;
    }
}

bool stage_of(const struct http_request *request, struct bytes *stage)
{
    *stage = (struct bytes){0};
    bool seen = false;
    for (size_t i = 0; i < request->field_count; i++) {
        if (!names_a_stage(request->fields[i].name)) continue;
        if (seen && !bytes_equal_folded(*stage, request->fields[i].value)) return false;
        *stage = request->fields[i].value;
        seen = true;
    }
    /* alibaba.md 1.3: the words are taken in any case there; RELEASE is the one that always exists. */
    if (bytes_equal_folded(*stage, BYTES("RELEASE"))) *stage = (struct bytes){0};
    return true;
}

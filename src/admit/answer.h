/* What a refused caller reads, in the wire format that the users of the presented scheme expect (huawei.md 2, alibaba.md 1.8).
 * Says what the caller sent, never a secret, never the expected signature. */
#ifndef COUNTERSIGN_ADMIT_ANSWER_H
#define COUNTERSIGN_ADMIT_ANSWER_H

#include "admit/admit.h"

#define ANSWER_MAX_FIELDS 5

struct answer {
    unsigned status;
    struct http_field fields[ANSWER_MAX_FIELDS]; /* without Content-Type, Content-Length, Date */
    size_t field_count;
    struct bytes content_type;
    struct bytes body;
};

/* The format for a request that presents no proof to this API: that of the vendor whose headers it has, else ANSWER_APIG. */
enum answer_format answer_format_of(const struct http_request *request);

/* For ADMISSION_REFUSED and ADMISSION_FAULT. In admission->format; request_id is 32 hex digits. */
void answer_write(const struct admission *admission, const struct publication *publication, struct bytes request_id, struct arena *arena,
                  struct answer *answer);

/* The same formats for what the gateway could not do though the caller was admitted, or before he could be asked: 400, 413, 414, 500,
 * 502 (backend unavailable), 503, 504 (backend timeout). Any other status: as 400 below 500, as 500 above. */
void answer_write_failure(unsigned status, enum answer_format format, struct bytes request_id, struct arena *arena, struct answer *answer);

#endif

/* Many rows at once. */
#ifndef COUNTERSIGN_STORE_BULK_H
#define COUNTERSIGN_STORE_BULK_H

#include "store/store.h"

/* From here on rows to be inserted are gathered, where the database has a quicker way for many (PostgreSQL: COPY), until store_bulk_end, or
 * until the session is asked for anything else. A unique rule that one of them breaks is told then: the whole transaction is gone. */
void store_bulk(struct session *session);
/* Writes what is left. STORE_CONFLICT: see above; which row it was is not known. */
enum store_result store_bulk_end(struct session *session);

/* After a fault: it was such a conflict. */
bool store_bulk_conflicted(const struct session *session);

/* Is each command a round trip to a server, so that asking for much at once pays? */
bool store_is_distant(const struct session *session);
/* Calls `each` for every row of which the text column has one of these values, as store_list does but in no order. */
struct store_any {
    size_t column;
    const struct value *values;
    size_t count;
};
enum store_result store_list_any(struct session *session, const struct entity *entity, const struct store_any *any, store_each each,
                                 void *context);

#endif

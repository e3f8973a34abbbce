#include "store/audit.h"

#include "store/session.h"

#include <inttypes.h>
#include <stdio.h>

#define INTEGER(column)                                                                                                                    \
    {                                                                                                                                      \
        column, VALUE_INTEGER                                                                                                              \
    }
#define TEXT(column)                                                                                                                       \
    {                                                                                                                                      \
        column, VALUE_TEXT                                                                                                                 \
    }

static const struct column audit_columns[AUDIT_COLUMNS] = {
    TEXT("id"),          TEXT("actor"),       TEXT("actor_name"),  TEXT("source"),     TEXT("action"),        TEXT("resource"),
    TEXT("resource_id"), TEXT("instance_id"), TEXT("before_json"), TEXT("after_json"), INTEGER("audit_time"), INTEGER("revision")};
const struct entity entity_audit = {"audit", audit_columns, AUDIT_COLUMNS};

enum store_result store_audit(struct session *session, const struct audit *audit)
{
    char id[32];
    int length = snprintf(id, sizeof id, "%016" PRIx64 ".%04" PRIx64, session->revision, (uint64_t)session->audits++);
    const struct value row[AUDIT_COLUMNS] = {
        [AUDIT_ID] = value_text(bytes_of(id, (size_t)length)),
        [AUDIT_ACTOR] = value_text(audit->actor),
        [AUDIT_ACTOR_NAME] = value_text(audit->actor_name),
        [AUDIT_SOURCE] = value_text(audit->source),
        [AUDIT_ACTION] = value_text(audit->action),
        [AUDIT_RESOURCE] = value_text(audit->resource),
        [AUDIT_RESOURCE_ID] = value_text(audit->resource_id),
        [AUDIT_INSTANCE_ID] = value_text(audit->instance_id),
        [AUDIT_BEFORE] = value_text(audit->before),
        [AUDIT_AFTER] = value_text(audit->after),
        [AUDIT_TIME] = value_integer(audit->time),
        [AUDIT_REVISION] = value_integer((int64_t)session->revision),
    };
    return store_insert(session, &entity_audit, row);
}

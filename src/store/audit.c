#include "store/audit.h"

#include "base/text.h"
#include "crypto/digest.h"
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
    TEXT("resource_id"), TEXT("instance_id"), TEXT("before_json"), TEXT("after_json"), INTEGER("audit_time"), INTEGER("revision"),
    TEXT("project_id"),  TEXT("request_id"),  TEXT("result"),      TEXT("chain")};
const struct entity entity_audit = {"audit", audit_columns, AUDIT_COLUMNS};

static void keep_text(char *memory, size_t size, struct bytes text)
{
    bool fits = text.length < size;
    size_t length = fits ? text.length : 0;
    if (length > 0) memcpy(memory, text.data, length);
    memory[length] = '\0';
    if (!fits) memcpy(memory, "?", 2);
}

void audit_point_set(struct audit_point *point, struct bytes id, struct bytes chain)
{
    keep_text(point->id, sizeof point->id, id);
    keep_text(point->chain, sizeof point->chain, chain);
}

struct audit_point store_audit_point(const struct session *session)
{
    return session->end;
}

static void add_part(struct digest *digest, struct bytes text)
{
    char memory[24];
    struct buffer length = buffer_over(memory, sizeof memory);
    buffer_add_number(&length, (int64_t)text.length);
    buffer_add_byte(&length, ':');
    digest_add(digest, buffer_bytes(&length));
    digest_add(digest, text);
    digest_add(digest, BYTES(","));
}

static void add_value(struct digest *digest, const struct value *value)
{
    char memory[24];
    struct buffer number = buffer_over(memory, sizeof memory);
    if (value->type == VALUE_INTEGER) buffer_add_number(&number, value->integer);
    add_part(digest, value->type == VALUE_INTEGER ? buffer_bytes(&number) : value->bytes);
}

void audit_chain(const char *previous, const struct value row[static AUDIT_COLUMNS], char chain[static AUDIT_CHAIN_SIZE])
{
    struct digest digest;
    struct buffer hex = buffer_over(chain, AUDIT_CHAIN_SIZE);
    digest_start(&digest, DIGEST_SHA256);
    add_part(&digest, bytes_of_text(previous));
    for (size_t i = 0; i < AUDIT_CHAIN; i++) add_value(&digest, &row[i]);
    struct digest_value value = digest_finish(&digest);
    hex_encode(&hex, digest_bytes(&value));
    buffer_add_byte(&hex, 0);
}

enum store_result store_audit(struct session *session, const struct audit *audit)
{
    struct audit_point point;
    if (session->audits > AUDIT_MAX_ROWS) return session_fault(session, "store: too many audit rows in a transaction");
    snprintf(point.id, sizeof point.id, "%016" PRIx64 ".%04x", session->revision, (unsigned)session->audits & AUDIT_MAX_ROWS);
    struct value row[AUDIT_COLUMNS] = {
        [AUDIT_ID] = value_text(bytes_of_text(point.id)),
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
        [AUDIT_PROJECT_ID] = value_text(audit->project_id),
        [AUDIT_REQUEST_ID] = value_text(audit->request_id),
        [AUDIT_RESULT] = value_text(audit->result.length > 0 ? audit->result : BYTES("ok")),
    };
    audit_chain(session->end.chain, row, point.chain);
    row[AUDIT_CHAIN] = value_text(bytes_of_text(point.chain));
    enum store_result result = store_insert(session, &entity_audit, row);
    if (result != STORE_OK) return result;
    session->audits++;
    session->end = point;
    return audit_blocks_note(session, row);
}

enum store_result audit_end(struct session *session)
{
    const struct value end[] = {value_text(bytes_of_text(session->end.id)), value_text(bytes_of_text(session->end.chain))};
    struct command command = {"UPDATE revision SET audit_id = $1, audit_chain = $2", end, 2};
    return session->audits > 0 ? session_run(session, &command, NULL) : STORE_OK;
}

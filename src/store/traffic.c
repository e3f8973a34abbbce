#include "store/traffic.h"

#include "store/session.h"

#define INTEGER(column)                                                                                                                    \
    {                                                                                                                                      \
        column, VALUE_INTEGER                                                                                                              \
    }
#define TEXT(column)                                                                                                                       \
    {                                                                                                                                      \
        column, VALUE_TEXT                                                                                                                 \
    }

static const struct column traffic_columns[TRAFFIC_COLUMNS] = {
    TEXT("id"),          TEXT("instance_id"),       INTEGER("minute"),   TEXT("api_id"),          TEXT("outcome"),
    TEXT("refusal"),     INTEGER("principal_kind"), INTEGER("scheme"),   INTEGER("status_class"), INTEGER("requests"),
    INTEGER("duration"), INTEGER("bucket_0"),       INTEGER("bucket_1"), INTEGER("bucket_2"),     INTEGER("bucket_3"),
    INTEGER("bucket_4"), INTEGER("bucket_5"),       INTEGER("bucket_6"), INTEGER("bucket_7"),     INTEGER("bucket_8"),
    INTEGER("bucket_9"), INTEGER("bucket_10"),      INTEGER("bucket_11")};
const struct entity entity_traffic = {"traffic", traffic_columns, TRAFFIC_COLUMNS};

static const struct column refused_columns[REFUSED_COLUMNS] = {
    TEXT("id"),     TEXT("instance_id"), INTEGER("refused_time"), INTEGER("status"),     TEXT("refusal"),      TEXT("scheme"),
    TEXT("api_id"), TEXT("environment"), TEXT("principal_id"),    TEXT("credential_id"), TEXT("client"),       TEXT("method"),
    TEXT("host"),   TEXT("target"),      TEXT("key_id"),          TEXT("field"),         TEXT("signed_names"), TEXT("string_to_sign")};
const struct entity entity_refused = {"refused_request", refused_columns, REFUSED_COLUMNS};

static const struct column count_columns[REFUSED_COUNT_COLUMNS] = {
    TEXT("id"), TEXT("instance_id"), INTEGER("minute"), TEXT("principal_id"), TEXT("refusal"), INTEGER("requests"), INTEGER("last_time")};
const struct entity entity_refused_count = {"refused_count", count_columns, REFUSED_COUNT_COLUMNS};

static const struct column use_columns[CREDENTIAL_USE_COLUMNS] = {TEXT("id"), INTEGER("last_used")};
const struct entity entity_credential_use = {"credential_use", use_columns, CREDENTIAL_USE_COLUMNS};

static enum store_result run(struct session *session, const char *sql, const struct value *parameters, size_t count)
{
    struct command command = {sql, parameters, count};
    return session_run(session, &command, NULL);
}

enum store_result store_traffic_add(struct session *session, const struct value row[static TRAFFIC_COLUMNS])
{
    return run(session,
               "INSERT INTO traffic (id, instance_id, minute, api_id, outcome, refusal, principal_kind, scheme, status_class, requests,"
               " duration, bucket_0, bucket_1, bucket_2, bucket_3, bucket_4, bucket_5, bucket_6, bucket_7, bucket_8, bucket_9, bucket_10,"
               " bucket_11) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22,"
               " $23) ON CONFLICT (id) DO UPDATE SET requests = traffic.requests + excluded.requests,"
               " duration = traffic.duration + excluded.duration, bucket_0 = traffic.bucket_0 + excluded.bucket_0,"
               " bucket_1 = traffic.bucket_1 + excluded.bucket_1, bucket_2 = traffic.bucket_2 + excluded.bucket_2,"
               " bucket_3 = traffic.bucket_3 + excluded.bucket_3, bucket_4 = traffic.bucket_4 + excluded.bucket_4,"
               " bucket_5 = traffic.bucket_5 + excluded.bucket_5, bucket_6 = traffic.bucket_6 + excluded.bucket_6,"
               " bucket_7 = traffic.bucket_7 + excluded.bucket_7, bucket_8 = traffic.bucket_8 + excluded.bucket_8,"
               " bucket_9 = traffic.bucket_9 + excluded.bucket_9, bucket_10 = traffic.bucket_10 + excluded.bucket_10,"
               " bucket_11 = traffic.bucket_11 + excluded.bucket_11",
               row, TRAFFIC_COLUMNS);
}

enum store_result store_refused_add(struct session *session, const struct value row[static REFUSED_COUNT_COLUMNS])
{
    return run(session,
               "INSERT INTO refused_count (id, instance_id, minute, principal_id, refusal, requests, last_time)"
               " VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (id) DO UPDATE SET"
               " requests = refused_count.requests + excluded.requests, last_time = CASE WHEN refused_count.last_time > excluded.last_time"
               " THEN refused_count.last_time ELSE excluded.last_time END",
               row, REFUSED_COUNT_COLUMNS);
}

enum store_result store_note_use(struct session *session, struct bytes credential_id, int64_t time)
{
    const struct value row[] = {value_text(credential_id), value_integer(time)};
    return run(session,
               "INSERT INTO credential_use (id, last_used) VALUES ($1, $2)"
               " ON CONFLICT (id) DO UPDATE SET last_used = excluded.last_used WHERE credential_use.last_used < excluded.last_used",
               row, 2);
}

enum store_result store_refused_by(struct session *session, const struct refused_wanted *wanted, store_each each, void *context)
{
    const struct value parameters[] = {value_text(wanted->instance_id), value_integer(wanted->from), value_integer(wanted->most)};
    const struct selection selection = {
        .command = {"SELECT principal_id, refusal, CAST(sum(requests) AS BIGINT), max(last_time) FROM refused_count WHERE instance_id = $1"
                    " AND minute >= $2 GROUP BY principal_id, refusal ORDER BY 3 DESC, principal_id, refusal LIMIT $3",
                    parameters, 3},
        .columns = REFUSED_BY_COLUMNS};
    return session_select(session, &selection, each, context);
}

enum store_result store_traffic_forget(struct session *session, const struct traffic_limits *limits)
{
    const struct value minute = value_integer(limits->minute), time = value_integer(limits->time), most = value_integer(limits->most),
                       used = value_integer(limits->used);
    enum store_result result = run(session, "DELETE FROM traffic WHERE minute < $1", &minute, 1);
    if (result == STORE_OK) result = run(session, "DELETE FROM refused_count WHERE minute < $1", &minute, 1);
    if (result == STORE_OK) result = run(session, "DELETE FROM refused_request WHERE refused_time < $1", &time, 1);
    if (result == STORE_OK)
        result = run(session,
                     "DELETE FROM refused_request WHERE id NOT IN (SELECT id FROM refused_request ORDER BY refused_time DESC, id DESC"
                     " LIMIT $1)",
                     &most, 1);
    return result == STORE_OK ? run(session, "DELETE FROM credential_use WHERE last_used < $1", &used, 1) : result;
}

/* What the gateway's workers told: requests by minute, samples of refused ones, when a credential was last used. No part of the truth: no
 * audit, no change for the edge, and all of it is forgotten with time. */
#ifndef COUNTERSIGN_STORE_TRAFFIC_H
#define COUNTERSIGN_STORE_TRAFFIC_H

#include "store/store.h"

#define TRAFFIC_BUCKETS 12

/* requests, milliseconds and buckets are added to a row that is there. */
enum {
    TRAFFIC_ID,
    TRAFFIC_INSTANCE_ID,
    TRAFFIC_MINUTE, /* its first second, Unix */
    TRAFFIC_API_ID,
    TRAFFIC_OUTCOME,
    TRAFFIC_REFUSAL,
    TRAFFIC_PRINCIPAL_KIND,
    TRAFFIC_SCHEME,
    TRAFFIC_STATUS_CLASS,
    TRAFFIC_REQUESTS,
    TRAFFIC_MILLISECONDS,
    TRAFFIC_BUCKET,
    TRAFFIC_COLUMNS = TRAFFIC_BUCKET + TRAFFIC_BUCKETS
};
extern const struct entity entity_traffic;

enum {
    REFUSED_ID, /* the request's */
    REFUSED_INSTANCE_ID,
    REFUSED_TIME,
    REFUSED_STATUS,
    REFUSED_REFUSAL,
    REFUSED_SCHEME,
    REFUSED_API_ID,
    REFUSED_ENVIRONMENT,
    REFUSED_PRINCIPAL_ID,
    REFUSED_CREDENTIAL_ID,
    REFUSED_CLIENT,
    REFUSED_METHOD,
    REFUSED_HOST,
    REFUSED_TARGET,
    REFUSED_KEY_ID,
    REFUSED_FIELD,
    REFUSED_SIGNED_NAMES,
    REFUSED_STRING_TO_SIGN,
    REFUSED_COLUMNS
};
extern const struct entity entity_refused;

/* Who was refused why, by the minute. requests are added to a row that is there; the later time stays. */
enum {
    REFUSED_COUNT_ID,
    REFUSED_COUNT_INSTANCE_ID,
    REFUSED_COUNT_MINUTE,
    REFUSED_COUNT_PRINCIPAL_ID, /* empty: nobody known; FEEDBACK_OTHERS: many, not told apart */
    REFUSED_COUNT_REFUSAL,
    REFUSED_COUNT_REQUESTS,
    REFUSED_COUNT_LAST_TIME,
    REFUSED_COUNT_COLUMNS
};
extern const struct entity entity_refused_count;

enum { CREDENTIAL_USE_ID, CREDENTIAL_USE_TIME, CREDENTIAL_USE_COLUMNS };
extern const struct entity entity_credential_use;

/* A write session (store.h) for these tables: it queues like the others, and the revision stays what it is. */
struct session *store_write_aside(struct store *store);

enum store_result store_traffic_add(struct session *session, const struct value row[static TRAFFIC_COLUMNS]);
enum store_result store_refused_add(struct session *session, const struct value row[static REFUSED_COUNT_COLUMNS]);
/* A later time stays. */
enum store_result store_note_use(struct session *session, struct bytes credential_id, int64_t time);
/* Of an instance, from minute `from` on: who was refused why how often, most often first; REFUSED_BY columns a row. An empty principal:
 * nobody whom the gateway knows. */
enum { REFUSED_BY_PRINCIPAL, REFUSED_BY_REFUSAL, REFUSED_BY_REQUESTS, REFUSED_BY_LAST, REFUSED_BY_COLUMNS };
struct refused_wanted {
    struct bytes instance_id;
    int64_t from, most; /* a minute; rows */
};
enum store_result store_refused_by(struct session *session, const struct refused_wanted *wanted, store_each each, void *context);
/* Minutes (of both kinds) before `minute`, refused requests before `time` and beyond the `most` latest, uses before `used`. */
struct traffic_limits {
    int64_t minute, time, most, used;
};
enum store_result store_traffic_forget(struct session *session, const struct traffic_limits *limits);

#endif

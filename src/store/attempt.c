#include "store/attempt.h"

#include "store/session.h"

static enum store_result run(struct session *session, const char *sql)
{
    if (session->bulk.pending) bulk_write(session);
    if (session->gone) return STORE_FAULT;
    if (session->connection->driver->exec(session->connection, sql) == STEP_DONE) return STORE_OK;
    return session_fault(session, NULL);
}

enum store_result store_attempt(struct session *session, struct attempt_point *before)
{
    *before = (struct attempt_point){session->changes, session->audits, session->end};
    if (tracked_flush(session) != STORE_OK) return STORE_FAULT;
    return run(session, "SAVEPOINT attempt");
}

enum store_result store_attempt_end(struct session *session, const struct attempt_point *before, bool keep)
{
    if (keep) return run(session, "RELEASE SAVEPOINT attempt");
    session->changes = before->changes;
    session->audits = before->audits;
    session->end = before->end;
    tracked_forget(session);
    return run(session, "ROLLBACK TO SAVEPOINT attempt; RELEASE SAVEPOINT attempt");
}

int64_t store_audits(const struct session *session)
{
    return session->audits;
}

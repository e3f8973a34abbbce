#include "control/sign_in.h"

#include "control/attempts.h"
#include "control/callers.h"
#include "control/log.h"
#include "crypto/password.h"

#define MOST_FAILURES 5
#define LOCK_SECONDS  (15 * 60)
#define MOST_A_MINUTE 60 /* sign-ins of one address, right ones too: a token lasts a day */

static struct attempt failures_of(const struct call *call, struct bytes who)
{
    return (struct attempt){"password of", who, call->source, MOST_FAILURES, LOCK_SECONDS};
}

/* The account: by id, by name, or the only one there is when the body says nothing. STORE_NOTHING: none. */
static enum store_result find_domain(struct call *call, const struct sign_in *given, struct value *row)
{
    struct store_filter filter = {ACCOUNT_NAME, STORE_EQUAL, value_text(given->domain_name)};
    if (given->domain_id.length > 0) filter = (struct store_filter){ACCOUNT_ID, STORE_EQUAL, value_text(given->domain_id)};
    bool named = given->domain_id.length > 0 || given->domain_name.length > 0;
    struct store_query query = {.filters = &filter, .filter_count = named, .order_column = ACCOUNT_CREATE_TIME, .limit = 1};
    return store_find(call->session, &entity_account, &query, &call->arena, row);
}

static enum store_result find_user(struct call *call, const struct sign_in *given, struct value *user)
{
    struct value domain[ACCOUNT_COLUMNS];
    if (given->user_id.length > 0) return store_get(call->session, &entity_user, given->user_id, &call->arena, user);
    enum store_result result = find_domain(call, given, domain);
    if (result != STORE_OK) return result;
    struct store_filter filters[] = {
        {USER_DOMAIN_ID, STORE_EQUAL, value_text(domain[ACCOUNT_ID].bytes)},
        {USER_NAME, STORE_EQUAL, value_text(given->user_name)},
    };
    struct store_query query = {.filters = filters, .filter_count = 2, .limit = 1};
    return store_find(call->session, &entity_user, &query, &call->arena, user);
}

static enum password_verdict check(struct call *call, const struct value *user, struct bytes password)
{
    if (!attempts_enter(call->daemon->attempts)) return PASSWORD_FAULT;
    bool usable = user != NULL && user[USER_PASSWORD].bytes.length > 0;
    enum password_verdict verdict = PASSWORD_WRONG;
    if (usable) {
        verdict = password_check(password, user[USER_PASSWORD].bytes);
    } else {
        password_waste(password);
    }
    attempts_leave(call->daemon->attempts);
    return verdict;
}

static bool is_allowed(struct call *call, const struct attempt *failures)
{
    struct attempt any = {"sign in", BYTES(""), call->source, MOST_A_MINUTE, 60};
    if (!attempt_take(call->daemon->attempts, &any, call->now)) return call_refuse(call, ERROR_IAM_TOO_MANY, BYTES(""));
    return attempt_take(call->daemon->attempts, failures, call->now) || call_refuse(call, ERROR_IAM_LOCKED, BYTES(""));
}

static bool conclude(struct call *call, const struct attempt *failures, enum password_verdict verdict)
{
    if (verdict == PASSWORD_RIGHT) attempt_forget(call->daemon->attempts, failures);
    if (verdict == PASSWORD_FAULT) attempt_give_back(call->daemon->attempts, failures); /* or keeping the node busy would wipe all out */
    if (verdict == PASSWORD_RIGHT) return true;
    return call_refuse(call, verdict == PASSWORD_WRONG ? ERROR_IAM_PASSWORD : ERROR_IAM_BUSY, BYTES(""));
}

static bool is_right(struct call *call, const struct sign_in *given, struct value *user, const struct attempt *failures)
{
    if (!call_begin(call, false)) return false;
    enum store_result result = find_user(call, given, user);
    bool found = result == STORE_OK;
    bool adopted = found && caller_adopt(call, call->session, user, CALLER_UNKNOWN, BYTES(""));
    call_let_go(call);
    if (found ? !adopted : result != STORE_NOTHING) return call_fault(call, "a user could not be read");
    enum password_verdict verdict = check(call, found ? user : NULL, given->password);
    if (verdict == PASSWORD_RIGHT && user[USER_ENABLED].integer == 0) verdict = PASSWORD_WRONG;
    return conclude(call, failures, verdict);
}

bool sign_in(struct call *call, const struct sign_in *given, struct value *user)
{
    struct attempt failures = failures_of(call, given->user_id.length > 0 ? given->user_id : given->user_name);
    if (!is_allowed(call, &failures)) return false;
    if (is_right(call, given, user, &failures)) return true;
    /* He is nobody, whatever name he gave. The audit says which, where there is such a user: others may be a password in the wrong field.
     */
    call->presented = call->actor_name;
    call->caller = (struct caller){.proof = CALLER_UNKNOWN, .home_project_id = call->caller.home_project_id};
    call->actor_id = call->actor_name = BYTES("");
    return false;
}

bool password_confirm(struct call *call, const struct value *user, struct bytes password)
{
    struct attempt failures = failures_of(call, user[USER_ID].bytes);
    return is_allowed(call, &failures) && conclude(call, &failures, check(call, user, password));
}

bool password_make(struct call *call, struct bytes password, struct buffer *kept)
{
    if (!attempts_enter(call->daemon->attempts)) return call_refuse(call, ERROR_IAM_BUSY, BYTES(""));
    bool made = password_keep(password, kept);
    attempts_leave(call->daemon->attempts);
    return made || call_fault(call, "a password could not be hashed");
}

#include "control/authenticate_token.h"

#include "control/callers.h"
#include "control/catalogue.h"
#include "control/routes.h"
#include "control/security.h"
#include "control/tokens.h"
#include "crypto/secret.h"

#define TOUCH_SECONDS 60 /* last use is written no more often than this */

bool session_life_read(struct call *call, struct session *session, struct bytes domain_id, struct session_life *life)
{
    struct value row[SECURITY_COLUMNS];
    if (!security_read(call, session, domain_id, row)) return false;
    *life = (struct session_life){row[SECURITY_SESSION_IDLE].integer, row[SECURITY_SESSION_END].integer};
    return true;
}

struct bytes session_cookie(const struct call *call)
{
    struct bytes rest = http_field_value(&call->request, BYTES("cookie"));
    struct bytes part;
    while (bytes_next_part(&rest, ';', &part)) {
        struct bytes pair = bytes_trim(part);
        size_t at = bytes_find(pair, '=');
        if (bytes_equal(bytes_slice(pair, 0, at), BYTES(SESSION_COOKIE))) return bytes_from(pair, at + 1);
    }
    return BYTES("");
}

bool check_origin(struct call *call)
{
    struct bytes origin = http_field_value(&call->request, BYTES("origin"));
    struct bytes site = http_field_value(&call->request, BYTES("sec-fetch-site"));
    bool own_site = site.length == 0 || bytes_equal(site, BYTES("same-origin")) || bytes_equal(site, BYTES("none"));
    bool own = origin.length == 0 || bytes_equal(origin, own_address(call));
    return (own && own_site) || call_refuse(call, ERROR_ORIGIN_FOREIGN, origin.length > 0 ? origin : BYTES("another"));
}

static bool refuse(struct call *call, enum token_finding finding)
{
    switch (finding) {
    case TOKEN_ENDED:
        return call_refuse(call, ERROR_TOKEN_ENDED, BYTES(""));
    case TOKEN_FAULT:
        return call_fault(call, "a token could not be read");
    case TOKEN_GOOD:
    case TOKEN_NOT_FOUND:
    case TOKEN_STALE:
        break;
    }
    return call_refuse(call, ERROR_TOKEN_WRONG, BYTES(""));
}

static bool adopt_token(struct call *call, struct session *session, struct bytes text)
{
    struct token_found found;
    enum token_finding finding = token_find(call, session, TOKEN_OF_USER, text, &found);
    const struct value *row = found.row;
    if (finding != TOKEN_GOOD) return refuse(call, finding);
    token_limit(call, row);
    return caller_adopt(call, session, found.user, CALLER_TOKEN, row[TOKEN_ID].bytes);
}

/* Every write of a page brings the token that only our own pages can read. */
static bool check_csrf(struct call *call, struct bytes cookie)
{
    struct bytes method = call->request.method;
    struct bytes given = http_field_value(&call->request, BYTES("x-csrf-token"));
    if (bytes_equal(method, BYTES("GET")) || bytes_equal(method, BYTES("HEAD"))) return true;
    return secret_equal(given, token_companion(call, cookie)) || call_refuse(call, ERROR_CSRF_TOKEN, BYTES(""));
}

static bool adopt_session(struct call *call, struct session *session, struct bytes text, struct token_found *found)
{
    const struct value *row = found->row;
    const struct value *user = found->user;
    struct session_life life;
    enum token_finding finding = token_find(call, session, TOKEN_OF_SESSION, text, found);
    if (finding != TOKEN_GOOD) return refuse(call, finding);
    if (!session_life_read(call, session, user[USER_DOMAIN_ID].bytes, &life)) return false;
    bool ended = call->now >= row[TOKEN_LAST_USED].integer + life.idle || call->now >= row[TOKEN_ISSUED].integer + life.end;
    if (ended) return refuse(call, TOKEN_ENDED);
    return check_csrf(call, text) && caller_adopt(call, session, user, CALLER_SESSION, row[TOKEN_ID].bytes);
}

/* Notes the use, so that the session does not end while it is used. One that ended meanwhile stays ended. */
static bool touch(struct call *call, const struct value *row)
{
    struct value now[TOKEN_COLUMNS];
    if (call->now < row[TOKEN_LAST_USED].integer + TOUCH_SECONDS) return true;
    for (size_t i = 0; i < TOKEN_COLUMNS; i++) now[i] = row[i];
    now[TOKEN_LAST_USED] = value_integer(call->now);
    struct session *session = store_write(call->daemon->store);
    if (session == NULL) return call_fault(call, "no session with the store");
    enum store_result result = store_update(session, &entity_token, now);
    if (result == STORE_OK)
        result = store_commit(session);
    else
        store_abort(session);
    return result == STORE_OK || call_refuse(call, ERROR_TOKEN_WRONG, BYTES(""));
}

static bool present_session(struct call *call, struct bytes cookie)
{
    struct token_found found;
    if (!check_origin(call)) return false;
    struct session *session = store_read(call->daemon->store);
    if (session == NULL) return call_fault(call, "no session with the store");
    bool adopted = adopt_session(call, session, cookie, &found);
    store_abort(session);
    return adopted && touch(call, found.row);
}

static bool present_token(struct call *call, struct bytes text)
{
    struct session *session = store_read(call->daemon->store);
    if (session == NULL) return call_fault(call, "no session with the store");
    bool adopted = adopt_token(call, session, text);
    store_abort(session);
    return adopted;
}

bool caller_presents(struct call *call, bool *one)
{
    struct bytes token = http_field_value(&call->request, BYTES("x-auth-token"));
    struct bytes cookie = session_cookie(call);
    bool of_signature = bytes_start_with_folded(http_field_value(&call->request, BYTES("authorization")), BYTES("SDK-HMAC-SHA256"));
    int count = (token.length > 0) + (cookie.length > 0) + of_signature;
    *one = token.length > 0 || cookie.length > 0;
    if (count > 1 || http_field_count(&call->request, BYTES("x-auth-token")) > 1) {
        return call_refuse(call, ERROR_PROOFS_SEVERAL, BYTES(""));
    }
    if (token.length > 0) return present_token(call, token);
    return cookie.length == 0 || present_session(call, cookie);
}

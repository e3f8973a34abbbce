#include "control/dispatch.h"

#include "base/text.h"
#include "control/anchor.h"
#include "control/authenticate.h"
#include "control/code_sender.h"
#include "control/effect.h"
#include "control/error_body.h"
#include "control/key_fetcher.h"
#include "control/log.h"
#include "control/routes.h"
#include "control/step_up.h"
#include "control/unserved.h"

#include <string.h>

static bool refuse_request(struct call *call, const char *why)
{
    return call_refuse(call, ERROR_REQUEST_MALFORMED, bytes_of_text(why));
}

/* Every name and value of the query decodes to UTF-8 without NUL, so handlers need not ask. */
static bool check_query(struct call *call)
{
    struct bytes rest = call->request.query;
    struct http_pair pair;
    while (http_pair_next(&rest, &pair)) {
        size_t mark = call->arena.used;
        struct buffer out = buffer_in(&call->arena, pair.value.length);
        bool fine = percent_decode_form(&out, pair.value) && utf8_is_valid(buffer_bytes(&out)) &&
                    bytes_find(buffer_bytes(&out), 0) == buffer_bytes(&out).length;
        arena_rewind(&call->arena, mark);
        if (!fine) return refuse_request(call, "the query holds a bad escape, NUL, or bytes that are not UTF-8");
    }
    return true;
}

static bool refuse_path(struct call *call)
{
    const struct unserved *unserved = unserved_find(call->request.path);
    if (unserved == NULL) return call_refuse(call, ERROR_ROUTE_UNKNOWN, BYTES(""));
    return call_refuse(call, ERROR_NOT_SERVED, bytes_of_text(unserved->why));
}

bool dispatch_head(struct call *call, struct bytes target)
{
    if (!http_request_set_target(&call->request, target)) return refuse_request(call, "the target is malformed");
    if (!check_query(call)) return false;
    call->route = route_find(call, call->request.method, call->request.path);
    if (call->route == NULL) return refuse_path(call);
    return authenticate_begin(call);
}

static bool read_body(struct call *call, struct bytes text)
{
    struct field_problem problem;
    if (call->route->body == NULL) return true;
    /* Nothing sent where nothing has to be: SDKs leave an empty object out. */
    if (text.length == 0 && fields_may_be_absent(call->route->body)) text = BYTES("{}");
    json_t *given = fields_parse(text, &problem);
    if (given == NULL) return call_refuse_field(call, &problem);
    call->body = fields_check(call->route->body, given, call->route->filling, &problem);
    json_decref(given);
    return call->body != NULL || call_refuse_field(call, &problem);
}

static bool read_query(struct call *call)
{
    return call->route->query == NULL || call_query_check(call, call->route->query);
}

static bool prepare(struct call *call)
{
    return call->route->prepare == NULL || call->route->prepare(call);
}

static bool open_session(struct call *call)
{
    return call->route->right == RIGHT_ANYONE || call_begin(call, right_writes(call->route->right));
}

/* Commits what the handler did, and waits until it counts. */
static void conclude(struct call *call)
{
    if (call->session == NULL) return;
    uint64_t revision = call->changed ? store_revision(call->session) : 0;
    struct audit_point end = store_audit_point(call->session);
    enum store_result result = store_commit(call->session);
    call->session = NULL;
    if (result == STORE_OK) anchor_note(call->daemon->anchor, &end, call->now);
    if (result == STORE_OK && call->fetches) key_fetcher_wake(call->daemon->fetcher);
    if (result != STORE_OK) {
        call_fault(call, "the store did not commit");
    } else if (call->letter != NULL) {
        code_sender_take(call->daemon->codes, call->letter);
    } else if (call->changed && !effect_wait(call->daemon, revision)) {
        call_refuse(call, ERROR_NOT_YET_EFFECTIVE, BYTES(""));
    }
}

void dispatch_body(struct call *call, struct bytes body)
{
    if (!authenticate_finish(call, body) || !read_query(call) || !read_body(call, body) || !prepare(call) || !open_session(call)) return;
    if (step_up_check(call) && call->route->handle(call) && call->error == ERROR_NONE) {
        conclude(call);
        return;
    }
    call_let_go(call);
    if (call->error == ERROR_NONE) call_fault(call, "a handler failed without a reason");
}

struct bytes dispatch_answer(struct call *call, char **owned)
{
    *owned = call->answer_memory;
    if (call->answer_text.length > 0) return call->answer_text;
    if (call->error == ERROR_NONE && call->answer != NULL) {
        *owned = json_dumps(call->answer, JSON_COMPACT);
        if (*owned != NULL) return bytes_of(*owned, strlen(*owned));
        call_fault(call, "no memory for the answer");
    }
    if (call->error == ERROR_NONE) return BYTES("");
    call->status = error_of(call->error)->status;
    return error_body(call);
}

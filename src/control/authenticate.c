#include "control/authenticate.h"

#include "admit/answer.h"
#include "control/authenticate_token.h"
#include "control/callers.h"
#include "control/directory.h"
#include "control/log.h"
#include "control/routes.h"
#include "control/tokens.h"
#include "store/schema.h"

/* Lives in the call's arena. The plan of the management API is fixed: one place, one scheme. */
struct authentication {
    struct publication publication;
    struct directory directory;
    struct user_directory users;
    struct admit_context context;
    struct admission admission;
};

static bool has_body(const struct http_request *request)
{
    struct bytes length = http_field_value(request, BYTES("content-length"));
    bool chunked = http_field_find(request, BYTES("transfer-encoding")) != NULL;
    return chunked || (length.length > 0 && !bytes_equal(length, BYTES("0")));
}

static bool begin_in(struct call *call, struct authentication *auth)
{
    auth->publication.rules.body_limit = SIGNED_BODY_LIMIT;
    auth->publication.rules.require_body_digest = true; /* what an administrator asks for is in the body */
    auth->publication.plan.auth_type = AUTH_TYPE_IAM;
    if (!proof_plan_add(&auth->publication.plan, scheme_default_place(SCHEME_SDK_HMAC_SHA256))) {
        return call_fault(call, "the proof plan is full");
    }
    auth->users = (struct user_directory){.daemon = call->daemon};
    auth->directory = user_directory_of(&auth->users);
    auth->context = (struct admit_context){
        .publication = &auth->publication,
        .request = &call->request,
        .directory = &auth->directory,
        .arena = &call->arena,
        .now = call->now,
        .skip_authorisation = true,
        .has_body = has_body(&call->request),
    };
    call->authentication = auth;
    return true;
}

/* The refusal in the format of the presented scheme, or ours where nothing was presented. Always false. */
static bool refuse(struct call *call)
{
    struct authentication *auth = call->authentication;
    struct answer answer;
    call->presented = auth->admission.claim.key_id;
    if (auth->admission.outcome == ADMISSION_FAULT) return call_fault(call, "the caller could not be checked");
    if (auth->admission.refusal == REFUSAL_PROOF_MISSING) return call_refuse(call, ERROR_CREDENTIALS_MISSING, BYTES(""));
    if (auth->admission.refusal == REFUSAL_BODY_TOO_LARGE) return authenticate_refuse_size(call);
    answer_write(&auth->admission, &auth->publication, bytes_of_text(call->request_id), &call->arena, &answer);
    call->status = answer.status;
    call->answer_text = answer.body;
    return call_refuse(call, ERROR_IAM_REFUSED, bytes_of_text(refusal_name(auth->admission.refusal)));
}

static bool begin_signed(struct call *call)
{
    struct authentication *auth = arena_take(&call->arena, sizeof *auth);
    if (auth == NULL) return call_fault(call, "no memory to check the caller");
    if (!begin_in(call, auth)) return false;
    admit_begin(&auth->context, &auth->admission);
    switch (auth->admission.outcome) {
    case ADMISSION_ACCEPTED:
    case ADMISSION_NEEDS_BODY:
        return true;
    case ADMISSION_REFUSED:
    case ADMISSION_FAULT:
        return refuse(call);
    }
    return false;
}

bool authenticate_begin(struct call *call)
{
    if (call->route->right == RIGHT_ANYONE) {
        call->body_limit = STRANGER_BODY_LIMIT;
        return true;
    }
    bool one;
    if (!caller_presents(call, &one)) return false;
    if (!one) return begin_signed(call);
    call->body_limit = TOKEN_BODY_LIMIT;
    return true;
}

bool authenticate_refuse_size(struct call *call)
{
    bool of_signature = call->authentication != NULL;
    return call_refuse(call, of_signature ? ERROR_BODY_NEEDS_TOKEN : ERROR_BODY_TOO_LARGE, BYTES(""));
}

/* A temporary key counts with its security token only (apig-authentication: "X-Security-Token must be configured"). */
static bool check_security_token(struct call *call, struct session *session, struct bytes credential_id)
{
    struct bytes text = http_field_value(&call->request, BYTES("x-security-token"));
    enum token_finding finding = text.length > 0 ? token_of_key(call, session, credential_id, text) : TOKEN_NOT_FOUND;
    if (finding == TOKEN_FAULT) return call_fault(call, "a security token could not be read");
    return finding == TOKEN_GOOD || call_refuse(call, ERROR_SECURITY_TOKEN, BYTES(""));
}

static bool finish_signed(struct call *call, struct session *session, struct bytes body)
{
    struct authentication *auth = call->authentication;
    struct bytes id = auth->admission.credential.id;
    if (auth->admission.outcome == ADMISSION_NEEDS_BODY) {
        struct body_facts facts = {.length = body.length, .sha256 = digest_of(DIGEST_SHA256, body)}; /* all that this scheme asks for */
        auth->users.session = session;
        admit_finish(&auth->context, &facts, &auth->admission);
        auth->users.session = NULL;
    }
    if (auth->admission.outcome != ADMISSION_ACCEPTED) return refuse(call);
    enum caller_proof proof = auth->users.temporary ? CALLER_TEMPORARY_KEY : CALLER_KEY;
    if (auth->users.temporary && !check_security_token(call, session, id)) return false;
    return caller_adopt(call, session, auth->users.user, proof, id);
}

bool authenticate_finish(struct call *call, struct bytes body)
{
    if (call->route->right == RIGHT_ANYONE) return true;
    struct session *session = store_read(call->daemon->store);
    if (session == NULL) return call_fault(call, "no session with the store");
    bool known = call->authentication == NULL || finish_signed(call, session, body);
    known = known && caller_check(call, session);
    store_abort(session);
    return known;
}

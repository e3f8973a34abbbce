#include "control/authenticate.h"

#include "admit/answer.h"
#include "control/directory.h"
#include "control/log.h"
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
    auth->publication.rules.body_limit = MANAGEMENT_BODY_LIMIT;
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
    if (auth->admission.refusal == REFUSAL_BODY_TOO_LARGE) return call_refuse(call, ERROR_BODY_TOO_LARGE, BYTES(""));
    answer_write(&auth->admission, &auth->publication, bytes_of_text(call->request_id), &call->arena, &answer);
    call->status = answer.status;
    call->answer_text = answer.body;
    return call_refuse(call, ERROR_IAM_REFUSED, bytes_of_text(refusal_name(auth->admission.refusal)));
}

bool authenticate_begin(struct call *call)
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

/* The instance of the path exists and is of the caller's project. */
static bool check_instance(struct call *call)
{
    struct value row[INSTANCE_COLUMNS];
    call->scope_id = call->instance_id;
    if (call->instance_id.length == 0) return true;
    struct session *session = store_read(call->daemon->store);
    if (session == NULL) return call_fault(call, "no session with the store");
    enum store_result result = store_get(session, &entity_instance, call->instance_id, &call->arena, row);
    store_abort(session);
    if (result == STORE_OK && bytes_equal(row[INSTANCE_PROJECT_ID].bytes, call->project_id)) return true;
    if (result == STORE_OK || result == STORE_NOTHING) return call_refuse(call, ERROR_INSTANCE_UNKNOWN, call->instance_id);
    return call_fault(call, "the instance could not be read");
}

bool authenticate_finish(struct call *call, struct bytes body)
{
    struct authentication *auth = call->authentication;
    if (auth->admission.outcome == ADMISSION_NEEDS_BODY) {
        struct body_facts facts = {.length = body.length, .sha256 = digest_of(DIGEST_SHA256, body)}; /* all that this scheme asks for */
        admit_finish(&auth->context, &facts, &auth->admission);
    }
    if (auth->admission.outcome != ADMISSION_ACCEPTED) return refuse(call);
    call->actor_id = auth->admission.credential.principal.id;
    call->actor_name = auth->admission.credential.principal.name;
    if (!bytes_equal(auth->users.project_id, call->project_id)) return call_refuse(call, ERROR_PROJECT_FOREIGN, call->project_id);
    return check_instance(call);
}

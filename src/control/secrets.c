/* Secrets shown again, each behind a step-up (step_up.c) and with an audit row of its own. */
#include "control/secrets.h"

#include "control/apis.h"
#include "control/audit.h"
#include "control/key_pairs.h"
#include "control/related.h"
#include "control/resources.h"
#include "control/security.h"
#include "control/signs.h"

static bool answer_pair(struct call *call, const char *const names[static 2], struct bytes key, struct bytes secret)
{
    json_t *object = json_object();
    if (object != NULL && json_put(call, object, names[0], key) && json_put(call, object, names[1], secret)) {
        return call_answer(call, 200, object);
    }
    json_decref(object);
    return call_fault(call, "no memory for the answer");
}

static bool tells(struct call *call, enum right right, bool *told)
{
    struct value settings[SECURITY_COLUMNS];
    *told = false;
    if (call->tells_secrets == TELLS_UNKNOWN) {
        if (!security_read(call, call->session, call->caller.domain_id, settings)) return false;
        call->tells_secrets = bytes_equal(settings[SECURITY_SHOW_SECRETS].bytes, BYTES("as_vendor")) ? TELLS : TELLS_NOT;
    }
    *told = call->tells_secrets == TELLS && caller_may(&call->caller, right, (struct scope){call->project_id, call->instance_id});
    return true;
}

bool secrets_put_app(struct call *call, json_t *app)
{
    struct value row[CREDENTIAL_COLUMNS];
    struct bytes secret;
    bool told;
    if (!tells(call, RIGHT_WRITE_APPS, &told)) return false;
    if (!told) return true;
    struct key_pair pair = {.kind = PRINCIPAL_APP, .principal_id = json_get_text(app, "id"), .key = json_get_text(app, "app_key")};
    return key_pair_load(call, &pair, row) && key_pair_open(call, row, &secret) && json_put(call, app, "app_secret", secret);
}

bool secrets_put_sign(struct call *call, json_t *sign)
{
    struct value row[SIGN_COLUMNS];
    struct sign_pair pair;
    bool told;
    if (!tells(call, RIGHT_WRITE_APIS, &told)) return false;
    if (!told) return true;
    return resource_load(call, &resource_sign, json_get_text(sign, "id"), row) && sign_open(call, row, SIGN_NOW, &pair) &&
           json_put(call, sign, "sign_key", pair.key) && json_put(call, sign, "sign_secret", pair.secret);
}

static bool show_app_secret(struct call *call)
{
    static const char *const names[2] = {"app_key", "app_secret"};
    struct value app[APP_COLUMNS], row[CREDENTIAL_COLUMNS];
    struct bytes secret;
    if (!resource_load(call, &resource_app, call->params[0], app)) return false;
    struct key_pair pair = {.kind = PRINCIPAL_APP, .principal_id = app[APP_ID].bytes, .key = app[APP_APP_KEY].bytes};
    return key_pair_load(call, &pair, row) && key_pair_open(call, row, &secret) && audit_event(call, "app", app[APP_ID].bytes, BYTES("")) &&
           answer_pair(call, names, pair.key, secret);
}

static bool show_sign_secret(struct call *call)
{
    static const char *const names[2] = {"sign_key", "sign_secret"};
    struct value row[SIGN_COLUMNS];
    struct sign_pair pair;
    return resource_load(call, &resource_sign, call->params[0], row) && sign_open(call, row, SIGN_NOW, &pair) &&
           audit_event(call, "sign", row[SIGN_ID].bytes, BYTES("")) && answer_pair(call, names, pair.key, pair.secret);
}

static const struct field app_items[] = {ANSWERED("app_key", FIELD_STRING), ANSWERED("app_secret", FIELD_STRING)};
static const struct fields app_fields = FIELDS_OF(app_items);
static const struct field sign_items[] = {ANSWERED("sign_key", FIELD_STRING), ANSWERED("sign_secret", FIELD_STRING)};
static const struct fields sign_fields = FIELDS_OF(sign_items);

/* POST, since each call uses a proof up and writes an audit row. */
static const struct route routes[] = {
    {"POST", IN_INSTANCE "/apps/{app_id}/secret", "show_app_secret", RIGHT_WRITE_APPS, NULL, FILL_PRESETS, show_app_secret,
     .answer = &app_fields, .status = 200},
    {"POST", IN_INSTANCE "/signs/{sign_id}/secret", "show_sign_secret", RIGHT_WRITE_APIS, NULL, FILL_PRESETS, show_sign_secret,
     .answer = &sign_fields, .status = 200},
};
const struct routes routes_secrets = ROUTES_OF(routes);

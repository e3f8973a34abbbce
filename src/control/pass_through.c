#include "control/pass_through.h"

#include "admit/countersign.h"
#include "control/apis.h"
#include "control/bindings.h"
#include "control/jwt_policies.h"
#include "control/places.h"
#include "control/publications.h"
#include "control/signs.h"

#define OF_POLICY "countersign.jwt_policy.pass_through"
#define OF_TOKENS "jwt_credentials.pass_through"

/* An API in an environment, and the key that signs for it there. */
struct meeting {
    struct bytes api_id;
    struct bytes env_id;
    const struct value *sign;
};

static bool key_writes(const struct value *sign, struct bytes header)
{
    const char *const *written = countersign_carriers(signature_type_named(sign[SIGN_TYPE].bytes));
    for (; *written != NULL; written++)
        if (http_name_is_alias(header, bytes_of_text(*written))) return true;
    return false;
}

static void add_part(struct buffer *out, const char *name, struct bytes value)
{
    if (out->length > 0) buffer_add_byte(out, ',');
    buffer_add_text(out, name);
    buffer_add_byte(out, ':');
    buffer_add(out, value);
}

static bool refuse(struct call *call, const struct meeting *meeting, const char *field, struct bytes header)
{
    char memory[CALL_MAX_SUBJECT];
    struct buffer subject = buffer_over(memory, sizeof memory);
    struct value api[API_COLUMNS];
    if (!resource_load(call, &resource_api, meeting->api_id, api)) return false;
    add_part(&subject, "api_name", api[API_NAME].bytes);
    add_part(&subject, "env_id", meeting->env_id);
    add_part(&subject, "sign_name", meeting->sign[SIGN_NAME].bytes);
    add_part(&subject, "field", bytes_of_text(field));
    add_part(&subject, "header", header);
    return call_refuse(call, ERROR_PASS_THROUGH, buffer_bytes(&subject));
}

static bool admits_policy(struct call *call, const struct meeting *meeting, struct bytes definition)
{
    struct bytes header = jwt_policy_passes(&call->arena, definition);
    return header.length == 0 || !key_writes(meeting->sign, header) || refuse(call, meeting, OF_POLICY, header);
}

/* The headers that a key of some type writes are few; the tokens of consumers may be many, and are counted. */
static bool admits_tokens(struct call *call, const struct meeting *meeting)
{
    const char *const *written = countersign_carriers(signature_type_named(meeting->sign[SIGN_TYPE].bytes));
    for (; *written != NULL; written++) {
        struct bytes header = bytes_of_text(*written);
        bool passed;
        if (!places_pass(call, meeting->api_id, meeting->env_id, header, &passed)) return false;
        if (passed) return refuse(call, meeting, OF_TOKENS, header);
    }
    return true;
}

/* The key that signs for an API there; *found: there is one. */
static bool find_key(struct call *call, struct bytes api_id, struct bytes env_id, struct value *sign, bool *found)
{
    struct value binding[BINDING_COLUMNS];
    if (!binding_find(call, api_id, env_id, binding, found)) return false;
    return !*found || resource_load(call, &resource_sign, binding[BINDING_SIGN_ID].bytes, sign);
}

bool pass_through_admits_version(struct call *call, const struct value *version)
{
    struct value sign[SIGN_COLUMNS];
    struct meeting meeting = {version[VERSION_API_ID].bytes, version[VERSION_ENV_ID].bytes, sign};
    bool found;
    if (!find_key(call, meeting.api_id, meeting.env_id, sign, &found)) return false;
    return !found || admits_policy(call, &meeting, version[VERSION_DEFINITION].bytes);
}

/* What the rows of bindings are held against. */
struct asked {
    const struct value *row;
};

static bool admits_where_bound(struct call *call, void *context, const struct value *binding)
{
    const struct value *api = ((const struct asked *)context)->row;
    struct value sign[SIGN_COLUMNS];
    struct meeting meeting = {binding[BINDING_API_ID].bytes, binding[BINDING_ENV_ID].bytes, sign};
    return resource_load(call, &resource_sign, binding[BINDING_SIGN_ID].bytes, sign) &&
           admits_policy(call, &meeting, api[API_DEFINITION].bytes);
}

bool pass_through_admits_definition(struct call *call, const struct value *api)
{
    struct asked asked = {api};
    struct store_filter filter = {BINDING_API_ID, STORE_EQUAL, api[API_ID]};
    if (jwt_policy_passes(&call->arena, api[API_DEFINITION].bytes).length == 0) return true;
    return resource_for_each(call, &resource_binding, &filter, admits_where_bound, &asked);
}

bool pass_through_admits_key(struct call *call, const struct value *version, const struct value *sign)
{
    const struct meeting meeting = {version[VERSION_API_ID].bytes, version[VERSION_ENV_ID].bytes, sign};
    return admits_policy(call, &meeting, version[VERSION_DEFINITION].bytes) && admits_tokens(call, &meeting);
}

/* Offline, an API has no version that could be asked; it is when it is published again. */
static bool admits_binding(struct call *call, void *context, const struct value *binding)
{
    struct value version[VERSION_COLUMNS];
    const struct value *sign = ((const struct asked *)context)->row;
    const struct meeting meeting = {binding[BINDING_API_ID].bytes, binding[BINDING_ENV_ID].bytes, sign};
    size_t mark = call->arena.used;
    bool found;
    if (!publication_find(call, meeting.api_id, meeting.env_id, version, &found)) return false;
    bool admitted = (!found || admits_policy(call, &meeting, version[VERSION_DEFINITION].bytes)) && admits_tokens(call, &meeting);
    arena_rewind(&call->arena, mark);
    return admitted;
}

bool pass_through_admits_change(struct call *call, const struct value *sign)
{
    struct asked asked = {sign};
    struct store_filter filter = {BINDING_SIGN_ID, STORE_EQUAL, sign[SIGN_ID]};
    return resource_for_each(call, &resource_binding, &filter, admits_binding, &asked);
}

bool pass_through_admits_tokens(struct call *call, struct bytes api_id, struct bytes env_id, struct bytes header)
{
    struct value sign[SIGN_COLUMNS];
    const struct meeting meeting = {api_id, env_id, sign};
    bool found;
    if (!find_key(call, api_id, env_id, sign, &found)) return false;
    return !found || !key_writes(sign, header) || refuse(call, &meeting, OF_TOKENS, header);
}

#include "control/management_client.h"

#include <stdio.h>
#include <time.h>

#include "scheme/scheme.h"

#define OWN_FIELDS 3

static struct bytes target_of(const struct management *management, struct bytes rest, struct arena *arena)
{
    struct bytes parts[] = {BYTES("/v2/"), management->project_id, BYTES("/apigw/instances/"), management->instance_id, rest};
    size_t length = 0;
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) length += parts[i].length;
    struct buffer target = buffer_in(arena, length);
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) buffer_add(&target, parts[i]);
    return buffer_bytes(&target);
}

/* The authority of a base URL. */
static struct bytes host_of(struct bytes base)
{
    return bytes_from(base, bytes_find(base, '/') + 2);
}

/* Host and Content-Type, then what the signature adds. */
static bool sign_call(const struct management *management, struct http_call *call, struct arena *arena)
{
    struct http_field *fields = arena_take_array(arena, OWN_FIELDS + SIGNING_MAX_FIELDS, sizeof *fields);
    if (fields == NULL) return false;
    fields[0] = (struct http_field){BYTES("Host"), host_of(call->base)};
    fields[1] = (struct http_field){BYTES("Content-Type"), BYTES("application/json")};
    call->request.fields = fields;
    call->request.field_count = 2;

    struct body_facts facts = body_facts_of(call->body);
    struct signing signing = {
        .request = &call->request,
        .body = &facts,
        .key_id = management->access,
        .secret = {.text = management->secret},
        .now = (int64_t)time(NULL),
    };
    struct signed_fields signature = {0};
    if (!scheme_sdk_hmac_sha256.sign(&signing, arena, &signature)) return false;
    for (size_t i = 0; i < signature.count; i++) fields[call->request.field_count++] = signature.items[i];
    /* In nginx's place, which tells the daemon from where a call comes. */
    if (call->socket != NULL) fields[call->request.field_count++] = (struct http_field){BYTES("X-Forwarded-For"), BYTES("unix")};
    return true;
}

bool management_send(const struct management *management, const struct management_call *call, struct arena *arena, struct http_reply *reply,
                     char problem[static 256])
{
    struct http_call http = {.base = management->base,
                             .body = call->body,
                             .socket = management->socket,
                             .limit = management->limit,
                             .timeout_ms = management->timeout_ms};
    struct bytes target = management->whole_targets ? call->target : target_of(management, call->target, arena);
    http.request.method = bytes_of_text(call->method);
    if (!http_request_set_target(&http.request, target) || !sign_call(management, &http, arena)) {
        snprintf(problem, 256, "the call cannot be signed");
        return false;
    }
    return http_call(&http, arena, reply, problem);
}

/* A request to an API as callers make it, sent to this gateway's own listener (gateway_address.h) and nowhere else: host, method and path
 * are those of the API where it is published, and only query, headers, body and proof are the asker's. A key pair's stored secret signs for
 * whoever may write it and has just proved who he is (step_up.c); it does not leave the daemon, nor does the signature that it makes. Each
 * request is in the audit. */
#include "base/text.h"
#include "control/apis.h"
#include "control/attempts.h"
#include "control/audit.h"
#include "control/gateway_address.h"
#include "control/http_client.h"
#include "control/key_pairs.h"
#include "control/publications.h"
#include "control/resources.h"
#include "control/try_request.h"

#include <time.h>

#define MOST_A_MINUTE 60
#define MOST_AT_ONCE  16
#define WAIT_MS       15000
#define SHOWN_BODY    65536

static struct bytes own(struct call *call, struct bytes text)
{
    return arena_copy(&call->arena, text);
}

/* The domain that was asked for, which must be one of the group's; its own subdomain else. */
static bool choose_host(struct call *call, const struct value *api, struct try_request *try)
{
    struct value group[GROUP_COLUMNS];
    struct bytes asked = call_text(call, "domain");
    int64_t count = 0;
    if (!resource_load(call, &resource_group, api[API_GROUP_ID].bytes, group)) return false;
    try->host = own(call, group[GROUP_SL_DOMAIN].bytes);
    if (asked.length == 0 || bytes_equal_folded(asked, try->host)) return true;
    struct store_filter filters[] = {{DOMAIN_GROUP_ID, STORE_EQUAL, value_text(group[GROUP_ID].bytes)},
                                     {DOMAIN_URL_DOMAIN, STORE_EQUAL, value_text(asked)}};
    struct store_query query = {.filters = filters, .filter_count = 2};
    if (!call_store(call, store_count(call->session, &entity_domain, &query, &count))) return false;
    try->host = asked;
    return count > 0 || call_refuse_rule(call, "domain", "a domain of the API's group");
}

static bool choose_environment(struct call *call, const struct value *api, struct try_request *try)
{
    struct value env[ENV_COLUMNS], version[VERSION_COLUMNS];
    struct bytes id = call_text(call, "env_id");
    bool found;
    if (!env_load(call, id, env) || !publication_find(call, api[API_ID].bytes, id, version, &found)) return false;
    try->environment = own(call, env[ENV_NAME].bytes);
    return found || call_refuse(call, ERROR_PUBLICATION_UNKNOWN, id);
}

/* Of an app or a consumer of this gateway, never of a user. */
static bool open_stored(struct call *call, struct try_request *try)
{
    struct value row[CREDENTIAL_COLUMNS];
    struct store_filter filters[] = {{CREDENTIAL_KIND, STORE_EQUAL, value_integer(CREDENTIAL_KEY_PAIR)},
                                     {CREDENTIAL_LOOKUP, STORE_EQUAL, value_text(try->key)}};
    bool found;
    if (!caller_may(&call->caller, RIGHT_WRITE_APPS, (struct scope){call->project_id, call->instance_id}))
        return call_refuse(call, ERROR_FORBIDDEN, BYTES(""));
    if (!resource_find(call, &resource_key_pair, (struct where){filters, 2}, row, &found)) return false;
    if (!found || row[CREDENTIAL_PRINCIPAL_KIND].integer == PRINCIPAL_USER) return call_refuse(call, ERROR_CREDENTIAL_UNKNOWN, try->key);
    try->hides_proof = true;
    return key_pair_open(call, row, &try->secret);
}

struct oldest {
    struct call *call;
    struct bytes id;
};

static bool take_oldest(void *context, const struct value *row)
{
    struct oldest *oldest = context;
    oldest->id = own(oldest->call, row[INSTANCE_ID].bytes);
    return false;
}

/* What the operator has to add, but for the port. */
static bool refuse_unknown_gateway(struct call *call, const struct gateway_wanted *wanted)
{
    struct buffer entry = buffer_in(&call->arena, 128);
    if (!wanted->first) {
        buffer_add(&entry, wanted->instance_id);
        buffer_add_byte(&entry, '=');
    }
    buffer_add_text(&entry, wanted->https ? "https://127.0.0.1:PORT" : "http://127.0.0.1:PORT");
    return call_refuse(call, ERROR_TRY_UNKNOWN_GATEWAY, buffer_bytes(&entry));
}

/* The oldest gateway of all is the one of the first start. */
static bool find_listener(struct call *call, const struct try_request *try, const char **listener)
{
    struct store_query query = {.order_column = INSTANCE_CREATE_TIME, .limit = 1};
    struct oldest oldest = {.call = call};
    if (!call_store(call, store_list(call->session, &entity_instance, &query, take_oldest, &oldest))) return false;
    struct gateway_wanted wanted = {call->instance_id, bytes_equal(oldest.id, call->instance_id), try->https};
    struct bytes address = gateway_address_of(call->daemon->gateway, &wanted);
    if (address.length == 0) return refuse_unknown_gateway(call, &wanted);
    *listener = arena_copy_text(&call->arena, address);
    return *listener != NULL || call_fault(call, "no memory for a request");
}

static bool prepare(struct call *call, struct try_request *try, const char **listener)
{
    struct value api[API_COLUMNS];
    bool stored = call_integer(call, "use_stored_secret", 0) != 0;
    try->key = call_text(call, "key");
    try->secret = call_text(call, "secret");
    return resource_load(call, &resource_api, call->params[0], api) && choose_environment(call, api, try) && choose_host(call, api, try) &&
           (!stored || open_stored(call, try)) && try_request_compose(call, api, try) && try_request_prove(call, try) &&
           find_listener(call, try, listener);
}

static int64_t milliseconds_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Waits for the gateway without a session of the store, some seconds at most, and only a few calls do at a time. */
static bool send(struct call *call, const struct try_request *try, const char *listener, struct http_reply *reply)
{
    static int running;
    char problem[256];
    struct buffer base = buffer_in(&call->arena, try->host.length + 8);
    buffer_add_text(&base, try->https ? "https://" : "http://");
    buffer_add(&base, try->host);
    struct http_call http = {.base = buffer_bytes(&base),
                             .request = try->request,
                             .body = try->body,
                             .connect_to = listener,
                             .limit = SHOWN_BODY,
                             .start_will_do = true,
                             .wants_fields = true,
                             .timeout_ms = WAIT_MS};
    call_let_go(call);
    if (base.overflow) return call_fault(call, "no memory for a request");
    bool room = __atomic_add_fetch(&running, 1, __ATOMIC_RELAXED) <= MOST_AT_ONCE;
    bool done = room && http_call(&http, &call->arena, reply, problem);
    __atomic_sub_fetch(&running, 1, __ATOMIC_RELAXED);
    if (!room) return call_refuse(call, ERROR_DEBUG_TOO_MANY, BYTES(""));
    return done || call_refuse(call, ERROR_TRY_FAILED, bytes_of_text(problem));
}

/* --- the answer ------------------------------------------------------------------------------------------------------------------------
 */

/* What came over the wire may be any bytes. */
static struct bytes as_utf8(struct call *call, struct bytes text)
{
    if (utf8_is_valid(text)) return text;
    struct buffer out = buffer_in(&call->arena, text.length);
    for (size_t i = 0; i < text.length; i++) buffer_add_byte(&out, text.data[i] < 0x80 ? text.data[i] : '?');
    return buffer_bytes(&out);
}

static bool put_fields(struct call *call, json_t *object, const struct http_request *request, size_t hidden_from)
{
    json_t *list = json_array();
    bool good = json_object_set_new(object, "headers", list) == 0;
    for (size_t i = 0; good && i < request->field_count; i++) {
        json_t *item = json_object();
        struct bytes value = i < hidden_from ? as_utf8(call, request->fields[i].value) : BYTES("***");
        good = json_array_append_new(list, item) == 0 && json_put(call, item, "name", as_utf8(call, request->fields[i].name)) &&
               json_put(call, item, "value", value);
    }
    return good;
}

static bool put_body(struct call *call, json_t *answer, const struct http_reply *reply)
{
    struct bytes body = reply->body;
    for (size_t i = 0; reply->cut && i < 3 && body.length > 0 && !utf8_is_valid(body); i++) body.length--;
    bool text = utf8_is_valid(body);
    if (!text) {
        struct buffer out = buffer_in(&call->arena, reply->body.length * 4 / 3 + 4);
        base64_encode(&out, reply->body);
        body = buffer_bytes(&out);
    }
    return json_put(call, answer, "body", body) && json_put(call, answer, "body_encoding", text ? BYTES("text") : BYTES("base64")) &&
           json_object_set_new(answer, "body_cut", json_boolean(reply->cut)) == 0;
}

static bool put_sent(struct call *call, json_t *answer, const struct try_request *try)
{
    json_t *sent = json_object();
    struct buffer url = buffer_in(&call->arena, try->host.length + try->request.target.length + 16);
    bool in_query = try->shown_query.length < try->request.target.length;
    buffer_add_text(&url, try->https ? "https://" : "http://");
    buffer_add(&url, try->host);
    buffer_add(&url, try->shown_query);
    if (in_query) buffer_add_text(&url, bytes_find(try->shown_query, '?') < try->shown_query.length ? "&***" : "?***");
    return json_object_set_new(answer, "sent", sent) == 0 && json_put(call, sent, "method", try->request.method) &&
           json_put(call, sent, "url", buffer_bytes(&url)) &&
           put_fields(call, sent, &try->request, try->hides_proof ? try->proof_field : try->field_count);
}

static bool answer_reply(struct call *call, const struct try_request *try, const struct http_reply *reply, int64_t passed)
{
    const struct http_request fields = {.fields = reply->fields, .field_count = reply->field_count};
    json_t *answer = json_object();
    bool done = json_object_set_new(answer, "status", json_integer(reply->status)) == 0 &&
                json_object_set_new(answer, "milliseconds", json_integer(passed)) == 0 &&
                put_fields(call, answer, &fields, reply->field_count) && put_body(call, answer, reply) && put_sent(call, answer, try);
    if (done) return call_answer(call, 200, answer);
    json_decref(answer);
    return call_fault(call, "no memory for the answer");
}

/* In a session of its own, behind the request: who sent what, as whom, and what came of it. */
static bool write_audit(struct call *call, const struct try_request *try, const struct http_reply *reply)
{
    bool pair = try->secret.length > 0;
    json_t *details = json_pack("{s:s%, s:s%, s:i, s:b}", "method", (const char *)try->request.method.data, try->request.method.length,
                                "proof", (const char *)try->proof.data, try->proof.length, "status", (int)reply->status, "stored_secret",
                                call_integer(call, "use_stored_secret", 0) != 0);
    bool done = details != NULL && (!pair || json_put(call, details, "key", try->key));
    size_t length = done ? json_dumpb(details, NULL, 0, JSON_COMPACT) : 0;
    char *text = arena_take(&call->arena, length + 1);
    if (done && text != NULL) (void)json_dumpb(details, text, length, JSON_COMPACT);
    json_decref(details);
    if (!done || text == NULL) return call_fault(call, "no memory for the audit row");
    return call_begin(call, true) && audit_event(call, "api", call->params[0], bytes_of(text, length));
}

static bool try_api(struct call *call)
{
    struct attempt asked = {"trying of", call->actor_id, BYTES(""), MOST_A_MINUTE, 60};
    struct try_request *try = arena_take(&call->arena, sizeof *try);
    const char *listener = NULL;
    struct http_reply reply = {.status = 0};
    if (try == NULL) return call_fault(call, "no memory for a request");
    *try = (struct try_request){.https = false};
    if (!attempt_take(call->daemon->attempts, &asked, call->now)) return call_refuse(call, ERROR_DEBUG_TOO_MANY, BYTES(""));
    if (!prepare(call, try, &listener)) return false;
    int64_t begun = milliseconds_now();
    if (!send(call, try, listener, &reply)) return false;
    int64_t passed = milliseconds_now() - begun;
    return write_audit(call, try, &reply) && answer_reply(call, try, &reply, passed);
}

static const struct field field_items[] = {ANSWERED("name", FIELD_STRING), ANSWERED("value", FIELD_STRING)};
static const struct fields field_fields = FIELDS_OF(field_items);
#define LIST_OF_FIELDS                                                                                                                     \
    {                                                                                                                                      \
        .name = "headers", .type = FIELD_OBJECTS, .flags = FIELD_READ_ONLY, .members = &field_fields                                       \
    }
static const struct field sent_items[] = {ANSWERED("method", FIELD_STRING), ANSWERED("url", FIELD_STRING), LIST_OF_FIELDS};
static const struct fields sent_fields = FIELDS_OF(sent_items);
static const struct field answer_items[] = {
    ANSWERED("status", FIELD_INTEGER),
    ANSWERED("milliseconds", FIELD_INTEGER),
    LIST_OF_FIELDS,
    ANSWERED("body", FIELD_STRING),
    ANSWERED("body_encoding", FIELD_STRING),
    ANSWERED("body_cut", FIELD_BOOLEAN),
    {.name = "sent", .type = FIELD_OBJECT, .flags = FIELD_READ_ONLY, .members = &sent_fields},
};
static const struct fields answer_fields = FIELDS_OF(answer_items);

static const struct route routes[] = {
    {"POST", IN_INSTANCE "/apis/{api_id}/try", "try_api", RIGHT_CALL, &try_body_fields, FILL_PRESETS, try_api, .answer = &answer_fields,
     .status = 200},
};
const struct routes routes_try_api = ROUTES_OF(routes);
